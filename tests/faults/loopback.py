"""A server of the standard library and a name in; a thread that serves for the length of a `with` block out."""

from __future__ import annotations

import socketserver
import threading
from typing import Self


class OnLoopback:
    """What serves beside a test. A subclass calls `serve_with`; `closing` is set when the block ends."""

    closing: threading.Event
    _server: socketserver.BaseServer
    _thread: threading.Thread

    def serve_with(self, server: socketserver.BaseServer, name: str) -> None:
        self.closing = threading.Event()
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=[0.02], name=name)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

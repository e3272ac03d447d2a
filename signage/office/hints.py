"""The published folder in, an open stream to every screen out that tells at once when something new is there.

Plain ASGI, one task for each stream and nothing per event: thousands of idle screens cost little. What a stream has not
been sent yet is never queued; a slow one gets the newest.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from signage.release.hint import EVENT, encode_hint
from signage.release.layout import URGENT_ROLE

_log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LOOK_S = 0.05
KEEP_ALIVE_S = 15.0
MOST_STREAMS = 12_000
MOST_TOLD = 32
MOST_OF_ONE_ADDRESS = 1_000
"""Of another machine: so that no single one holds the screens out. This machine's may be a proxy before all of them."""
_HERE = ("127.0.0.1", "::1")
_START = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]


class Hints:
    """An ASGI application. `watch` has to run beside it."""

    def __init__(self, folder: Path) -> None:
        self._metadata = folder / "metadata"
        self._folder = folder
        self._mark: tuple[int, int] = (0, 0)
        self._event = b""
        self._hello = b""
        self._next: asyncio.Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told: deque[tuple[int, bytes]] = deque(maxlen=MOST_TOLD)
        self._serial = 0
        self._by_address: Counter[str] = Counter()
        self.streams = 0
        self._is_closing = False

    def close(self) -> None:
        """End every stream, on the server's own thread; else it waits for them in vain and breaks them off."""
        self._is_closing = True
        self._wake()

    def tell(self, event: str, data: str) -> None:
        """Send an event to every stream that is open now. From any thread; `data` is one line."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            frame = f"event: {event}\ndata: {data}\n\n".encode()
            loop.call_soon_threadsafe(self._tell, frame)

    def _tell(self, frame: bytes) -> None:
        self._serial += 1
        self._told.append((self._serial, frame))
        self._wake()

    async def watch(self) -> None:
        """Look for a new timestamp for ever: it is what a publisher writes last."""
        self._loop = asyncio.get_running_loop()
        is_lost = False
        while True:
            try:
                if (
                    self._mark != (0, 0) or (self._metadata / "timestamp.json").exists()
                ):  # else nothing has been published yet
                    self._look()
                is_lost = False
            except (OSError, ValueError, KeyError, TypeError) as error:
                if not is_lost:
                    _log.warning("%s: cannot be read (%s); screens are not told of news meanwhile", self._folder, error)
                is_lost = True
            await asyncio.sleep(LOOK_S)

    def _look(self) -> None:
        status = (self._metadata / "timestamp.json").stat()
        mark = (status.st_mtime_ns, status.st_ino)
        if mark == self._mark:
            return
        files = new_files(self._folder)
        self._event = _frame(encode_hint(files))
        self._hello = _frame(encode_hint(dict(list(files.items())[:1])))
        self._mark = mark
        self._wake()

    def _wake(self) -> None:
        if self._next is not None and not self._next.done():
            self._next.set_result(None)
        self._next = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        address = (scope.get("client") or ("",))[0]
        if self.streams >= MOST_STREAMS or self._by_address[address] >= MOST_OF_ONE_ADDRESS:
            await send({"type": "http.response.start", "status": 503, "headers": [(b"retry-after", b"30")]})
            await send({"type": "http.response.body", "body": b""})
            return
        self.streams += 1
        self._by_address[address] += address not in _HERE
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            await self._stream(scope, send, gone)
        finally:
            self.streams -= 1
            self._by_address[address] -= address not in _HERE
            if not self._by_address[address]:
                del self._by_address[address]
            gone.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gone

    async def _stream(self, scope: Message, send: Send, gone: asyncio.Future[None]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _START})
        sent, heard = self._mark, self._serial
        await _body(send, b"retry: 2000\n\n" + self._hello)
        while scope["method"] != "HEAD" and not gone.done() and not self._is_closing:
            if sent == self._mark and heard == self._serial:
                await asyncio.wait({gone, self._news()}, timeout=KEEP_ALIVE_S, return_when=asyncio.FIRST_COMPLETED)
            if gone.done() or self._is_closing:
                break
            is_news, sent = sent != self._mark, self._mark
            told = b"".join(frame for serial, frame in self._told if serial > heard)
            heard = self._serial
            await _body(send, (self._event if is_news else b"") + told or b":\n\n")
        await send({"type": "http.response.body", "body": b""})

    def _news(self) -> asyncio.Future[None]:
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        return self._next


def new_files(folder: Path) -> dict[str, bytes]:
    """Give the metadata that a screen would fetch next, and the targets that fit, by path; the timestamp first."""
    metadata = folder / "metadata"
    timestamp = (metadata / "timestamp.json").read_bytes()
    version = json.loads(timestamp)["signed"]["meta"]["snapshot.json"]["version"]
    files = {"metadata/timestamp.json": timestamp}
    snapshot = files[f"metadata/{version}.snapshot.json"] = (metadata / f"{version}.snapshot.json").read_bytes()
    meta = json.loads(snapshot)["signed"]["meta"]
    names = sorted((name for name in meta if name != "targets.json"), key=lambda name: name != f"{URGENT_ROLE}.json")
    targets: dict[str, bytes] = {}
    for name in names:
        path = f"metadata/{meta[name]['version']}.{name}"
        files[path] = (folder / path).read_bytes()
        if name in (f"{URGENT_ROLE}.json", "review1.json"):
            for target, entry in json.loads(files[path])["signed"]["targets"].items():
                top, _, last = target.rpartition("/")
                place = f"targets/{top}/{entry['hashes']['sha256']}.{last}"
                targets[place] = (folder / place).read_bytes()
    return files | targets


def _frame(data: str) -> bytes:
    """Give the event as it goes over the wire. Source: HTML Standard, 9.2, Server-sent events."""
    return f"event: {EVENT}\ndata: {data}\n\n".encode()


async def _body(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

"""What has to run beside the web server comes in; it is started in order and closed in the opposite order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack


class Services:
    """Collects what pages and API need to be started and closed with the server."""

    def __init__(self) -> None:
        self._known: list[tuple[Callable[[], None] | None, Callable[[], None]]] = []

    def add(self, close: Callable[[], None], start: Callable[[], None] | None = None) -> None:
        """Have `start` called when the server begins, and `close` when it ends, whatever else fails."""
        self._known.append((start, close))

    def start(self) -> None:
        for start, _ in self._known:
            if start is not None:
                start()

    def close(self) -> None:
        with ExitStack() as stack:
            for _, close in self._known:
                stack.callback(close)

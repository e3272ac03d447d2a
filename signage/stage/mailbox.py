"""Takes calls from any thread; makes them on the thread that owns the mailbox, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal


class Mailbox(QObject):
    """The one way from the stage's decoding threads to the Qt thread.

    The queued signal carries nothing: a picture that travels as a signal's argument lives as long as Qt's event
    does, one that travels in this queue is let go as soon as its call is made.
    """

    _rang = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._calls: deque[Callable[[], None]] = deque()
        self._is_open = True
        self._rang.connect(self._make_calls, Qt.ConnectionType.QueuedConnection)

    def post(self, call: Callable[[], None]) -> None:
        """Have `call` made soon on the mailbox's own thread. Never blocks; after `close` it is dropped."""
        if self._is_open:
            self._calls.append(call)
            self._rang.emit()

    def close(self) -> None:
        """Drop what waits and what is still to come."""
        self._is_open = False
        self._calls.clear()

    def _make_calls(self) -> None:
        while self._calls:
            self._calls.popleft()()

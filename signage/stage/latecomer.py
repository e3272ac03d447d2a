"""Jobs and their times come in at once; they reach the real timekeeper when there is time to load it."""

from __future__ import annotations

from collections.abc import Callable

from signage.player.ports import TimekeeperPort


class LateTimekeeper:
    """Stands in for the timekeeper until `open`: its library takes longer to load than the first picture.

    No job of the first seconds is lost: each is handed on when the timekeeper is there, and one whose time has
    passed by then is called at once (it says so itself).
    """

    def __init__(self, make: Callable[[], TimekeeperPort]) -> None:
        self._make = make
        self._real: TimekeeperPort | None = None
        self._waiting: dict[str, Callable[[TimekeeperPort], None]] = {}
        self._is_closed = False

    def open(self) -> None:
        """Load the timekeeper and hand on what waits; harmless if it was done, or after `close`."""
        if self._real is None and not self._is_closed:
            self._real = self._make()
            for hand_on in self._waiting.values():
                hand_on(self._real)
            self._waiting.clear()

    def every(self, seconds: float, job: Callable[[], None], name: str) -> None:
        self._pass_on(name, lambda real: real.every(seconds, job, name))

    def at(self, instant_ms: int, job: Callable[[], None], name: str) -> None:
        self._pass_on(name, lambda real: real.at(instant_ms, job, name))

    def check(self) -> None:
        if self._real is not None:
            self._real.check()

    def close(self) -> None:
        self._is_closed = True
        self._waiting.clear()
        if self._real is not None:
            self._real.close()

    def _pass_on(self, name: str, hand_on: Callable[[TimekeeperPort], None]) -> None:
        if self._real is not None:
            hand_on(self._real)
        else:
            self._waiting[name] = hand_on

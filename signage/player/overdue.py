"""What a screen's zones have on air comes in; whether nothing has come on for too long, so that a restart helps."""

from __future__ import annotations

from collections.abc import Iterable

from signage.base.clock import Clock
from signage.player.station import ZoneStatus

LIMIT_S = 180.0
_GRACE_MS = 10_000


class Overdue:
    """Counts by monotonic time, so that a clock that is set harms nothing.

    A slate, and black by order or outside the hours, are something: only where nothing at all comes on for three
    minutes is the player at fault, as when memory is so short that no picture can be made.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since_s: float | None = None

    def note(self, zones: Iterable[ZoneStatus]) -> bool:
        """Take what is on air now; tell whether the player has to be started again."""
        main = next((zone for zone in zones if zone.zone == "main"), None)
        is_well = main is None or main.is_off or (main.is_proved and self._clock.now_ms() <= main.until_ms + _GRACE_MS)
        if is_well:
            self._since_s = None
            return False
        now_s = self._clock.monotonic_s()
        self._since_s = now_s if self._since_s is None else self._since_s
        return now_s - self._since_s >= LIMIT_S

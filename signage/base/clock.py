"""The clock: the only place that reads the real time. Ask once per decision and hand `now` on."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

from signage.base.moments import to_datetime


class Clock(Protocol):
    """Where a part of the system gets its time from."""

    def now_ms(self) -> int:
        """Give the wall clock: whole milliseconds since 1970-01-01 UTC. May jump either way."""
        ...

    def monotonic_s(self) -> float:
        """Give seconds since some fixed start; never jumps. For waiting and for measuring durations."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        return time.monotonic()


class ManualClock:
    """A clock that moves only when told: for simulated days and for tests.

    `advance` moves both clocks, `jump` only the wall clock (what NTP or a person does).
    """

    def __init__(self, start: datetime) -> None:
        self._now_ms = round(start.timestamp() * 1000)
        self._monotonic_s = 1000.0

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic_s(self) -> float:
        return self._monotonic_s

    def advance(self, milliseconds: int) -> None:
        self._now_ms += milliseconds
        self._monotonic_s += milliseconds / 1000

    def jump(self, milliseconds: int) -> None:
        self._now_ms += milliseconds


def now_utc(clock: Clock) -> datetime:
    """Give the clock's wall time as an aware datetime in UTC."""
    return to_datetime(clock.now_ms()).astimezone(UTC)

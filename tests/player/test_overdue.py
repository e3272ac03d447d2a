"""A player that shows nothing is started again; one that shows anything is left alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from signage.base.clock import ManualClock
from signage.player.overdue import LIMIT_S, Overdue
from signage.player.station import ZoneStatus

DAY_MS = 86_400_000


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))


def main(
    clock: ManualClock, *, until_ms: int = DAY_MS, is_proved: bool = True, item: str = "a.png"
) -> list[ZoneStatus]:
    now_ms = clock.now_ms()
    return [
        ZoneStatus("ticker", "", None, 0, 0),
        ZoneStatus("main", "a.png", "daily", now_ms, now_ms + until_ms, is_proved=is_proved),
    ]


def first_overdue_s(clock: ManualClock, zones: list[ZoneStatus] | None = None) -> float | None:
    """Give after how many seconds of the same state, or of ever new items that never come, it is overdue."""
    overdue = Overdue(clock)
    for second in range(0, 2 * round(LIMIT_S), 10):
        if overdue.note(zones or main(clock, until_ms=5000, is_proved=False)):
            return second
        clock.advance(10_000)
    return None


def test_items_that_never_come_on_screen_are_overdue(clock: ManualClock) -> None:
    assert first_overdue_s(clock) == LIMIT_S


def test_an_item_that_stays_long_after_its_end_is_overdue(clock: ManualClock) -> None:
    assert first_overdue_s(clock, main(clock, until_ms=0)) == LIMIT_S + 20


def test_a_screen_before_its_first_item_is_overdue_in_the_end(clock: ManualClock) -> None:
    assert first_overdue_s(clock, [ZoneStatus("main", "", None, 0, 0)]) == LIMIT_S


def test_an_item_that_plays_for_hours_is_not(clock: ManualClock) -> None:
    assert first_overdue_s(clock, main(clock)) is None


def test_one_that_comes_late_is_not(clock: ManualClock) -> None:
    overdue = Overdue(clock)
    overdue.note(main(clock, is_proved=False))
    clock.advance(round(LIMIT_S * 1000) - 1000)
    overdue.note(main(clock))
    clock.advance(2000)

    assert not overdue.note(main(clock, is_proved=False))


def test_a_clock_that_is_set_makes_nothing_overdue(clock: ManualClock) -> None:
    overdue = Overdue(clock)
    overdue.note(main(clock, is_proved=False))
    clock.jump(365 * DAY_MS)

    assert not overdue.note(main(clock, is_proved=False))

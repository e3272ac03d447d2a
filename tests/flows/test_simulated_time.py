"""A day, a week, clock changes and a year through the real programme and the real playout: the log is the preview."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from signage.base.moments import to_ms
from signage.content.values import (
    Card,
    DayClass,
    Edge,
    Entry,
    Hours,
    Item,
    Kind,
    Playlist,
    Priority,
    Screen,
    Store,
    Window,
)
from signage.player.journal import Journal, read_asrun
from signage.player.ports import Outcome
from signage.schedule.programme import Programme
from signage.schedule.slots import Slot
from tests.player.simulation import Row, StationRun, card, film, picture

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")
PLACE = (24.92, 102.48)


def hours(start: int, end: int) -> tuple[Hours, ...]:
    return (Hours(Edge(start * 3600), Edge(end * 3600)),)


def playlist(name: str, items: Sequence[Item], weight: int = 1, **more: object) -> Playlist:
    return Playlist(name, name, (Entry(tuple(items)),), weight=Fraction(weight), **more)  # type: ignore[arg-type]


def community(screen: Screen, scale: int = 1) -> Store:
    """Give a store as a community has one; `scale` stretches every item, to make long runs coarse."""

    def at(seconds: int) -> int:
        return seconds * scale

    texts = Item("ticker-line", Kind.TICKER, "t1", 10_000, card=Card("ticker", '{"text": "欢迎"}'))
    playlists = (
        playlist("work", [picture("w1", at(12)), card("w2", at(15)), film("w3", at(20)), picture("w4", at(8))], 3),
        playlist("civility", [card("c1", at(10)), picture("c2", at(10))], 1, windows=(Window(hours=hours(7, 22)),)),
        playlist("unity", [picture(f"u{number}", at(9)) for number in range(7)], 2),
        playlist("night", [picture("n1", at(30))], 1, windows=(Window(hours=hours(22, 2)),)),
        playlist("workdays", [card("d1", at(25))], 1, windows=(Window(day_classes=frozenset({DayClass.WORKDAY})),)),
        playlist("festival", [film("f1", at(45))], 2, priority=Priority.SPECIAL,
                 windows=(Window(lunar=frozenset({(6, 24), (8, 15)}), hours=hours(9, 18)),)),
        playlist("text", [texts], zone="ticker"),
        playlist("spare", [picture("spare", at(10))], priority=Priority.FILLER),
    )  # fmt: skip
    return Store(Path("store"), playlists, {screen.name: screen}, revision="r1")


def play(screen: Screen, store: Store, start: datetime, span: timedelta) -> StationRun:
    """Run the real station, programme and playout from `start` on, to a second before the end of `span`."""
    run = StationRun(store, Programme, screen=screen.name, start=start)
    run.station.start()
    run.timeline.run(span // timedelta(milliseconds=1) - 1000)
    run.station.close()
    return run


def assert_log_is_the_preview(rows: list[Row], slots: list[Slot]) -> None:
    """One row for each slot, in order, of its item, begun within 50 ms of it (but for the first, which is joined)."""
    assert [(row.slot, row.item.name) for row in rows] == [(slot, slot.item.name) for slot in slots]
    assert all(abs(row.started_ms - row.slot.start_ms) <= 50 for row in rows[1:])
    assert {row.outcome for row in rows[:-1]} <= {Outcome.SHOWN}
    ends = [row.ended_ms for row in rows]
    assert ends[:-1] == [row.started_ms for row in rows[1:]]


def preview(store: Store, screen: Screen, start: datetime, span: timedelta, zone: str = "main") -> list[Slot]:
    programme = Programme(store, screen, zone)
    return list(programme.slots(to_ms(start), to_ms(start + span)))


def test_a_day_is_played_as_previewed_in_every_zone() -> None:
    screen = Screen("gate", "门口", layout="banner", hours=hours(6, 23), place=PLACE)
    store, start, span = community(screen), datetime(2026, 11, 23, 0, 0, tzinfo=SHANGHAI), timedelta(days=1)

    run = play(screen, store, start, span)

    for zone in ("main", "ticker"):
        assert_log_is_the_preview(run.journal.of_zone(zone), preview(store, screen, start, span, zone))


def test_a_week_is_played_as_previewed() -> None:
    screen = Screen("gate", "门口", hours=hours(6, 23), place=PLACE)
    store, start, span = community(screen, 4), datetime(2026, 9, 21, 15, 17, 3, tzinfo=SHANGHAI), timedelta(days=7)

    run = play(screen, store, start, span)

    assert_log_is_the_preview(run.journal.rows, preview(store, screen, start, span))


@pytest.mark.parametrize(
    ("day", "length_h"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)], ids=["forwards", "back"]
)
def test_the_day_of_a_clock_change_is_played_as_previewed(day: date, length_h: int) -> None:
    screen = Screen("gate", "Gate", hours=hours(1, 23), timezone=LONDON)
    start = datetime(day.year, day.month, day.day, tzinfo=LONDON)
    store, span = community(screen), timedelta(hours=length_h)

    run = play(screen, store, start, span)

    slots = list(Programme(store, screen).slots(to_ms(start), to_ms(start) + length_h * 3_600_000))
    assert_log_is_the_preview(run.journal.rows, slots)
    assert slots[-1].end_ms - slots[0].start_ms == length_h * 3_600_000


@pytest.mark.slow
def test_a_year_is_played_as_previewed(monkeypatch: pytest.MonkeyPatch) -> None:
    # The station looks every 5 s for a clock that was set; here it is not, and six million looks would take a minute.
    monkeypatch.setattr("signage.player.playout.LONGEST_WAIT_MS", 120_000)
    screen = Screen("gate", "门口", hours=hours(6, 23), place=PLACE)
    store, start = community(screen, 60), datetime(2026, 11, 23, 8, 0, tzinfo=SHANGHAI)
    span = timedelta(days=366)

    run = play(screen, store, start, span)

    assert_log_is_the_preview(run.journal.rows, preview(store, screen, start, span))
    assert any(row.item.name == "f1" for row in run.journal.rows)


def test_the_real_journal_keeps_what_the_preview_said(tmp_path: Path) -> None:
    screen = Screen("gate", "门口")
    store, start, span = community(screen), datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI), timedelta(hours=1)
    run = StationRun(store, Programme, screen="gate", start=start)
    run.station._journal = journal = Journal(tmp_path, run.clock)
    run.station.start()

    run.timeline.run(span // timedelta(milliseconds=1))
    run.station.close()

    rows = read_asrun(tmp_path)
    slots = preview(store, screen, start, span)
    assert [(row.planned_start_ms, row.planned_end_ms, row.playlist, row.item, row.sha256) for row in rows] == [
        (slot.start_ms, slot.end_ms, slot.playlist, slot.item.name, slot.item.sha256) for slot in slots
    ]
    assert not journal.fault

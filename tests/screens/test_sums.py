"""What reports add up is what single rows say, whichever sums they were read from."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text

from signage.base.clock import ManualClock
from signage.office.console.shell import ZONE
from signage.office.database.tables import MishapRow, ShownRow
from signage.office.desk import Desk
from signage.office.retention import prune_memory
from signage.office.screens import asrun
from signage.office.screens.proof import make_report
from signage.office.screens.sums import days_of, local_date, spans_of
from signage.office.screens.totals import Grouping, Query, Sum
from signage.schedule.days import day_start_ms
from signage.wire import Shown
from tests.screens.conftest import shown

FIRST, LAST = date(2026, 1, 20), date(2026, 12, 5)
SCREENS = ("gate", "hall", "lift")
PLAYLISTS = ("views", "notices", None)
ITEMS = ("views/gulls.jpg", "views/Terraces.jpg", "notices/停水.txt", "slate", "off", "100%_.jpg", "")
OUTCOMES = ("shown", "shown", "shown", "cut", "failed", "odd")


def _row(chance: random.Random, key: int) -> Shown:
    day = FIRST + timedelta(days=chance.randrange((LAST - FIRST).days + 1))
    started_ms = day_start_ms(day, ZONE) + chance.choice((0, 1, 43_200_000, 86_399_999))
    return shown(
        key,
        started_ms,
        item=chance.choice(ITEMS),
        playlist=chance.choice(PLAYLISTS),
        outcome=chance.choice(OUTCOMES),
        reason=chance.choice(("", "takeover", "素材损坏")),
        ended_ms=started_ms + chance.choice((-5, 0, 1, 10_000, 3_600_000)),
    )


@pytest.fixture
def told(desk: Desk) -> list[tuple[str, Shown]]:
    """Three screens that told of most of a year, in batches of which some came twice, and some in part."""
    chance = random.Random(4)
    told: list[tuple[str, Shown]] = []
    for screen in SCREENS:
        rows = [_row(chance, key) for key in range(400)]
        told += [(screen, row) for row in rows]
        for start in range(0, len(rows), 80):
            with desk.database.writing() as session:
                asrun.keep(screen, rows[max(0, start - 30) : start + 80])(session)
    return told


def _naive(told: Iterable[tuple[str, Shown]], query: Query) -> tuple[dict[str, Sum], dict[str, Sum]]:
    """Add up single rows, one after the other: by what was asked for, and by date or month."""
    rows: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    bars: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for screen, row in told:
        day, playlist = local_date(row.started_ms), row.playlist or ""
        if not query.first.isoformat() <= day <= query.last.isoformat() or row.item in ("off", "slate"):
            continue
        if query.screens and screen not in query.screens:
            continue
        if (query.playlist and playlist != query.playlist) or query.item.lower() not in row.item.lower():
            continue
        label = {Grouping.ITEM: row.item, Grouping.PLAYLIST: playlist, Grouping.SCREEN: screen}[query.by]
        for one in (rows[label], bars[day[:7] if query.is_by_month else day]):
            one[0] += row.outcome == "shown"
            one[1] += row.outcome == "cut"
            one[2] += row.outcome == "failed"
            one[3] += max(0, row.ended_ms - row.started_ms)
    return _sums(rows), _sums(bars)


def _sums(found: dict[str, list[int]]) -> dict[str, Sum]:
    return {label: Sum(label, *numbers) for label, numbers in found.items() if any(numbers)}


def _query(chance: random.Random) -> Query:
    first = FIRST + timedelta(days=chance.randrange(-40, (LAST - FIRST).days))
    last = first + timedelta(days=chance.choice((0, 1, 6, 29, 30, 91, 92, 180, 364)))
    return Query(
        first,
        last,
        chance.choice(((), (), ("gate",), ("gate", "lift"), ("nobody",), SCREENS)),
        chance.choice(("", "", "views", "none such")),
        chance.choice(("", "", "TERR", "停", "%", "a")),
        chance.choice(tuple(Grouping)),
    )


def test_a_report_is_what_single_rows_add_up_to(desk: Desk, told: list[tuple[str, Shown]], clock: ManualClock) -> None:
    chance = random.Random(7)
    counted = 0
    for _ in range(300):
        query = _query(chance)
        rows, bars = _naive(told, query)

        report = make_report(desk, query, [], compares=False)

        assert {one.label: one for one in report.rows} == rows, query
        assert {one.label: one for one in report.by_day} == bars, query
        assert report.total.shown_ms == sum(one.shown_ms for one in rows.values())
        assert report.total.failed == sum(one.failed for one in rows.values())
        assert [one.shown_ms for one in report.rows] == sorted((one.shown_ms for one in rows.values()), reverse=True)
        counted += bool(rows)
    assert counted > 100


def test_spans_make_up_their_period_exactly() -> None:
    chance = random.Random(1)
    today = date(2026, 11, 26)
    for _ in range(500):
        first = date(2025, 1, 1) + timedelta(days=chance.randrange(800))
        last = first + timedelta(days=chance.randrange(400))
        added, taken = spans_of(first, last, today)
        times: dict[str, int] = defaultdict(int)
        for span in added:
            for day in days_of(date(2024, 12, 1), date(2028, 12, 31)):
                times[day] += day.startswith(span)
        for span in taken:
            times[span] -= 1

        assert {day for day, number in times.items() if number} == set(days_of(first, last))
        assert set(times.values()) <= {0, 1}
        past = [day for day in [*added, *taken] if len(day) == 10 and day <= today.isoformat()]
        assert len(past) <= 31  # at most half a month at each end


def test_this_month_until_today_is_one_sum_and_the_days_to_come_taken_away() -> None:
    added, taken = spans_of(date(2026, 11, 1), date(2026, 11, 26), date(2026, 11, 26))

    assert added == ["2026-11"]
    assert taken == ["2026-11-27", "2026-11-28", "2026-11-29", "2026-11-30"]


def test_sums_lie_in_the_order_of_their_key_as_the_migration_makes_them(desk: Desk) -> None:
    with desk.database.reading() as session:
        made = dict(session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all())

    assert "WITHOUT ROWID" in made["shown_sum"]
    assert "WITHOUT ROWID" in made["coverage"]


def test_reasons_add_up_from_sums_as_from_single_rows(desk: Desk, told: list[tuple[str, Shown]]) -> None:
    from signage.office.screens.proof import _mishaps, _single_mishaps

    chance = random.Random(3)
    for _ in range(60):
        query = replace(_query(chance), playlist="", item="")
        with desk.database.reading() as session:
            summed, single = (sorted(map(tuple, session.execute(ask(query)))) for ask in (_mishaps, _single_mishaps))

        assert summed == single, query


def test_retention_takes_single_rows_and_their_reasons_and_leaves_the_sums(
    desk: Desk, told: list[tuple[str, Shown]], clock: ManualClock
) -> None:
    query = Query(FIRST, LAST, by=Grouping.SCREEN)
    before = make_report(desk, query, [], compares=False)

    prune_memory(desk)

    after = make_report(desk, query, [], compares=False)
    oldest = local_date(clock.now_ms() - 200 * 86_400_000)
    with desk.database.reading() as session:
        first_kept = session.scalar(select(func.min(MishapRow.date)))
        first_row_ms = session.scalar(select(func.min(ShownRow.started_ms)))
    assert (after.rows, after.by_day, after.total) == (before.rows, before.by_day, before.total)
    assert 0 < sum(one.count for one in after.mishaps) < sum(one.count for one in before.mishaps)
    assert first_kept is not None
    assert first_row_ms is not None
    assert oldest <= first_kept <= local_date(first_row_ms)

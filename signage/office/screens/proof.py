"""Dates, screens and what to look for in; proof of play out: sums, what went wrong, planned against shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, literal_column, select

from signage.base.moments import to_datetime
from signage.office.console.shell import ZONE
from signage.office.database.tables import MishapRow, ShownRow
from signage.office.desk import Desk
from signage.office.screens.rollup import Coverage, cover, merged, read_coverage
from signage.office.screens.totals import Query, Sum, read_totals
from signage.schedule.days import day_start_ms

MOST_ROWS = 20_000
MOST_LIVE = 12
"""For at most so many screens today's plan is worked out while somebody waits: about 0.08 s each."""
MOST_DAYS = 800
_MOST_REASONS = 30


@dataclass(frozen=True, slots=True)
class Mishap:
    """Why showings were cut or failed, and how often."""

    outcome: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """The whole of it. `coverage` leaves today out where too many screens are asked for (`is_today_left_out`)."""

    query: Query
    total: Sum
    rows: tuple[Sum, ...]
    by_day: tuple[Sum, ...]
    mishaps: tuple[Mishap, ...]
    coverage: tuple[Coverage, ...]
    is_today_left_out: bool = False
    is_cut_off: bool = False


def make_report(
    desk: Desk, query: Query, screens: Sequence[str], most: int = MOST_ROWS, *, compares: bool = True
) -> Report:
    """Give the report. `screens` are those that the query means; without `compares` it says nothing that takes long."""
    today = to_datetime(desk.clock.now_ms(), ZONE).date()
    with desk.database.reading() as session:
        totals = read_totals(session, query, today)
    mishaps = read_mishaps(desk, query) if compares or not query.has_slow_reasons else ()
    coverage, is_left_out = compare(desk, query, screens) if compares else ([], False)
    return Report(
        query,
        totals.total,
        totals.rows[:most],
        totals.bars,
        mishaps,
        tuple(coverage),
        is_left_out,
        len(totals.rows) > most,
    )


def read_mishaps(desk: Desk, query: Query) -> tuple[Mishap, ...]:
    """Give why showings were cut or failed, the most frequent reasons first."""
    with desk.database.reading() as session:
        return tuple(Mishap(*row) for row in session.execute(_mishaps(query)))


def _mishaps(query: Query) -> Select[str, str, int]:
    """Give the reasons of what went wrong, from their sums where no playlist or item is asked for."""
    if query.playlist or query.item:
        return _single_mishaps(query)
    number = func.sum(MishapRow.count)
    found = select(MishapRow.outcome, MishapRow.reason, number).where(
        MishapRow.date >= query.first.isoformat(),
        MishapRow.date <= query.last.isoformat(),
        MishapRow.screen.in_(query.screens or ("",)),
    )
    return found.group_by(MishapRow.outcome, MishapRow.reason).order_by(number.desc()).limit(_MOST_REASONS)


def _single_mishaps(query: Query) -> Select[str, str, int]:
    """Give the same from single rows. The words of the index must stand in the query, or it is not used."""
    start_ms = day_start_ms(query.first, ZONE)
    end_ms = day_start_ms(query.last + timedelta(days=1), ZONE)
    wanted: list[Any] = [
        ShownRow.outcome != literal_column("'shown'"),
        ShownRow.outcome.in_(("cut", "failed")),
        ShownRow.started_ms >= start_ms,
        ShownRow.started_ms < end_ms,
    ]
    if query.screens:
        wanted.append(ShownRow.screen.in_(query.screens))
    if query.playlist:
        wanted.append(ShownRow.playlist == query.playlist)
    if query.item:
        wanted.append(ShownRow.item.icontains(query.item, autoescape=True))
    number = func.count()
    found = select(ShownRow.outcome, ShownRow.reason, number).where(*wanted)
    return found.group_by(ShownRow.outcome, ShownRow.reason).order_by(number.desc()).limit(_MOST_REASONS)


def compare(desk: Desk, query: Query, screens: Sequence[str]) -> tuple[list[Coverage], bool]:
    """Give planned against shown, and whether today had to be left out of it."""
    today = to_datetime(desk.clock.now_ms(), ZONE).date()
    with desk.database.reading() as session:
        kept = read_coverage(session, query.first, query.last, query.screens)
    is_today = query.first <= today <= query.last
    is_left_out = is_today and len(screens) > MOST_LIVE
    return merged(kept, cover(desk, today, screens) if is_today and not is_left_out else []), is_left_out

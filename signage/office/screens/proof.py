"""Dates, screens and what to look for in; proof of play out: sums, sums by day, what went wrong, planned against shown.

Every sum is read from `shown_day`, so a report of a year reads some thousand rows and not tens of millions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, case, func, literal_column, select

from signage.base.moments import to_datetime
from signage.office.console.shell import ZONE
from signage.office.database.tables import CoverageRow, ShownDayRow, ShownRow
from signage.office.desk import Desk
from signage.office.screens.rollup import Coverage, cover, merged
from signage.schedule.days import day_start_ms

MOST_ROWS = 20_000
MOST_LIVE = 12
"""For at most so many screens today's plan is worked out while somebody waits: about 0.08 s each."""
MOST_DAYS = 800
MOST_BARS = 92
_MOST_REASONS = 30


class Grouping(StrEnum):
    """By what the rows of a report are counted together."""

    ITEM = "item"
    PLAYLIST = "playlist"
    SCREEN = "screen"


_COLUMNS = {
    Grouping.ITEM: ShownDayRow.item,
    Grouping.PLAYLIST: ShownDayRow.playlist,
    Grouping.SCREEN: ShownDayRow.screen,
}


@dataclass(frozen=True, slots=True)
class Query:
    """What a report is about. Dates are local and inclusive; empty `screens`, `playlist` and `item` mean all."""

    first: date
    last: date
    screens: tuple[str, ...] = ()
    playlist: str = ""
    item: str = ""
    by: Grouping = Grouping.ITEM

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Sum:
    """How often something was shown whole, cut and failed, and for how long it was on screen; `label` names it."""

    label: str
    shown: int = 0
    cut: int = 0
    failed: int = 0
    shown_ms: int = 0

    @property
    def count(self) -> int:
        return self.shown + self.cut


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
    """Give the report. `screens` are those that the query means; it says nothing of the plan unless it `compares`."""
    with desk.database.reading() as session:
        cells = [(row[0], _sum_of(row[1:])) for row in session.execute(_sums(query))]
        mishaps = [Mishap(*row) for row in session.execute(_mishaps(query))]
    coverage, is_left_out = compare(desk, query, screens) if compares else ([], False)
    rows = sorted(_added((one.label, one) for _, one in cells), key=lambda one: (-one.shown_ms, one.label))
    by_day = sorted(_added(cells), key=lambda one: one.label)
    total = next(iter(_added(("", one) for one in by_day)), Sum(""))
    return Report(
        query,
        total,
        tuple(rows[:most]),
        tuple(by_day),
        tuple(mishaps),
        tuple(coverage),
        is_left_out,
        len(rows) > most,
    )


def _sums(query: Query) -> Select[Any]:
    """Give the sums by day (by month, of a long period) and by what is asked for: one look at the table for all."""

    def count(outcome: str) -> Any:
        return func.sum(case((ShownDayRow.outcome == outcome, ShownDayRow.count), else_=0))

    day = ShownDayRow.date if query.days <= MOST_BARS else func.substr(ShownDayRow.date, 1, 7)
    found: Select[Any] = select(
        day.label("day"),
        _COLUMNS[query.by].label("label"),
        count("shown"),
        count("cut"),
        count("failed"),
        func.sum(ShownDayRow.shown_ms),
    )
    return found.where(*_wanted(query)).group_by("day", "label")


def _added(cells: Iterable[tuple[str, Sum]]) -> list[Sum]:
    """Give the sum of all that stands under the same label."""
    sums: dict[str, Sum] = {}
    for label, one in cells:
        so_far = sums.get(label, Sum(label))
        sums[label] = Sum(
            label,
            so_far.shown + one.shown,
            so_far.cut + one.cut,
            so_far.failed + one.failed,
            so_far.shown_ms + one.shown_ms,
        )
    return list(sums.values())


def _wanted(query: Query) -> list[Any]:
    wanted: list[Any] = [
        ShownDayRow.date >= query.first.isoformat(),
        ShownDayRow.date <= query.last.isoformat(),
        ShownDayRow.item.not_in(("off", "slate")),
    ]
    if query.screens:
        wanted.append(ShownDayRow.screen.in_(query.screens))
    if query.playlist:
        wanted.append(ShownDayRow.playlist == query.playlist)
    if query.item:
        wanted.append(ShownDayRow.item.icontains(query.item, autoescape=True))
    return wanted


def _mishaps(query: Query) -> Select[str, str, int]:
    """Give the reasons of what went wrong. The words of the index must stand in the query, or it is not used."""
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


def _sum_of(row: Any) -> Sum:
    label, shown, cut, failed, shown_ms = row
    return Sum(label or "", int(shown), int(cut), int(failed), int(shown_ms))


def compare(desk: Desk, query: Query, screens: Sequence[str]) -> tuple[list[Coverage], bool]:
    """Give planned against shown, and whether today had to be left out of it."""
    today = to_datetime(desk.clock.now_ms(), ZONE).date()
    found = select(CoverageRow).where(
        CoverageRow.date >= query.first.isoformat(), CoverageRow.date <= query.last.isoformat()
    )
    if query.screens:
        found = found.where(CoverageRow.screen.in_(query.screens))
    with desk.database.reading() as session:
        days = [_coverage_of(row) for row in session.scalars(found)]
    is_today = query.first <= today <= query.last
    if is_today and len(screens) <= MOST_LIVE:
        days += cover(desk, today, screens)
    return merged(days), is_today and len(screens) > MOST_LIVE


def _coverage_of(row: CoverageRow) -> Coverage:
    return Coverage(
        row.screen,
        row.zone,
        row.planned,
        row.missing,
        row.planned_ms,
        row.covered_ms,
        row.late_median_ms,
        row.late_p95_ms,
    )

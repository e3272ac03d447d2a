"""A question about what was shown in, its answer out: sums by item, playlist or screen, and sums by day or month.

Read from `shown_sum`, each time where the fewest sums answer it (`screens.sums`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from signage.office.database.tables import ShownSumRow
from signage.office.screens.sums import Keeps, days_of, months_of, spans_of

MOST_BARS = 92


class Grouping(StrEnum):
    """By what the rows of a report are counted together."""

    ITEM = "item"
    PLAYLIST = "playlist"
    SCREEN = "screen"


_COLUMNS: dict[Grouping, InstrumentedAttribute[str]] = {
    Grouping.ITEM: ShownSumRow.item,
    Grouping.PLAYLIST: ShownSumRow.playlist,
    Grouping.SCREEN: ShownSumRow.screen,
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

    @property
    def is_by_month(self) -> bool:
        """Whether its bars are months: there would be too many days."""
        return self.days > MOST_BARS

    @property
    def has_slow_reasons(self) -> bool:
        """Whether reasons have to be counted from single rows, of a long time: a page tells of them later."""
        return self.is_by_month and bool(self.playlist or self.item)


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
class Totals:
    """All of it in one, by what was asked for (the most time first), and by date or month."""

    total: Sum
    rows: tuple[Sum, ...]
    bars: tuple[Sum, ...]


def read_totals(session: Session, query: Query, today: date) -> Totals:
    """Give the answer. What lies after `today` counts like the rest, but is thought to be little."""
    by_item = query.by is Grouping.ITEM or bool(query.item)
    by_screen = query.by is Grouping.SCREEN or bool(query.screens)
    keeps = _keeps(by_item, by_screen)
    spans = spans_of(query.first, query.last, today)
    cells = list(_cells(session, query, keeps, _COLUMNS[query.by], spans))
    if query.is_by_month:
        bars = _added((month, one) for month, _, one in cells)
    else:
        # Bars need each date, but not what they are counted by.
        coarse = _keeps(bool(query.item), bool(query.screens))
        days = days_of(query.first, query.last), list[str]()
        bars = _added((day, one) for day, _, one in _cells(session, query, coarse, None, days))
    rows = _added((label, one) for _, label, one in cells)
    return Totals(
        next(iter(_added(("", one) for one in bars)), Sum("")),
        tuple(sorted(rows, key=lambda one: (-one.shown_ms, one.label))),
        tuple(sorted(bars, key=lambda one: one.label)),
    )


def _keeps(by_item: bool, by_screen: bool) -> Keeps:
    if not by_screen:
        return Keeps.ITEMS
    return Keeps.ALL if by_item else Keeps.SCREENS


def _cells(
    session: Session,
    query: Query,
    keeps: Keeps,
    column: InstrumentedAttribute[str] | None,
    spans: tuple[Sequence[str], Sequence[str]],
) -> Iterator[tuple[str, str, Sum]]:
    """Give what the period's sums are made of, by bar and label; what is to be taken away counts below nothing."""
    bar: ColumnElement[str] = func.substr(ShownSumRow.span, 1, 7) if query.is_by_month else ShownSumRow.span.expression
    if column is not None and not query.is_by_month:
        bar = literal("").expression
    label: ColumnElement[str] = literal("").expression if column is None else column.expression
    counts = [ShownSumRow.shown, ShownSumRow.cut, ShownSumRow.failed, ShownSumRow.shown_ms]
    for wanted, sign in zip(spans, (1, -1), strict=True):
        if not wanted:
            continue
        found: Any = select(bar.label("bar"), label.label("label"), *(func.sum(count) for count in counts))
        found = found.where(*_wanted(query, keeps, wanted)).group_by("bar", "label")
        for at, name, *numbers in session.execute(found):
            yield at, name, Sum(name, *(sign * int(number) for number in numbers))


def _wanted(query: Query, keeps: Keeps, spans: Sequence[str]) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [ShownSumRow.keeps == str(keeps), ShownSumRow.span.in_(spans)]
    if query.screens:
        wanted.append(ShownSumRow.screen.in_(query.screens))
    if query.playlist:
        wanted.append(ShownSumRow.playlist == query.playlist)
    if query.item:
        # Which items have such a name is found among the few sums over all screens.
        names = select(ShownSumRow.item).where(
            ShownSumRow.keeps == str(Keeps.ITEMS),
            ShownSumRow.span.in_(months_of(query.first, query.last)),
            ShownSumRow.item.icontains(query.item, autoescape=True),
        )
        wanted.append(ShownSumRow.item.in_(names))
    return wanted


def _added(cells: Iterable[tuple[str, Sum]]) -> list[Sum]:
    """Give the sum of all that stands under the same label, where there is anything."""
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
    return [one for one in sums.values() if one.count or one.failed or one.shown_ms]

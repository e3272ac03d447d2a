"""New as-run rows in, the sums that reports are made of out; and a period in, the sums to read for it out.

Each row counts in six sums: of its date and of its month, and each of these three times, as `Keeps` says. So a report
of a year over 200 screens reads some ten thousand sums and not four million.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from signage.base.moments import to_datetime
from signage.office.console.shell import ZONE
from signage.office.database.tables import Base, MishapRow, ShownSumRow

NOT_COUNTED = frozenset({"off", "slate"})
"""Items that no report speaks of: a screen outside its hours, and one that has nothing to show."""
_LATEST_MS = 253_370_678_400_000
"""The year 9999 begins: no later date can be said in every timezone."""
_COUNTS = ("shown", "cut", "failed")
_ADDED = (*_COUNTS, "shown_ms")
_MONTH = slice(0, 7)


class Keeps(StrEnum):
    """What a sum still tells apart. ITEMS is over all screens (`screen` is empty), SCREENS over all items."""

    ALL = "all"
    ITEMS = "items"
    SCREENS = "screens"


def local_date(at_ms: int) -> str:
    """Give the local date of an instant, as `2026-11-26`."""
    return f"{to_datetime(min(at_ms, _LATEST_MS), ZONE):%Y-%m-%d}"


def add_to_sums(session: Session, screen: str, rows: Sequence[dict[str, Any]]) -> None:
    """Count these new rows of a screen, in the transaction that keeps them."""
    sums: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_ADDED, 0))
    mishaps: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: {"count": 0})
    for row in rows:
        day, outcome = local_date(row["started_ms"]), row["outcome"]
        if outcome in ("cut", "failed"):
            for where in (screen, ""):
                mishaps[(day, where, outcome, row["reason"])]["count"] += 1
        if row["item"] in NOT_COUNTED:
            continue
        for key in _keys(day, screen, row["playlist"] or "", row["item"]):
            one = sums[key]
            one["shown_ms"] += max(0, row["ended_ms"] - row["started_ms"])
            if outcome in _COUNTS:
                one[outcome] += 1
    _add(session, ShownSumRow, sums)
    _add(session, MishapRow, mishaps)


def _add(session: Session, table: type[Base], sums: dict[tuple[str, ...], dict[str, int]]) -> None:
    if not sums:
        return
    key_names = [column.name for column in table.__table__.primary_key]
    statement = insert_for(session, table)
    added = {name: getattr(table, name) + statement.excluded[name] for name in next(iter(sums.values()))}
    counted = statement.on_conflict_do_update(index_elements=key_names, set_=added)
    session.execute(counted, [{**dict(zip(key_names, key, strict=True)), **one} for key, one in sorted(sums.items())])


def _keys(day: str, screen: str, playlist: str, item: str) -> Iterator[tuple[str, str, str, str, str]]:
    for span in (day, day[_MONTH]):
        yield Keeps.ALL, span, screen, playlist, item
        yield Keeps.ITEMS, span, "", playlist, item
        yield Keeps.SCREENS, span, screen, playlist, ""


def insert_for(session: Session, table: type[Any]) -> postgresql.Insert | sqlite.Insert:
    """Give the INSERT of this database that knows ON CONFLICT."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(table) if is_postgresql else sqlite.insert(table)


def days_of(first: date, last: date) -> list[str]:
    """Give every date of a period."""
    return [(first + timedelta(days=offset)).isoformat() for offset in range((last - first).days + 1)]


def months_of(first: date, last: date) -> list[str]:
    """Give every month that a period touches, as `2026-11`."""
    return sorted({day[_MONTH] for day in days_of(first, last)})


def spans_of(first: date, last: date, today: date) -> tuple[list[str], list[str]]:
    """Give the fewest sums that make up a period: what to add, and what to take away again.

    A month of which more lies within the period than outside is added whole, less the dates outside. What is still to
    come holds next to nothing (a screen whose clock is wrong), and so does not weigh.
    """
    added, taken = [], []
    for month in months_of(first, last):
        start = date.fromisoformat(f"{month}-01")
        end = start.replace(day=calendar.monthrange(start.year, start.month)[1])
        inside = days_of(max(first, start), min(last, end))
        outside = sorted({*days_of(start, end)} - {*inside})
        if sum(day <= today.isoformat() for day in outside) < len(inside):
            added.append(month)
            taken += outside
        else:
            added += inside
    return added, taken

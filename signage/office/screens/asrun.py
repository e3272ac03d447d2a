"""Batches of a screen's as-run log in, each row kept once out, and counted in the sums of its day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from signage.base.moments import to_datetime
from signage.office.console.shell import ZONE
from signage.office.database.tables import ShownDayRow, ShownRow
from signage.office.screens.plain import plain_text
from signage.wire import AsRunAnswer, Shown

_LATEST_MS = 253_370_678_400_000
"""The year 9999 begins: no later date can be said in every timezone."""


def dateplain_text(at_ms: int) -> str:
    """Give the local date of an instant, as `2026-11-26`."""
    return f"{to_datetime(min(at_ms, _LATEST_MS), ZONE):%Y-%m-%d}"


def keep(screen: str, rows: Sequence[Shown]) -> Callable[[Session], AsRunAnswer]:
    """Give what writes the rows down. Those that are there already stay as they are: a screen may send twice."""
    values = {row.key: _values(screen, row) for row in rows}

    def write(session: Session) -> AsRunAnswer:
        new = _insert_new(session, list(values.values()))
        add_to_days(session, screen, (values[key] for key in new))
        return AsRunAnswer(len(rows), len(new))

    return write


def _insert_new(session: Session, values: list[dict[str, Any]]) -> list[int]:
    """Insert what is not there yet; give its keys. Source: both databases say of each row whether it is new."""
    only_new = insert_for(session, ShownRow).on_conflict_do_nothing().returning(ShownRow.key)
    return list(session.execute(only_new, values).scalars())


def add_to_days(session: Session, screen: str, rows: Iterable[dict[str, Any]]) -> None:
    """Count these new rows in `shown_day`: so a report of months never has to look at single rows."""
    sums: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        one = sums[(dateplain_text(row["started_ms"]), row["playlist"] or "", row["item"], row["outcome"])]
        one[0] += 1
        one[1] += max(0, row["ended_ms"] - row["started_ms"])
    if not sums:
        return
    values = [
        {
            "date": date,
            "screen": screen,
            "playlist": playlist,
            "item": item,
            "outcome": outcome,
            "count": count,
            "shown_ms": shown_ms,
        }
        for (date, playlist, item, outcome), (count, shown_ms) in sorted(sums.items())
    ]
    statement = insert_for(session, ShownDayRow)
    added = {
        "count": ShownDayRow.count + statement.excluded.count,
        "shown_ms": ShownDayRow.shown_ms + statement.excluded.shown_ms,
    }
    keys = [column.name for column in ShownDayRow.__table__.primary_key]
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=added), values)


def insert_for(session: Session, table: type[Any]) -> postgresql.Insert | sqlite.Insert:
    """Give the INSERT of this database that knows ON CONFLICT."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(table) if is_postgresql else sqlite.insert(table)


def _values(screen: str, row: Shown) -> dict[str, Any]:
    return {
        "screen": screen,
        "key": row.key,
        "zone": plain_text(row.zone),
        "item": plain_text(row.item),
        "kind": plain_text(row.kind)[:20],
        "sha256": plain_text(row.sha256),
        "playlist": None if row.playlist is None else plain_text(row.playlist),
        "planned_start_ms": row.planned_start_ms,
        "planned_end_ms": row.planned_end_ms,
        "started_ms": row.started_ms,
        "ended_ms": row.ended_ms,
        "outcome": plain_text(row.outcome),
        "reason": plain_text(row.reason),
    }

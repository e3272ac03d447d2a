"""Batches of a screen's as-run log in, each row kept once out, and counted in the sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from signage.office.database.tables import ShownRow
from signage.office.screens.plain import plain_text
from signage.office.screens.sums import add_to_sums, insert_for
from signage.wire import AsRunAnswer, Shown


def keep(screen: str, rows: Sequence[Shown]) -> Callable[[Session], AsRunAnswer]:
    """Give what writes the rows down. Those that are there already stay as they are: a screen may send twice."""
    values = {row.key: _values(screen, row) for row in rows}

    def write(session: Session) -> AsRunAnswer:
        new = _insert_new(session, list(values.values()))
        add_to_sums(session, screen, [values[key] for key in new])
        return AsRunAnswer(len(rows), len(new))

    return write


def _insert_new(session: Session, values: list[dict[str, Any]]) -> list[int]:
    """Insert what is not there yet; give its keys. Source: both databases say of each row whether it is new."""
    only_new = insert_for(session, ShownRow).on_conflict_do_nothing().returning(ShownRow.key)
    return list(session.execute(only_new, values).scalars())


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

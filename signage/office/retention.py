"""What was kept long enough in, gone: rows of the as-run log, states, alarms, sessions, the trash; sums by day stay."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import InstrumentedAttribute

from signage.office.console.sessions import LONGEST_MS
from signage.office.database.tables import AlarmRow, Base, MishapRow, ScreenStateRow, SessionRow, ShownRow
from signage.office.desk import Desk
from signage.office.screens.sums import local_date

LEAST_AUDIT_DAYS = 200
"""Source: 网络安全法 asks for logs of six months at least; field notes 9."""
_AUDIT_DAYS_AT_ONCE = 7
_DAY_MS = 86_400_000
_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows went, by table."""

    shown: int = 0
    states: int = 0
    alarms: int = 0
    sessions: int = 0
    actions: int = 0
    thrown_away: int = 0


def prune_memory(desk: Desk) -> Pruned:
    """Delete what is older than the office keeps it, in steps, so that nobody waits long for the database.

    A clock that is far ahead must not empty the office: of what was shown at most as many days go at once as lie
    before the newest row, and of the audit log at most seven; its chain is anchored where it was cut.

    Raises:
        SQLAlchemyError: the database does not take it.
    """
    now_ms, kept_days = desk.clock.now_ms(), desk.settings.read().kept_days
    with desk.database.reading() as session:
        newest = session.scalars(select(ShownRow.ended_ms).order_by(ShownRow.started_ms.desc()).limit(1)).first()
    shown_ms = min(now_ms, newest + _DAY_MS) if newest is not None else now_ms
    old_ms, old_audit_ms = now_ms - kept_days * _DAY_MS, now_ms - max(kept_days, LEAST_AUDIT_DAYS) * _DAY_MS
    old_shown_ms = shown_ms - kept_days * _DAY_MS
    with desk.database.writing() as session:
        session.execute(delete(MishapRow).where(MishapRow.date < local_date(max(0, old_shown_ms))))
    return Pruned(
        _delete(desk, ShownRow, ShownRow.key, ShownRow.started_ms < old_shown_ms),
        _delete(desk, ScreenStateRow, ScreenStateRow.id, ScreenStateRow.ended_ms < old_ms),
        _delete(desk, AlarmRow, AlarmRow.id, AlarmRow.ended_ms < old_ms),
        _delete(desk, SessionRow, SessionRow.token_sha256, SessionRow.made_ms < now_ms - LONGEST_MS),
        desk.audit.prune(old_audit_ms, _AUDIT_DAYS_AT_ONCE * _DAY_MS),
        _empty_trash(desk.folder / "trash", old_shown_ms),
    )


def _empty_trash(trash: Path, before_ms: int) -> int:
    """Delete what was thrown away before that instant, which its name begins with; how many files went."""
    gone = 0
    for path in trash.glob("*/*@*"):
        at_ms = path.name.partition("@")[0].partition("-")[0]
        if at_ms.isdecimal() and int(at_ms) < before_ms:
            with suppress(OSError):
                path.unlink()
                gone += 1
    return gone


def _delete(
    desk: Desk,
    table: type[Base],
    key: InstrumentedAttribute[int] | InstrumentedAttribute[str],
    old: ColumnElement[bool],
) -> int:
    gone = 0
    while True:
        with desk.database.writing() as session:
            found = session.scalars(select(key).where(old).order_by(key).limit(_BATCH)).all()
            if found:
                last = found[-1]
                session.execute(delete(table).where(old, key <= last))
        gone += len(found)
        if len(found) < _BATCH:
            return gone

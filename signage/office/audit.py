"""Actions in, a chained log out: each row's hash is over itself and the row before: none can be taken out.

What was pruned by age leaves an anchor, the number and hash of the last row that went: the rest hangs from it.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from signage.base.clock import Clock
from signage.office.database.engine import Database
from signage.office.database.tables import AuditRow, KeptRow

_log = logging.getLogger(__name__)

FIRST = "0" * 64
_ANCHOR = "audit.anchor"
_LONGEST = 400
_MOST_WAITING = 1000


@dataclass(frozen=True, slots=True)
class AuditFault:
    """Where the chain does not hold: the number of the first row that does not fit."""

    number: int


@dataclass(frozen=True, slots=True)
class _Note:
    at_ms: int
    person: str
    action: str
    subject: str
    detail: dict[str, Any]


class Audit:
    """Writes and proves the log of actions."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: deque[_Note] = deque(maxlen=_MOST_WAITING)

    def note(
        self,
        person: str,
        action: str,
        subject: str = "",
        detail: Mapping[str, Any] | None = None,
        *,
        session: Session | None = None,
    ) -> None:
        """Add one action; in the writing session of what it tells of, if given, so that both are kept or neither.

        `action` is a word and a part, such as `playlist.edited`. Never put a secret into `detail`.

        Without a session it tells of what is done already: where the database does not take it, it is kept in memory
        and in the log, and written before the next one. Who did it must not be told that it was not done.
        """
        note = _Note(self._clock.now_ms(), person, action, subject, dict(detail or {}))
        if session is not None:
            self._add(session, note)
            return
        with self._lock:
            try:
                with self._database.writing() as own:
                    for one in (*self._waiting, note):
                        self._add(own, one)
                self._waiting.clear()
            except SQLAlchemyError as error:
                self._waiting.append(note)
                said = (note.person, note.action, note.subject)
                _log.error("the log of actions cannot be written (%s); it waits: %s %s %s", _words(error), *said)

    def first_fault(self) -> AuditFault | None:
        """Give where the chain breaks first; None where it holds from its beginning, or from what was pruned by age.

        Rows taken off its newest end are not seen by this: compare with a log or backup that was kept elsewhere.
        """
        with self._database.reading() as session:
            number, before = _anchor(session)
            in_order = select(AuditRow).order_by(AuditRow.number).execution_options(yield_per=1000)
            with closing(session.scalars(in_order)) as rows:
                for row in rows:
                    if row.number != number + 1 or row.hash_before != before or row.hash != _hash_of(row):
                        return AuditFault(row.number)
                    number, before = row.number, row.hash
        return None

    def prune(self, before_ms: int, most_ms: int) -> int:
        """Let go of rows from before an instant, of the oldest `most_ms` only; gives how many went. Notes that it did.

        The newest row always stays. Rows go from the old end on, up to the first that is to be kept.
        """
        with self._database.writing() as session:
            oldest = session.scalars(select(AuditRow).order_by(AuditRow.number).limit(1)).first()
            if oldest is None or oldest.at_ms >= before_ms:
                return 0
            until_ms = min(before_ms, oldest.at_ms + most_ms)
            newest = session.scalar(select(func.max(AuditRow.number))) or 0
            first_kept = session.scalar(select(func.min(AuditRow.number)).where(AuditRow.at_ms >= until_ms)) or newest
            last = session.scalars(select(AuditRow).where(AuditRow.number == first_kept - 1)).first()
            if last is None:
                return 0
            session.merge(KeptRow(name=_ANCHOR, value=f"{last.number} {last.hash}".encode()))
            gone = last.number - oldest.number + 1
            session.execute(delete(AuditRow).where(AuditRow.number <= last.number))
            detail = {"hash": last.hash}
            pruned = f"{oldest.number}-{last.number}"
            self._add(session, _Note(self._clock.now_ms(), "office", "audit.pruned", pruned, detail))
        return gone

    def _add(self, session: Session, note: _Note) -> None:
        last = session.scalars(select(AuditRow).order_by(AuditRow.number.desc()).limit(1)).first()
        row = AuditRow(
            number=last.number + 1 if last else 1,
            at_ms=note.at_ms,
            person=_short(note.person),
            action=note.action,
            subject=_short(note.subject),
            detail=note.detail,
            hash_before=last.hash if last else FIRST,
        )
        row.hash = _hash_of(row)
        session.add(row)
        session.flush()


def _words(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).partition("\n")[0]


def _short(text: str) -> str:
    """Give what strangers may have typed so that every database takes it, and no row is a book."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()[:_LONGEST]


def _anchor(session: Session) -> tuple[int, str]:
    """Give the number and hash that the first kept row hangs from."""
    kept = session.get(KeptRow, _ANCHOR)
    if kept is None:
        return 0, FIRST
    number, _, before = kept.value.decode().partition(" ")
    return int(number), before


def _hash_of(row: AuditRow) -> str:
    said = [row.number, row.at_ms, row.person, row.action, row.subject, row.detail, row.hash_before]
    return sha256(json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

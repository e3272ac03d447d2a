"""Actions in, a chained log out: each row's hash is over itself and the row before: none can be taken out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from signage.base.clock import Clock
from signage.office.database.engine import Database
from signage.office.database.tables import AuditRow

FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditFault:
    """Where the chain does not hold: the number of the first row that does not fit."""

    number: int


class Audit:
    """Writes and proves the log of actions."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

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
        """
        if session is None:
            with self._database.writing() as own:
                self._add(own, person, action, subject, dict(detail or {}))
        else:
            self._add(session, person, action, subject, dict(detail or {}))

    def first_fault(self) -> AuditFault | None:
        """Give where the chain breaks first; None where it holds from the first row that is kept."""
        before: str | None = None
        with self._database.reading() as session:
            for row in session.scalars(select(AuditRow).order_by(AuditRow.number).execution_options(yield_per=1000)):
                if (before is not None and row.hash_before != before) or row.hash != _hash_of(row):
                    return AuditFault(row.number)
                before = row.hash
        return None

    def _add(self, session: Session, person: str, action: str, subject: str, detail: dict[str, Any]) -> None:
        last = session.scalars(select(AuditRow).order_by(AuditRow.number.desc()).limit(1).with_for_update()).first()
        row = AuditRow(
            number=last.number + 1 if last else 1,
            at_ms=self._clock.now_ms(),
            person=person,
            action=action,
            subject=subject,
            detail=detail,
            hash_before=last.hash if last else FIRST,
        )
        row.hash = _hash_of(row)
        session.add(row)
        session.flush()


def _hash_of(row: AuditRow) -> str:
    said = [row.number, row.at_ms, row.person, row.action, row.subject, row.detail, row.hash_before]
    return sha256(json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

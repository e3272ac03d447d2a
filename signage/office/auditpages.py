"""What is looked for in the audit log comes in; its rows go out, by page, as CSV, or as JSON lines."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from signage.base.moments import to_datetime, to_ms
from signage.office.cells import plain_cell
from signage.office.database.engine import Database
from signage.office.database.tables import AuditRow

PAGE_ROWS = 100
_STEP_ROWS = 1000
Words = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; empty or None means everything. `area` is the part of an action before the dot.

    `since` and `until` are local dates, both included.
    """

    person: str = ""
    area: str = ""
    text: str = ""
    since: date | None = None
    until: date | None = None


class AuditPages:
    """Reads the log. Times are told by the wall clock of `zone`."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        self._database = database
        self._zone = zone

    def page(self, wanted: Wanted, before: int | None = None) -> list[AuditRow]:
        """Give the newest rows that fit, newest first, of those with a number below `before`: one more than a page
        where there are more.
        """
        found = self._found(wanted).order_by(AuditRow.number.desc()).limit(PAGE_ROWS + 1)
        if before is not None:
            found = found.where(AuditRow.number < before)
        with self._database.reading() as session:
            return list(session.scalars(found))

    def people(self) -> list[str]:
        """Give everybody who is named in the log."""
        with self._database.reading() as session:
            return sorted(session.scalars(select(AuditRow.person).distinct()))

    def as_csv(self, wanted: Wanted, head: list[str], words: Words) -> Iterator[bytes]:
        """Give the rows that fit, oldest first, for a table program: UTF-8 with a mark. Source: RFC 4180.

        A text that such a program would take for a formula gets a quote before it.
        """
        yield codecs.BOM_UTF8 + _line(head)
        for row in self._rows(wanted):
            detail = json.dumps(row.detail, ensure_ascii=False) if row.detail else ""
            said = [row.person, words(row.action), row.subject, detail, row.action, row.hash]
            yield _line([str(row.number), self._moment(row), *(plain_cell(cell) for cell in said)])

    def as_lines(self, wanted: Wanted) -> Iterator[bytes]:
        """Give the rows that fit, oldest first, as JSON lines: with all that their hashes are made of."""
        for row in self._rows(wanted):
            said = {
                "number": row.number,
                "at_ms": row.at_ms,
                "at": self._moment(row),
                "person": row.person,
                "action": row.action,
                "subject": row.subject,
                "detail": row.detail,
                "hash_before": row.hash_before,
                "hash": row.hash,
            }
            yield json.dumps(said, ensure_ascii=False).encode() + b"\n"

    def _rows(self, wanted: Wanted) -> Iterator[AuditRow]:
        """Give rows in steps, each by a query of its own: whoever downloads slowly holds nothing open."""
        last = 0
        while True:
            found = self._found(wanted).where(AuditRow.number > last).order_by(AuditRow.number).limit(_STEP_ROWS)
            with self._database.reading() as session:
                rows = list(session.scalars(found))
            yield from rows
            if len(rows) < _STEP_ROWS:
                return
            last = rows[-1].number

    def _found(self, wanted: Wanted) -> Select[AuditRow]:
        found = select(AuditRow)
        if wanted.person:
            found = found.where(AuditRow.person == wanted.person)
        if wanted.area:
            found = found.where(AuditRow.action.startswith(f"{wanted.area}.", autoescape=True))
        if wanted.text:
            found = found.where(AuditRow.subject.contains(wanted.text, autoescape=True))
        if wanted.since:
            found = found.where(AuditRow.at_ms >= self._midnight_ms(wanted.since))
        if wanted.until:
            found = found.where(AuditRow.at_ms < self._midnight_ms(wanted.until + timedelta(days=1)))
        return found

    def _midnight_ms(self, day: date) -> int:
        return to_ms(datetime.combine(day, time(), self._zone))

    def _moment(self, row: AuditRow) -> str:
        return to_datetime(row.at_ms, self._zone).isoformat(sep=" ", timespec="seconds")


def _line(cells: list[str]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerow(cells)
    return stream.getvalue().encode()

"""What is wrong with a screen or the office in, one open alarm for each out: begun once, ended once, told to people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Select, select, update
from sqlalchemy.exc import SQLAlchemyError

from signage.base.clock import Clock
from signage.office.database.engine import Database
from signage.office.database.tables import AlarmRow

OFFICE = "office"
"""The subject of an alarm that is about the office itself."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. `subject` is a screen's name or `OFFICE`; `message` says it to staff in Chinese.

    `message_en` says the same in English; empty in alarms of a version that did not keep it.
    """

    id: int
    subject: str
    kind: str
    message: str
    began_ms: int
    ended_ms: int | None = None
    seen_by: str | None = None
    message_en: str = ""


class Alarms:
    """Begins and ends alarms, from any thread. Of one subject and kind at most one is open.

    `on_news` is called after each begin and end that was written: for whoever sends them on. It must return at once.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.on_news: Callable[[], None] = lambda: None
        self._unkept: dict[tuple[str, str], Alarm] = {}

    def begin(self, subject: str, kind: str, message: str, message_en: str = "") -> bool:
        """Open an alarm; False where it is open already, which only takes the new messages.

        Raises:
            SQLAlchemyError: the database does not take it; staff are shown it all the same, as long as this runs.
        """
        try:
            is_new = self._begin(subject, kind, message, message_en)
        except SQLAlchemyError:
            began_ms = self._unkept[subject, kind].began_ms if (subject, kind) in self._unkept else self._clock.now_ms()
            self._unkept[subject, kind] = Alarm(0, subject, kind, message, began_ms, message_en=message_en)
            raise
        self._unkept.pop((subject, kind), None)
        if is_new:
            self.on_news()
        return is_new

    def _begin(self, subject: str, kind: str, message: str, message_en: str) -> bool:
        with self._database.writing() as session:
            row = session.scalars(_open_rows().where(AlarmRow.subject == subject, AlarmRow.kind == kind)).first()
            if row is not None:
                row.message, row.message_en = message, message_en
                return False
            began_ms = self._clock.now_ms()
            row = AlarmRow(subject=subject, kind=kind, message=message, message_en=message_en, began_ms=began_ms)
            session.add(row)
        return True

    def end(self, subject: str, kind: str | None = None) -> bool:
        """End an open alarm, or all of a subject where no kind is named; False where there was none."""
        for one in [one for one in self._unkept if one[0] == subject and kind in (None, one[1])]:
            self._unkept.pop(one, None)
        wanted = [AlarmRow.subject == subject, AlarmRow.ended_ms.is_(None)]
        if kind is not None:
            wanted.append(AlarmRow.kind == kind)
        with self._database.writing() as session:
            ended = session.scalars(select(AlarmRow.id).where(*wanted)).all()
            if not ended:
                return False
            session.execute(update(AlarmRow).where(AlarmRow.id.in_(ended)).values(ended_ms=self._clock.now_ms()))
        self.on_news()
        return True

    def note_seen(self, alarm_id: int, person: str) -> None:
        """A person has taken note: it stays open, and is not shown at the head of every page any more."""
        with self._database.writing() as session:
            session.execute(update(AlarmRow).where(AlarmRow.id == alarm_id).values(seen_by=person))

    def open(self) -> list[Alarm]:
        """Give what is open now, newest first."""
        with self._database.reading() as session:
            kept = [_value(row) for row in session.scalars(_open_rows().order_by(AlarmRow.began_ms.desc()))]
        known = {(one.subject, one.kind) for one in kept}
        return [one for one in list(self._unkept.values()) if (one.subject, one.kind) not in known] + kept

    def unseen(self) -> list[Alarm]:
        """Give what is open and nobody has taken note of, newest first."""
        return [alarm for alarm in self.open() if alarm.seen_by is None]

    def history(self, subject: str | None = None, most: int = 200) -> list[Alarm]:
        """Give the newest alarms, of one subject if named, open and ended."""
        wanted = select(AlarmRow).order_by(AlarmRow.began_ms.desc(), AlarmRow.id.desc()).limit(most)
        if subject is not None:
            wanted = wanted.where(AlarmRow.subject == subject)
        with self._database.reading() as session:
            return [_value(row) for row in session.scalars(wanted)]


def _open_rows() -> Select[AlarmRow]:
    return select(AlarmRow).where(AlarmRow.ended_ms.is_(None))


def _value(row: AlarmRow) -> Alarm:
    return Alarm(
        row.id, row.subject, row.kind, row.message, row.began_ms, row.ended_ms, row.seen_by, row.message_en or ""
    )

"""A cookie's token in, the person who is signed in out. Sessions live in the database and can be ended there."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from signage.base.clock import Clock
from signage.office.console.roles import Role
from signage.office.database.engine import Database
from signage.office.database.tables import PersonRow, SessionRow

COOKIE = "signage_session"
IDLE_MS = 12 * 3600 * 1000
LONGEST_MS = 7 * 24 * 3600 * 1000
_SEEN_STEP_MS = 60_000
_CLOCK_MS = 600_000


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, and what they may do now."""

    id: int
    name: str
    roles: frozenset[Role]
    must_change: bool = False
    session_sha256: str = ""

    def has(self, *wanted: Role) -> bool:
        """Tell whether the person has one of these roles; an administrator has not all of them."""
        return not self.roles.isdisjoint(wanted)


class Sessions:
    """The people who are signed in. Roles are read again at each request."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def begin(self, person_id: int, address: str, agent: str) -> str:
        """Sign a person in; give the token for the cookie. It is told once and kept only as a digest."""
        token = secrets.token_urlsafe(32)
        now_ms = self._clock.now_ms()
        with self._database.writing() as session:
            session.execute(delete(SessionRow).where(SessionRow.made_ms < now_ms - LONGEST_MS))
            session.add(
                SessionRow(
                    token_sha256=_digest(token),
                    person_id=person_id,
                    made_ms=now_ms,
                    seen_ms=now_ms,
                    address=address[:60],
                    agent=agent[:200],
                )
            )
        return token

    def person_of(self, token: str) -> Person | None:
        """Give who is signed in with this token; None where the session is over or the person may not any more."""
        now_ms = self._clock.now_ms()
        with self._database.reading() as session:
            row = session.get(SessionRow, _digest(token))
            person = session.get(PersonRow, row.person_id) if row else None
        if row is None or person is None or not person.is_active:
            return None
        # A clock that was set back would keep a session from its own future for ever.
        is_future = row.made_ms > now_ms + _CLOCK_MS or row.seen_ms > now_ms + _CLOCK_MS
        if is_future or now_ms - row.made_ms > LONGEST_MS or now_ms - row.seen_ms > IDLE_MS:
            with suppress(SQLAlchemyError):
                self.end(row.token_sha256)
            return None
        if now_ms - row.seen_ms > _SEEN_STEP_MS:
            with suppress(SQLAlchemyError):  # a full disk keeps nobody from looking
                self._note_seen(row.token_sha256, now_ms)
        known = {str(role) for role in Role}
        roles = frozenset(Role(role) for role in person.roles if role in known)
        return Person(person.id, person.name, roles, person.must_change, row.token_sha256)

    def _note_seen(self, token_sha256: str, now_ms: int) -> None:
        with self._database.writing() as session:
            kept = session.get(SessionRow, token_sha256)
            if kept is not None:
                kept.seen_ms = now_ms

    def end(self, token_sha256: str) -> None:
        """End one session."""
        with self._database.writing() as session:
            session.execute(delete(SessionRow).where(SessionRow.token_sha256 == token_sha256))

    def end_all_of(self, person_id: int) -> None:
        """End every session of a person: after a new password, or when they may not sign in any more."""
        with self._database.writing() as session:
            session.execute(delete(SessionRow).where(SessionRow.person_id == person_id))

    def of(self, person_id: int) -> list[SessionRow]:
        """Give a person's sessions, newest first."""
        with self._database.reading() as session:
            found = select(SessionRow).where(SessionRow.person_id == person_id).order_by(SessionRow.seen_ms.desc())
            return list(session.scalars(found))


def keep_in_cookie(answer: Response, token: str, *, is_https: bool) -> None:
    """Have the browser send the token with its requests from now on."""
    answer.set_cookie(COOKIE, token, max_age=IDLE_MS // 1000, httponly=True, samesite="strict", secure=is_https)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()

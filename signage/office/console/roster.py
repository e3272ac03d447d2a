"""Changes of who may sign in come in; rows of people go out, and one administrator is always left."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from signage.base.errors import SignageError
from signage.office.console.auth import hash_password
from signage.office.console.roles import Role
from signage.office.database.tables import PersonRow, SessionRow
from signage.office.desk import Desk

_NAME = re.compile(r"[^\W_][\w.·-]{0,39}")


class RosterError(SignageError):
    """What was asked for cannot be; the message has the Chinese in brackets at its end."""


class Roster:
    """The people who may sign in. `on_end` is told the digest of every session that ends with a change."""

    def __init__(self, desk: Desk, on_end: Callable[[str], None] = lambda _digest: None) -> None:
        self._desk = desk
        self._on_end = on_end
        self._one = threading.Lock()  # a rule over several rows is looked at and written by one at a time

    def all(self) -> list[PersonRow]:
        """Give everybody, those who may sign in first, by name."""
        with self._desk.database.reading() as session:
            found = list(session.scalars(select(PersonRow)))
        return sorted(found, key=lambda row: (not row.is_active, row.name))

    def find(self, person_id: int) -> PersonRow | None:
        with self._desk.database.reading() as session:
            return session.get(PersonRow, person_id)

    def named(self, name: str) -> PersonRow | None:
        with self._desk.database.reading() as session:
            return session.scalars(select(PersonRow).where(PersonRow.name == name)).first()

    def require_possible(self, name: str) -> None:
        """See that somebody of this name can sign in, or could be let in.

        Raises:
            RosterError: the name cannot be, or differs from a known one in capitals only.
        """
        _require_name(name)
        if self.named(name) is None:
            with self._desk.database.reading() as session:
                _require_new(session, name)

    def has_administrator(self) -> bool:
        with self._desk.database.reading() as session:
            return bool(_administrators(session))

    def add(
        self,
        by: str,
        name: str,
        roles: Iterable[Role],
        password: str,
        *,
        must_change: bool = True,
        is_first: bool = False,
    ) -> PersonRow:
        """Let a person in. `is_first`: the administrator of a new office, only while there is none.

        Raises:
            RosterError: the name cannot be, is taken, or there is an administrator already.
        """
        _require_name(name)
        kept = hash_password(password)
        with self._one, self._desk.database.writing() as session:
            if is_first and _administrators(session):
                raise RosterError("there is an administrator already; sign in (已经有管理员了，请登录)")
            _require_new(session, name)
            row = PersonRow(
                name=name,
                password_hash=kept,
                roles=_written(roles),
                must_change=must_change,
                made_ms=self._desk.clock.now_ms(),
            )
            session.add(row)
            session.flush()
            self._desk.audit.note(by, "person.added", name, {"roles": row.roles}, session=session)
        return row

    def change_roles(self, by: str, person_id: int, roles: Iterable[Role]) -> PersonRow:
        """Give a person these roles, from the next request on.

        Raises:
            RosterError: there is no such person, or no administrator would be left.
        """
        with self._one, self._desk.database.writing() as session:
            row = _found(session, person_id)
            before, row.roles = row.roles, _written(roles)
            session.flush()
            _require_administrator(session)
            if sorted(before) != sorted(row.roles):
                detail = {"before": before, "after": row.roles}
                self._desk.audit.note(by, "person.roles-changed", row.name, detail, session=session)
        return row

    def set_active(self, by: str, person_id: int, is_active: bool) -> PersonRow:
        """Let a person sign in again, or not any more, which ends their sessions.

        Raises:
            RosterError: there is no such person, or no administrator would be left.
        """
        with self._one, self._desk.database.writing() as session:
            row = _found(session, person_id)
            row.is_active = is_active
            session.flush()
            _require_administrator(session)
            ended = [] if is_active else _end_sessions(session, person_id)
            action = "person.let-in-again" if is_active else "person.shut-out"
            self._desk.audit.note(by, action, row.name, session=session)
        self._tell(ended)
        return row

    def set_password(
        self, by: str, person_id: int, password: str, *, must_change: bool, but_session: str = ""
    ) -> PersonRow:
        """Set a person's password; all their sessions end but the one named by its digest.

        Raises:
            RosterError: there is no such person.
        """
        kept = hash_password(password)
        with self._desk.database.writing() as session:
            row = _found(session, person_id)
            row.password_hash, row.must_change = kept, must_change
            ended = _end_sessions(session, person_id, but_session)
            action = "person.password-reset" if must_change else "person.password-changed"
            self._desk.audit.note(by, action, row.name, session=session)
        self._tell(ended)
        return row

    def end_sessions(self, by: str, person_id: int, only: str = "", but_session: str = "") -> int:
        """End a person's sessions: all but one, or `only` one (digests); gives how many ended.

        Raises:
            RosterError: there is no such person.
        """
        with self._desk.database.writing() as session:
            row = _found(session, person_id)
            ended = _end_sessions(session, person_id, but_session, only)
            if ended:
                self._desk.audit.note(by, "person.sessions-ended", row.name, {"count": len(ended)}, session=session)
        self._tell(ended)
        return len(ended)

    def _tell(self, ended: Iterable[str]) -> None:
        for digest in ended:
            self._on_end(digest)


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name) or unicodedata.normalize("NFKC", name) != name:
        raise RosterError(
            "a name has up to 40 letters, digits, '.', '·', '_' or '-' "
            "(姓名最多 40 个字，可以用汉字、字母、数字和 . · _ -，不能有空格)"
        )


def _require_new(session: Session, name: str) -> None:
    same = [one for one in session.scalars(select(PersonRow.name)) if one.casefold() == name.casefold()]
    if same:
        raise RosterError(f"'{same[0]}' is in the list already (“{same[0]}”已经在名单里)")


def _end_sessions(session: Session, person_id: int, but: str = "", only: str = "") -> list[str]:
    found = session.scalars(select(SessionRow.token_sha256).where(SessionRow.person_id == person_id)).all()
    ended = [digest for digest in found if digest != but and only in ("", digest)]
    session.execute(delete(SessionRow).where(SessionRow.token_sha256.in_(ended)))
    return ended


def _administrators(session: Session) -> list[str]:
    rows = session.scalars(select(PersonRow).where(PersonRow.is_active))
    return [row.name for row in rows if Role.ADMINISTRATOR in row.roles]


def _require_administrator(session: Session) -> None:
    if not _administrators(session):
        raise RosterError(
            "this is the last administrator; make somebody else one first (这是最后一位管理员，请先让另一个人当管理员)"
        )


def _found(session: Session, person_id: int) -> PersonRow:
    row = session.get(PersonRow, person_id)
    if row is None:
        raise RosterError("there is no such person any more (没有这个人)")
    return row


def _written(roles: Iterable[Role]) -> list[str]:
    chosen = set(roles)
    return [str(role) for role in Role if role in chosen]

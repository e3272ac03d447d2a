"""A bearer token in, the screen that it is of out; screens are let in, replaced and shut out here.

Of a token only its SHA-256 is known: it has 256 bits of chance, so a plain digest tells nothing about it.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from signage.base.clock import Clock
from signage.office.audit import Audit
from signage.office.database.engine import Database
from signage.office.database.tables import ScreenRow, ScreenStateRow

SHORTEST_TOKEN, LONGEST_TOKEN = 16, 200


def digest_of(token: str) -> str:
    """Give what is kept of a token: its sha256 in hexadecimal."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


class Roll:
    """Who of the screens is let in."""

    def __init__(self, database: Database, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def screen_of(self, token: str) -> str | None:
        """Give the name of the screen whose token this is; None for a stranger, and for one that was shut out."""
        if not SHORTEST_TOKEN <= len(token) <= LONGEST_TOKEN:
            return None
        digest = digest_of(token)
        columns = select(ScreenRow.name, ScreenRow.token_sha256, ScreenRow.revoked_ms)
        with self._database.reading() as session:
            row = session.execute(columns.where(ScreenRow.token_sha256 == digest)).first()
        if row is None or row.revoked_ms is not None or not hmac.compare_digest(row.token_sha256, digest):
            return None
        name: str = row.name
        return name

    def names(self) -> dict[str, bool]:
        """Give every screen that was ever let in, and whether it still is."""
        with self._database.reading() as session:
            rows = session.execute(select(ScreenRow.name, ScreenRow.revoked_ms))
            return {name: revoked_ms is None for name, revoked_ms in rows}

    def let_in(self, session: Session, name: str, token_sha256: str, person: str) -> bool:
        """Let a machine in as this screen; tell whether it takes the place of another, which is out from then on."""
        now_ms = self._clock.now_ms()
        fresh: dict[str, Any] = {
            "token_sha256": token_sha256,
            "enrolled_ms": now_ms,
            "enrolled_by": person,
            "revoked_ms": None,
            "heard_ms": None,
            "clock_offset_ms": None,
            "heartbeat": None,
            "wants_picture": True,
        }
        # The same machine under another name: it is only one screen at a time.
        others = update(ScreenRow).where(ScreenRow.token_sha256 == token_sha256, ScreenRow.name != name)
        nobodys = {"token_sha256": secrets.token_hex(32), "revoked_ms": func.coalesce(ScreenRow.revoked_ms, now_ms)}
        session.execute(others.values(**nobodys))
        before = session.get(ScreenRow, name)
        if before is None:
            session.add(ScreenRow(name=name, picture_ms=None, **fresh))
            return False
        session.execute(update(ScreenRow).where(ScreenRow.name == name).values(**fresh))
        return True

    def shut_out(self, name: str, person: str) -> bool:
        """Refuse the screen's token from now on; tell whether it was let in until now."""
        now_ms = self._clock.now_ms()
        with self._database.writing() as session:
            row = session.get(ScreenRow, name)
            if row is None or row.revoked_ms is not None:
                return False
            row.revoked_ms = now_ms
            row.wants_picture = False
            self._audit.note(person, "screen.revoked", name, session=session)
        return True

    def want_picture(self, name: str) -> bool:
        """Ask the screen for a picture with its next heartbeat; tell whether there is such a screen."""
        with self._database.writing() as session:
            found = update(ScreenRow).where(ScreenRow.name == name, ScreenRow.revoked_ms.is_(None))
            result = session.execute(found.values(wants_picture=True).returning(ScreenRow.name))
            return result.first() is not None

    def history(self, name: str, most: int = 50) -> list[ScreenStateRow]:
        """Give the stretches of the screen's states, newest first."""
        found = select(ScreenStateRow).where(ScreenStateRow.screen == name)
        with self._database.reading() as session:
            return list(session.scalars(found.order_by(ScreenStateRow.began_ms.desc()).limit(most)))

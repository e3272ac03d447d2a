"""A new screen's wish in, a code to type out; once a person has let it in, its name and the root of trust.

Source: RFC 8628 for the shape; field notes 5 for the figures: 6 of 20 letters, 10 minutes, 50 codes at most.
"""

from __future__ import annotations

import base64
import hmac
import ipaddress
import secrets
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import Enum, auto
from typing import Any

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from signage.base.clock import Clock
from signage.office.audit import Audit
from signage.office.database.engine import Database
from signage.office.database.tables import PairingRow, ScreenRow
from signage.office.screens.plain import plain_values
from signage.office.screens.roll import Roll, digest_of
from signage.wire import CODE_LENGTH, CODE_LETTERS, PAIRING_S, Enrolment, Pairing, PairingWish

MOST_PENDING = 1000
MOST_PENDING_OF_A_NEIGHBOUR = 20
MANY_PENDING = 30
"""From so many on somebody is at play: a community does not let in as many screens at once."""
_KEPT_MS = 24 * 3600 * 1000
_TRIES = 20


class Fate(Enum):
    """Why there is no enrolment for a code."""

    WAITING = auto()
    UNKNOWN = auto()
    EXPIRED = auto()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A machine that shows a code, as the console tells of it."""

    code: str
    machine: dict[str, Any]
    address: str
    made_ms: int
    screen: str | None


class Pairings:
    """The screens that wait to be let in. `root_bytes` gives the root of trust, or raises what stands in the way."""

    def __init__(
        self, database: Database, audit: Audit, clock: Clock, roll: Roll, root_bytes: Callable[[], bytes]
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._roll = roll
        self._root_bytes = root_bytes

    def ask(self, wish: PairingWish, address: str) -> Pairing:
        """Give a code; the same again for the same token.

        Nobody is refused because others wait: where there are too many, the oldest goes of whoever has the most. So a
        machine with a hundred addresses drives out its own wishes, and not the one screen that staff stand before.
        """
        now_ms = self._clock.now_ms()
        oldest_ms = now_ms - PAIRING_S * 1000
        with self._database.writing() as session:
            is_over = and_(PairingRow.screen.is_(None), PairingRow.made_ms <= oldest_ms)
            session.execute(delete(PairingRow).where(or_(is_over, PairingRow.made_ms < now_ms - _KEPT_MS)))
            known = select(ScreenRow.name).where(
                ScreenRow.token_sha256 == wish.token_sha256, ScreenRow.revoked_ms.is_(None)
            )
            screen = session.scalars(known).first()
            is_mine = (PairingRow.token_sha256 == wish.token_sha256, PairingRow.made_ms > oldest_ms)
            mine = session.scalars(
                select(PairingRow)
                .where(*is_mine, PairingRow.screen.is_(None) if screen is None else PairingRow.screen == screen)
                .order_by(PairingRow.made_ms.desc())
            ).first()
            if mine is not None:
                mine.machine = plain_values(asdict(wish.machine))
                return Pairing(mine.code, (mine.made_ms - oldest_ms) / 1000)
            if screen is None:
                _make_room(session, address)
            code = self._new_code(session)
            session.add(
                PairingRow(
                    code=code,
                    token_sha256=wish.token_sha256,
                    machine=plain_values(asdict(wish.machine)),
                    address=address[:60],
                    made_ms=now_ms,
                    screen=screen,
                )
            )
        return Pairing(code, float(PAIRING_S))

    def _new_code(self, session: Any) -> str:
        for _ in range(_TRIES):
            code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
            if session.get(PairingRow, code) is None:
                return code
        raise AssertionError("64 million codes, and none is free")

    def look(self, code: str, token: str) -> Enrolment | Fate:
        """Give the enrolment of the machine whose code and token these are, as soon as there is one.

        Raises:
            SignageError: the office has no root of trust; it was never set up.
        """
        with self._database.reading() as session:
            row = session.get(PairingRow, code)
        if row is None or not hmac.compare_digest(row.token_sha256, digest_of(token)):
            return Fate.UNKNOWN
        if row.screen is not None:
            if self._roll.screen_of(token) != row.screen:
                return Fate.EXPIRED
            return Enrolment(row.screen, base64.b64encode(self._root_bytes()).decode())
        return Fate.EXPIRED if self._is_over(row.made_ms) else Fate.WAITING

    def find(self, code: str) -> Waiting | None:
        """Give the machine that shows this code now; also if it has just been let in."""
        with self._database.reading() as session:
            row = session.get(PairingRow, code)
        if row is None or (row.screen is None and self._is_over(row.made_ms)):
            return None
        return Waiting(row.code, row.machine, row.address, row.made_ms, row.screen)

    def pending(self) -> int:
        """Give how many machines wait now. Which they are is not told to people: they type what a screen shows."""
        oldest_ms = self._clock.now_ms() - PAIRING_S * 1000
        found = select(func.count()).where(PairingRow.made_ms > oldest_ms, PairingRow.screen.is_(None))
        with self._database.reading() as session:
            return session.scalar(found) or 0

    def let_in(self, code: str, name: str, person: str) -> bool:
        """Let the machine with this code in as a screen of this name; False where its time is over meanwhile."""
        with self._database.writing() as session:
            row = session.get(PairingRow, code)
            if row is None or row.screen is not None or self._is_over(row.made_ms):
                return False
            is_replaced = self._roll.let_in(session, name, row.token_sha256, person)
            row.screen = name
            action = "screen.replaced" if is_replaced else "screen.enrolled"
            detail = {"machine": row.machine.get("hostname", ""), "address": row.address}
            self._audit.note(person, action, name, detail, session=session)
        return True

    def _is_over(self, made_ms: int) -> bool:
        return self._clock.now_ms() - made_ms >= PAIRING_S * 1000


def neighbour_of(address: str) -> str:
    """Give what one machine cannot be many of: an IPv4 address, or the network of an IPv6 one, which has 2**64.

    Source: RFC 4291 2.5.1: an interface's own part of an address is 64 bits, and it may have any number of them.
    """
    with suppress(ValueError):
        place = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(place, ipaddress.IPv6Address):
            mapped = place.ipv4_mapped
            return str(mapped) if mapped else str(ipaddress.ip_network((place, 64), strict=False))
    return address


def _make_room(session: Session, address: str) -> None:
    """Delete the oldest wish of a neighbour that has too many; if all have too many, of one that has the most."""
    of: dict[str, list[str]] = defaultdict(list)
    waiting = select(PairingRow.code, PairingRow.address).where(PairingRow.screen.is_(None))
    for code, known in session.execute(waiting.order_by(PairingRow.made_ms)):
        of[neighbour_of(known)].append(code)
    mine = of.get(neighbour_of(address), [])
    if len(mine) >= MOST_PENDING_OF_A_NEIGHBOUR:
        gone = mine[0]
    elif sum(map(len, of.values())) >= MOST_PENDING:
        gone = max(of.values(), key=len)[0]
    else:
        return
    session.execute(delete(PairingRow).where(PairingRow.code == gone))

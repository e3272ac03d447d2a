"""A person on duty and a passphrase in, an urgent key that is open for this session out: in memory, for a while, only.

Nothing is ever written. A key is let go of at sign-out, after twelve hours, and when the server ends.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from sqlalchemy import select

from signage.office.database.tables import SessionRow
from signage.office.desk import Desk
from signage.office.office import Office
from signage.office.tries import PassphraseTries
from signage.release.errors import ReleaseError
from signage.release.keys import KeyPair, name_of
from signage.release.layout import URGENT_ROLE

UNLOCKED_MS = 12 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class _Held:
    key: KeyPair
    until_ms: int


class DutyKeys:
    """The urgent keys that people on duty have opened, by the session in which they did. Any thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tries = PassphraseTries(desk)
        self._lock = threading.Lock()
        self._held: dict[str, dict[str, _Held]] = {}

    def names(self) -> tuple[str, ...]:
        """Give the urgent keys that lie on this machine."""
        office = self._desk.office()
        keys = office.repository.delegated(URGENT_ROLE)[1]
        return tuple(sorted(name_of(key) for key in keys if office.key_path(name_of(key)).exists()))

    def needed(self) -> int:
        """Give how many keys must sign an order."""
        return self._desk.office().repository.delegated(URGENT_ROLE)[0].threshold

    def unlock(self, session_sha256: str, person: str, name: str, passphrase: str) -> None:
        """Open a key for this session.

        Raises:
            ReleaseError: there is no such key here, the passphrase is wrong, or was so too often.
        """
        self._require_known(name)
        key = self._tries.open(self._desk.office(lambda _name: passphrase), person, name)
        with self._lock:
            held = _Held(key, self._desk.clock.now_ms() + UNLOCKED_MS)
            self._held.setdefault(session_sha256, {})[name] = held
        self._desk.audit.note(person, "urgent.unlocked", name)

    def lock(self, session_sha256: str) -> None:
        """Let go of every key of this session."""
        with self._lock:
            self._held.pop(session_sha256, None)

    def unlocked(self, session_sha256: str) -> dict[str, int]:
        """Give the keys that are open for this session, and until when (ms)."""
        self._forget_ended()
        known = set(self.names())
        with self._lock:
            held = self._held.get(session_sha256, {})
            return {name: one.until_ms for name, one in held.items() if name in known}

    def office_with(self, session_sha256: str, person: str, passphrases: dict[str, str]) -> tuple[Office, list[str]]:
        """Give an office with the keys of this session and those that the passphrases open, and their names.

        Raises:
            ReleaseError: a passphrase is wrong, or was so too often.
        """
        office = self._desk.office(lambda name: passphrases[name])
        still = self.unlocked(session_sha256)
        with self._lock:
            held = {name: one for name, one in self._held.get(session_sha256, {}).items() if name in still}
        names = list(held)
        for one in held.values():
            office.hold_key(one.key)
        for name in passphrases:
            if name not in names:
                self._require_known(name)
                self._tries.open(office, person, name)
                names.append(name)
        return office, names

    def _require_known(self, name: str) -> None:
        if name not in self.names():
            raise ReleaseError(f"{name}: is no urgent key on this machine (这台电脑上没有“{name}”的值班密钥)")

    def _forget_ended(self) -> None:
        with self._lock:
            sessions = list(self._held)
        if not sessions:
            return
        with self._desk.database.reading() as session:
            alive = set(session.scalars(select(SessionRow.token_sha256).where(SessionRow.token_sha256.in_(sessions))))
        now_ms = self._desk.clock.now_ms()
        with self._lock:
            for one in sessions:
                left = {
                    name: held
                    for name, held in self._held.get(one, {}).items()
                    if 0 < held.until_ms - now_ms <= UNLOCKED_MS
                }
                if one in alive and left:
                    self._held[one] = left
                else:
                    self._held.pop(one, None)

"""A new office in, the next step of its set-up out: worked out from what there is, so that a broken-off one goes on."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from enum import StrEnum
from hashlib import sha256

from signage.office.console.roster import Roster
from signage.office.console.throttle import Throttle
from signage.office.database.tables import KeptRow
from signage.office.desk import Desk
from signage.office.keyroom import KeyRoom
from signage.office.setupcode import is_setup_code

MOST_LEVELS = 3
_FOLDER, _LEVELS, _SKIPPED = "setup.folder", "setup.levels", "setup.reviewers-later"
_MOST_TRIES, _MOST_TRIES_ALL, _WINDOW_S = 5, 50, 300.0
_MOST_PROVED = 20


class Step(StrEnum):
    """The wizard's steps, in order."""

    COMMUNITY = "community"
    ADMINISTRATOR = "administrator"
    FOLDER = "folder"
    LEVELS = "levels"
    PASSPHRASE = "passphrase"
    REVIEWERS = "reviewers"
    SCREEN = "screen"


class FirstRun:
    """How far the set-up is. Only an office that has no administrator yet can be set up by somebody unknown."""

    def __init__(self, desk: Desk, roster: Roster, keys: KeyRoom) -> None:
        self._desk = desk
        self._roster = roster
        self._keys = keys

    def step(self) -> Step:
        """Give the first step that is not done; SCREEN when all are."""
        if not self._roster.has_administrator():
            return Step.ADMINISTRATOR if self._desk.settings.read().community else Step.COMMUNITY
        if self._kept(_FOLDER) is None:
            return Step.FOLDER
        if not self._keys.exists:
            return Step.LEVELS if self._kept(_LEVELS) is None else Step.PASSPHRASE
        if self.empty_levels() and self._kept(_SKIPPED) is None:
            return Step.REVIEWERS
        return Step.SCREEN

    def may_go_to(self, wanted: str) -> bool:
        """Tell whether a step that was done may be done again: only while nothing hangs on it yet."""
        before = {Step.ADMINISTRATOR: [Step.COMMUNITY], Step.LEVELS: [Step.FOLDER]}
        before[Step.PASSPHRASE] = [Step.FOLDER, Step.LEVELS]
        return wanted in before.get(self.step(), [])

    @property
    def levels(self) -> int:
        """How many review levels were chosen, or the keys have."""
        if self._keys.exists:
            return len(self._keys.levels())
        return int(self.chosen_levels or 0)

    @property
    def chosen_levels(self) -> str:
        """Give how many were chosen; empty where none was yet."""
        return (self._kept(_LEVELS) or b"").decode()

    @property
    def had_keys(self) -> bool:
        """Tell whether the keys were there before the set-up."""
        return self._keys.exists and self._kept(_LEVELS) is None

    def empty_levels(self) -> list[int]:
        """Give the review levels that nobody can sign for yet."""
        return [number for number, one in enumerate(self._keys.levels(), 1) if len(one.people) < one.threshold]

    def note_folder(self) -> None:
        self._keep(_FOLDER, b"1")

    def note_levels(self, levels: int) -> None:
        self._keep(_LEVELS, str(levels).encode())

    def note_reviewers_later(self) -> None:
        self._keep(_SKIPPED, b"1")

    def _kept(self, name: str) -> bytes | None:
        with self._desk.database.reading() as session:
            row = session.get(KeptRow, name)
        return row.value if row else None

    def _keep(self, name: str, value: bytes) -> None:
        with self._desk.database.writing() as session:
            session.merge(KeptRow(name=name, value=value))


class Door:
    """Keeps strangers on the network out of the set-up until there is an administrator: the code on the terminal."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tries = Throttle(desk.clock, most=_MOST_TRIES, window_s=_WINDOW_S)
        self._all_tries = Throttle(desk.clock, most=_MOST_TRIES_ALL, window_s=_WINDOW_S)
        self._lock = threading.Lock()
        self._proved: OrderedDict[str, None] = OrderedDict()

    def has_proved(self, token: str) -> bool:
        """Tell whether the code was given by whoever has this token."""
        with self._lock:
            return sha256(token.encode()).hexdigest() in self._proved

    def may_try(self, address: str) -> bool:
        return self._tries.may(address) and self._all_tries.may("all")

    def prove(self, address: str, typed: str) -> str:
        """Give a token for the code; empty where it is wrong, which counts."""
        if not is_setup_code(typed, self._desk.setup_code):
            self._tries.note(address)
            self._all_tries.note("all")
            self._desk.audit.note("?", "setup.refused", address)
            return ""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._proved[sha256(token.encode()).hexdigest()] = None
            while len(self._proved) > _MOST_PROVED:
                self._proved.popitem(last=False)
        return token

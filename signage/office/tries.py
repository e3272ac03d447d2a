"""A person and a key in, the opened key out; wrong passphrases are counted, told to the log, and too many refused."""

from __future__ import annotations

import threading
from collections import deque

from signage.office.desk import Desk
from signage.office.office import Office
from signage.release.errors import ReleaseError
from signage.release.keys import KeyPair, PassphraseError

MOST_TRIES = 5
WINDOW_S = 300.0


class PassphraseTries:
    """Opens keys for people, with a limit of wrong tries for each person and key. Any thread.

    Not for each key alone: nobody may be able to lock the person on duty out.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._wrong: dict[tuple[str, str], deque[float]] = {}

    def open(self, office: Office, person: str, name: str) -> KeyPair:
        """Give the key, opened with the passphrase that the office asks for; the office holds it from then on.

        Raises:
            ReleaseError: there is no such key here, the passphrase is wrong, or was so too often.
        """
        if not office.key_path(name).exists():
            raise ReleaseError(f"{name}: there is no such key on this machine (这台电脑上没有“{name}”的密钥)")
        now_s = self._desk.clock.monotonic_s()
        with self._lock:
            wrong = self._wrong.setdefault((person, name), deque(maxlen=MOST_TRIES))
            if len(wrong) == MOST_TRIES and now_s - wrong[0] < WINDOW_S:
                raise ReleaseError(
                    f"{name}: too many wrong tries; wait five minutes (口令错误次数太多，请五分钟后再试)"
                )
            wrong.append(now_s)  # counted before it is known: many at once are no more than one by one
        try:
            key = office.open_key(name)
        except PassphraseError:
            self._desk.audit.note(person, "key.refused", name)
            raise
        with self._lock:
            wrong.clear()
        return key

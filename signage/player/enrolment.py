"""An office's address comes in; a pairing code to show goes out, and once a person lets the screen in, name and root.

See deploy/decisions/enrolment.md for what is trusted when.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.player.answers import Answer, FetchError, Limits
from signage.player.enrolled import Enrolled, EnrolmentFolder, digest_of
from signage.player.spare import keep_spare
from signage.player.wirejson import MOST_ROOT_BYTES, AnswerError, encode, read_enrolment, read_pairing
from signage.release.trust import check_root
from signage.wire import PAIRINGS_PATH, Machine, Pairing, PairingWish, fingerprint

_log = logging.getLogger(__name__)

_FIRST_PAUSE_S = 2.0
_LONGEST_PAUSE_S = 30.0
_LEAST_POLL_S, _MOST_POLL_S = 1.0, 30.0
_CLOSE_LIMIT_S = 5.0
_LIMITS = Limits(most_bytes=2 * MOST_ROOT_BYTES, total_s=20.0, headers_s=15.0)


@dataclass(frozen=True, slots=True)
class Asking:
    """The screen asks to be let in. `code` is what to type at the office, empty while there is none; `fault` why."""

    code: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class LetIn:
    """The screen was let in; `fingerprint` is of the root that it trusts from now on."""

    enrolled: Enrolled
    fingerprint: str


class SendingPort(Protocol):
    """What asks and hands over (`player.http.Http`)."""

    def open(self, url: str, limits: Limits, headers: dict[str, str] | None = None) -> Answer: ...
    def send(
        self, method: str, url: str, body: bytes, limits: Limits, headers: dict[str, str] | None = None
    ) -> Answer: ...
    def close(self) -> None: ...


class Enrolling:
    """Asks an office on a thread of its own until this screen is let in, for ever; the office may be away for days."""

    def __init__(
        self,
        address: str,
        folder: EnrolmentFolder,
        machine: Machine,
        http: SendingPort,
        clock: Clock,
        tell: Callable[[Asking | LetIn], None],
        *,
        dice: random.Random | None = None,
    ) -> None:
        """`tell` is called on the thread, whenever there is something else to show; `LetIn` comes last."""
        self._url = f"{address.rstrip('/')}/{PAIRINGS_PATH}"
        self._folder = folder
        self._machine = machine
        self._http = http
        self._clock = clock
        self._tell_it = tell
        self._dice = dice or random.Random()
        self._told: Asking | LetIn | None = None
        self._code = ""
        self._closing = threading.Event()
        self.pause: Callable[[float], object] = self._closing.wait
        self._thread = threading.Thread(target=self._ask_on, name="enrolment", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End the thread and what it waits for."""
        self._closing.set()
        self._http.close()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(_CLOSE_LIMIT_S)

    def _ask_on(self) -> None:
        failures = 0
        self._code = self._folder.code()
        while not self._closing.is_set():
            try:
                if self._ask():
                    return
                failures = 0
            except SignageError as error:
                failures += 1
                self._complain(str(error))
            except Exception as error:  # noqa: BLE001 - the boundary of one try: a screen nobody stands at must go on
                _log.exception("asking to be let in failed; it goes on")
                failures += 1
                self._complain(repr(error))
            if failures:
                self.pause(
                    min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(10, failures - 1)) * self._dice.uniform(0.5, 1.5)
                )

    def _ask(self) -> bool:
        """Take one code and wait until it is used or over; tell whether the screen was let in.

        Raises:
            SignageError: the office cannot be reached, says nonsense, or the disk is full.
        """
        token = self._folder.make_token()
        if self._code:  # shown before a restart: somebody may have typed it since
            is_let_in, self._code = self._poll(self._code, token), ""
            if is_let_in:
                return True
        pairing = self._wish(token)
        until_s = self._clock.monotonic_s() + pairing.expires_s
        self._folder.keep_code(pairing.code)
        self._code = pairing.code
        poll_s = min(_MOST_POLL_S, max(_LEAST_POLL_S, pairing.poll_s))
        fault = ""
        while not self._closing.is_set() and self._clock.monotonic_s() < until_s:
            self._tell(Asking(pairing.code, fault))
            self.pause(poll_s * self._dice.uniform(0.9, 1.1))
            try:
                is_let_in = self._poll(pairing.code, token)
                fault = ""
            except FetchError as error:
                fault = self._notice(str(error))
                continue
            if is_let_in is None:
                break
            if is_let_in:
                return True
        self._code = ""
        return False

    def _wish(self, token: str) -> Pairing:
        body = encode(PairingWish(digest_of(token), self._machine))
        with self._http.send("POST", self._url, body, _LIMITS, {"Content-Type": "application/json"}) as answer:
            if answer.status not in (200, 201):
                raise FetchError(f"{self._url}: answered {answer.status}; does an office let screens in there?")
            return read_pairing(answer.read())

    def _poll(self, code: str, token: str) -> bool | None:
        """Tell whether a code has let this screen in by now; None: the code is over."""
        url = f"{self._url}/{quote(code, safe='')}"
        with self._http.open(url, _LIMITS, {"Authorization": f"Bearer {token}"}) as answer:
            if answer.status == 200:
                self._take(answer.read())
                return True
            if answer.status == 202:
                return False
            if answer.status >= 500 or answer.status == 429:
                raise FetchError(f"{url}: answered {answer.status}")
        return None

    def _take(self, data: bytes) -> None:
        """Keep name and root, and tell.

        Raises:
            SignageError: it is no enrolment, or cannot be kept.
        """
        enrolment, root = read_enrolment(data)
        try:
            check_root(root)
        except SignageError as error:
            raise AnswerError(f"the office's root cannot be used: {error}") from error
        enrolled = Enrolled(enrolment.screen, enrolment.title)
        self._folder.keep(enrolled, root)
        keep_spare(self._folder.folder)
        _log.info("let in as screen '%s'; fingerprint of the root: %s", enrolled.screen, fingerprint(root))
        self._tell(LetIn(enrolled, fingerprint(root)))

    def _complain(self, fault: str) -> None:
        if not self._closing.is_set():
            self._tell(Asking("", self._notice(fault)))

    def _notice(self, fault: str) -> str:
        told = self._told
        if not (isinstance(told, Asking) and told.fault) and not self._closing.is_set():
            _log.warning("this screen is not enrolled yet: %s", fault)
        return fault

    def _tell(self, said: Asking | LetIn) -> None:
        if said != self._told:
            self._told = said
            self._tell_it(said)

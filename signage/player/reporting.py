"""What a screen does and how it fares come in; heartbeats, as-run rows and pictures go out to its office.

One thread, which owes what plays nothing: it only asks, and waits for nobody longer than it must.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.player.answers import FetchError, Limits
from signage.player.asrunsender import AsRunSender, NotTaken
from signage.player.enrolment import SendingPort
from signage.player.heartbeat import HeartbeatTeller, Seen
from signage.player.wirejson import encode, read_heartbeat_answer
from signage.wire import HEARTBEAT_PATH, HEARTBEAT_S, MOST_PICTURE_BYTES, PICTURE_PATH

_log = logging.getLogger(__name__)

PICTURE_S = 300.0
LOOK_LIMIT_S = 5.0
_LEAST_BETWEEN_S = 1.0
_LEAST_RETRY_S = 5.0
_LONGEST_PAUSE_S = 90.0
_REVOKED_PAUSE_S = 300.0
_LOOK_AGAIN_S = 3.0
_CLOSE_LIMIT_S = 6.0
_NOT_TAKEN = (400, 413, 415, 422)
LIMITS = Limits(most_bytes=64_000, total_s=10.0, headers_s=15.0)


class OnlookerPort(Protocol):
    """What looks at the stage (`stage.onlooker.Onlooker`)."""

    def look(self, limit_s: float) -> Seen | None:
        """Give what is to be seen; None when the stage does not answer in time."""
        ...


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """How often is reported. Seconds."""

    heartbeat_s: float = HEARTBEAT_S
    picture_s: float = PICTURE_S
    least_between_s: float = _LEAST_BETWEEN_S
    least_retry_s: float = _LEAST_RETRY_S


class Refusal(SignageError):  # noqa: N818  an outcome that the office tells
    """The office does not accept this screen's token."""


class Reporter:
    """Tells the office, on a thread of its own, for as long as it lives; an office that is away is asked more slowly.

    `wake`, `want_picture` and `hear_wish` may be called from any thread and return at once.
    """

    def __init__(
        self,
        screen: str,
        address: str,
        token: str,
        http: SendingPort,
        clock: Clock,
        *,
        onlooker: OnlookerPort,
        teller: HeartbeatTeller,
        rows: AsRunSender,
        note_fault: Callable[[str], None] = lambda _fault: None,
        settings: ReportSettings | None = None,
        dice: random.Random | None = None,
    ) -> None:
        """`note_fault` is told, on the thread, why no reports reach the office; with nothing: they do again."""
        self._note_fault = note_fault
        self._screen = screen
        self._base_url = address.rstrip("/") + "/"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._http = http
        self._clock = clock
        self._onlooker = onlooker
        self._teller = teller
        self._rows = rows
        self._settings = settings or ReportSettings()
        self._dice = dice or random.Random()
        self._pictured_s: float | None = None
        self._changed = threading.Condition()
        self._is_closing = self._is_woken = self._is_picture_wanted = False
        self._failures = 0
        self._fault = ""
        self._is_revoked = False
        self._looks_again = False
        self._thread = threading.Thread(target=self._report_on, name="reporter", daemon=True)

    @property
    def fault(self) -> str:
        """Why reports do not reach the office; empty when they do."""
        return self._fault

    @property
    def is_revoked(self) -> bool:
        """Whether the office does not accept this screen any more; what it has goes on playing."""
        return self._is_revoked

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Report soon: something changed."""
        with self._changed:
            self._is_woken = True
            self._changed.notify_all()

    def want_picture(self) -> None:
        """Report soon, with a picture."""
        with self._changed:
            self._is_picture_wanted = True
        self.wake()

    def hear_wish(self, screens: frozenset[str]) -> None:
        """Report soon, with a picture, if this screen is among them."""
        if self._screen in screens:
            self.want_picture()

    def close(self) -> None:
        """End the thread, and cut off what it waits for at the network."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._http.close()
        if self._thread.is_alive():
            self._thread.join(_CLOSE_LIMIT_S)

    def _report_on(self) -> None:
        while not self._is_closing:
            began_s = self._clock.monotonic_s()
            self._try()
            pause_s = self._pause_s()
            until_s = began_s + pause_s
            least_s = self._settings.least_retry_s if self._failures else self._settings.least_between_s
            with self._changed:
                self._changed.wait_for(lambda: self._is_closing, min(least_s, pause_s))
                while not (self._is_closing or self._is_woken):
                    left_s = until_s - self._clock.monotonic_s()
                    if left_s <= 0:
                        break
                    self._changed.wait(left_s)

    def _try(self) -> None:
        """Report once; whatever goes wrong ends here."""
        try:
            self._report()
        except Refusal as error:
            self._note_refusal(str(error))
        except SignageError as error:
            self._note_failure(str(error))
        except Exception as error:  # noqa: BLE001 - the boundary of one report: the next may go well
            if not self._fault:
                _log.exception("a report failed; reporting goes on")
            self._note_failure(repr(error))
        else:
            if self._fault:
                _log.info("the office takes this screen's reports again")
                self._note_fault("")
            self._fault, self._failures, self._is_revoked = "", 0, False

    def _report(self) -> None:
        """Send a heartbeat, a picture if it is wanted or due, and rows that wait: one batch, and more if there is time.

        Raises:
            SignageError: the office cannot be reached, or does not take it.
        """
        with self._changed:
            self._is_woken = False
        seen = self._onlooker.look(LOOK_LIMIT_S)
        if self._is_closing:
            return
        self._looks_again = bool(seen and seen.is_doubtful) and not self._looks_again
        heartbeat = self._teller.tell(seen, self._rows.count())
        answer = read_heartbeat_answer(self._send("POST", HEARTBEAT_PATH, encode(heartbeat)))
        if seen and seen.picture and (answer.wants_picture or self._is_picture_wanted or self._is_picture_due()):
            self._send_picture(seen.picture(), seen.output.taken_ms if seen.output else self._clock.now_ms())
        until_s = self._clock.monotonic_s() + self._settings.heartbeat_s / 2
        while self._rows.send_batch(self._send):
            if self._is_closing or self._is_woken or self._clock.monotonic_s() > until_s:
                break

    def _send_picture(self, jpeg: bytes, taken_ms: int) -> None:
        """Send it if it is small enough; one that the office does not take is not sent again."""
        self._pictured_s = self._clock.monotonic_s()
        with self._changed:
            self._is_picture_wanted = False
        if 0 < len(jpeg) <= MOST_PICTURE_BYTES:
            try:
                self._send("PUT", PICTURE_PATH, jpeg, {"Content-Type": "image/jpeg", "X-Taken-Ms": str(taken_ms)})
            except NotTaken as error:
                _log.debug("%s", error)

    def _is_picture_due(self) -> bool:
        pictured_s = self._pictured_s
        return pictured_s is None or self._clock.monotonic_s() - pictured_s >= self._settings.picture_s

    def _send(self, method: str, path: str, body: bytes, more: dict[str, str] | None = None) -> bytes:
        """Give the office's answer.

        Raises:
            Refusal: the token is not accepted.
            NotTaken: the office can be reached, but refuses this.
            FetchError: it cannot be reached now.
        """
        url = self._base_url + path
        headers = {"Content-Type": "application/json"} | self._headers | (more or {})
        with self._http.send(method, url, body, LIMITS, headers) as answer:
            if answer.status == 401:
                raise Refusal(f"{url}: the office does not accept this screen's token")
            if answer.status in _NOT_TAKEN:
                raise NotTaken(f"{url}: answered {answer.status}")
            if not 200 <= answer.status < 300:
                raise FetchError(f"{url}: answered {answer.status}")
            return answer.read()

    def _note_refusal(self, fault: str) -> None:
        if not self._is_revoked and not self._is_closing:
            _log.warning("the office does not accept this screen any more (401); what it has goes on playing")
            self._note_fault(fault)
        self._is_revoked, self._fault, self._failures = True, fault, self._failures + 1

    def _note_failure(self, fault: str) -> None:
        if not self._fault and not self._is_closing:
            _log.warning("no reports reach the office: %s", fault)
            self._note_fault(fault)
        self._fault, self._failures = fault, self._failures + 1

    def _pause_s(self) -> float:
        """Give how long after the last report began the next is due; never quite the same: many screens ask."""
        usual_s = self._settings.heartbeat_s
        if self._is_revoked:
            return _REVOKED_PAUSE_S * self._dice.uniform(0.75, 1.25)
        if self._failures > 1:
            return min(_LONGEST_PAUSE_S, usual_s * 2.0 ** min(5, self._failures - 1)) * self._dice.uniform(0.6, 1.2)
        if self._looks_again and not self._failures:
            return min(_LOOK_AGAIN_S, usual_s)
        return usual_s * self._dice.uniform(0.85, 1.1)

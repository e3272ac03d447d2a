"""What came of each look at the office comes in; how this screen stands with it goes out, and into the log once."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from signage.base.clock import Clock
from signage.release.errors import Reason

_log = logging.getLogger(__name__)

STALE_S = 900.0


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """How this screen stands with its office. `number` is of the release on air, 0 without one.

    `reason` and `message` say why the office's newest is not on air; both are empty when it is. `missing_bytes` are
    still to come of a release that is on its way. A stale screen has not heard from its office for 15 minutes.
    `order_fault` says why the office's urgent orders cannot be read, though a release can.
    """

    number: int = 0
    reason: Reason | None = None
    message: str = ""
    is_stale: bool = True
    missing_bytes: int = 0
    clock_fault: str = ""
    order_fault: str = ""


class Contact:
    """Remembers what the last looks at the office came to. Each lasting fault is logged once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard_s: float | None = None
        self._status = SyncStatus()
        self._still_to_come = ""

    def status(self, number: int, missing_bytes: int) -> SyncStatus:
        """Give how the screen stands with its office now."""
        heard_s = self._heard_s
        is_stale = heard_s is None or self._clock.monotonic_s() - heard_s > STALE_S
        message = self._status.message or self._still_to_come
        return replace(self._status, number=number, message=message, is_stale=is_stale, missing_bytes=missing_bytes)

    def note_heard(self) -> None:
        """The office answered with something that it has signed and that still holds."""
        self._heard_s = self._clock.monotonic_s()
        if self._status.message:
            _log.info("the office's release can be had again")
        self._status = replace(self._status, reason=None, message="")

    def note_accepted(self) -> None:
        """The office's newest is on air."""
        if self._still_to_come:
            _log.info("the office's newest release is on air")
        self._still_to_come = ""

    def note_refusal(self, reason: Reason, message: str) -> None:
        """A look found nothing to take, and why."""
        if self._status.reason is not reason:
            _log.warning("what is on air stays: %s: %s", reason.value, message)
        self._status = replace(self._status, reason=reason, message=message)

    def note_still_to_come(self, message: str) -> None:
        """Files of the office's newest could not be had, and why. Looks may be refused in between."""
        if not self._still_to_come:
            _log.warning("what is on air stays: %s", message)
        self._still_to_come = message

    def note_clock(self, fault: str) -> None:
        """This machine's clock cannot be right; empty where it may be."""
        if fault and not self._status.clock_fault:
            _log.warning("%s", fault)
        self._status = replace(self._status, clock_fault=fault)

    def note_orders(self, fault: str) -> None:
        """Its urgent orders cannot be read, and why; empty where they can."""
        if fault and not self._status.order_fault:
            _log.warning("the office's urgent orders cannot be read: %s", fault)
        if self._status.order_fault and not fault:
            _log.info("the office's urgent orders can be read again")
        self._status = replace(self._status, order_fault=fault)

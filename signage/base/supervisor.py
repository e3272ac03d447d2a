"""The environment that a service manager gave this process in; told there: that it is ready, alive, or about to end.

The protocol is systemd's sd_notify(3): lines in one datagram to the socket that NOTIFY_SOCKET names. WATCHDOG_USEC says
how long the manager waits for a sign of life before it ends the process and starts another.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping

_log = logging.getLogger(__name__)

_SIGNS_A_WAIT = 4
_LONGEST_S = 15.0
_MOST_STATUS = 300


class Supervisor:
    """Whoever watches over this process. Where nobody does, telling does nothing. Never raises, never waits."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        name = environment.get("NOTIFY_SOCKET", "")
        self._address = f"\0{name[1:]}" if name.startswith("@") else name
        self._wait_us = _positive(environment.get("WATCHDOG_USEC", ""))
        self._has_complained = False

    @property
    def is_there(self) -> bool:
        return bool(self._address)

    @property
    def interval_s(self) -> float:
        """Give how often to say that all is well: four times while the manager waits, and every 15 s at least."""
        return min(_LONGEST_S, self._wait_us / 1e6 / _SIGNS_A_WAIT) if self._wait_us else _LONGEST_S

    def ready(self) -> None:
        """Say that the start is over."""
        self._tell("READY=1")

    def alive(self, status: str = "") -> None:
        """Give a sign of life, and what this process is at: `systemctl status` shows it."""
        line = " ".join(status.split())[:_MOST_STATUS]
        self._tell("WATCHDOG=1", *([f"STATUS={line}"] if line else []))

    def ending(self) -> None:
        """Say that the end was asked for and has begun."""
        self._tell("STOPPING=1")

    def _tell(self, *lines: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as caller:
                caller.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            if not self._has_complained:
                _log.warning("the service manager cannot be told anything at NOTIFY_SOCKET (%s)", error.strerror)
            self._has_complained = True
        else:
            self._has_complained = False


def _positive(text: str) -> int:
    return int(text) if text.isdecimal() else 0

"""Small jobs and how often each is due in, one thread that does them one after the other out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from signage.base.clock import Clock

_log = logging.getLogger(__name__)

Job = Callable[[], None]
_LONGEST_WAIT_S = 60.0


@dataclass(slots=True)
class _Chore:
    name: str
    job: Job
    every_s: float
    due_s: float
    is_failing: bool = False


class Chores:
    """Does jobs by the monotonic clock: a wall clock that is set to another year neither starts nor stops them.

    A job that fails is logged when it begins to and when it works again; the others go on, and it is tried again.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._chores: list[_Chore] = []
        self._wake = threading.Event()
        self._is_closing = False
        self._thread: threading.Thread | None = None

    def every(self, seconds: float, job: Job, name: str) -> None:
        """Do `job` at the start and then every so many seconds. Only before `start`."""
        self._chores.append(_Chore(name, job, seconds, self._clock.monotonic_s()))

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="chores", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Do nothing any more; what is being done is waited for."""
        self._is_closing = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def step(self) -> float:
        """Do what is due; give the seconds until something is due again."""
        for chore in self._chores:
            if self._is_closing:
                return 0.0
            if self._clock.monotonic_s() >= chore.due_s:
                self._do(chore)
        next_s = min((chore.due_s for chore in self._chores), default=float("inf"))
        return min(max(next_s - self._clock.monotonic_s(), 0.0), _LONGEST_WAIT_S)

    def _do(self, chore: _Chore) -> None:
        try:
            chore.job()
        except Exception as error:  # noqa: BLE001 - the boundary of one job: logged
            if not chore.is_failing:
                _log.exception("%s failed (%s); it is tried again at its next time", chore.name, error)
            chore.is_failing = True
        else:
            if chore.is_failing:
                _log.info("%s works again", chore.name)
            chore.is_failing = False
        chore.due_s = self._clock.monotonic_s() + chore.every_s

    def _run(self) -> None:
        while not self._is_closing:
            self._wake.wait(self.step())

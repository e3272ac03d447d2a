"""Long work of a person in, its progress and what came of it out: copying takes minutes, and a page must not wait."""

from __future__ import annotations

import itertools
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from signage.base.errors import SignageError
from signage.office.publish import Published

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
Work = Callable[[Progress], Published | None]
_MOST_KEPT = 20


@dataclass(slots=True)
class Run:
    """One piece of work. Bytes done and of all; when `is_over`, either `error`, or `published` (None: no change)."""

    number: int
    person: str
    done: int = 0
    total: int = 0
    is_over: bool = False
    published: Published | None = None
    error: SignageError | None = None

    @property
    def percent(self) -> int:
        return self.done * 100 // self.total if self.total else 0


class Runs:
    """Runs one piece of work at a time, on a thread of its own; the last ones are remembered. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._runs: OrderedDict[int, Run] = OrderedDict()
        self._thread: threading.Thread | None = None

    def begin(self, person: str, work: Work) -> Run:
        """Begin it.

        Raises:
            SignageError: somebody else's is not over yet.
        """
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise SignageError("something is being published already; wait for it (正在发布，请稍候)")
            run = Run(next(self._numbers), person)
            self._runs[run.number] = run
            while len(self._runs) > _MOST_KEPT:
                self._runs.popitem(last=False)
            self._thread = threading.Thread(target=self._do, args=(run, work), name="publish")
            self._thread.start()
        return run

    def find(self, number: int) -> Run | None:
        with self._lock:
            return self._runs.get(number)

    def close(self) -> None:
        """Wait for the work to end: what is half published would have to be begun anew."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _do(self, run: Run, work: Work) -> None:
        def note(done: int, total: int) -> None:
            run.done, run.total = done, total

        try:
            run.published = work(note)
        except SignageError as error:
            run.error = error
        except Exception as error:
            log.exception("publishing failed")
            run.error = SignageError(f"an unexpected fault: {type(error).__name__} (出现意外错误，请联系维护人员)")
        run.is_over = True

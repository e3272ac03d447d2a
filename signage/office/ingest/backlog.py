"""Files that are complete in, the next one to convert out; and how far all of it is."""

from __future__ import annotations

import heapq
import threading
from dataclasses import dataclass

from signage.office.ingest.convert import Job
from signage.office.ingest.intake import Settled


@dataclass(frozen=True, slots=True)
class Progress:
    """How far ingest is since it last had nothing to do. `current` are the files in work, with their percentages."""

    done: int = 0
    total: int = 0
    current: tuple[tuple[str, float], ...] = ()


class Backlog:
    """The files to convert: small ones first, so that a long film does not hold up the rest.

    One thread works with it; `progress` may be asked from any.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heap: list[tuple[int, str]] = []
        self._todo: dict[str, Settled] = {}
        self._in_work: dict[str, Job] = {}
        self._percents: dict[str, float] = {}
        self._done = 0

    @property
    def progress(self) -> Progress:
        with self._lock:
            current = tuple((path, self._percents.get(path, 0.0)) for path in self._in_work)
            return Progress(self._done, self._done + len(self._todo) + len(self._in_work), current)

    @property
    def is_empty(self) -> bool:
        return not (self._todo or self._in_work)

    @property
    def in_work(self) -> int:
        return len(self._in_work)

    def holds(self, settled: Settled) -> bool:
        """Tell whether this state of the file is to be converted, or being converted, already."""
        job = self._in_work.get(settled.path)
        return (job is not None and job.key == settled.key) or self._todo.get(settled.path) == settled

    def add(self, settled: Settled) -> None:
        with self._lock:
            self._todo[settled.path] = settled
        heapq.heappush(self._heap, (settled.key[1], settled.path))

    def next(self) -> Settled | None:
        """Give the next file; None when there is none but those of which an older state is still in work."""
        later = []
        found = None
        while self._heap and found is None:
            size, path = heapq.heappop(self._heap)
            settled = self._todo.get(path)
            if settled is None or settled.key[1] != size:
                continue
            if path in self._in_work:
                later.append((size, path))
                continue
            with self._lock:
                found = self._todo.pop(path)
        for entry in later:
            heapq.heappush(self._heap, entry)
        return found

    def begin(self, job: Job) -> None:
        with self._lock:
            self._in_work[job.path] = job

    def is_current(self, job: Job) -> bool:
        return self._in_work.get(job.path) is job

    def job_of(self, path: str) -> Job | None:
        return self._in_work.get(path)

    def note(self, job: Job, percent: float) -> None:
        with self._lock:
            self._percents[job.path] = percent

    def finish(self, job: Job) -> None:
        with self._lock:
            del self._in_work[job.path]
            self._percents.pop(job.path, None)
            self._done = self._done + 1 if self._todo or self._in_work else 0

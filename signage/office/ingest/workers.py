"""Jobs in, outcomes out: conversions in processes of their own, several at a time, ended when they overrun."""

from __future__ import annotations

import logging
import os
import queue
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from signage.content.refusal import NOT_DECODABLE_ZH, Refusal
from signage.office.ingest.convert import Job, Outcome
from signage.office.ingest.converter import STALL_S, Converter, memory_here

_log = logging.getLogger(__name__)

_IDLE_S = 60.0
"""How long a child waits for the next file before its memory (60 to 100 MB) is given back."""

_JOBS_OF_A_CHILD = 200
_MEMORY_OF_ONE_BYTES = 1_500_000_000
_MOST = 6

_NO_PROCESS = Refusal("no process can be started for it now; it is tried again", "电脑太忙，稍后会自动重试", True)

OnPercent = Callable[[Job, float], None]
OnOutcome = Callable[[Job, Outcome], None]


def workers_here() -> int:
    """Give how many conversions this machine takes at a time; they are niced, so that the rest goes first."""
    cores = os.cpu_count() or 1
    room = cores if cores <= 2 else cores - 1
    return max(1, min(room, memory_here() // _MEMORY_OF_ONE_BYTES, _MOST))


class Workers:
    """Does jobs in `count` child processes, below the folder `work`.

    `on_percent` and `on_outcome` are called on threads of this object. A child is replaced after 200 files, for
    decoders hold on to memory; one that crashes or overruns costs its file a second try in a fresh child, then the
    file is refused.
    """

    def __init__(
        self,
        count: int,
        work: Path,
        on_percent: OnPercent,
        on_outcome: OnOutcome,
        *,
        stall_s: float = STALL_S,
        memory_bytes: int = 0,
    ) -> None:
        self.count = count
        self._work_folder = work
        self._on_percent = on_percent
        self._on_outcome = on_outcome
        self._stall_s = stall_s
        self._memory_bytes = memory_bytes
        self._jobs: queue.Queue[Job | None] = queue.Queue()
        self._children: set[Converter] = set()
        # By identity: the same file may come again in the same state while its older job is being cancelled.
        self._submitted: set[int] = set()
        self._cancelled: set[int] = set()
        self._at_work: dict[int, Converter] = {}
        self._is_closing = False
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._work, args=(at,), name=f"ingest-{at}", daemon=True) for at in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> None:
        """Have the job done when a worker is free."""
        with self._lock:
            self._submitted.add(id(job))
        self._jobs.put(job)

    def close(self) -> None:
        """End everything now. Files in work are simply taken again at the next start."""
        with self._lock:
            self._is_closing = True
            for child in self._children:
                child.kill()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def cancel(self, job: Job) -> None:
        """Have a job that was submitted done no more; nothing more is heard of it."""
        with self._lock:
            if id(job) in self._submitted:
                self._cancelled.add(id(job))
            if (child := self._at_work.get(id(job))) is not None:
                child.kill()

    def _work(self, number: int) -> None:
        child: Converter | None = None
        profile = self._work_folder / f"profile-{number}"
        while not self._is_closing:
            try:
                job = self._jobs.get(timeout=_IDLE_S if child else None)
            except queue.Empty:
                self._end(child)
                child = None
                continue
            if job is None:
                break
            here = replace(job, work=self._work_folder / f"{number}", profile=profile)
            if self._is_cancelled(job):
                self._forget(job)
                continue
            for attempt in (1, 2):
                child = child or self._new_child()
                outcome = self._tried(job, here, child)
                if self._is_closing:
                    break
                if child is None or outcome is None or outcome.is_last or child.jobs >= _JOBS_OF_A_CHILD:
                    crash = self._end(child)
                    child = None
                    shutil.rmtree(profile, ignore_errors=True)
                if self._is_cancelled(job):
                    break
                if outcome is None and attempt == 2:
                    _log.warning("%s: its conversion ended without an answer (%s); it is refused", job.path, crash)
                    outcome = Outcome(Refusal(f"cannot be decoded (its decoder {crash})", NOT_DECODABLE_ZH))
                if outcome is not None:
                    self._on_outcome(job, outcome)
                    break
            self._forget(job)
        self._end(child)

    def _tried(self, job: Job, here: Job, child: Converter | None) -> Outcome | None:
        """Give what became of the job; None where its child ended, or is ended because it overran."""
        if child is None:
            return Outcome(_NO_PROCESS)
        with self._lock:
            if id(job) in self._cancelled:
                return None
            self._at_work[id(job)] = child
        outcome = child.do(here, partial(self._on_percent, job), self._stall_s)
        with self._lock:
            del self._at_work[id(job)]
        return outcome

    def _is_cancelled(self, job: Job) -> bool:
        with self._lock:
            return id(job) in self._cancelled

    def _forget(self, job: Job) -> None:
        with self._lock:
            self._submitted.discard(id(job))
            self._cancelled.discard(id(job))

    def _new_child(self) -> Converter | None:
        """Give a new child; None where the machine starts no process now, or everything ends."""
        with self._lock:
            if self._is_closing:
                return None
            try:
                child = Converter(self._memory_bytes)
            except OSError as error:
                _log.warning("no process can be started (%s); files are taken in later", error.strerror)
                return None
            self._children.add(child)
            return child

    def _end(self, child: Converter | None) -> str:
        """End a child and all that it started; say in words how it went."""
        if child is None:
            return "did not start"
        child.kill()
        with self._lock:
            self._children.discard(child)
        return child.close()


def clean_work(folder: Path) -> Path:
    """Give the folder for private copies, empty: what a service that was killed left there is removed."""
    work = folder / "renditions" / ".work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    return work

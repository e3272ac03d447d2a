"""Jobs in, outcomes out: conversions in processes of their own, several at a time, ended when they overrun."""

from __future__ import annotations

import json
import logging
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from signage.content.probecache import finding_from_json
from signage.content.refusal import NOT_DECODABLE_ZH, Refusal
from signage.office.ingest.convert import Job, Outcome, job_to_plain

_log = logging.getLogger(__name__)

CHILD = ("-m", "signage.office.ingest.child")
STALL_S = 240.0
"""The longest without a sign of progress; LibreOffice may take 150 s and gives none."""

_IDLE_S = 60.0
"""How long a child waits for the next file before its memory (60 to 100 MB) is given back."""

_JOBS_OF_A_CHILD = 200
MOST_MEMORY_BYTES = 6 << 30
LEAST_MEMORY_BYTES = 3 << 30
"""Of address space, not memory: each thread of a decoder reserves some. 200 megapixels with alpha take 1.9 GB."""

_MEMORY_OF_ONE_BYTES = 1_500_000_000
_MOST = 6

_NO_PROCESS = Refusal("no process can be started for it now; it is tried again", "电脑太忙，稍后会自动重试", True)

OnPercent = Callable[[Job, float], None]
OnOutcome = Callable[[Job, Outcome], None]


def workers_here() -> int:
    """Give how many conversions this machine takes at a time; they are niced, so that the rest goes first."""
    cores = os.cpu_count() or 1
    room = cores if cores <= 2 else cores - 1
    return max(1, min(room, _memory_here() // _MEMORY_OF_ONE_BYTES, _MOST))


def _memory_here() -> int:
    """Give the machine's memory in bytes."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 4 << 30


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
        self._memory = [str(memory_bytes or min(MOST_MEMORY_BYTES, max(LEAST_MEMORY_BYTES, _memory_here())))]
        self._jobs: queue.Queue[Job | None] = queue.Queue()
        self._children: set[_Child] = set()
        # By identity: the same file may come again in the same state while its older job is being cancelled.
        self._submitted: set[int] = set()
        self._cancelled: set[int] = set()
        self._at_work: dict[int, _Child] = {}
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
        child: _Child | None = None
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

    def _tried(self, job: Job, here: Job, child: _Child | None) -> Outcome | None:
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

    def _new_child(self) -> _Child | None:
        """Give a new child; None where the machine starts no process now, or everything ends."""
        with self._lock:
            if self._is_closing:
                return None
            try:
                child = _Child(self._memory)
            except OSError as error:
                _log.warning("no process can be started (%s); files are taken in later", error.strerror)
                return None
            self._children.add(child)
            return child

    def _end(self, child: _Child | None) -> str:
        """End a child and all that it started; say in words how it went."""
        if child is None:
            return "did not start"
        child.kill()
        with self._lock:
            self._children.discard(child)
        return child.close()


class _Child:
    """One process that converts."""

    def __init__(self, arguments: list[str]) -> None:
        environment = os.environ | {"MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"}
        self.jobs = 0
        self._is_overdue = False
        self._process = subprocess.Popen(
            [sys.executable, *CHILD, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env=environment,
            start_new_session=True,
        )
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, name="ingest-answers", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put(None)

    def do(self, job: Job, on_percent: Callable[[float], None], stall_s: float) -> Outcome | None:
        """Give what became of the job; None where the child crashed or gave no sign of life for too long."""
        self.jobs += 1
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(job_to_plain(job), ensure_ascii=False) + "\n")
            self._process.stdin.flush()
        except OSError:
            return None
        while True:
            try:
                line = self._answers.get(timeout=stall_s)
            except queue.Empty:
                self._is_overdue = True
                return None
            if line is None:
                return None
            said = json.loads(line)
            if "percent" not in said:
                return _outcome(said)
            on_percent(said["percent"])

    def kill(self) -> None:
        """End it and all that it started. Its group is its own, and stays so while its leader is not reaped."""
        if self._process.poll() is not None and sys.platform == "win32":
            return
        try:
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass

    def close(self) -> str:
        """Reap it; say in words how it ended."""
        code = self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                pass
        return "took too long" if self._is_overdue else f"ended with {code}"


def _outcome(said: dict[str, Any]) -> Outcome:
    return Outcome(**{**said, "finding": finding_from_json(json.dumps(said["finding"]))})


def clean_work(folder: Path) -> Path:
    """Give the folder for private copies, empty: what a service that was killed left there is removed."""
    work = folder / "renditions" / ".work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    return work

"""A job in, its outcome out: one process that converts, with limits, ended with all that it started."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from signage.content.probecache import finding_from_json
from signage.office.ingest.convert import Job, Outcome, job_to_plain

CHILD = ("-m", "signage.office.ingest.child")
STALL_S = 240.0
"""The longest without a sign of progress; LibreOffice may take 150 s and gives none."""

MOST_MEMORY_BYTES = 6 << 30
LEAST_MEMORY_BYTES = 3 << 30
"""Of address space, not memory: each thread of a decoder reserves some. 200 megapixels with alpha take 1.9 GB."""


NICENESS = 10
"""How far conversions of ingest stand back behind the rest of the machine."""


def memory_here() -> int:
    """Give the machine's memory in bytes."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 4 << 30


class Converter:
    """One process that converts.

    Raises:
        OSError: the machine starts no process now.
    """

    def __init__(self, memory_bytes: int = 0, niceness: int = NICENESS) -> None:
        memory_bytes = memory_bytes or min(MOST_MEMORY_BYTES, max(LEAST_MEMORY_BYTES, memory_here() // 2))
        environment = os.environ | {"MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"}
        self.jobs = 0
        self._is_overdue = False
        self._process = subprocess.Popen(
            [sys.executable, *CHILD, str(memory_bytes), str(niceness)],
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
    width_height = said.get("original_px")
    original_px = (width_height[0], width_height[1]) if width_height else None
    return Outcome(**{**said, "finding": finding_from_json(json.dumps(said["finding"])), "original_px": original_px})

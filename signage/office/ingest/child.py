"""Jobs as lines of JSON on stdin in, what became of each as lines on stdout out.

Run as `python -m signage.office.ingest.child MEMORY_BYTES NICENESS`.

A decoder may crash, eat all memory or never return, so it does so here. The process has limits, is as nice to others
as it is told to, and ends with its whole group when its stdin closes: when the service that started it is gone, however
it went.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from signage.content.probecache import finding_to_json
from signage.content.refusal import NOT_DECODABLE_ZH, Refusal
from signage.office.ingest.convert import Outcome, convert, job_from_plain

CPU_S = 12 * 3600
_GOES_FIRST = "800"
"""Where the machine's memory ends, Linux ends this process and what it started, and not the office (0).

Source: proc_pid_oom_score_adj(5): from -1000 to 1000; a process may always raise its own.
"""


def main(memory_bytes: int, niceness: int) -> None:
    """Do one job after the other until stdin closes, in so much address space."""
    _limit(memory_bytes, niceness)
    logging.disable(logging.CRITICAL)
    # What a library prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    jobs: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(jobs,), name="stdin", daemon=True).start()
    while True:
        _do(json.loads(jobs.get()), answers)


def _do(said: dict[str, Any], answers: IO[str]) -> None:
    try:
        outcome = convert(job_from_plain(said), lambda percent: _answer(answers, {"percent": round(percent, 1)}))
    except OSError as error:
        outcome = Outcome(
            Refusal(
                f"cannot be taken in ({error.strerror or error}); it is tried again",
                "读写磁盘出错，稍后会自动重试",
                is_unsettled=True,
            )
        )
    except MemoryError:
        outcome = Outcome(
            Refusal("needs more memory than it may have", "文件太大，内存不够，请缩小后再放入"), is_last=True
        )
    except Exception as error:  # noqa: BLE001 - the boundary: one file must not stop the others
        outcome = Outcome(Refusal(f"cannot be decoded ({type(error).__name__})", NOT_DECODABLE_ZH), is_last=True)
    _answer(answers, {**asdict(outcome), "finding": json.loads(finding_to_json(outcome.finding))})


def _answer(answers: IO[str], said: dict[str, Any]) -> None:
    answers.write(json.dumps(said, ensure_ascii=False) + "\n")
    answers.flush()


def _listen(jobs: queue.Queue[str]) -> None:
    for line in sys.stdin:
        jobs.put(line)
    if sys.platform != "win32" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _limit(memory_bytes: int, niceness: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    os.nice(niceness)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_GOES_FIRST)
    for what, most in ((resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_CPU, CPU_S), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

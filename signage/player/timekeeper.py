"""Jobs and their times come in; calls back, each on a thread of its own, go out. The one door to APScheduler."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.base import BaseExecutor, run_job  # type: ignore[import-untyped]
from apscheduler.jobstores.base import JobLookupError  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

from signage.base.clock import Clock
from signage.base.moments import to_datetime, to_ms

_log = logging.getLogger(__name__)

Job = Callable[[], None]

_MOST_JOBS = 32
_HUNG_S = 300.0
_JUMP_S = 0.5
_FARTHEST_MS = to_ms(datetime(9000, 1, 1, tzinfo=UTC))


class Timekeeper:
    """Calls jobs back at times, by APScheduler; decides nothing.

    Each job has a name, runs on a daemon thread of its own named `job-NAME`, and never twice at once: a job that
    fails, is late or hangs holds up none of the others, and late calls do not pile up but become one. A job that
    fails is logged when it begins to fail and when it works again; one that runs for 5 minutes is named, once.

    `check` is to be called every few seconds, from any thread: after the wall clock was set it counts the waits of
    `every` anew (APScheduler waits for wall times, which may then lie a year ahead), and it looks for hung jobs.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._jobs: dict[str, _Kept] = {}
        self._is_closed = False
        self._last = (clock.now_ms(), clock.monotonic_s())
        # What it says of each run would fill the disk; what matters is said here.
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL + 1)
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": _ThreadPerJob()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.start()

    def every(self, seconds: float, job: Job, name: str) -> None:
        """Call `job` every so many seconds, first after one such wait; takes the place of a job of that name."""
        self._add(_Kept(name, job, seconds, self._clock), "interval", seconds=seconds)

    def at(self, instant_ms: int, job: Job, name: str) -> None:
        """Call `job` once when the wall clock says `instant_ms`, at once if that has passed; takes the name's place."""
        when = to_datetime(min(instant_ms, _FARTHEST_MS))
        self._add(_Kept(name, job, None, self._clock), "date", run_date=when)

    def cancel(self, name: str) -> None:
        """Forget the job; harmless if there is none of that name, or if it runs just now."""
        with self._lock:
            self._jobs.pop(name, None)
        try:
            self._scheduler.remove_job(name)
        except JobLookupError:
            return

    def check(self) -> None:
        """Notice that the wall clock was set, and jobs that hang. Cheap."""
        now_ms, now_s = self._clock.now_ms(), self._clock.monotonic_s()
        with self._lock:
            jump_s = (now_ms - self._last[0]) / 1000 - (now_s - self._last[1])
            self._last = (now_ms, now_s)
            jobs = list(self._jobs.values())
        for kept in jobs:
            kept.look(now_s)
        if abs(jump_s) > _JUMP_S:
            self._count_anew(jobs)

    def close(self) -> None:
        """Call nothing any more; jobs given later are forgotten. A job that runs just now is not waited for."""
        with self._lock:
            was_closed, self._is_closed = self._is_closed, True
        if not was_closed:
            # Jobs first: APScheduler 3.11 ends its thread with an error if stopped while it takes off a job just done.
            self._scheduler.remove_all_jobs()
            self._scheduler.shutdown(wait=False)

    def _add(self, kept: _Kept, trigger: str, **when: object) -> None:
        with self._lock:
            if self._is_closed:
                return
            if kept.name not in self._jobs and len(self._jobs) >= _MOST_JOBS:
                raise ValueError(f"more than {_MOST_JOBS} jobs are kept; '{kept.name}' is one too many")
            self._jobs[kept.name] = kept
            self._scheduler.add_job(kept.run, trigger, id=kept.name, name=kept.name, replace_existing=True, **when)

    def _count_anew(self, jobs: list[_Kept]) -> None:
        for kept in jobs:
            if kept.every_s is None:
                continue
            next_time = datetime.now(UTC) + timedelta(seconds=kept.every_s)
            try:
                self._scheduler.modify_job(kept.name, next_run_time=next_time)
            except JobLookupError:
                continue
        self._scheduler.wakeup()


@dataclass(slots=True)
class _Kept:
    """One job and how it fares."""

    name: str
    job: Job
    every_s: float | None
    clock: Clock
    running_since_s: float | None = None
    is_failing: bool = False
    is_hung: bool = False

    def run(self) -> None:
        """Call the job; whatever it raises ends here, at the boundary of one scheduled job."""
        self.running_since_s = self.clock.monotonic_s()
        try:
            self.job()
        except Exception as error:  # noqa: BLE001 - the boundary of one scheduled job
            if not self.is_failing:
                _log.exception("job %s failed (%s); it is tried again at its next time", self.name, error)
            self.is_failing = True
        else:
            if self.is_failing:
                _log.info("job %s works again", self.name)
            self.is_failing = False
        finally:
            self.running_since_s = None
            self.is_hung = False

    def look(self, now_s: float) -> None:
        """Name the job, once, if it has run for too long."""
        since_s = self.running_since_s
        if since_s is not None and not self.is_hung and now_s - since_s > _HUNG_S:
            self.is_hung = True
            _log.error("job %s has run for %d s; the others go on without it", self.name, now_s - since_s)


class _ThreadPerJob(BaseExecutor):  # type: ignore[misc]
    """Runs each job on a daemon thread of its own; as no job runs twice at once, there are as many threads as jobs."""

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        threading.Thread(target=self._run, args=(job, run_times), name=f"job-{job.name}", daemon=True).start()

    def _run(self, job: Any, run_times: list[datetime]) -> None:
        self._run_job_success(job.id, run_job(job, job._jobstore_alias, run_times, self._logger.name))

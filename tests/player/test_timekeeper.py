"""Jobs are called back, and no job stops another."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from signage.base.clock import ManualClock, SystemClock
from signage.player.timekeeper import Timekeeper
from tests.conftest import ExpectLog
from tests.player.simulation import START

LIMIT_S = 60.0


@pytest.fixture
def timekeeper() -> Iterator[Timekeeper]:
    keeper = Timekeeper(SystemClock())
    yield keeper
    keeper.close()


class Bell:
    """A job that can be waited for."""

    def __init__(self, fails: int = 0) -> None:
        self.count = 0
        self.fails = fails
        self.thread = ""
        self._rung = threading.Condition()

    def __call__(self) -> None:
        with self._rung:
            self.count += 1
            self.thread = threading.current_thread().name
            self._rung.notify_all()
            if self.count <= self.fails:
                raise RuntimeError("the disk is away")

    def has_rung(self, count: int) -> bool:
        with self._rung:
            return self._rung.wait_for(lambda: self.count >= count, LIMIT_S)


def test_a_job_is_called_again_and_again_on_a_thread_with_its_name(timekeeper: Timekeeper) -> None:
    bell = Bell()

    timekeeper.every(0.02, bell, "rescan")

    assert bell.has_rung(3)
    assert bell.thread == "job-rescan"


def test_a_job_is_called_once_at_its_instant(timekeeper: Timekeeper) -> None:
    bell, other = Bell(), Bell()

    timekeeper.at(SystemClock().now_ms() + 30, bell, "change")

    assert bell.has_rung(1)
    timekeeper.every(0.02, other, "other")
    assert other.has_rung(3)
    assert bell.count == 1


def test_an_instant_that_has_passed_is_not_missed(timekeeper: Timekeeper) -> None:
    bell = Bell()

    timekeeper.at(SystemClock().now_ms() - 3_600_000, bell, "change")

    assert bell.has_rung(1)


def test_an_instant_beyond_all_calendars_is_taken(timekeeper: Timekeeper) -> None:
    timekeeper.at(200_000_000_000_000, Bell(), "change")


def test_a_cancelled_job_is_not_called(timekeeper: Timekeeper) -> None:
    cancelled, other = Bell(), Bell()
    timekeeper.every(0.05, cancelled, "cancelled")

    timekeeper.cancel("cancelled")
    timekeeper.cancel("never heard of")
    timekeeper.every(0.05, other, "other")

    assert other.has_rung(3)
    assert cancelled.count == 0


def test_a_job_that_fails_is_logged_once_and_called_again(timekeeper: Timekeeper, expect_log: ExpectLog) -> None:
    expect_log("timekeeper: job prune failed .*disk is away")
    bell = Bell(fails=3)

    timekeeper.every(0.02, bell, "prune")

    assert bell.has_rung(5)
    assert len(expect_log.messages) == 1


def test_a_job_that_hangs_holds_up_no_other_and_does_not_pile_up(timekeeper: Timekeeper) -> None:
    let_go = threading.Event()
    hung: list[str] = []

    def hang() -> None:
        hung.append("")
        let_go.wait(LIMIT_S)

    other = Bell()
    timekeeper.every(0.01, hang, "hangs")
    timekeeper.every(0.02, other, "other")

    assert other.has_rung(10)
    assert len(hung) == 1
    timekeeper.cancel("hangs")
    let_go.set()


def test_a_job_that_hangs_is_named_once(expect_log: ExpectLog) -> None:
    expect_log("timekeeper: job hangs has run for 301 s")
    clock = ManualClock(START)
    keeper = Timekeeper(clock)
    begun, let_go = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        let_go.wait(LIMIT_S)

    keeper.every(0.01, hang, "hangs")
    begun.wait(LIMIT_S)
    clock.advance(301_000)
    keeper.check()
    keeper.check()

    let_go.set()
    keeper.close()
    assert len(expect_log.messages) == 1


def test_waits_are_counted_anew_when_the_clock_was_set() -> None:
    clock = ManualClock(START)
    keeper = Timekeeper(clock)
    keeper.every(3600, Bell(), "rescan")
    job = keeper._scheduler.get_job("rescan")
    job.modify(next_run_time=job.next_run_time.replace(year=2090))

    clock.jump(-1000)
    keeper.check()

    assert keeper._scheduler.get_job("rescan").next_run_time.year < 2090
    keeper.close()


def test_more_jobs_than_threads_are_allowed_are_refused(timekeeper: Timekeeper) -> None:
    for number in range(32):
        timekeeper.every(3600, Bell(), f"job {number}")

    with pytest.raises(ValueError, match="one too many"):
        timekeeper.every(3600, Bell(), "job 32")


def test_a_job_given_after_the_end_is_forgotten() -> None:
    keeper = Timekeeper(SystemClock())
    bell = Bell()
    keeper.close()

    keeper.at(0, bell, "change")
    keeper.close()

    assert bell.count == 0


def test_closing_while_jobs_come_and_go_ends_cleanly() -> None:
    for _ in range(50):
        keeper = Timekeeper(SystemClock())
        bell = Bell()
        keeper.at(0, bell, "change")
        bell.has_rung(1)
        keeper.close()

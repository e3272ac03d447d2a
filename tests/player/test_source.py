"""The store is read anew when it changed, and a store that breaks disturbs nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from signage.base.clock import ManualClock, SystemClock
from signage.base.errors import Problem, SignageError
from signage.content.values import Store
from signage.content.watch import ScanMark
from signage.player.source import Hints, StoreSource
from tests.conftest import ExpectLog
from tests.player.simulation import START, picture, store_of

LIMIT_S = 60.0


class FakeReader:
    """Gives what the test set; raises it if it is an error."""

    def __init__(self, *answers: Store | Exception) -> None:
        self.answers = list(answers)
        self.has_unsettled = False
        self.reads = 0

    def read(self) -> Store:
        self.reads += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class FakeHints:
    def __init__(self, root: Path, on_hint: Callable[[], None], clock: object) -> None:
        self.on_hint = on_hint
        self.checks = 0
        self.closed = False

    def check(self) -> None:
        self.checks += 1

    def close(self) -> None:
        self.closed = True


class Run:
    """A source without its thread: the test looks for it."""

    def __init__(self, *answers: Store | Exception) -> None:
        self.clock = ManualClock(START)
        self.reader = FakeReader(*answers)
        self.state = 0
        self.got: list[str] = []
        self.source = StoreSource(Path("store"), self.reader, self.clock, watch=self._watch, mark=self._mark)
        self.source._on_store = lambda store: self.got.append(store.revision)

    def _watch(self, root: Path, on_hint: Callable[[], None], clock: object) -> Hints:
        self.hints = FakeHints(root, on_hint, clock)
        return self.hints

    def _mark(self, root: Path) -> ScanMark:
        return ScanMark(1, self.state)


R1, R2 = store_of(picture("a")), store_of(picture("b"), revision="r2")
GONE = SignageError("media: cannot be read (no such file)")


def test_the_first_look_reads_and_hands_on() -> None:
    run = Run(R1)

    wait_s = run.source.look()

    assert run.got == ["r1"]
    assert wait_s < 5


def test_the_folders_are_watched_from_the_second_look_on() -> None:
    run = Run(R1)
    run.source.look()
    at_first = run.hints.checks

    run.source.look()

    assert (at_first, run.hints.checks) == (0, 1)


def test_a_store_that_did_not_change_is_not_read_again() -> None:
    run = Run(R1)

    waits = [run.source.look() for _ in range(3)]

    assert run.reader.reads == 1
    assert waits[1:] == [60.0, 60.0]


def test_a_change_that_says_nothing_new_is_not_handed_on() -> None:
    run = Run(R1)
    run.source.look()
    run.state = 1

    run.source.look()

    assert run.reader.reads == 2
    assert run.got == ["r1"]


def test_after_a_change_it_looks_again_soon() -> None:
    run = Run(R1, R2)
    run.source.look()
    run.state = 1

    wait_s = run.source.look()

    assert run.got == ["r1", "r2"]
    assert wait_s < 5


def test_while_a_file_is_being_written_it_is_read_again_until_it_is_whole() -> None:
    run = Run(R1, R1, R2)
    run.reader.has_unsettled = True
    waits = [run.source.look(), run.source.look()]

    run.reader.has_unsettled = False
    run.state = 1
    run.source.look()

    assert waits == [2.0, 2.0]
    assert run.got == ["r1", "r2"]


def test_the_last_playlist_with_media_can_be_taken_away_while_another_is_broken(expect_log: ExpectLog) -> None:
    expect_log("source: playlists/x.yaml:1: titel: is not a known key")
    slip = Problem("playlists/x.yaml", 1, "titel: is not a known key")
    run = Run(store_of(picture("a"), picture("b")), replace(store_of(revision="r2"), problems=(slip,)))
    run.source.look()
    run.state = 1

    run.source.look()

    assert run.got == ["r1", "r2"]


def test_media_that_are_all_gone_at_once_are_a_lost_disk(expect_log: ExpectLog) -> None:
    expect_log("source: playlists/x.yaml:3: file: there is no file media/a.jpg")
    expect_log("source: store: no file of media/ can be used any more")
    gone = Problem("playlists/x.yaml", 3, "file: there is no file media/a.jpg")
    run = Run(store_of(picture("a"), picture("b")), replace(store_of(revision="r2"), problems=(gone,)))
    run.source.look()
    run.state = 1

    run.source.look()

    assert run.got == ["r1"]


def test_a_store_that_vanishes_is_logged_once_and_tried_again_and_nothing_is_handed_on(expect_log: ExpectLog) -> None:
    expect_log("source: media: cannot be read .*; what was read last stays on air")
    run = Run(R1, GONE, GONE, R1)
    run.source.look()

    for state in (1, 2):
        run.state = state
        wait_s = run.source.look()
    fault = run.source.fault
    run.state = 3
    run.source.look()

    assert wait_s == 5.0
    assert fault == "media: cannot be read (no such file)"
    assert run.source.fault == ""
    assert run.got == ["r1"]
    assert len(expect_log.messages) == 1


def test_a_bug_in_reading_does_not_end_the_reading(expect_log: ExpectLog) -> None:
    expect_log("source: store: reading failed .ZeroDivisionError")
    run = Run(R1, ZeroDivisionError("a strange file"), R2)
    run.source.look()
    run.state = 1
    run.source.look()

    run.source.look()

    assert run.got == ["r1", "r2"]


def test_a_store_that_could_not_be_taken_is_handed_on_again(expect_log: ExpectLog) -> None:
    expect_log("source: store: reading failed .KeyError")
    run = Run(R1)
    taken: list[str] = []

    def take(store: Store) -> None:
        taken.append(store.revision)
        if len(taken) == 1:
            raise KeyError("a strange playlist")

    run.source._on_store = take
    run.source.look()

    run.source.look()

    assert taken == ["r1", "r1"]
    assert run.source.fault == ""


def test_problems_are_logged_when_they_are_new(expect_log: ExpectLog) -> None:
    expect_log("source: playlists/x.yaml:3: seconds: must be > 0")
    problem = Problem("playlists/x.yaml", 3, "seconds: must be > 0 (got -3)")
    broken = Store(R1.root, R1.playlists, R1.screens, problems=(problem,), revision="r1")
    run = Run(broken)
    run.source.look()
    run.state = 1

    run.source.look()

    assert len(expect_log.messages) == 1


def test_a_flood_of_problems_is_cut(expect_log: ExpectLog) -> None:
    expect_log("source: playlists/x.yaml")
    expect_log("source: and 30 problems more")
    problems = tuple(Problem("playlists/x.yaml", line, "wrong") for line in range(1, 51))
    run = Run(Store(R1.root, R1.playlists, R1.screens, problems=problems, revision="r1"))

    run.source.look()

    assert len(expect_log.messages) == 21


def test_a_share_that_hangs_is_reported_and_does_not_hold_up_closing() -> None:
    clock = ManualClock(START)
    hangs, let_go = threading.Event(), threading.Event()
    reader = FakeReader(R1)
    state = [0]

    def mark(root: Path) -> ScanMark:
        if state[0]:
            hangs.set()
            let_go.wait(LIMIT_S)
        return ScanMark(1, state[0])

    got = threading.Event()
    source = StoreSource(Path("store"), reader, clock, watch=FakeHints, mark=mark)
    source.start(lambda store: got.set())
    assert got.wait(LIMIT_S)
    state[0] = 1
    source.rescan()
    assert hangs.wait(LIMIT_S)

    clock.advance(180_000)
    fault = source.fault

    let_go.set()
    source.close()
    assert fault == "store: reading has taken 180 s; is the disk or share there?"


def test_a_hint_brings_a_change_on_without_waiting_for_the_scan() -> None:
    reader = FakeReader(R1, R2)
    state = [0]
    got: list[str] = []
    came = threading.Semaphore(0)
    source = StoreSource(Path("store"), reader, SystemClock(), watch=FakeHints, mark=lambda root: ScanMark(1, state[0]))

    def take(store: Store) -> None:
        got.append(store.revision)
        came.release()

    source.start(take)
    assert came.acquire(timeout=LIMIT_S)
    state[0] = 1
    source.rescan()

    assert came.acquire(timeout=LIMIT_S)
    source.close()
    assert got == ["r1", "r2"]


@pytest.mark.parametrize("starts", [True, False])
def test_closing_ends_thread_and_watch(starts: bool) -> None:
    run = Run(R1)
    if starts:
        run.source.start(lambda store: None)

    run.source.close()

    assert run.hints.closed
    assert not run.source._thread.is_alive()

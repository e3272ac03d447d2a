"""The as-run log: complete, durable, bounded, and never in the way of what plays."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.content.values import Kind
from signage.player.journal import Journal, read_asrun
from signage.player.ports import Outcome
from signage.schedule.slots import Slot
from tests.conftest import ExpectLog
from tests.player.simulation import START, START_MS, picture

REPOSITORY = Path(__file__).parents[2]
DAY_MS = 24 * 3600 * 1000
A = picture("unity/poster-01.jpg")


def slot(number: int, zone: str = "main") -> Slot:
    return Slot(START_MS + number * 10_000, START_MS + (number + 1) * 10_000, "lobby", zone, "list", A)


def show(journal: Journal, number: int, zone: str = "main") -> None:
    at = slot(number, zone)
    key = journal.begin(at, A, at.start_ms + 5)
    journal.end(key, at.end_ms, Outcome.SHOWN)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


def test_a_showing_is_read_back_with_all_that_was_told(tmp_path: Path, clock: ManualClock) -> None:
    journal = Journal(tmp_path, clock)

    key = journal.begin(slot(0), A, START_MS + 7, "joined")
    journal.end(key, START_MS + 4000, Outcome.CUT, "player stopped")
    journal.close()

    (row,) = read_asrun(tmp_path)
    assert (row.screen, row.zone, row.playlist, row.item) == ("lobby", "main", "list", "unity/poster-01.jpg")
    assert (row.kind, row.sha256) == (Kind.PICTURE, A.sha256)
    assert (row.planned_start_ms, row.planned_end_ms) == (START_MS, START_MS + 10_000)
    assert (row.started_ms, row.ended_ms) == (START_MS + 7, START_MS + 4000)
    assert (row.outcome, row.reason) == (Outcome.CUT, "joined; player stopped")


def test_the_log_is_read_while_the_player_writes_it(tmp_path: Path, clock: ManualClock) -> None:
    journal = Journal(tmp_path, clock)
    show(journal, 0)
    journal.begin(slot(1), A, slot(1).start_ms)
    journal.settle()

    rows = read_asrun(tmp_path)

    assert [row.outcome for row in rows] == [Outcome.SHOWN, None]
    assert rows[1].ended_ms is None
    journal.close()


def test_a_reader_may_ask_for_a_zone_and_a_time(tmp_path: Path, clock: ManualClock) -> None:
    journal = Journal(tmp_path, clock)
    for number in range(4):
        show(journal, number)
        show(journal, number, zone="side")
    journal.close()

    rows = read_asrun(tmp_path, since_ms=slot(2).start_ms + 1, zone="side")

    assert [(row.zone, row.planned_start_ms) for row in rows] == [
        ("side", slot(2).start_ms),
        ("side", slot(3).start_ms),
    ]


def test_a_log_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SignageError, match=r"asrun\.db: there is no as-run log"):
        read_asrun(tmp_path)


def test_a_file_that_is_no_log_is_named(tmp_path: Path) -> None:
    (tmp_path / "asrun.db").write_bytes(b"not a database" * 1000)

    with pytest.raises(SignageError, match="cannot be read"):
        read_asrun(tmp_path)


def test_a_name_that_is_no_text_is_kept(tmp_path: Path, clock: ManualClock) -> None:
    journal = Journal(tmp_path, clock)

    journal.fail(slot(0), picture(os.fsdecode(b"\xff.jpg")), START_MS, "no such file")
    journal.close()

    assert read_asrun(tmp_path)[0].item == "\\udcff.jpg"


def test_what_a_killed_player_left_open_is_closed_at_the_last_sign_of_life(tmp_path: Path, clock: ManualClock) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=REPOSITORY, check=False)
    clock.advance(3600_000)

    journal = Journal(tmp_path, clock)
    journal.settle()
    show(journal, 400)
    journal.close()

    left, after = read_asrun(tmp_path, zone="main")
    assert (left.outcome, left.reason) == (Outcome.CUT, "player stopped without warning")
    assert left.ended_ms == START_MS + 6000
    assert after.boot > left.boot
    assert killed.returncode == -signal.SIGKILL


KILLED = """
import os, signal, sys
from pathlib import Path
from signage.base.clock import ManualClock
from signage.player.journal import Journal
from tests.player.simulation import START, START_MS
from tests.player.test_journal import A, show, slot
clock = ManualClock(START)
journal = Journal(Path(sys.argv[1]), clock)
journal.begin(slot(0), A, START_MS)
journal.settle()
clock.advance(6000)
show(journal, 9, zone="side")
journal.settle()
os.kill(os.getpid(), signal.SIGKILL)
"""

WRITER = """
import sys
from pathlib import Path
from signage.base.clock import ManualClock
from signage.player.journal import Journal
from tests.player.simulation import START
from tests.player.test_journal import show
journal = Journal(Path(sys.argv[1]), ManualClock(START))
number = 0
while True:
    show(journal, number)
    journal.settle()
    number += 1
    print(number, flush=True)
"""


@pytest.mark.slow
def test_nothing_that_was_on_disk_is_lost_by_a_kill_at_any_moment(tmp_path: Path, clock: ManualClock) -> None:
    for round_ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / str(round_))], stdout=subprocess.PIPE, cwd=REPOSITORY
        ) as writer:
            assert writer.stdout is not None
            for _ in range(3 + round_):
                written = int(writer.stdout.readline())
            writer.kill()

        Journal(tmp_path / str(round_), clock).close()

        rows = read_asrun(tmp_path / str(round_))
        assert [row.planned_start_ms for row in rows] == [slot(number).start_ms for number in range(len(rows))]
        assert len(rows) >= written
        assert all(row.outcome is Outcome.SHOWN for row in rows[:written])


def test_rows_of_a_player_that_still_runs_are_left_alone(
    tmp_path: Path, clock: ManualClock, expect_log: ExpectLog
) -> None:
    expect_log("journal: .*another player writes to this log")
    first = Journal(tmp_path, clock)
    first.begin(slot(0), A, START_MS)
    first.settle()

    second = Journal(tmp_path, clock)
    show(second, 1)
    second.close()

    assert [row.outcome for row in read_asrun(tmp_path)] == [None, Outcome.SHOWN]
    first.close()


def test_a_full_disk_is_said_once_and_what_waited_is_written_when_there_is_space(
    tmp_path: Path, clock: ManualClock, expect_log: ExpectLog
) -> None:
    expect_log("journal: .*cannot be written")
    journal = Journal(tmp_path, clock, first_retry_s=0.02)
    show(journal, 0)
    journal.settle()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, limits[1]))
    try:
        for number in range(1, 300):
            show(journal, number)
        was_written = journal.settle(0.3)
        fault = journal.fault
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    journal.settle()
    journal.close()

    assert not was_written
    assert fault
    assert len(expect_log.messages) == 1
    assert [row.planned_start_ms for row in read_asrun(tmp_path)] == [slot(number).start_ms for number in range(300)]


def test_a_folder_that_cannot_be_made_is_tried_again(tmp_path: Path, clock: ManualClock, expect_log: ExpectLog) -> None:
    expect_log("journal: .*cannot be written")
    in_the_way = tmp_path / "state"
    in_the_way.write_text("a file where the folder should be")
    journal = Journal(in_the_way, clock, first_retry_s=0.02)
    show(journal, 0)
    was_written = journal.settle(0.2)

    in_the_way.unlink()
    journal.settle()
    journal.close()

    assert not was_written
    assert len(read_asrun(in_the_way)) == 1


def test_what_waits_is_bounded_and_the_loss_is_said(
    tmp_path: Path, clock: ManualClock, expect_log: ExpectLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_log("journal: .*cannot be written")
    expect_log("journal: .*15 entries were not written")
    monkeypatch.setattr("signage.player.journal._MOST_WAITING", 10)
    (tmp_path / "state").write_text("in the way")
    journal = Journal(tmp_path / "state", clock, first_retry_s=0.02)

    for number in range(15):
        journal.fail(slot(number), A, START_MS, "not there")
    journal.close()


def test_a_log_that_is_removed_while_it_is_written_is_begun_anew(
    tmp_path: Path, clock: ManualClock, expect_log: ExpectLog
) -> None:
    expect_log("journal: .*was removed while it was in use")
    journal = Journal(tmp_path, clock)
    show(journal, 0)
    journal.settle()

    for path in tmp_path.glob("asrun.db*"):
        path.unlink()
    show(journal, 1)
    show(journal, 2)
    journal.close()

    assert [row.planned_start_ms for row in read_asrun(tmp_path)] == [slot(1).start_ms, slot(2).start_ms]


@pytest.mark.parametrize("damage", [b"\x00" * 4096, b"garbage!" * 2048], ids=["zeros", "garbage"])
def test_a_damaged_log_is_set_aside_and_a_new_one_begun(
    tmp_path: Path, clock: ManualClock, expect_log: ExpectLog, damage: bytes
) -> None:
    expect_log("journal: .*cannot be written")
    expect_log(r"journal: .*was damaged; it is kept as asrun\.db\.broken-\d+")
    journal = Journal(tmp_path, clock)
    for number in range(200):
        show(journal, number)
    journal.close()
    content = (tmp_path / "asrun.db").read_bytes()
    (tmp_path / "asrun.db").write_bytes(damage + content[len(damage) :])

    journal = Journal(tmp_path, clock, first_retry_s=0.02)
    show(journal, 500)
    journal.settle()
    journal.close()

    assert [row.planned_start_ms for row in read_asrun(tmp_path)] == [slot(500).start_ms]
    assert len(list(tmp_path.glob("asrun.db.broken-*"))) == 1


def test_rows_older_than_their_keep_are_pruned(tmp_path: Path, clock: ManualClock) -> None:
    journal = Journal(tmp_path, clock, kept_ms=2 * DAY_MS)
    show(journal, 0)
    clock.advance(3 * DAY_MS)
    show(journal, 3 * 8640)

    journal.prune()
    journal.settle()
    journal.close()

    assert [row.planned_start_ms for row in read_asrun(tmp_path)] == [slot(3 * 8640).start_ms]


def test_a_wrong_clock_prunes_some_days_at_most(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signage.player.journal._MOST_PRUNED_BY_AGE", 5)
    journal = Journal(tmp_path, clock)
    for number in range(20):
        show(journal, number)
    clock.jump(40_000 * DAY_MS)

    journal.prune()
    journal.settle()
    journal.close()

    assert len(read_asrun(tmp_path)) == 15


def test_a_log_over_its_size_loses_its_oldest_rows_and_its_file_shrinks(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signage.player.journal._PRUNED_BY_SIZE", 200)
    journal = Journal(tmp_path, clock, kept_bytes=150_000)
    for number in range(3000):
        show(journal, number)
    journal.settle()
    before_bytes = sum(file.stat().st_size for file in tmp_path.iterdir())

    journal.prune()
    journal.settle()
    journal.close()

    rows = read_asrun(tmp_path)
    assert before_bytes > 300_000
    assert (tmp_path / "asrun.db").stat().st_size <= 150_000
    assert rows[-1].planned_start_ms == slot(2999).start_ms
    assert 100 < len(rows) < 1500


def test_a_player_that_runs_for_years_gives_no_key_twice(tmp_path: Path, clock: ManualClock) -> None:
    journal = Journal(tmp_path, clock)
    show(journal, 0)
    journal.settle()
    journal._serial = 2**24  # as after two years of items of five seconds
    show(journal, 1)
    journal.close()

    again = Journal(tmp_path, clock)
    show(again, 2)
    again.close()

    assert [row.planned_start_ms for row in read_asrun(tmp_path)] == [slot(number).start_ms for number in range(3)]


def test_a_fault_while_old_rows_are_removed_does_not_tell_an_end_twice(
    tmp_path: Path, clock: ManualClock, expect_log: ExpectLog
) -> None:
    expect_log("journal: .*cannot be written .*not now")
    journal = Journal(tmp_path, clock, first_retry_s=0.02)
    show(journal, 0)
    key = journal.begin(slot(1), A, slot(1).start_ms)
    journal.settle()
    with contextlib.closing(sqlite3.connect(tmp_path / "asrun.db")) as other, other:
        other.execute("CREATE TRIGGER no BEFORE DELETE ON asrun BEGIN SELECT RAISE(FAIL, 'not now'); END")
    clock.advance(201 * DAY_MS)
    journal.prune()
    journal.end(key, slot(1).end_ms, Outcome.CUT, "the office took over")
    was_settled = journal.settle(0.3)

    with contextlib.closing(sqlite3.connect(tmp_path / "asrun.db")) as other, other:
        reasons = [row[0] for row in other.execute("SELECT reason FROM asrun WHERE reason != ''")]
        other.execute("DROP TRIGGER no")
    journal.close()

    assert not was_settled
    assert reasons == ["the office took over"]
    assert not read_asrun(tmp_path)

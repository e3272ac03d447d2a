"""A screen and an office that are both real: it is let in at the console's side, and what it reports is kept there."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from sqlalchemy import func, select

from signage.base.clock import SystemClock
from signage.office.database.tables import ScreenRow, ShownRow
from signage.office.desk import Desk, open_desk
from signage.office.screens.api import ScreensApi
from signage.office.server import make_office_app
from signage.player.enrolled import EnrolmentFolder
from signage.player.enrolment import Asking, Enrolling, LetIn
from signage.player.heartbeat import Seen
from signage.player.http import Http
from signage.player.journal import Journal
from signage.player.reporting import Reporter
from signage.starter import make_store
from signage.wire import Machine, OutputLook, fingerprint
from tests.conftest import ExpectLog
from tests.office.desk import make_office
from tests.player.reportingrig import Stage, make_reporter_rig, status
from tests.player.test_journal import show
from tests.screens.conftest import jpeg

LIMIT_S = 60.0


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    make_store(tmp_path / "store")
    make_office(tmp_path / "office", SystemClock())
    desk = open_desk(tmp_path / "store", tmp_path / "office", takes_in=False)
    desk.settings.change(is_set_up=True)
    yield desk
    desk.close()


@pytest.fixture
def url(desk: Desk) -> Iterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        config = uvicorn.Config(make_office_app(desk), log_level="critical", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), name="office")
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(LIMIT_S)


def let_in(url: str, desk: Desk, state: Path) -> LetIn:
    """Have a new screen ask, and a person let it in as `gate`."""
    said: queue.Queue[Asking | LetIn] = queue.Queue()
    clock = SystemClock()
    enrolling = Enrolling(url, EnrolmentFolder(state), Machine("pc"), Http(clock), clock, said.put)
    pause = enrolling.pause
    enrolling.pause = lambda seconds: pause(min(seconds, 0.1))
    enrolling.start()
    asking = said.get(timeout=LIMIT_S)
    assert isinstance(asking, Asking)
    api = ScreensApi(desk)
    assert api.pairings.let_in(asking.code, "gate", "王芳")
    api.close()
    done = said.get(timeout=LIMIT_S)
    enrolling.close()
    assert isinstance(done, LetIn)
    return done


def wait_until_settled(reporter: Reporter, stage: Stage, count: int) -> None:
    """Wait for so many looks at the stage: each report begins with one."""
    looked = threading.Semaphore(0)
    stage.looks = lambda _limit_s: looked.release()
    for _ in range(count):
        reporter.wake()
        assert looked.acquire(timeout=LIMIT_S)


def test_a_screen_is_let_in_and_its_reports_are_kept(desk: Desk, url: str, tmp_path: Path) -> None:
    state = tmp_path / "state"
    done = let_in(url, desk, state)
    journal = Journal(state, SystemClock())
    for number in range(1200):
        show(journal, number, zone="side" if number % 5 == 0 else "main")
    journal.settle()
    rig = make_reporter_rig(state, url, EnrolmentFolder(state).token() or "", journal)

    rig.stage.seen = Seen(status(), OutputLook(1_790_000_000_000), picture=jpeg)

    rig.reporter.start()
    wait_until_settled(rig.reporter, rig.stage, 6)
    rig.reporter.close()
    journal.close()

    root = (tmp_path / "office" / "published" / "metadata" / "1.root.json").read_bytes()
    assert (done.enrolled.screen, done.fingerprint) == ("gate", fingerprint(root))
    with desk.database.reading() as session:
        kept = session.scalar(select(func.count()).select_from(ShownRow))
        screen = session.get(ScreenRow, "gate")
    assert kept == 1200
    assert screen is not None
    assert screen.heartbeat
    assert screen.heartbeat["release"] == 7
    assert screen.picture_ms
    assert rig.rows.count() == 0


def test_a_screen_that_the_office_revokes_goes_on_and_says_so(
    desk: Desk, url: str, tmp_path: Path, expect_log: ExpectLog
) -> None:
    expect_log("does not accept this screen any more")
    state = tmp_path / "state"
    let_in(url, desk, state)
    journal = Journal(state, SystemClock())
    rig = make_reporter_rig(state, url, EnrolmentFolder(state).token() or "", journal)
    with desk.database.writing() as session:
        screen = session.get(ScreenRow, "gate")
        assert screen is not None
        screen.revoked_ms = 1

    rig.reporter.start()
    wait_until_settled(rig.reporter, rig.stage, 2)
    rig.reporter.close()
    journal.close()

    assert rig.reporter.is_revoked

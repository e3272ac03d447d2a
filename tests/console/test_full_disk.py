"""A database or disk that takes nothing: nobody is told wrong, nothing is lost, all goes on when it does."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.office.alarms import OFFICE
from signage.office.console.roles import Role
from signage.office.database.tables import AuditRow
from signage.office.desk import Desk
from signage.office.health import Health
from signage.office.ingest.service import Ingest
from signage.office.nightly import Nightly
from signage.office.screens.api import ScreensApi
from signage.office.screens.fleet import Fleet
from signage.office.screens.states import State
from signage.office.server import make_office_app
from tests.screens.conftest import AScreen

Browser = Callable[..., TestClient]


@contextmanager
def full(desk: Desk) -> Iterator[None]:
    """Let no commit through, as SQLite does where the disk is full."""

    def refuse(*_said: object) -> None:
        raise OperationalError("commit", None, OSError(28, "No space left on device"))

    event.listen(desk.database.engine, "commit", refuse)
    try:
        yield
    finally:
        event.remove(desk.database.engine, "commit", refuse)


def actions(desk: Desk) -> list[tuple[str, int]]:
    with desk.database.reading() as session:
        return [(row.action, row.at_ms) for row in session.query(AuditRow).order_by(AuditRow.number)]


def test_what_was_done_while_the_log_of_actions_could_not_be_written_is_written_later(
    desk: Desk, clock: ManualClock, expect_log
) -> None:
    expect_log("the log of actions cannot be written .* it waits: 王芳")
    begun_ms = clock.now_ms()
    with full(desk):
        desk.audit.note("王芳", "media.uploaded", "a.jpg")
        clock.advance(1000)
        desk.audit.note("王芳", "media.uploaded", "b.jpg")
    clock.advance(1000)

    assert actions(desk) == []
    desk.audit.note("李明", "signin.done")

    said = [("media.uploaded", begun_ms), ("media.uploaded", begun_ms + 1000), ("signin.done", begun_ms + 2000)]
    assert actions(desk) == said
    assert desk.audit.first_fault() is None


def test_a_file_that_was_stored_is_not_called_lost(desk: Desk, browser: Browser, expect_log) -> None:
    expect_log("the log of actions cannot be written")
    client = browser(Role.EDITOR)

    with full(desk):
        answer = client.post("/media/upload?name=a.png", content=b"x")

    assert (answer.status_code, answer.json()) == (200, {"path": "a.png"})
    assert (desk.store / "media" / "a.png").read_bytes() == b"x"


def test_an_alarm_that_cannot_be_kept_is_shown_all_the_same(desk: Desk, clock: ManualClock) -> None:
    told: list[int] = []
    desk.alarms.on_news = lambda: told.append(1)
    with full(desk):
        for _ in range(2):
            with pytest.raises(OperationalError):
                desk.alarms.begin(OFFICE, "disk", "硬盘满了")
        shown = [(one.kind, one.message) for one in desk.alarms.unseen()]

    desk.alarms.begin(OFFICE, "disk", "硬盘满了")

    assert shown == [("disk", "硬盘满了")]
    assert [one.kind for one in desk.alarms.open()] == ["disk"]
    assert told == [1]
    desk.alarms.end(OFFICE, "disk")
    assert desk.alarms.open() == []


def test_an_alarm_that_could_never_be_kept_ends_too(desk: Desk) -> None:
    with full(desk), pytest.raises(OperationalError):
        desk.alarms.begin(OFFICE, "disk", "硬盘满了")

    desk.alarms.end(OFFICE, "disk")

    assert desk.alarms.open() == []


def test_one_check_of_health_that_cannot_be_kept_hides_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    free = SimpleNamespace(free=1)
    monkeypatch.setattr("signage.office.health.shutil.disk_usage", lambda _folder: free)
    (desk.published / "metadata" / "timestamp.json").write_bytes(b"{")

    with full(desk), pytest.raises(OperationalError):
        Health(desk).tell()

    assert {one.kind for one in desk.alarms.open()} == {"disk", "signatures"}


def test_the_disk_of_the_shared_folder_is_looked_at_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    free = {desk.folder: 10**12, desk.store: 3_000_000}
    monkeypatch.setattr(
        "signage.office.health.shutil.disk_usage", lambda folder: SimpleNamespace(free=free[Path(folder)])
    )

    checks = {check.name: check.zh for check in Health(desk).look()}

    assert checks["disk"] == "共享文件夹所在的硬盘快满了，只剩 3 MB，请清理出空间"


def test_no_screen_looks_offline_because_the_office_can_keep_nothing(
    desk: Desk, clock: ManualClock, expect_log
) -> None:
    expect_log("a screen's report cannot be kept")
    api = ScreensApi(desk)
    fleet = Fleet(desk, api.heard)
    with TestClient(make_office_app(desk)) as client:
        screen = AScreen(client)
        assert api.pairings.let_in(screen.ask(), "gate", "王芳")
    with TestClient(api.asgi) as client:
        headers = screen.headers

        def beat(**said: Any) -> int:
            body = {"sent_ms": clock.now_ms(), "boot": 1, **said}
            return client.post("/heartbeat", json=body, headers=headers).status_code

        assert beat() == 200
        with full(desk):
            clock.advance(600_000)
            silent = fleet.view(fresh=True).find("gate")
            assert beat(message="still here") == 503
            heard = fleet.view(fresh=True).find("gate")
    api.close()

    assert silent is not None
    assert silent.state is State.OFFLINE
    assert heard is not None
    assert heard.state is not State.OFFLINE
    assert heard.heartbeat is not None
    assert (heard.heartbeat.message, heard.known.clock_offset_ms) == ("still here", 0)


def test_a_night_whose_end_cannot_be_noted_is_told_and_breaks_nothing(
    desk: Desk, clock: ManualClock, expect_log, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_log("the backup or the night's work failed")
    nightly = Nightly(desk)
    nightly.look()
    clock.advance(86_400_000)
    remember = nightly._remember

    def refuse(name: str, value: str) -> None:
        if name == "nightly.date":
            raise OperationalError("commit", None, OSError(28, "No space left on device"))
        remember(name, value)

    monkeypatch.setattr(nightly, "_remember", refuse)
    assert not nightly.look()
    assert [one.kind for one in desk.alarms.open()] == ["backup"]
    monkeypatch.undo()

    assert nightly.look()
    assert desk.alarms.open() == []


def test_a_lasting_fault_of_ingest_is_logged_once(
    tmp_path: Path, desk: Desk, expect_log, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    expect_log("a look at the shared folder failed")
    caplog.set_level(logging.INFO, "signage.office.ingest")
    monkeypatch.setattr("signage.office.ingest.service._RETRY_S", 0.0)
    ingest = Ingest(desk.store, tmp_path / "ingest", desk.database, desk.clock)
    over, tries = threading.Event(), iter(range(5))

    def step() -> float:
        if next(tries, None) is not None:
            raise OperationalError("commit", None, OSError(28, "No space left on device"))
        over.set()
        return 0.01

    monkeypatch.setattr(ingest, "step", step)
    ingest.start()
    assert over.wait(30)
    ingest.close()

    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "ingest: a look at the shared folder failed; trying again every minute",
        "ingest: the shared folder is looked at again",
    ]


def test_what_the_disk_did_not_take_is_said_in_chinese_and_without_folders(
    desk: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(Role.EDITOR)
    page = client.get("/playlists/welcome?as=text").text
    version = page.partition('name="version" value="')[2].partition('"')[0]

    def refuse(path: Path, *_said: object) -> None:
        raise SignageError(f"{path}: cannot be written (No space left on device); check (写不进硬盘，请看看是不是满了)")

    monkeypatch.setattr("signage.office.edit.book.write_durably", refuse)
    text = (desk.store / "playlists" / "welcome.yaml").read_text("utf-8") + "\n# more\n"
    answer = client.post("/playlists/welcome", data={"do": "text", "version": version, "text": text})

    assert answer.status_code == 409
    assert "写不进硬盘，请看看是不是满了" in answer.text
    assert "No space" not in answer.text
    assert str(desk.store) not in answer.text

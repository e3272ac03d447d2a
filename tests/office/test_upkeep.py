"""What the office says of itself: healthy or not, in numbers, at its start; and that two never share a folder."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.office.chores import Chores
from signage.office.connections import listening
from signage.office.desk import Desk
from signage.office.health import Health
from signage.office.metrics import area_of, may_read
from signage.office.server import make_office_app
from signage.office.standing import LOG_BYTES, LOGS_KEPT, held, logged
from signage.office.welcome import addresses, few_files_warning, is_for_this_machine_only, lines
from signage.starter import make_store
from tests.conftest import ExpectLog
from tests.office.desk import START

REPOSITORY = Path(__file__).parents[2]
DAY_MS = 86_400_000


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    with TestClient(make_office_app(desk), client=("127.0.0.1", 50000)) as client:
        yield client


def test_a_healthy_office_says_so_without_a_word_about_itself(client: TestClient) -> None:
    answer = client.get("/healthz")

    assert answer.status_code == 200
    checks = {"database": "ok", "disk": "ok", "scan": "ok", "signatures": "ok"}
    assert answer.json() == {"status": "ok", "checks": checks}


def test_a_full_disk_and_expired_signatures_make_it_unhealthy_and_raise_alarms(
    desk: Desk, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(desk.clock, ManualClock)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=100_000_000))
    desk.clock.advance(4 * 366 * DAY_MS)

    answer = client.get("/healthz")
    Health(desk).tell()
    begun = {alarm.kind for alarm in desk.alarms.open()}
    monkeypatch.undo()
    desk.clock.advance(10_000)
    Health(desk).tell()

    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "ok", "disk": "wrong", "scan": "ok", "signatures": "wrong"}
    assert {"disk", "signatures"} <= begun
    assert {alarm.kind for alarm in desk.alarms.open()} == {"signatures"}


def test_what_expires_within_30_days_is_a_warning_and_not_an_illness(desk: Desk) -> None:
    assert isinstance(desk.clock, ManualClock)
    office = desk.office()
    left = office.repository.targets().signed.expires - timedelta(days=20)
    desk.clock.advance(int(left.timestamp() * 1000) - desk.clock.now_ms())
    from signage.office.resigning import renew

    renew(office, only_online=True)

    checks = {check.name: check for check in Health(desk).look()}

    assert checks["signatures"].is_warning
    assert not checks["signatures"].is_wrong
    assert "targets" in checks["signatures"].zh


def test_metrics_tell_numbers_and_no_secrets(desk: Desk, client: TestClient) -> None:
    desk.settings.change(alarm_webhook="https://robot.example/secret-key")
    client.get("/login")
    client.get("/no/such/page")

    text = client.get("/metrics").text

    assert 'signage_requests_total{area="login",status="2xx"} 1.0' in text
    assert 'area="other"' in text
    assert "signage_alarms_open 0.0" in text
    assert "signage_release_number 0.0" in text
    assert "secret-key" not in text


def test_metrics_are_read_from_this_machine_or_a_named_network_only(desk: Desk) -> None:
    with TestClient(make_office_app(desk), client=("192.168.1.50", 50000)) as stranger:
        refused = stranger.get("/metrics").status_code
        desk.settings.change(metrics_from=("192.168.1.0/24",))
        allowed = stranger.get("/metrics").status_code

    assert (refused, allowed) == (403, 200)
    assert may_read("::1", ())
    assert not may_read("", ("0.0.0.0/0",))
    assert not may_read("10.0.0.1", ("not an address", "192.168.0.0/16"))


def test_a_foreign_path_makes_no_new_series() -> None:
    assert [area_of(path) for path in ("/", "/media/x", "/wp-admin.php", "/%00", "*")] == [
        "home", "media", "other", "other", "home",
    ]  # fmt: skip


def test_a_second_office_on_the_same_folder_is_refused_and_told_who_is_first(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(SignageError, match=r"runs there already \(process \d+\)"):
        held(tmp_path).__enter__()
    with held(tmp_path):
        pass


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(SignageError, match="cannot be listened on"):
            listening("127.0.0.1", port)
    with pytest.raises(SignageError, match="cannot be listened on"):
        listening("127.0.0.1", 99_999)


def test_the_log_is_bounded_and_a_full_disk_stops_nobody(tmp_path: Path) -> None:
    with logged(tmp_path) as path:
        logging.getLogger("signage.office.x").info("已启动 %s", "started")
        logging.getLogger("signage.office.x").info("名字 %s", "a\x1b[2J\n2026-01-01 ERROR b")
        text = path.read_text("utf-8")
        handler = next(one for one in logging.getLogger().handlers if getattr(one, "baseFilename", "") == str(path))
        path.unlink()
        path.symlink_to("/dev/full")
        handler.close()
        logging.getLogger("signage.office.x").info("lost")

    assert "INFO signage.office.x: 已启动 started" in text
    assert text.splitlines()[1].endswith("INFO signage.office.x: 名字 a\\x1b[2J\\n2026-01-01 ERROR b")
    assert (LOGS_KEPT + 1) * LOG_BYTES <= 50_000_000
    assert path.parent.stat().st_mode & 0o077 == 0


def test_the_start_says_where_staff_and_screens_find_it() -> None:
    everywhere, here = lines("0.0.0.0", 8080), lines("127.0.0.1", 8080, with_code=True)

    assert "  管理台 console: http://127.0.0.1:8080/" in everywhere
    assert any("signage play --office http://" in line for line in everywhere)
    assert any("--host 0.0.0.0" in line for line in here)
    assert addresses("::1", 80) == ["http://[::1]:80/"]
    assert is_for_this_machine_only("localhost")
    assert not is_for_this_machine_only("office.lan")


def test_too_few_files_are_said_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signage.office.welcome.resource.getrlimit", lambda _which: (1024, 1024))
    assert "1024" in (few_files_warning() or "")
    monkeypatch.setattr("signage.office.welcome.resource.getrlimit", lambda _which: (65_536, 65_536))
    assert few_files_warning() is None


def test_a_chore_that_fails_is_logged_once_and_stops_no_other(expect_log: ExpectLog) -> None:
    expect_log("looking failed .*; it is tried again")
    clock, done = ManualClock(START), []
    chores = Chores(clock)

    def fail() -> None:
        raise OperationalError("SELECT 1", {}, Exception("disk I/O error"))

    chores.every(60, fail, "looking")
    chores.every(60, lambda: done.append(1), "other")

    for _ in range(3):
        chores.step()
        chores.step()
        clock.advance(61_000)

    assert len(done) == 3
    assert len(expect_log.messages) == 1
    chores.start()
    chores.close()


def test_sigterm_ends_the_office_in_order_and_a_kill_leaves_no_lock(tmp_path: Path) -> None:
    make_store(tmp_path / "store")
    command = [sys.executable, "-m", "signage.cli", "office", str(tmp_path / "store"), "--port", "0"]
    log = tmp_path / "office/logs/office.log"
    codes = []

    for how in (signal.SIGKILL, signal.SIGTERM):
        process = subprocess.Popen(
            [*command, "--office", str(tmp_path / "office")],
            stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        )  # fmt: skip
        assert process.stderr is not None
        with process, process.stderr:
            address = next(line.split()[-1] for line in process.stderr if "http://127.0.0.1:" in line)
            with urllib.request.urlopen(f"{address}healthz", timeout=30) as answer:
                assert answer.status == 200
            process.send_signal(how)
            codes.append(process.wait(30))

    assert codes == [-signal.SIGKILL, 0]
    assert log.read_text("utf-8").count("has started") == 2
    assert log.read_text("utf-8").count("has ended") == 1

"""A new screen is let in by a person, once, whatever office, network, power and disk do meanwhile."""

from __future__ import annotations

import json
import queue
import random
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from signage.base.clock import SystemClock
from signage.player.enrolled import Enrolled, EnrolmentFolder, digest_of
from signage.player.enrolment import Asking, Enrolling, LetIn
from signage.player.following import Office, must_enrol
from signage.player.http import Http
from signage.wire import PAIRINGS_PATH, Machine, fingerprint
from tests.conftest import ExpectLog
from tests.player.fleetoffice import LIMIT_S, FleetOffice, fleet_office
from tests.player.office import SmallOffice


@pytest.fixture(scope="module")
def root_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return SmallOffice(tmp_path_factory.mktemp("office"), SystemClock()).root_bytes


@pytest.fixture
def office(root_bytes: bytes) -> Iterator[FleetOffice]:
    with fleet_office(root_bytes) as office:
        yield office


class NewScreen:
    """A screen that asks, and what it would show."""

    def __init__(self, url: str, state: Path) -> None:
        self.said: queue.Queue[Asking | LetIn] = queue.Queue()
        self.folder = EnrolmentFolder(state)
        clock = SystemClock()
        self.enrolling = Enrolling(
            url, self.folder, Machine("pc-1"), Http(clock), clock, self.said.put, dice=random.Random(1)
        )
        self.pauses = self.enrolling.pause
        self.enrolling.pause = lambda seconds: self.pauses(min(seconds, 0.05))

    def __enter__(self) -> NewScreen:
        self.enrolling.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.enrolling.close()

    def next(self) -> Asking | LetIn:
        return self.said.get(timeout=LIMIT_S)

    def wait_for_code(self) -> str:
        while True:
            said = self.next()
            if isinstance(said, Asking) and said.code:
                return said.code

    def wait_until_let_in(self) -> LetIn:
        while True:
            if isinstance(said := self.next(), LetIn):
                return said


def test_a_screen_is_let_in_and_keeps_name_root_and_token(
    office: FleetOffice, tmp_path: Path, root_bytes: bytes
) -> None:
    with NewScreen(office.url, tmp_path) as screen:
        office.accept(screen.wait_for_code(), "lobby", "门厅")
        let_in = screen.wait_until_let_in()

    assert let_in == LetIn(Enrolled("lobby", "门厅"), fingerprint(root_bytes))
    assert EnrolmentFolder(tmp_path).enrolled() == Enrolled("lobby", "门厅")
    assert (tmp_path / "office" / "root.json").read_bytes() == root_bytes
    assert not must_enrol(Office((office.url,)), tmp_path)


def test_the_office_gets_the_digest_of_a_token_that_only_this_user_can_read(
    office: FleetOffice, tmp_path: Path
) -> None:
    with NewScreen(office.url, tmp_path) as screen:
        screen.wait_for_code()

    token = tmp_path / "office" / "token"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert office.wishes == [
        {
            "token_sha256": digest_of(token.read_text()),
            "machine": {"hostname": "pc-1", "output_px": [0, 0], "system": "", "version": "", "renderer": ""},
        }
    ]
    assert len(token.read_text()) >= 43


def test_a_code_that_is_over_is_renewed(office: FleetOffice, tmp_path: Path) -> None:
    office.expires_s = 1.0
    with NewScreen(office.url, tmp_path) as screen:
        codes = [screen.wait_for_code(), screen.wait_for_code()]
        office.accept(codes[1], "lobby")

        assert screen.wait_until_let_in().enrolled.screen == "lobby"

    assert codes == ["BCDFGH", "JKLMNP"]


def test_an_office_that_is_away_is_asked_until_it_is_there(
    office: FleetOffice, tmp_path: Path, expect_log: ExpectLog
) -> None:
    expect_log("not enrolled yet")
    office.overrides[PAIRINGS_PATH] = lambda: (503, b"")
    with NewScreen(office.url, tmp_path) as screen:
        first = screen.next()
        office.overrides.clear()
        office.accept(screen.wait_for_code(), "lobby")

        assert screen.wait_until_let_in().enrolled.screen == "lobby"
    assert isinstance(first, Asking)
    assert "answered 503" in first.fault


def test_a_code_stays_on_screen_while_the_office_does_not_answer(
    office: FleetOffice, tmp_path: Path, expect_log: ExpectLog
) -> None:
    expect_log("not enrolled yet")
    with NewScreen(office.url, tmp_path) as screen:
        code = screen.wait_for_code()
        office.overrides[PAIRINGS_PATH] = lambda: (502, b"")
        away = screen.next()
        office.overrides.clear()
        back = screen.next()

    assert isinstance(away, Asking)
    assert (away.code, bool(away.fault)) == (code, True)
    assert back == Asking(code)


@pytest.mark.parametrize(
    "said",
    [
        b"<html>",
        b"[]",
        b"{}",
        json.dumps({"code": "AEIOU1", "expires_s": 60}).encode(),
        json.dumps({"code": "BCDFGH", "expires_s": "60"}).encode(),
        b"[" * 100_000,
    ],
)
def test_nonsense_of_an_office_is_no_code(said: bytes, tmp_path: Path, expect_log: ExpectLog) -> None:
    expect_log("not enrolled yet: .*office's")
    with fleet_office() as office:
        office.overrides[PAIRINGS_PATH] = lambda: (200, said)
        with NewScreen(office.url, tmp_path) as screen:
            asking = screen.next()

    assert isinstance(asking, Asking)
    assert not asking.code
    assert asking.fault


def test_what_is_no_root_is_not_trusted(tmp_path: Path, expect_log: ExpectLog) -> None:
    expect_log("root cannot be used")
    with fleet_office(b'{"signed": {}}') as office, NewScreen(office.url, tmp_path) as screen:
        office.accept(screen.wait_for_code(), "lobby")
        asking = screen.next()

    assert isinstance(asking, Asking)
    assert "root cannot be used" in asking.fault
    assert EnrolmentFolder(tmp_path).enrolled() is None
    assert not EnrolmentFolder(tmp_path).has_root


def test_a_screen_that_lost_power_while_it_was_let_in_asks_what_became_of_its_code(
    office: FleetOffice, tmp_path: Path
) -> None:
    with NewScreen(office.url, tmp_path) as screen:
        code = screen.wait_for_code()
    office.accept(code, "lobby")

    with NewScreen(office.url, tmp_path) as again:
        said = again.next()

    assert isinstance(said, LetIn)
    assert len(office.wishes) == 1


def test_only_a_name_without_a_root_is_no_enrolment(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()
    (tmp_path / "office" / "screen.json").write_text('{"screen": "lobby"}')

    assert EnrolmentFolder(tmp_path).enrolled() is None
    assert must_enrol(Office(("http://office",)), tmp_path)


def test_closing_ends_what_waits_for_an_office_that_hangs(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        screen = NewScreen(f"http://127.0.0.1:{deaf.getsockname()[1]}", tmp_path)
        with screen:
            connection, _ = deaf.accept()
        connection.close()

    assert screen.said.empty()

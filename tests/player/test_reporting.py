"""A screen tells its office what it does: at once when something changes, every row once, and never in the way."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from signage.base.clock import SystemClock
from signage.player.asrun import read_asrun, read_unsent
from signage.player.contact import SyncStatus
from signage.player.enrolled import digest_of
from signage.player.heartbeat import Seen
from signage.player.hints import HintStream
from signage.player.http import Http
from signage.player.journal import Journal
from signage.player.orderbook import Standing
from signage.player.ports import Outcome
from signage.player.reporting import ReportSettings
from signage.player.station import ZoneStatus
from signage.release.orders import Order, OrderKind
from signage.wire import ASRUN_PATH, HEARTBEAT_PATH, AsRunBatch, Heartbeat, OutputLook
from tests.conftest import ExpectLog
from tests.player.fleetoffice import LIMIT_S, FleetOffice, fleet_office
from tests.player.reportingrig import QUICK, SLOW, Rig, make_reporter_rig, status
from tests.player.test_journal import A, show, slot

REPOSITORY = Path(__file__).parents[2]
TOKEN = "secret-token"


@pytest.fixture
def office() -> Iterator[FleetOffice]:
    with fleet_office() as office:
        office.tokens.add(digest_of(TOKEN))
        yield office


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path, SystemClock())
    yield journal

    journal.close()


MakeRig = Callable[..., Rig]


@pytest.fixture
def make_rig(tmp_path: Path, office: FleetOffice, journal: Journal) -> Iterator[MakeRig]:
    rigs: list[Rig] = []

    def make(url: str = "", settings: ReportSettings = QUICK, most: int = 500, faults: tuple[str, ...] = ()) -> Rig:
        rig = make_reporter_rig(
            tmp_path, url or office.url, TOKEN, journal, settings=settings, most=most, faults=faults
        )
        rigs.append(rig)
        return rig

    yield make

    for rig in rigs:
        rig.reporter.close()


def test_a_heartbeat_says_what_is_on_air_and_the_office_can_read_it(
    office: FleetOffice, make_rig: MakeRig, journal: Journal
) -> None:
    show(journal, 0)
    journal.settle()
    rig = make_rig(settings=SLOW, faults=("one", "two"))
    rig.office.noted_orders = ("o1", "o2")
    rig.office.in_force = Standing(Order("o2", 2, OrderKind.BLACKOUT, 5), 5)
    rig.reporter.start()
    office.wait(lambda: office.heartbeats)

    beat = TypeAdapter(Heartbeat).validate_json(json.dumps(office.heartbeats[0]))
    assert (beat.release, beat.is_stale, beat.orders, beat.order_in_force) == (7, False, ("o1", "o2"), "o2")
    assert (beat.is_blackout, beat.is_off_hours) == (True, False)
    assert [(zone.zone, zone.item, zone.next_item) for zone in beat.on_air] == [("main", "a.jpg", "b.jpg")]
    assert beat.output == OutputLook(1234, 99.5)
    assert (beat.machine.hostname, beat.machine.output_px) == ("pc-1", (1920, 1080))
    assert beat.errors == ("one", "two")
    assert beat.boot == journal.boot > 0
    assert beat.health.disk_total_bytes


def test_a_heartbeat_keeps_within_the_limits_of_its_message(office: FleetOffice, make_rig: MakeRig) -> None:
    long = "长" * 9000
    rig = make_rig(settings=SLOW, faults=(long,) * 30)
    rig.office.noted_orders = tuple(f"o{number}" for number in range(300))
    rig.office.status = SyncStatus(1, message=long, clock_fault=long)
    zones = [ZoneStatus(long, f"\udcff{long}", long, -5, 0, long, next_item=long)] * 20
    rig.stage.seen = Seen(status(*zones))
    rig.reporter.start()
    office.wait(lambda: office.heartbeats)

    beat = TypeAdapter(Heartbeat).validate_json(json.dumps(office.heartbeats[0]))
    assert beat.orders[-1] == "o299"
    assert (len(beat.orders), len(beat.on_air), len(beat.errors)) == (100, 8, 10)


def test_a_change_is_told_at_once_and_many_together(office: FleetOffice, make_rig: MakeRig) -> None:
    settings = ReportSettings(heartbeat_s=3600.0, picture_s=3600.0, least_between_s=0.3, least_retry_s=0.3)
    rig = make_rig(settings=settings)
    rig.reporter.start()
    office.wait(lambda: office.heartbeats)

    for number in range(50):
        rig.office.status = SyncStatus(number)
        rig.reporter.wake()
    office.wait(lambda: office.heartbeats[-1]["release"] == 49)

    assert len(office.heartbeats) <= 3


def test_a_picture_is_sent_at_first_and_when_the_office_asks(office: FleetOffice, make_rig: MakeRig) -> None:
    rig = make_rig()
    rig.reporter.start()
    office.wait(lambda: len(office.heartbeats) >= 3)
    first = list(office.pictures)

    office.wants_picture = True
    office.wait(lambda: len(office.pictures) == 2)

    assert first == [(1234, b"a JPEG")]


def test_a_picture_that_is_too_large_is_not_sent(office: FleetOffice, make_rig: MakeRig) -> None:
    rig = make_rig()
    rig.stage.seen = Seen(status(), OutputLook(1), picture=lambda: bytes(600_000))
    rig.reporter.start()

    office.wait(lambda: len(office.heartbeats) >= 2)

    assert office.pictures == []


def test_a_wish_over_the_stream_brings_a_picture_and_an_unknown_event_nothing(
    office: FleetOffice, make_rig: MakeRig
) -> None:
    events = [
        b'event: party\ndata: {"screens": ["lobby"]}\n\n',
        b'event: wish\ndata: {"screens": ["gate"]}\n\n',
        b"event: wish\ndata: nonsense\n\n",
        b'event: wish\ndata: {"screens": ["gate", "lobby"]}\n\n',
        b'event: release\ndata: {"files": {}}\n\n',
    ]
    hinted = threading.Event()
    wishes: list[frozenset[str]] = []
    rig = make_rig(settings=SLOW)
    rig.reporter.start()
    office.wait(lambda: office.pictures)
    with socket.create_server(("127.0.0.1", 0)) as server:
        clock, url = SystemClock(), f"http://127.0.0.1:{server.getsockname()[1]}"
        http = Http(clock)

        def take_wish(screens: frozenset[str]) -> None:
            wishes.append(screens)
            rig.reporter.hear_wish(screens)

        stream = HintStream([url], lambda _files: hinted.set(), http, clock, take_wish=take_wish)
        stream.start()
        connection, _ = server.accept()
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + b"".join(events))
        office.wait(lambda: len(office.pictures) == 2)
        assert hinted.wait(LIMIT_S)
        http.close()
        connection.close()
        stream.close()

    assert wishes == [frozenset(), frozenset({"gate"}), frozenset(), frozenset({"gate", "lobby"})]


def test_rows_of_several_zones_arrive_once_each_in_whatever_order_they_end(
    office: FleetOffice, make_rig: MakeRig, journal: Journal, tmp_path: Path
) -> None:
    long = journal.begin(slot(0, "side"), A, slot(0).start_ms)
    for number in range(20):
        show(journal, number)
    journal.settle()
    rig = make_rig(most=6)
    rig.reporter.start()
    office.wait(lambda: len(office.rows) == 20)

    journal.end(long, slot(30).end_ms, Outcome.SHOWN)
    journal.fail(slot(31), A, slot(31).start_ms, "broken")
    journal.settle()
    office.wait(lambda: len(office.rows) == 22)
    office.wait(lambda: office.heartbeats[-1]["asrun_waiting"] == 0)

    assert all(len(batch) <= 6 for batch in office.batches)
    assert sum(map(len, office.batches)) == 22
    rows = {row.key: row for row in read_asrun(tmp_path)}
    assert office.rows.keys() == rows.keys()
    TypeAdapter(AsRunBatch).validate_json(json.dumps({"rows": list(office.rows.values())}))
    assert office.rows[long | journal.boot << 24]["ended_ms"] == slot(30).end_ms


def test_a_row_that_is_still_on_screen_is_not_sent(office: FleetOffice, make_rig: MakeRig, journal: Journal) -> None:
    show(journal, 0)
    journal.begin(slot(1), A, slot(1).start_ms)
    journal.settle()

    make_rig().reporter.start()
    office.wait(lambda: len(office.heartbeats) >= 3)

    assert len(office.rows) == 1


def test_what_the_office_did_not_acknowledge_is_sent_again(
    office: FleetOffice, make_rig: MakeRig, journal: Journal, tmp_path: Path, expect_log: ExpectLog
) -> None:
    expect_log("no reports reach the office")
    for number in range(5):
        show(journal, number)
    journal.settle()
    answers = iter([(500, b""), (200, b'{"stored": 4, "new": 4}'), (200, b"<html>"), (200, b'{"stored": true}')])

    def answer() -> tuple[int, bytes]:
        rig.reporter.wake()
        said = next(answers, None)
        if said is None:
            del office.overrides[ASRUN_PATH]
        return said or (503, b"")

    office.overrides[ASRUN_PATH] = answer
    rig = make_rig()
    rig.reporter.start()
    office.wait(lambda: len(office.rows) == 5)
    rig.reporter.wake()
    office.wait(lambda: office.heartbeats[-1]["asrun_waiting"] == 0)

    assert read_unsent(tmp_path, "lobby", 500) == []


def test_a_row_that_the_office_refuses_does_not_hold_up_the_others(
    office: FleetOffice, make_rig: MakeRig, journal: Journal, expect_log: ExpectLog
) -> None:
    expect_log("does not take row")
    for number in range(9):
        show(journal, number)
    journal.settle()
    poison = journal.boot << 24 | 4
    take_rows = office._take_rows

    def refuse(rows: list[dict[str, int]]) -> tuple[int, bytes]:
        return (422, b"{}") if any(row["key"] == poison for row in rows) else take_rows(rows)

    office._take_rows = refuse  # type: ignore[method-assign]
    make_rig().reporter.start()
    office.wait(lambda: len(office.rows) == 8)
    show(journal, 10)

    office.wait(lambda: len(office.rows) == 9)

    assert poison not in office.rows


def test_a_screen_that_is_killed_again_and_again_loses_no_row(office: FleetOffice, tmp_path: Path) -> None:
    state, dice = tmp_path / "killed", random.Random(5)
    taken = office._take_rows

    def stop_soon(rows: list[dict[str, int]]) -> tuple[int, bytes]:
        if len(office.batches) % 4 == 2:
            delay_s = dice.choice((0.0, 0.0, 0.005, 0.02))
            killer = threading.Timer(delay_s, os.kill, (child.pid, signal.SIGKILL))
            killer.start()
            if not delay_s:
                killer.join()
        return taken(rows)  # type: ignore[arg-type]

    office._take_rows = stop_soon  # type: ignore[method-assign]
    for start in range(0, 160, 40):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.player.reporting_child", str(state), office.url, TOKEN, str(start)],
            cwd=REPOSITORY,
        )
        if start == 120:
            office._take_rows = taken  # type: ignore[method-assign]
            office.wait(lambda: len(office.rows) >= 160 and office.heartbeats[-1]["asrun_waiting"] == 0)
            child.kill()
        child.wait(timeout=LIMIT_S)

    rows = {row.key for row in read_asrun(state)}
    assert office.rows.keys() == rows
    assert len(rows) == 160
    assert sum(map(len, office.batches)) > 160, "otherwise no kill came between an answer and its note"


def test_a_log_from_before_reports_is_sent_whole(office: FleetOffice, tmp_path: Path, make_rig: MakeRig) -> None:
    old = tmp_path / "old"
    journal = Journal(old, SystemClock())
    for number in range(3):
        show(journal, number)
    journal.close()
    with sqlite3.connect(old / "asrun.db") as connection:
        connection.execute("DROP INDEX asrun_unsent")
        connection.execute("ALTER TABLE asrun DROP COLUMN sent")
    connection.close()

    journal = Journal(old, SystemClock())
    journal.settle()
    show(journal, 9)
    rig = make_reporter_rig(old, office.url, TOKEN, journal)
    rig.reporter.start()
    office.wait(lambda: len(office.rows) == 4)
    rig.reporter.close()
    journal.close()


def test_rows_of_another_screen_are_left_alone(office: FleetOffice, make_rig: MakeRig, journal: Journal) -> None:
    from dataclasses import replace

    show(journal, 0)
    other = replace(slot(1), screen="gate")
    journal.end(journal.begin(other, A, other.start_ms), other.end_ms, Outcome.SHOWN)
    journal.settle()

    make_rig().reporter.start()
    office.wait(lambda: len(office.heartbeats) >= 3)

    assert len(office.rows) == 1


def test_a_screen_that_was_revoked_says_so_once_and_is_taken_again(
    office: FleetOffice, make_rig: MakeRig, expect_log: ExpectLog
) -> None:
    expect_log("does not accept this screen any more")
    office.tokens.clear()
    asked: list[int] = []
    office.overrides[HEARTBEAT_PATH] = lambda: (asked.append(1), (401, b""))[1]
    rig = make_rig()
    rig.reporter.start()
    office.wait(lambda: asked)
    rig.reporter.wake()
    office.wait(lambda: len(asked) >= 2)
    was_revoked = rig.reporter.is_revoked

    office.overrides.clear()
    office.tokens.add(digest_of(TOKEN))
    for count in (1, 2):
        rig.reporter.wake()
        office.wait(lambda count=count: len(office.heartbeats) >= count)
    rig.reporter.close()

    assert was_revoked
    assert not rig.reporter.is_revoked
    assert len(expect_log.messages) == 1
    assert TOKEN not in str(expect_log.messages)


def test_a_stage_that_hangs_is_told_as_frozen(office: FleetOffice, make_rig: MakeRig) -> None:
    rig = make_rig()
    rig.stage.seen = None
    rig.reporter.start()

    office.wait(lambda: len(office.heartbeats) >= 2)

    beat = office.heartbeats[-1]
    assert beat["output"]["frozen_s"] > 0
    assert "has not answered" in beat["errors"][0]
    assert beat["on_air"] == []


def test_a_fault_of_our_own_does_not_end_reporting(
    office: FleetOffice, make_rig: MakeRig, expect_log: ExpectLog
) -> None:
    expect_log("a report failed")
    expect_log("no reports reach")
    rig = make_rig()
    failing = iter([True])

    def look(_limit_s: float) -> None:
        if next(failing, False):
            raise ZeroDivisionError

    rig.stage.looks = look
    rig.reporter.start()

    office.wait(lambda: office.heartbeats)


def test_closing_does_not_wait_for_an_office_that_hangs(make_rig: MakeRig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        rig = make_rig(f"http://127.0.0.1:{deaf.getsockname()[1]}")
        rig.reporter.start()
        connection, _ = deaf.accept()
        began_s = SystemClock().monotonic_s()

        rig.reporter.close()

        assert SystemClock().monotonic_s() - began_s < 3
        connection.close()


def test_an_office_that_takes_nothing_but_the_connection_is_cut_off(make_rig: MakeRig) -> None:
    from signage.player.answers import FetchError, Limits

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        http = Http(SystemClock())
        with pytest.raises(FetchError, match=r"longer than 0\.3 s"):
            http.send(
                "PUT", f"http://127.0.0.1:{deaf.getsockname()[1]}/", bytes(40_000_000), Limits(1000, headers_s=0.3)
            )
        http.close()


def test_an_office_that_is_away_is_asked_more_and_more_slowly(make_rig: MakeRig) -> None:
    rig = make_rig(settings=ReportSettings())
    pauses = []
    for failures in (0, 1, 2, 3, 9):
        rig.reporter._failures = failures
        pauses.append(rig.reporter._pause_s())

    assert 25 < pauses[0] < 34
    assert 25 < pauses[1] < 34
    assert pauses[2] > 35
    assert all(pause < 110 for pause in pauses)

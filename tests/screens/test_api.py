"""The screens' API: who is let in, what is kept of reports, and what a token cannot reach."""

from __future__ import annotations

import asyncio
import base64
import itertools
from collections.abc import Callable
from dataclasses import asdict, replace

import httpx2
import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.office.console.roles import Role
from signage.office.database.tables import PairingRow, ScreenRow, ShownRow, ShownSumRow
from signage.office.desk import Desk
from signage.office.edit.screensfile import ScreensBook
from signage.office.screens.api import ScreensApi
from signage.office.screens.pairing import neighbour_of
from signage.wire import CODE_LETTERS, fingerprint
from tests.screens.conftest import MACHINE, AScreen, jpeg, shown

Enrolled = Callable[[str], AScreen]


def test_a_screen_is_let_in_by_its_code_and_gets_name_and_root(client: TestClient, api: ScreensApi) -> None:
    screen = AScreen(client)
    code = screen.ask()

    waiting = screen.look(code)
    seen = api.pairings.find(code)
    api.pairings.let_in(code, "gate", "王芳")
    let_in = screen.look(code)

    assert waiting.status_code == 202
    assert len(code) == 6
    assert set(code) <= set(CODE_LETTERS)
    assert seen is not None
    assert seen.machine["hostname"] == MACHINE.hostname
    assert let_in.status_code == 200
    assert let_in.json()["screen"] == "gate"
    assert fingerprint(base64.b64decode(let_in.json()["root_base64"])) == fingerprint(api.root_bytes())


def test_a_screen_is_told_the_title_that_residents_see_until_its_first_release(
    client: TestClient, api: ScreensApi, desk: Desk
) -> None:
    ScreensBook(desk.store).put("gate", {"title": "大门 LED 屏"})
    screen = AScreen(client)
    code = screen.ask()

    api.pairings.let_in(code, "gate", "王芳")

    assert screen.look(code).json()["title"] == "大门 LED 屏"


def test_a_code_is_of_no_use_to_another_machine(client: TestClient, api: ScreensApi) -> None:
    code = AScreen(client, "gate").ask()
    api.pairings.let_in(code, "gate", "王芳")

    assert AScreen(client, "thief").look(code).status_code == 404
    assert client.get(f"/api/screens/pairings/{code}").status_code == 401


def test_a_code_is_over_after_ten_minutes(client: TestClient, api: ScreensApi, clock: ManualClock) -> None:
    screen = AScreen(client)
    code = screen.ask()
    clock.advance(600_000)

    assert screen.look(code).status_code == 410
    assert api.pairings.find(code) is None
    assert not api.pairings.let_in(code, "gate", "王芳")
    assert screen.ask() != code


def test_a_screen_that_asks_again_keeps_its_code(client: TestClient, api: ScreensApi, clock: ManualClock) -> None:
    screen = AScreen(client)
    code = screen.ask()
    clock.advance(60_000)

    assert screen.ask() == code
    assert api.pairings.pending() == 1


def test_a_screen_whose_enrolment_was_lost_on_the_way_gets_it_again(enrolled: Enrolled, clock: ManualClock) -> None:
    screen = enrolled("gate")
    clock.advance(3_600_000)

    assert screen.look(screen.ask()).json()["screen"] == "gate"


def test_a_network_full_of_hostile_addresses_does_not_keep_a_new_screen_out(
    api: ScreensApi, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every other address of the network asks again and again, before and after the screen that staff stand before."""
    monkeypatch.setattr("signage.office.screens.pairing.MOST_PENDING", 300)
    hostile = [f"192.168.1.{number}" for number in range(2, 254)]
    wishes = (_wish(number) for number in itertools.count())
    for address in hostile:
        api.pairings.ask(next(wishes), address)
    mine = api.pairings.ask(_wish(-1), "192.168.1.254")
    clock.advance(590_000)
    for address in hostile:
        api.pairings.ask(next(wishes), address)
    clock.advance(9_000)

    assert api.pairings.pending() <= 300
    assert api.pairings.let_in(mine.code, "gate", "王芳")


def test_one_address_drives_out_its_own_wishes_alone(api: ScreensApi) -> None:
    mine = api.pairings.ask(_wish(-1), "192.168.1.254")
    codes = [api.pairings.ask(_wish(number), "192.168.1.9").code for number in range(30)]

    assert [api.pairings.find(code) is not None for code in codes] == [False] * 10 + [True] * 20
    assert api.pairings.find(mine.code) is not None


def test_what_nobody_let_in_is_forgotten_when_its_time_is_over(desk: Desk, api: ScreensApi, clock: ManualClock) -> None:
    for number in range(30):
        api.pairings.ask(_wish(number), f"192.168.1.{number}")
    clock.advance(600_000)
    api.pairings.ask(_wish(30), "192.168.1.9")

    with desk.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PairingRow)) == 1


@pytest.mark.parametrize(
    ("address", "neighbour"),
    [
        ("192.168.1.9", "192.168.1.9"),
        ("::ffff:192.168.1.9", "192.168.1.9"),
        ("fd00:1:2:3:aaaa::1", "fd00:1:2:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_the_many_addresses_of_one_ipv6_machine_count_as_one(address: str, neighbour: str) -> None:
    assert neighbour_of(address) == neighbour


def test_staff_are_told_when_strangely_many_wait(api: ScreensApi, browser: Callable[..., TestClient]) -> None:
    page = browser(Role.ADMINISTRATOR)
    quiet = page.get("/pair").text
    for number in range(40):
        api.pairings.ask(_wish(number), f"192.168.1.{number}")

    assert "捣乱" not in quiet
    assert "现在有 40 块屏幕在等待登记" in (told := page.get("/pair").text)
    assert "捣乱" in told


def _wish(number: int):
    from signage.wire import PairingWish

    return PairingWish(f"{number:064d}", MACHINE)


def test_one_address_cannot_ask_for_ever(client: TestClient) -> None:
    answers = [
        client.post("/api/screens/pairings", json=asdict(replace(_wish(number)))).status_code for number in range(40)
    ]

    assert answers[0] == 201
    assert answers[-1] == 429


def test_a_heartbeat_is_kept_with_the_offset_of_the_screens_clock(
    desk: Desk, enrolled: Enrolled, clock: ManualClock
) -> None:
    answer = enrolled("gate").beat(sent_ms=clock.now_ms() + 7_000, release=3)

    with desk.database.reading() as session:
        row = session.get_one(ScreenRow, "gate")
    assert answer.json() == {"server_ms": clock.now_ms(), "wants_picture": True}
    assert row.clock_offset_ms == 7_000
    assert row.heard_ms == clock.now_ms()
    assert row.heartbeat is not None
    assert row.heartbeat["release"] == 3


def test_strangers_and_screens_that_were_shut_out_are_unknown(
    client: TestClient, api: ScreensApi, enrolled: Enrolled
) -> None:
    screen = enrolled("gate")
    api.roll.shut_out("gate", "王芳")

    for one in (screen, AScreen(client, "stranger")):
        assert one.beat().status_code == 401
        assert one.report(shown(1)).status_code == 401
        assert one.send_picture(jpeg()).status_code == 401
    assert screen.look(screen.ask()).status_code == 202


def test_a_screen_that_was_shut_out_can_be_let_in_again_under_another_name(api: ScreensApi, enrolled: Enrolled) -> None:
    screen = enrolled("gate")
    api.roll.shut_out("gate", "王芳")
    code = screen.ask()
    api.pairings.let_in(code, "hall", "王芳")

    assert screen.look(code).json()["screen"] == "hall"
    assert api.roll.names() == {"gate": False, "hall": True}


def test_other_hardware_under_the_same_name_shuts_the_old_one_out(
    client: TestClient, api: ScreensApi, enrolled: Enrolled
) -> None:
    old, new = enrolled("gate"), AScreen(client, "gate-new")
    api.pairings.let_in(new.ask(), "gate", "王芳")

    assert old.beat().status_code == 401
    assert new.beat().status_code == 200


def test_a_session_reaches_none_of_it_and_a_token_nothing_else(
    browser: Callable[..., TestClient], enrolled: Enrolled
) -> None:
    screen, person = enrolled("gate"), browser(Role.ADMINISTRATOR)

    assert person.post("/api/screens/heartbeat", json={"sent_ms": 0, "boot": 0}).status_code == 403
    for path in ("/screens/gate", "/pair", "/account"):
        answer = screen.client.get(path, headers=screen.headers, follow_redirects=False)
        assert answer.status_code != 200, path


def test_rows_that_come_again_count_once(desk: Desk, enrolled: Enrolled) -> None:
    screen = enrolled("gate")
    rows = [shown(key, outcome="shown" if key else "cut") for key in range(5)]

    first = screen.report(*rows)
    again = screen.report(*rows, shown(5))
    screen.report()

    with desk.database.reading() as session:
        sums = {(row.shown, row.cut, row.shown_ms) for row in session.scalars(select(ShownSumRow))}
    assert first.json() == {"stored": 5, "new": 5}
    assert again.json() == {"stored": 6, "new": 1}
    assert sums == {(5, 1, 60_000)}


def test_the_same_batches_at_the_same_time_count_once(desk: Desk, enrolled: Enrolled) -> None:
    screens = [enrolled(name) for name in ("gate", "hall", "lift")]
    rows = [shown(key) for key in range(40)]

    async def post_all() -> list[int]:
        transport = httpx2.ASGITransport(screens[0].client.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://office") as client:
            posts = [
                client.post(
                    "/api/screens/asrun",
                    json={"rows": [asdict(row) for row in rows[start : start + 20]]},
                    headers=screen.headers,
                )
                for _ in range(4)
                for screen in screens
                for start in (0, 10, 20)
            ]
            return [answer.json()["new"] for answer in await asyncio.gather(*posts)]

    new = asyncio.run(post_all())

    with desk.database.reading() as session:
        stored = session.scalar(select(func.count()).select_from(ShownRow))
        days = ShownSumRow.keeps == "all", func.length(ShownSumRow.span) == 10
        counted = session.scalar(select(func.sum(ShownSumRow.shown)).where(*days))
    assert sum(new) == stored == counted == 120


def test_texts_that_a_database_cannot_hold_are_mended(desk: Desk, enrolled: Enrolled) -> None:
    answer = enrolled("gate").report(shown(1, item="a\0b", reason="\0"))

    with desk.database.reading() as session:
        row = session.scalars(select(ShownRow)).one()
    assert answer.json()["new"] == 1
    assert row.item == "a\N{REPLACEMENT CHARACTER}b"


def test_a_report_that_cannot_be_kept_does_not_take_others_with_it(
    desk: Desk, enrolled: Enrolled, api: ScreensApi, expect_log: Callable[[str], None]
) -> None:
    from signage.office.screens.asrun import keep

    enrolled("gate")
    expect_log("inbox: a screen's report cannot be kept")
    expect_log("inbox: what screens report can be kept again")

    async def put() -> list[object]:
        def fail(session: object) -> None:
            raise ZeroDivisionError

        puts = [api.inbox.put(keep("gate", [shown(1)])), api.inbox.put(fail), api.inbox.put(keep("gate", [shown(2)]))]
        return await asyncio.gather(*puts, return_exceptions=True)

    first, failed, last = asyncio.run(put())

    assert isinstance(failed, ZeroDivisionError)
    assert [first.new, last.new] == [1, 1]  # type: ignore[attr-defined]


def test_a_picture_is_kept_and_the_wish_for_it_is_over(
    desk: Desk, enrolled: Enrolled, api: ScreensApi, clock: ManualClock
) -> None:
    screen = enrolled("gate")
    data = jpeg()

    answer = screen.send_picture(data)

    assert answer.status_code == 204
    assert api.pictures.path("gate", clock.now_ms()).read_bytes() == data
    assert screen.beat().json()["wants_picture"] is False
    assert api.roll.want_picture("gate")
    assert screen.beat().json()["wants_picture"] is True


def test_only_the_newest_pictures_stay(enrolled: Enrolled, api: ScreensApi, clock: ManualClock) -> None:
    screen = enrolled("gate")
    for _ in range(15):
        clock.advance(1000)
        screen.send_picture(jpeg())

    assert len(api.pictures.times("gate")) == 12
    assert api.pictures.times("gate")[0] == clock.now_ms()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 415),
        (b"<svg onload=alert(1)>" * 20, 415),
        (jpeg()[:-20], 415),
        (b"\xff\xd8" + b"\xff" * 300 + b"\xff\xd9", 415),
        (jpeg((9000, 8)), 415),
        (jpeg() + b"\0" * 512_000, 413),
        (jpeg((1920, 1080)), 204),
    ],
)
def test_only_a_whole_and_small_jpeg_is_a_picture(enrolled: Enrolled, data: bytes, status: int) -> None:
    assert enrolled("gate").send_picture(data).status_code == status


def test_a_body_that_is_too_long_is_refused(enrolled: Enrolled) -> None:
    screen = enrolled("gate")
    long = b'{"rows": [' + b" " * 5_000_000 + b"]}"

    answer = screen.client.post("/api/screens/asrun", content=long, headers=screen.headers)

    assert answer.status_code == 413


def test_what_is_wrong_in_a_message_is_told_without_sending_it_back(enrolled: Enrolled) -> None:
    screen = enrolled("gate")

    answer = screen.client.post(
        "/api/screens/heartbeat", json={"sent_ms": -1, "boot": "secret"}, headers=screen.headers
    )
    odd = screen.client.post(
        "/api/screens/heartbeat", content=b'{"sent_ms":1,"boot":1,"uptime_s":Infinity}', headers=screen.headers
    )

    assert answer.status_code == 422
    assert "secret" not in answer.text
    assert odd.status_code == 422


def test_a_screen_that_never_stops_sending_has_to_wait(enrolled: Enrolled, clock: ManualClock) -> None:
    screen, other = enrolled("gate"), enrolled("hall")

    answers = [screen.report().status_code for _ in range(125)]

    assert answers == [200] * 120 + [429] * 5
    assert other.report().status_code == 200
    clock.advance(61_000)
    assert screen.report().status_code == 200

"""The running office attacked from the network and by its own staff: what was tried once stays tried."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.office.console.roles import Role
from signage.office.console.throttle import Throttle
from signage.office.database.tables import AuditRow, PersonRow
from signage.office.desk import Desk
from signage.office.publish import number_on_air
from signage.office.screens.pictures import Pictures
from signage.office.tries import MOST_TRIES, PassphraseTries
from signage.release.errors import ReleaseError
from tests.console.test_direct import titles, turn_on, until
from tests.office.desk import PASSPHRASE

Browser = Callable[..., TestClient]


@pytest.mark.parametrize("host", ["[", "[::1", "a@127.0.0.1", "127.0.0.1@evil.com", "evil.com", "127.0.0.1:8931:1", ""])
def test_a_host_that_is_none_is_refused_in_plain_words(browser: Browser, host: str) -> None:
    client = browser()

    pages = [client.get(path, headers={"host": host}).status_code for path in ("/login", "/metrics")]

    assert pages == [403, 403]


def test_an_address_that_is_a_book_is_refused_before_anybody_reads_it(browser: Browser) -> None:
    client = browser(Role.ADMINISTRATOR)

    assert client.get(f"/review/{'9' * 5000}").status_code == 414


@pytest.mark.parametrize("place", ["/screens/中文", "/screens/%0d%0aset-cookie:%20a=b"])
def test_htmx_is_sent_to_the_sign_in_whatever_the_page_is_called(browser: Browser, place: str) -> None:
    answer = browser().get(place, headers={"hx-request": "true"})

    assert answer.status_code in (204, 404)
    assert "set-cookie" not in answer.headers
    assert answer.headers.get("hx-redirect", "/login").isascii()


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1", "1e9", "٣"])
@pytest.mark.parametrize(
    "place", ["/media?at=", "/playlist-parts/entry?first=", "/schedule/moment?date=2026-11-26&time=09:00&at="]
)
def test_a_number_that_is_none_is_passed_over(browser: Browser, place: str, number: str) -> None:
    client = browser(Role.EDITOR)

    assert client.get(place + number).status_code == 200


def test_forty_tries_at_once_are_no_more_than_five(clock: ManualClock) -> None:
    tries = Throttle(clock, most=5, window_s=300)
    barrier = threading.Barrier(40)

    def one(_number: int) -> bool:
        barrier.wait()
        return tries.take("a")

    with ThreadPoolExecutor(40) as pool:
        allowed = sum(pool.map(one, range(40)))

    assert allowed == 5


def test_a_try_that_was_right_is_given_back(clock: ManualClock) -> None:
    tries = Throttle(clock, most=2, window_s=300)

    for _ in range(5):
        assert tries.take("a")
        tries.give_back("a")

    assert tries.may("a")


def test_passphrases_tried_all_at_once_are_counted_too(desk: Desk) -> None:
    tries = PassphraseTries(desk)

    def one(_number: int) -> str:
        with pytest.raises(ReleaseError) as error:
            tries.open(desk.office(lambda _name: "wrong"), "王芳", "release")
        return str(error.value)

    with ThreadPoolExecutor(12) as pool:
        said = list(pool.map(one, range(12)))

    assert sum("too many" in one for one in said) == 12 - MOST_TRIES


def test_a_name_as_long_as_a_book_is_no_book_in_the_log(desk: Desk, browser: Browser) -> None:
    client = browser()

    answers = [
        client.post("/login", data={"name": name, "password": "x"}).status_code for name in ("x" * 90_000, "a\0b")
    ]

    with desk.database.reading() as session:
        assert max(len(row.person) for row in session.query(AuditRow)) < 100
    assert answers == [403, 403]


def test_a_screen_with_a_very_long_chinese_name_keeps_its_picture(desk: Desk) -> None:
    pictures, name = Pictures(desk.folder / "pictures"), "门" * 40

    pictures.keep(name, 1, b"picture")

    assert pictures.times(name) == [1]
    assert pictures.times("x" * 5000) == []


def test_a_pipe_among_the_playlists_holds_nobody_up(desk: Desk, browser: Browser) -> None:
    os.mkfifo(desk.store / "playlists" / "pipe.yaml")
    client = browser(Role.EDITOR)

    answer = client.get("/playlists/pipe")

    assert (answer.status_code, str(desk.store) in answer.text) == (503, False)


def test_a_store_that_is_away_is_said_to_be_so(desk: Desk, browser: Browser, expect_log) -> None:
    expect_log("the store cannot be read")
    client = browser(*Role)
    shutil.rmtree(desk.store / "playlists")
    desk.keeper.refresh()

    places = (
        "/",
        "/media",
        "/playlists",
        "/playlists/welcome",
        "/schedule",
        "/review",
        "/urgent",
        "/pair",
        "/screens/hall",
    )
    answers = {place: client.get(place).status_code for place in places}

    assert [place for place, status in answers.items() if status not in (200, 404, 503)] == []


def test_a_clock_that_was_set_back_ends_sessions_from_its_future(
    desk: Desk, browser: Browser, clock: ManualClock
) -> None:
    client = browser(Role.EDITOR)

    clock.jump(-24 * 3600 * 1000)

    assert client.get("/account", follow_redirects=False).headers["location"].startswith("/login")


def test_with_a_full_disk_people_still_see_their_screens_and_are_told_what_cannot_be_saved(
    desk: Desk, browser: Browser, clock: ManualClock, expect_log
) -> None:
    expect_log("does not take what a page asks for")
    client = browser(Role.ADMINISTRATOR, Role.DUTY)
    clock.advance(120_000)

    def refuse(*_said: object) -> None:
        raise OperationalError("commit", None, OSError(28, "No space left on device"))

    event.listen(desk.database.engine, "commit", refuse)
    try:
        seen = client.get("/")
        saved = client.post("/urgent/texts", data={"texts": "停水通知"})
    finally:
        event.remove(desk.database.engine, "commit", refuse)

    assert seen.status_code == 200
    assert (saved.status_code, "硬盘满了" in saved.text) == (503, True)
    assert client.post("/urgent/texts", data={"texts": "停水通知"}).status_code == 200


def test_direct_publishing_ends_when_who_turned_it_on_is_no_publisher_any_more(desk: Desk, browser: Browser) -> None:
    client = browser(Role.PUBLISHER)
    turn_on(client)
    until(lambda: number_on_air(desk.office()) == 1)

    with desk.database.writing() as session:
        for person in session.query(PersonRow):
            person.roles = [Role.EDITOR]
    playlist = desk.store / "playlists" / "welcome.yaml"
    playlist.write_text(playlist.read_text("utf-8").replace("title: ", "title: 坏", 1), "utf-8")
    desk.keeper.refresh()
    until(lambda: bool(desk.alarms.open()))

    assert number_on_air(desk.office()) == 1
    assert "已关闭" in client.get("/review/direct").text
    assert "不再是发布员" in desk.alarms.open()[0].message


def test_what_a_publisher_takes_back_does_not_go_out_again_with_the_next_file(desk: Desk, browser: Browser) -> None:
    client = browser(Role.PUBLISHER)
    playlist = desk.store / "playlists" / "welcome.yaml"
    good = playlist.read_text("utf-8")
    turn_on(client)
    until(lambda: number_on_air(desk.office()) == 1)
    playlist.write_text(good.replace("title: ", "title: 坏", 1), "utf-8")
    until(lambda: number_on_air(desk.office()) == 2)

    client.post("/review/1/back", data={"on_air": "2", "passphrase": PASSPHRASE, "why": "错了"})
    (desk.store / "playlists" / "more.yaml").write_text("title: 又一个\nplay: [{text: 字}]\n", "utf-8")
    desk.keeper.refresh()

    assert number_on_air(desk.office()) == 3
    assert not any(title.startswith("坏") for title in titles(desk))
    assert "已关闭" in client.get("/review/direct").text

"""直接发布: what changes goes out by itself, but only without review, and nothing vanishes for a slip."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from signage.office.console.roles import Role
from signage.office.desk import Desk
from signage.office.direct import DirectPublishing
from signage.office.drafts import decode_once
from signage.office.office import Office
from signage.office.publish import number_on_air, on_air
from tests.console.test_review import office_of
from tests.office.desk import PASSPHRASE, add_reviewer

Browser = Callable[..., TestClient]
LIMIT_S = 60


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no more changes, and not between two releases."""
    monkeypatch.setattr("signage.office.direct._QUIET_S", 0.05)
    monkeypatch.setattr("signage.office.direct._LEAST_BETWEEN_S", 0.0)


def until(is_so: Callable[[], bool]) -> None:
    for _ in range(LIMIT_S * 20):
        if is_so():
            return
        threading.Event().wait(0.05)
    raise AssertionError("did not come about")


def turn_on(client: TestClient, passphrase: str = PASSPHRASE) -> str:
    headers = {"hx-request": "true"}
    answer = client.post("/review/direct", data={"turn": "on", "passphrase": passphrase}, headers=headers)
    return answer.text if answer.status_code == 200 else str(answer.status_code)


def titles(desk: Desk) -> set[str]:
    manifests = [decode_once(data) for data in on_air(desk.office()).values()]
    return {one.title for manifest in manifests for one in manifest.store.playlists}


def test_a_change_goes_out_by_itself_and_nothing_after_it_is_turned_off(desk: Desk, browser: Browser) -> None:
    client = browser(Role.PUBLISHER)
    playlist = desk.store / "playlists" / "welcome.yaml"
    text = playlist.read_text("utf-8")

    assert turn_on(client) == "204"
    until(lambda: number_on_air(desk.office()) == 1)
    playlist.write_text(text.replace("title: ", "title: 新", 1), "utf-8")
    until(lambda: number_on_air(desk.office()) == 2)
    client.post("/review/direct", data={"turn": "off"})
    playlist.write_text(text, "utf-8")
    desk.keeper.refresh()

    assert any(title.startswith("新") for title in titles(desk))
    assert "已关闭" in client.get("/review/direct").text


def test_a_playlist_that_is_broken_by_a_slip_stays_on_air_and_an_alarm_says_so(
    desk: Desk, browser: Browser, expect_log
) -> None:
    expect_log("not published yet")
    client = browser(Role.PUBLISHER)
    playlist = desk.store / "playlists" / "welcome.yaml"
    text = playlist.read_text("utf-8")
    turn_on(client)
    until(lambda: number_on_air(desk.office()) == 1)
    before = titles(desk)

    playlist.write_text(text + "\nno-such-key: 1\n", "utf-8")
    until(lambda: bool(desk.alarms.open()))
    during = titles(desk)
    playlist.write_text(text.replace("title: ", "title: 新", 1), "utf-8")
    until(lambda: number_on_air(desk.office()) == 2)
    until(lambda: not desk.alarms.open())

    assert during == before
    assert any(title.startswith("新") for title in titles(desk))


def test_a_wrong_passphrase_turns_nothing_on(desk: Desk, browser: Browser) -> None:
    client = browser(Role.PUBLISHER)

    said = turn_on(client, "not the passphrase")

    assert "已关闭" in said
    assert "口令" in said
    assert number_on_air(desk.office()) == 0


def test_only_a_publisher_turns_it_on(browser: Browser) -> None:
    for role in (Role.EDITOR, Role.REVIEWER, Role.DUTY, Role.ADMINISTRATOR):
        assert browser(role).post("/review/direct", data={"turn": "on"}).status_code == 403


def test_where_releases_are_reviewed_nothing_goes_out_directly(desk: Desk, browser: Browser) -> None:
    client = browser(Role.PUBLISHER)
    office = office_of(desk)
    add_reviewer(office, "li", 1)

    assert client.get("/review/direct").text == ""
    assert turn_on(client) == ""
    assert number_on_air(desk.office()) == 0


def test_what_is_turned_off_while_it_waits_leaves_no_alarm(
    desk: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(Role.PUBLISHER)
    found: queue.SimpleQueue[DirectPublishing] = queue.SimpleQueue()

    def turned_off_meanwhile(direct: DirectPublishing, _office: Office, by: str) -> str:
        direct.turn_off(by)
        found.put(direct)
        return "正在更换，处理好后自动发布"

    monkeypatch.setattr(DirectPublishing, "_publish", turned_off_meanwhile)
    turn_on(client)
    found.get(timeout=LIMIT_S).stop("王芳")  # which waits for what is being published

    assert desk.alarms.open() == []

"""排期: the week of each screen, and the look of any moment."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image
from starlette.testclient import TestClient

from signage.office.console.roles import Role
from signage.office.desk import Desk

Browser = Callable[..., TestClient]


def test_a_week_and_a_moment_are_shown_to_anybody_signed_in(desk: Desk, browser: Browser) -> None:
    client = browser(Role.REVIEWER)
    name = next(iter(desk.keeper.store.screens))

    week = client.get("/schedule?week=2026-12-02").text
    moment = client.get(f"/schedule/moment?screen={name}&date=2027-03-01&time=10:30").text
    source = moment.partition('<img src="')[2].partition('"')[0].replace("&amp;", "&")

    assert "2026-11-30" in week
    assert "播放占比" in week
    assert "10:30:00" in moment
    picture = client.get(source)
    assert picture.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(picture.content)).width == 1280


def test_what_is_no_screen_or_no_time_is_refused(browser: Browser) -> None:
    client = browser(Role.REVIEWER)

    assert client.get("/schedule?screen=nosuch").status_code == 404
    assert client.get("/schedule?week=never").status_code == 200
    assert client.get("/schedule/moment?date=x&time=y").status_code == 422
    assert client.get("/schedule/moment?at=99999999999999999").status_code == 422
    assert client.get("/files/moment/nosuch/1").status_code == 404
    assert browser().get("/schedule", follow_redirects=False).status_code == 303

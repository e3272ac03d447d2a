"""公开: residents read what was on the screens, within its dates, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.content.media import probe
from signage.content.values import Card, Entry, Item, Kind, MediaFile, Playlist, Screen, Store
from signage.office.console.roles import Role
from signage.office.desk import Desk
from signage.office.publish import publish
from tests.office.desk import PASSPHRASE

Browser = Callable[..., TestClient]
DAY_MS = 86_400_000
SCREENS = {"gate-secret-name": Screen("gate-secret-name")}


def card(template: str, files: tuple[MediaFile, ...] = (), until: date | None = None, **fields: object) -> Item:
    said = json.dumps(fields, ensure_ascii=False)
    digest = sha256(f"{template}{said}".encode()).hexdigest()
    name = f"{template}:{fields.get('title') or fields.get('headline')}"
    return Item(name, Kind.CARD, digest, 10_000, card=Card(template, said, files), until_date=until)


def release(desk: Desk, *items: Item, **of_playlist: object) -> None:
    playlist = Playlist("internal-name", "内部标题", (Entry(items),), **of_playlist)  # type: ignore[arg-type]
    media = {one.path: one for item in items if item.card for one in item.card.photos}
    store = Store(desk.store, (playlist,), SCREENS, media=media)
    assert publish(desk.office(lambda _name: PASSPHRASE), store, "内部说明", by="张三") is not None


@pytest.fixture
def resident(desk: Desk, browser: Browser) -> TestClient:
    desk.settings.change(public_page=True)
    return browser()


def test_residents_read_notices_without_signing_in(desk: Desk, resident: TestClient) -> None:
    release(
        desk,
        card("notice", title="停水通知", body="周三停水。", office="居委会", link="http://example.org/a"),
        card("table", title="财务公开", columns=["项目", "金额"], rows=[["绿化", "1,200"]]),
        card("event", title="迎春会", when="1 月 30 日", where="大厅"),
        card("civility", text="文明标语"),
        card("honours", title="光荣榜", people=[{"name": "李四"}]),
        card("alert", title="警报"),
    )

    page = resident.get("/public")
    notices = {title: resident.get(path).text for title, path in links(page.text).items()}

    assert set(notices) == {"停水通知", "财务公开", "迎春会"}
    assert "周三停水。" in notices["停水通知"]
    assert 'href="http://example.org/a"' in notices["停水通知"]
    assert "<td>1,200</td>" in notices["财务公开"]
    assert "<script" not in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    everything = page.text + "".join(notices.values())
    for inner in ("internal-name", "内部标题", "内部说明", "张三", "李四", "gate-secret-name", str(desk.folder)):
        assert inner not in everything


def links(html: str) -> dict[str, str]:
    import re

    return {title: path for path, title in re.findall(r'href="(/public/[0-9a-f]{64})">.*?<b>([^<]*)</b>', html, re.S)}


def titles(resident: TestClient) -> set[str]:
    return set(links(resident.get("/public").text))


def test_the_page_is_off_unless_the_office_opens_it(desk: Desk, browser: Browser) -> None:
    release(desk, card("notice", title="停水通知", body="周三停水。"))

    assert browser().get("/public").status_code == 404


def test_a_notice_is_told_within_its_dates_only(desk: Desk, resident: TestClient, clock: ManualClock) -> None:
    release(
        desk,
        card("notice", title="到二十四日", body="。", until=date(2026, 11, 24)),
        replace(card("notice", title="后天起", body="。"), from_date=date(2026, 11, 25)),
        card("notice", title="一直", body="。"),
        expires=date(2026, 12, 1),
    )
    told = [titles(resident)]
    for _ in range(9):
        clock.advance(DAY_MS)
        told.append(titles(resident))

    assert told[0] == {"到二十四日", "一直"}
    assert told[2] == {"后天起", "一直"}
    assert told[9] == set()


def test_what_was_on_air_lately_is_told_until_it_is_long_ago(
    desk: Desk, resident: TestClient, clock: ManualClock
) -> None:
    release(desk, card("notice", title="旧的", body="。"))
    clock.advance(DAY_MS)
    release(desk, card("notice", title="不在首页看过的", body="。"))
    clock.advance(DAY_MS)
    release(desk, card("notice", title="新的", body="。"))

    lately = titles(resident)
    clock.advance(90 * DAY_MS)
    later = titles(resident)
    clock.advance(DAY_MS)

    assert lately == {"旧的", "不在首页看过的", "新的"}
    assert later == {"不在首页看过的", "新的"}
    assert titles(resident) == {"新的"}


def test_a_notice_can_be_withdrawn_and_told_again(desk: Desk, resident: TestClient, browser: Browser) -> None:
    release(desk, card("notice", title="写错的", body="。"))
    path = links(resident.get("/public").text)["写错的"]
    publisher = browser(Role.PUBLISHER)

    publisher.post("/public/hide", data={"key": path.rpartition("/")[2], "is_hidden": "1"})
    gone = (titles(resident), resident.get(path).status_code)
    publisher.post("/public/hide", data={"key": path.rpartition("/")[2], "is_hidden": ""})

    assert gone == (set(), 404)
    assert titles(resident) == {"写错的"}
    refused = {role for role in Role if browser(role, name=f"x{role}").post("/public/hide").status_code == 403}
    assert refused == set(Role) - {Role.PUBLISHER}


def test_pictures_of_told_notices_are_given_small_and_no_other_file_is(
    desk: Desk, resident: TestClient, clock: ManualClock
) -> None:
    media = desk.store / "media"
    Image.effect_noise((3000, 1500), 60).convert("RGB").save(media / "works.jpg", quality=95)
    Image.new("RGB", (60, 60), "red").save(media / "secret.png")
    photo, secret = (probe(media / name, name, clock) for name in ("works.jpg", "secret.png"))
    assert isinstance(photo, MediaFile)
    assert isinstance(secret, MediaFile)
    shown = Item("secret.png", Kind.PICTURE, secret.sha256, 10_000, media=secret)
    update = card("work-update", (photo,), headline="修路", body="修好了。", photos=["works.jpg"])
    playlist = Playlist("p", "p", (Entry((update, shown)),))
    store = Store(desk.store, (playlist,), SCREENS, media={"works.jpg": photo, "secret.png": secret})
    publish(desk.office(lambda _name: PASSPHRASE), store)

    picture = resident.get(f"/public/photos/{photo.sha256}")

    assert picture.headers["content-type"] == "image/webp"
    assert len(picture.content) < Path(media / "works.jpg").stat().st_size / 4
    assert resident.get(f"/public/photos/{secret.sha256}").status_code == 404
    assert resident.get("/public/photos/..%2f..%2foffice.db").status_code == 404


def test_pages_are_kept_by_browsers_and_nobody_may_ask_without_end(
    desk: Desk, resident: TestClient, clock: ManualClock
) -> None:
    release(desk, card("notice", title="停水通知", body="<b>周三</b>停水。"))
    first = resident.get("/public")

    again = resident.get("/public", headers={"if-none-match": first.headers["etag"]})
    codes = {resident.get("/public").status_code for _ in range(150)}
    clock.advance(61_000)

    assert "&lt;b&gt;周三" in first.text
    assert again.status_code == 304
    assert codes == {200, 429}
    assert resident.get("/public").status_code == 200


def test_whoever_may_switch_it_on_is_led_from_the_page_that_is_off_to_its_switch(browser: Browser) -> None:
    administrator, publisher, editor = (browser(role) for role in (Role.ADMINISTRATOR, Role.PUBLISHER, Role.EDITOR))

    off = administrator.get("/public")

    assert off.url.path == "/public/manage"
    assert 'href="/settings#public-page"' in off.text
    assert 'id="public-page"' in administrator.get("/settings").text
    told = publisher.get("/public")
    assert "公开页现在关闭" in told.text
    assert 'href="/settings' not in told.text
    assert editor.get("/public").status_code == 404
    assert browser().get("/public").status_code == 404

"""Pairing, the wall and a screen's page, as people use them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.content.values import Screen
from signage.office.console.roles import Role
from signage.office.database.tables import AuditRow
from signage.office.desk import Desk
from signage.office.screens.api import ScreensApi
from signage.office.screens.outputfit import misfit_of
from signage.wire import Heartbeat, Machine, OnAir, fingerprint
from tests.screens.conftest import AScreen, jpeg

Browser = Callable[..., TestClient]


@pytest.fixture
def admin(browser: Browser) -> TestClient:
    return browser(Role.ADMINISTRATOR, name="王芳")


@pytest.fixture
def screen(admin: TestClient) -> AScreen:
    return AScreen(TestClient(admin.app), "gate")


FIELDS = {"title": "大门屏幕", "name": "gate", "tags": "室外，led", "layout": "banner", "rotate": "0", "which": ""}


def test_a_screen_is_let_in_by_its_code(desk: Desk, admin: TestClient, screen: AScreen, api: ScreensApi) -> None:
    before = _screens_file(desk)
    code = screen.ask()

    found = admin.get("/pair", params={"code": code[:3].lower() + " " + code[3:]})
    done = admin.post("/pair", data=FIELDS | {"code": code})
    waiting = admin.get(f"/pair/{code}/state")
    enrolment = screen.look(code).json()
    screen.beat()
    heard = admin.get(f"/pair/{code}/state")

    assert "gate-pc" in found.text
    assert "1920×1080" in found.text
    assert fingerprint(api.root_bytes()) in done.text
    assert "等待屏幕报到" in waiting.text
    assert 'href="/review"' in waiting.text
    assert enrolment["screen"] == "gate"
    assert "屏幕已经报到" in heard.text
    assert "every 2s" not in heard.text
    after = _screens_file(desk)
    assert after.startswith(before.rstrip("\n"))
    assert "gate:" in after.removeprefix(before.rstrip("\n"))
    assert desk.keeper.refresh().store.screens["gate"].tags == {"室外", "led"}
    with desk.database.reading() as session:
        assert "screen.enrolled" in session.scalars(select(AuditRow.action)).all()


def _screens_file(desk: Desk) -> str:
    path = desk.store / "playlists" / "screens.yaml"
    return path.read_text("utf-8") if path.exists() else ""


def test_replacing_a_machine_is_asked_for_first(desk: Desk, admin: TestClient, screen: AScreen) -> None:
    admin.post("/pair", data=FIELDS | {"code": screen.ask()})
    screen.beat()
    other = AScreen(screen.client, "gate-new")
    code = other.ask()

    asked = admin.post("/pair", data=FIELDS | {"code": code, "which": "gate"})
    assert "已经登记过" in asked.text
    assert screen.beat().status_code == 200

    admin.post("/pair", data=FIELDS | {"code": code, "which": "gate", "replace": "yes"})
    assert screen.beat().status_code == 401
    assert other.beat().status_code == 200


def test_five_wrong_codes_and_the_right_one_must_wait(admin: TestClient, screen: AScreen, clock: ManualClock) -> None:
    code = screen.ask()

    wrong = [admin.get("/pair", params={"code": "BBBBBB"}).status_code for _ in range(5)]
    blocked = admin.get("/pair", params={"code": code})
    clock.advance(601_000)
    later = admin.get("/pair", params={"code": screen.ask()})

    assert wrong == [404] * 5
    assert blocked.status_code == 429
    assert later.status_code == 200


@pytest.mark.parametrize("name", ["../x", "a b", "changes", "-", "a/b", "x" * 41])
def test_a_name_that_cannot_be_one_is_refused(admin: TestClient, screen: AScreen, name: str) -> None:
    answer = admin.post("/pair", data=FIELDS | {"code": screen.ask(), "name": name})

    assert answer.status_code == 422
    assert "代号" in answer.text


def test_only_an_administrator_lets_screens_in_or_shuts_them_out(
    browser: Browser, admin: TestClient, screen: AScreen
) -> None:
    admin.post("/pair", data=FIELDS | {"code": screen.ask()})
    person = browser(Role.EDITOR)

    assert person.get("/pair").status_code == 403
    assert person.post("/screens/gate/revoke").status_code == 403
    assert person.post("/screens/gate/settings", data={"title": "x"}).status_code == 403
    assert person.get("/screens/gate").status_code == 200
    assert "登记新屏幕" not in person.get("/").text


def test_the_wall_tells_of_every_screen_and_then_only_of_what_changed(
    admin: TestClient, screen: AScreen, clock: ManualClock
) -> None:
    admin.post("/pair", data=FIELDS | {"code": screen.ask()})
    screen.beat(sent_ms=clock.now_ms(), on_air=(OnAir("main", "views/gulls.jpg", "views", next_item="b.jpg"),))
    clock.advance(2000)
    wall = admin.get("/").text
    changes = _changes_path(wall)

    quiet = admin.get(changes, headers={"hx-request": "true"}).text
    screen.send_picture(jpeg())
    clock.advance(2000)
    news = admin.get(changes, headers={"hx-request": "true"}).text

    assert "gulls.jpg" in wall
    assert '<a class="screen' not in quiet
    assert 'id="pulse"' in quiet
    assert news.count('<a class="screen') == 1
    assert 'hx-swap-oob="true"' in news
    assert "/screens/gate/picture?at=" in news


def _changes_path(wall: str) -> str:
    return wall.split('hx-get="', 1)[1].split('"', 1)[0].replace("&amp;", "&")


def test_a_new_screen_has_the_wall_drawn_anew(admin: TestClient, screen: AScreen, clock: ManualClock) -> None:
    changes = _changes_path(admin.get("/").text)
    admin.post("/pair", data=FIELDS | {"code": screen.ask()})

    answer = admin.get(changes, headers={"hx-request": "true"})

    assert answer.headers["hx-refresh"] == "true"


def test_a_picture_is_given_to_people_as_a_jpeg_and_nothing_else(
    admin: TestClient, screen: AScreen, clock: ManualClock
) -> None:
    admin.post("/pair", data=FIELDS | {"code": screen.ask()})
    screen.send_picture(jpeg())

    answer = admin.get("/screens/gate/picture", params={"at": clock.now_ms()})

    assert answer.content == jpeg()
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    for bad in ("../../office.db", "x", "-1"):
        assert admin.get("/screens/gate/picture", params={"at": bad}).status_code == 404
    assert admin.get("/screens/..%2F..%2Foffice/picture").status_code == 404


def test_looking_now_has_the_screen_asked_at_once(admin: TestClient, screen: AScreen) -> None:
    admin.post("/pair", data=FIELDS | {"code": screen.ask()})
    screen.send_picture(jpeg())
    assert screen.beat().json()["wants_picture"] is False

    asked = admin.post("/screens/gate/look", headers={"hx-request": "true"})

    assert "正在拍" in asked.text
    assert screen.beat().json()["wants_picture"] is True


def test_a_screen_that_cannot_be_reached_is_said_to_be_so(
    admin: TestClient, screen: AScreen, clock: ManualClock
) -> None:
    admin.post("/pair", data=FIELDS | {"code": screen.ask()})
    screen.beat(sent_ms=clock.now_ms())
    clock.advance(3_600_000)

    asked = admin.post("/screens/gate/look", headers={"hx-request": "true"})

    assert "联系不上" in asked.text
    assert "disabled" not in asked.text
    assert screen.beat().json()["wants_picture"] is True


def test_a_screens_settings_change_only_its_own_lines(desk: Desk, admin: TestClient, screen: AScreen) -> None:
    path = desk.store / "playlists" / "screens.yaml"
    path.write_text("# 屏幕\ngate:\n  title: 大门   # 给居民看\n  hours: 07:00-22:00\nhall:\n  title: 大厅\n", "utf-8")
    admin.post("/pair", data=FIELDS | {"code": screen.ask(), "which": "gate"})
    page = admin.get("/screens/gate").text
    version = page.split('name="version" value="', 1)[1].split('"', 1)[0]
    said = {"title": "南大门", "tags": "室外，led", "hours": "06:30-21:00", "layout": "full", "version": version}

    saved = admin.post("/screens/gate/settings", data=said, follow_redirects=False)
    stale = admin.post("/screens/gate/settings", data=said | {"title": "北大门"})
    wrong = admin.post("/screens/gate/settings", data={"hours": "25:00-26:00"} | {"version": _version(admin)})

    assert saved.status_code == 303
    assert "有人刚改过" in stale.text
    assert wrong.status_code == 422
    assert path.read_text("utf-8") == (
        "# 屏幕\ngate:\n  title: 南大门   # 给居民看\n  hours: 06:30-21:00\n  layout: full\n"
        "  tags: [室外, led]\nhall:\n  title: 大厅\n"
    )


def _version(admin: TestClient) -> str:
    return admin.get("/screens/gate").text.split('name="version" value="', 1)[1].split('"', 1)[0]


FULL_HD = asdict(Machine("gate-pc", (1920, 1080)))


def test_a_canvas_smaller_than_its_output_is_told_and_mended_by_one_click(
    desk: Desk, admin: TestClient, browser: Browser, screen: AScreen
) -> None:
    code = screen.ask()
    admin.post("/pair", data=FIELDS | {"code": code})
    admin.post("/screens/gate/settings", data={"size": "960x540"})
    screen.beat(machine=FULL_HD)

    paired, page = admin.get(f"/pair/{code}/state").text, admin.get("/screens/gate").text
    editors = browser(Role.EDITOR).get("/screens/gate").text
    admin.cookies.set("signage_lang", "en")
    english = admin.get("/screens/gate").text
    form = {"size": "1920x1080", "position": ""}
    after = admin.post("/screens/gate/settings", data=form).text

    for told in (paired, page):
        assert "画面设的是 960×540，这台主机的输出是 1920×1080：画面只占左上角" in told
        assert all(f'name="{name}" value="{value}"' in told for name, value in form.items())
    assert "takes the top left corner" in english
    assert "只占左上角" in editors
    assert "占满屏幕" not in editors
    assert "misfit" not in after
    assert "misfit" not in admin.get(f"/pair/{code}/state").text
    kept = desk.keeper.refresh().store.screens["gate"]
    assert (kept.size_px, kept.title, kept.tags) == ((1920, 1080), "大门屏幕", {"室外", "led"})


@pytest.mark.parametrize(
    ("screen", "output", "expected"),
    [
        (Screen(), (1920, 1080), None),
        (Screen(size_px=(1920, 1080)), (1920, 1080), None),
        (Screen(size_px=(960, 540)), (0, 0), None),
        (Screen(size_px=(1080, 1920), rotate=90), (1920, 1080), None),
        (Screen(size_px=(540, 960), rotate=270), (1920, 1080), ("1080x1920", False)),
        (Screen(size_px=(960, 540)), (1920, 1080), ("1920x1080", False)),
        (Screen(size_px=(960, 540), position_px=(960, 0)), (1920, 1080), None),
        (Screen(size_px=(1920, 1080), position_px=(10, 0)), (1920, 1080), ("1920x1080", True)),
        (Screen(size_px=(3840, 2160)), (1920, 1080), ("1920x1080", True)),
    ],
)
def test_a_canvas_is_compared_with_its_output_as_it_hangs(
    screen: Screen, output: tuple[int, int], expected: tuple[str, bool] | None
) -> None:
    found = misfit_of(screen, Heartbeat(0, 1, machine=Machine("pc", output)))

    assert (found and (found.wanted, found.is_cut_off)) == expected


def test_a_screen_that_has_not_been_heard_of_has_no_misfit() -> None:
    assert misfit_of(Screen(size_px=(1, 1)), None) is None

"""The screens' pages in a real browser, on a desk and on a phone, in Chinese and English: whole, quiet, and kept up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from signage.wire import Heartbeat, Machine, OnAir, PairingWish
from tests.browsers import needs_chromium
from tests.flows.officerun import OfficeRun, Staff
from tests.screens.conftest import digest_of, jpeg
from tests.screens.demo import seed

pytestmark = needs_chromium
PATHS = ("/", "/?state=black&tag=lift", "/screens/hall", "/pair", "/reports", "/reports?by=screen&first=2026-01-01")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfficeRun]:
    folder: Path = tmp_path_factory.mktemp("demo")
    seed(folder, draws=False, hours=0.5).close()
    office = OfficeRun(folder / "store", folder / "office", {})
    with office.running():
        yield office


@pytest.fixture
def staff(window: Browser, office: OfficeRun) -> Iterator[Staff]:
    staff = Staff(window, office)
    yield staff
    assert staff.faults == []


class OverHttp:
    """A screen at the office's real address."""

    def __init__(self, office: OfficeRun, token: str) -> None:
        self._client = httpx2.Client(base_url=office.url, headers={"authorization": f"Bearer {token}"})
        self._token = token

    def ask(self) -> str:
        wish = PairingWish(digest_of(self._token), Machine("novel-pc", (1920, 1080), "Debian 12", "0.1.0"))
        code: str = self._client.post("/api/screens/pairings", json=asdict(wish)).json()["code"]
        return code

    def beat(self, item: str) -> bool:
        on_air = (OnAir("main", item, "views", next_item="views/gulls.jpg"),)
        said = Heartbeat(time.time_ns() // 1_000_000, 1, on_air=on_air)
        answer = self._client.post("/api/screens/heartbeat", json=asdict(said))
        assert answer.status_code == 200, answer.text
        wants_picture: bool = answer.json()["wants_picture"]
        return wants_picture

    def send_picture(self) -> None:
        assert self._client.put("/api/screens/picture", content=jpeg()).status_code == 204

    def close(self) -> None:
        self._client.close()


@pytest.mark.parametrize(("width_px", "language"), [(1440, "zh"), (390, "zh"), (1440, "en"), (390, "en")])
def test_every_page_fits_and_is_in_its_language(staff: Staff, width_px: int, language: str) -> None:
    page = staff.sign_in("王芳", width_px)
    if language == "en":
        page.click("text=English")

    for path in PATHS:
        staff.go(page, path)

        assert page.evaluate("document.documentElement.scrollWidth") <= width_px, path
        words = ("Screens", "Reports") if language == "en" else ("屏幕总览", "播出报告")
        assert all(word in page.locator("nav.places").inner_text() for word in words), path
    expect(page.locator("#coverage")).to_contain_text("Planned and shown" if language == "en" else "计划与实际")


def test_a_screen_is_paired_and_the_pages_follow_it(staff: Staff, office: OfficeRun) -> None:
    page, wall = staff.sign_in("王芳", 390), staff.sign_in("王芳")
    screen = OverHttp(office, "token-of-a-new-screen")
    code = screen.ask()

    staff.go(page, f"/pair?code={code}")
    expect(page.locator("main")).to_contain_text("novel-pc")
    page.fill("[name=title]", "北门屏幕")
    page.fill("[name=name]", "north-gate")
    page.fill("[name=tags]", "outdoor，led")
    page.click("text=登记这块屏幕")
    expect(page.locator("#pair-state")).to_contain_text("等待屏幕报到")
    screen.beat("views/terraces.jpg")
    expect(page.locator("#pair-state")).to_contain_text("屏幕已经报到", timeout=60_000)

    staff.go(wall, "/")
    card = wall.locator("a.screen", has_text="北门屏幕")
    expect(card).to_contain_text("terraces.jpg")
    _mark(wall)
    screen.beat("views/lake.jpg")
    screen.send_picture()
    expect(card).to_contain_text("lake.jpg", timeout=60_000)
    expect(card.locator("img")).to_have_count(1)
    assert wall.evaluate("document.body.dataset.stays") == "yes", "the page was drawn anew"

    card.click()
    wall.click("text=现在看一眼")
    expect(wall.locator("#output")).to_contain_text("正在拍")
    assert screen.beat("views/lake.jpg")
    screen.send_picture()
    expect(wall.locator("#output button")).to_have_text("现在看一眼", timeout=60_000)
    screen.close()


def _mark(page: Page) -> None:
    page.evaluate("document.body.dataset.stays = 'yes'")

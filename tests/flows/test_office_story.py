"""The whole road with real processes: a photo from the folder to the wall, and a wall that goes black at once."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page

from signage.base.clock import SystemClock
from signage.office.console.roles import Role
from signage.office.people import add_person
from signage.starter import make_store
from tests.bench.measure import Display
from tests.browsers import needs_chromium
from tests.flows.officerun import OfficeRun, Staff, program, shown_on, until
from tests.office.desk import PASSPHRASE, make_office

pytestmark = [
    pytest.mark.slow,
    pytest.mark.display,
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb: apt-get install xvfb"),
    needs_chromium,
]
PEOPLE = {
    "陈静": (Role.EDITOR, Role.ADMINISTRATOR),
    "li": (Role.REVIEWER,),
    "wang": (Role.REVIEWER,),
    "值班": (Role.DUTY,),
}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[OfficeRun]:
    """An office with two review levels, and people for each part of the road."""
    make_store(tmp_path / "store")
    # It plays by day only, and two thirds of the time: what a story waits for must not depend on the hour.
    (tmp_path / "store" / "playlists" / "work-updates.yaml").unlink()
    made = make_office(tmp_path / "office", SystemClock(), levels=2)
    add_person(made, "li", "review1")
    add_person(made, "wang", "review2")
    office = OfficeRun(tmp_path / "store", tmp_path / "office", PEOPLE)
    with office.running():
        yield office


def draw_photo(path: Path) -> None:
    picture = Image.new("RGB", (1600, 900), (20, 90, 160))
    ImageDraw.Draw(picture).rectangle((200, 200, 1400, 700), fill=(250, 200, 40))
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, quality=90)


def pair(staff: Staff, office: OfficeRun, name: str) -> None:
    """Let in the screen that shows a code, by a person who reads it off the screen."""
    code = until(office.code_of_newest, "a new screen shows a code")
    page = staff.sign_in("陈静")
    staff.go(page, f"/pair?code={code}")
    if page.locator(f"[name=which] option[value={name}]").count():
        page.select_option("[name=which]", name)
    else:
        page.fill("[name=title]", f"{name} 屏")
        page.fill("[name=name]", name)
    page.click("main button.main")
    until(lambda: office.ask("SELECT name FROM screen WHERE name = ?", name), "the screen is let in")
    page.context.close()


def _outcome(page: Page) -> str:
    page.wait_for_timeout(50)
    return "taken" if re.search(r"/review/\d+$", page.url) else "refused" if page.locator(".fault").count() else ""


def submit_and_approve(staff: Staff) -> None:
    """Submit what has changed, and have it approved at both levels."""
    editor = staff.sign_in("陈静")
    for _ in range(5):
        staff.go(editor, "/review")
        editor.fill("#submit [name=note]", "新照片")
        editor.click("#submit button.main")
        # What has changed since the page was made is not submitted unseen: one looks again.
        if until(lambda: _outcome(editor), "the submission is taken or refused") == "taken":
            break
    path = "/" + editor.url.partition("//")[2].partition("/")[2]
    for name in ("li", "wang"):
        page = staff.sign_in(name)
        staff.go(page, path)
        page.select_option("[name=key]", name)
        page.fill("[name=passphrase]", PASSPHRASE)
        with page.expect_navigation():
            page.click("button:has-text('通过')")
        page.context.close()
    editor.context.close()


def test_a_photo_from_the_folder_is_approved_at_two_levels_and_seen_on_the_wall(
    office: OfficeRun, window: Browser, tmp_path: Path
) -> None:
    state = tmp_path / "screen"
    with ExitStack() as stack:
        display = stack.enter_context(Display(960, 540))
        stack.enter_context(
            program(["play", "--office", office.url, "--state", str(state)], tmp_path / "screen.txt", display.name)
        )
        staff = Staff(window, office)
        pair(staff, office, "default")
        draw_photo(office.store / "media" / "gate.jpg")
        taken = "SELECT path FROM media_file WHERE path = 'gate.jpg' AND state IN ('accepted', 'converted')"
        until(lambda: office.ask(taken), "the photo is taken in")
        page = staff.sign_in("陈静")
        staff.go(page, "/media")
        page.click("a:has-text('gate.jpg')")
        page.select_option("[name=playlist]", label="民族团结")
        with page.expect_navigation():
            page.click("button:has-text('加进去')")

        submit_and_approve(staff)

        until(lambda: "gate.jpg" in shown_on(state), "the photo is on the wall")
        until(lambda: display.screen.pixel(480, 270) == pytest.approx((250, 200, 40), abs=30), "it is seen", 30)
        staff.go(page, "/")
        page.wait_for_selector("text=正常")
        assert staff.faults == []
    text = (office.store / "playlists" / "welcome.yaml").read_text("utf-8")
    assert "# 播放占比" in text  # what a person wrote beside it is still there
    assert "gate.jpg" in text


def test_a_blackout_is_seen_at_once_and_never_claimed_for_a_screen_that_is_offline(
    office: OfficeRun, window: Browser, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        staff = Staff(window, office)
        displays: dict[str, Display] = {}
        gone = ExitStack()
        for name, ending in (("default", stack), ("hall", gone)):
            displays[name] = stack.enter_context(Display(640, 360))
            command = ["play", "--office", office.url, "--state", str(tmp_path / name)]
            ending.enter_context(program(command, tmp_path / f"{name}.txt", displays[name].name))
            pair(staff, office, name)
        submit_and_approve(staff)
        for name, display in displays.items():
            until(lambda state=tmp_path / name: shown_on(state), f"{name} plays")  # type: ignore[misc]
            assert not display.screen.is_black(display.screen.whole())
        gone.close()  # the hall's computer is switched off

        duty = staff.sign_in("值班", width_px=390)
        staff.go(duty, "/urgent/blackout")
        duty.fill("[name=passphrase]", PASSPHRASE)
        duty.click("button.go")

        screen = displays["default"].screen
        until(lambda: screen.is_black(screen.whole()), "the wall is black", 10)
        duty.wait_for_selector(".tally:has-text('1 / 2')")
        assert duty.locator(".tally.all").count() == 0
        staff.go(duty, "/urgent/resume")
        duty.fill("[name=passphrase]", PASSPHRASE)
        duty.click("button.go")
        until(lambda: not screen.is_black(screen.whole()), "the wall plays on", 10)
        assert staff.faults == []

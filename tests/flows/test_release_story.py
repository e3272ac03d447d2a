"""Staff in real browsers, on a phone and on a desktop: return, approve, go back, take over; residents read along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from signage.base.clock import SystemClock
from signage.office.console.roles import Role
from signage.office.desk import open_desk
from signage.office.people import add_person
from signage.starter import make_store
from tests.browsers import needs_chromium
from tests.flows.officerun import OfficeRun, Staff
from tests.office.desk import PASSPHRASE, make_office

pytestmark = [
    pytest.mark.slow,
    needs_chromium,
]
PEOPLE = {
    "陈静": (Role.EDITOR, Role.PUBLISHER),
    "li": (Role.REVIEWER,),
    "wang": (Role.REVIEWER,),
    "值班": (Role.DUTY,),
}
PHONE, DESKTOP = 390, 1440
NOTICE = "title: 通知\nplay:\n  - template: notice\n    title: {title}\n    body: 周三上午停水。\n"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[OfficeRun]:
    """An office with two review levels and an open public page."""
    make_store(tmp_path / "store")
    (tmp_path / "store" / "playlists" / "water.yaml").write_text(NOTICE.format(title="停谁通知"), "utf-8")
    made = make_office(tmp_path / "office", SystemClock(), levels=2)
    add_person(made, "li", "review1")
    add_person(made, "wang", "review2")
    office = OfficeRun(tmp_path / "store", tmp_path / "office", PEOPLE)
    desk = open_desk(office.store, office.folder, takes_in=False)
    desk.settings.change(public_page=True)
    desk.close()
    with office.running():
        yield office


def submit(staff: Staff, page: Page, note: str) -> None:
    staff.go(page, "/review")
    page.fill("#submit [name=note]", note)
    page.click("#submit button.main")
    page.wait_for_url(re.compile(r"/review/\d+$"))


def approve(page: Page, key: str) -> None:
    page.select_option("[name=key]", key)
    page.fill("[name=passphrase]", PASSPHRASE)
    with page.expect_navigation():
        page.click("form[action$=approve] button.main")


def pictures_are_drawn(page: Page) -> bool:
    """Bring every picture into view, and tell whether all were drawn."""
    for picture in page.locator(".change img").all():
        picture.scroll_into_view_if_needed()
    page.wait_for_function("() => [...document.querySelectorAll('.change img')].every(one => one.complete)")
    return bool(page.evaluate("[...document.querySelectorAll('.change img')].every(one => one.naturalWidth === 480)"))


def is_as_wide_as_its_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_release_is_returned_mended_approved_on_a_phone_and_gone_back_from(
    office: OfficeRun, window: Browser
) -> None:
    staff = Staff(window, office)
    editor, li = staff.sign_in("陈静", DESKTOP), staff.sign_in("li", DESKTOP)
    wang, resident = staff.sign_in("wang", PHONE), window.new_context(viewport={"width": PHONE, "height": 844})
    submit(staff, editor, "停水")

    staff.go(li, "/review/1")
    assert pictures_are_drawn(li)
    li.click("summary:has-text('不通过')")
    li.fill("[name=why]", "标题有错字")
    li.click("button.danger")
    staff.go(editor, "/review/1")
    assert "标题有错字" in editor.inner_text("main")

    (office.store / "playlists" / "water.yaml").write_text(NOTICE.format(title="停水通知"), "utf-8")
    submit(staff, editor, "改正了错字")
    staff.go(li, "/review/2")
    approve(li, "li")
    li.close()
    staff.go(wang, "/review/2")
    assert is_as_wide_as_its_window(wang)
    approve(wang, "wang")
    wang.wait_for_selector(".state.good:has-text('正在播放')")

    reading = resident.new_page()
    reading.goto(f"{office.url}/public")
    reading.click("li a:has-text('停水通知')")
    assert "周三上午停水" in reading.inner_text("article")
    assert is_as_wide_as_its_window(reading)

    (office.store / "playlists" / "water.yaml").unlink()
    submit(staff, editor, "撤下停水通知")
    for page, key in ((staff.sign_in("li", PHONE), "li"), (wang, "wang")):
        staff.go(page, "/review/3")
        approve(page, key)
    editor.click("button:has-text('English')")
    staff.go(editor, "/review")
    editor.click("tr:has(td:has-text('改正了错字')) a:has-text('Go back to it')")
    editor.fill("[name=why]", "water is off again")
    editor.click("button:has-text('Submit for review')")
    editor.wait_for_url(re.compile(r"/review/4$"))
    assert "停水通知" in editor.inner_text("main")
    assert "You submitted this yourself" in editor.inner_text("main")
    assert is_as_wide_as_its_window(editor)
    assert staff.faults == []


def test_the_person_on_duty_unlocks_once_and_takes_over_with_two_clicks_on_a_phone(
    office: OfficeRun, window: Browser
) -> None:
    staff = Staff(window, office)
    duty = staff.sign_in("值班", PHONE)
    staff.go(duty, "/urgent")
    duty.fill(".lock [name=passphrase]", PASSPHRASE)
    duty.click("button:has-text('解锁值班')")
    duty.wait_for_selector("text=值班已解锁")

    duty.click("a.choice:has-text('停水通知')")
    duty.wait_for_function("() => [...document.querySelectorAll('img.preview')].every(one => one.naturalWidth > 0)")
    assert is_as_wide_as_its_window(duty)
    assert duty.locator("button.go").bounding_box()["y"] < 700  # type: ignore[index]
    duty.click("button.go")

    duty.wait_for_url(f"{office.url}/urgent")
    given = office.ask("SELECT person, detail FROM audit WHERE action = 'urgent.takeover'")
    assert [row[0] for row in given] == ["值班"]
    assert PASSPHRASE not in str(office.ask("SELECT * FROM audit"))
    assert PASSPHRASE not in (office.folder / "output.txt").read_text("utf-8")
    duty.click("button:has-text('锁上')")
    duty.click("a.black")
    assert duty.locator("[name=passphrase]").count() == 1
    assert staff.faults == []

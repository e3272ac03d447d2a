"""Staff at work in a real browser: a card typed and seen, order by hand, two at once, files dropped in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from signage.office.console.roles import Role
from signage.office.desk import Desk
from signage.office.server import make_office_app
from tests.browsers import Visitor, needs_chromium, served, visit
from tests.console.test_media import picture
from tests.office.desk import let_sign_in

pytestmark = needs_chromium

TEXT = """\
title: 通知   # 标题
play:
  # 停水
  - template: notice
    seconds: 20   # 秒
    title: 停水
    body: 明天停水。
  - template: civility
    text: 您让一步
  - template: civility
    text: 路宽一分
"""
Open = Callable[..., Any]


@pytest.fixture
def file(desk: Desk) -> Path:
    path = desk.store / "playlists" / "notice.yaml"
    path.write_text(TEXT, "utf-8")
    return path


@pytest.fixture
def open_console(desk: Desk, window: Browser) -> Iterator[Open]:
    """Give what opens a window of an editor: `with open_console(width_px=390, language="en") as seen`."""
    let_sign_in(desk, "王芳", Role.EDITOR)
    with served(make_office_app(desk)) as address:
        yield lambda **how: visit(window, address, "王芳", **how)


def test_a_card_is_seen_while_it_is_typed_and_saved_as_one_line(open_console: Open, file: Path) -> None:
    with open_console() as seen:
        page = seen.page
        seen.go("/playlists/notice")
        entry = page.locator(".entry").first
        entry.locator("[data-edit]").click()
        preview = entry.locator(".preview-picture")
        expect(preview).to_be_visible()
        before = preview.get_attribute("src")

        entry.locator("[name$='.f.body']").fill("后天停水。")
        expect(preview).not_to_have_attribute("src", before or "")
        entry.locator("[name$='.seconds']").fill("很久")
        expect(entry.locator("[data-fault$='.seconds']")).to_contain_text("必须是时长")
        entry.locator("[name$='.seconds']").fill("20")
        expect(entry.locator("[data-fault$='.seconds']")).to_be_empty()
        page.click("button[value=save]")

        expect(page.locator(".done")).to_contain_text("已保存")
    assert file.read_text("utf-8") == TEXT.replace("明天停水。", "后天停水。")


def test_order_is_changed_by_dragging_and_by_arrows(open_console: Open, file: Path) -> None:
    with open_console() as seen:
        page = seen.page
        seen.go("/playlists/notice")
        labels = page.locator(".entry [data-label]")
        page.locator(".entry").nth(2).locator("[data-move=up]").click()
        expect(labels).to_have_text(["停水", "路宽一分", "您让一步"])
        if page.evaluate("typeof Sortable !== 'undefined'"):
            target = page.locator(".entry").nth(2)
            box = target.bounding_box()
            assert box
            page.locator(".grip").nth(0).drag_to(target, target_position={"x": 60, "y": box["height"] - 6})
        else:
            page.locator(".entry").nth(0).locator("[data-move=down]").click()
            page.locator(".entry").nth(1).locator("[data-move=down]").click()
        expect(labels).to_have_text(["路宽一分", "您让一步", "停水"])
        page.click("button[value=save]")
        expect(page.locator(".done")).to_contain_text("已保存")
    text = file.read_text("utf-8")
    assert text.index("路宽一分") < text.index("您让一步") < text.index("# 停水\n  - template: notice")


def test_an_edit_by_hand_in_between_is_shown_and_both_are_kept(open_console: Open, file: Path) -> None:
    with open_console() as seen:
        page = seen.page
        seen.go("/playlists/notice")
        page.fill("[name=title]", "公告")
        file.write_text(TEXT.replace("seconds: 20", "seconds: 30"), "utf-8")
        page.click("button[value=save]")
        expect(page.locator("h1")).to_contain_text("刚被别人改过")
        expect(page.locator(".changes").first).to_contain_text("30")
        seen.faults.clear()  # the browser reports the 409 of this page
        page.click("text=两边都要")
        expect(page.locator(".done")).to_contain_text("已保存")
    assert file.read_text("utf-8") == TEXT.replace("seconds: 20", "seconds: 30").replace("title: 通知", "title: 公告")


def test_a_new_playlist_is_made_of_a_card_and_a_file_on_a_phone(open_console: Open, desk: Desk) -> None:
    (desk.store / "media" / "湖.png").write_bytes(picture())
    desk.keeper.refresh()
    with open_console(width_px=390) as seen:
        page = seen.page
        seen.go("/playlists/new")
        page.fill("[name=title]", "防火")
        page.click("text=填一张卡片")
        page.click("#templates >> text=通知公告")
        page.fill("[name='e.n0.f.title']", "小心火烛")
        page.fill("[name='e.n0.f.body']", "人走断电。")
        expect(page.locator(".preview-picture").first).to_be_visible()
        page.click("text=从素材库加")
        page.click("#choices >> text=湖.png")
        page.click("#chosen")
        expect(page.locator(".entry")).to_have_count(2)
        assert not seen.overhang_px
        page.click("button[value=save]")
        expect(page.locator(".done")).to_contain_text("建好了")
    assert (desk.store / "playlists" / "防火.yaml").read_text("utf-8") == (
        "title: 防火\nplay:\n  - template: notice\n    title: 小心火烛\n    body: 人走断电。\n  - file: 湖.png\n"
    )


def test_files_are_uploaded_with_progress_and_a_taken_name_is_asked_about(
    open_console: Open, desk: Desk, tmp_path: Path
) -> None:
    photo = tmp_path / "公园.png"
    photo.write_bytes(picture())
    (tmp_path / "x.exe").write_bytes(b"MZ")
    with open_console() as seen:
        page = seen.page
        seen.go("/media")
        page.fill("#topic", "动态")
        page.set_input_files("#files", [photo, tmp_path / "x.exe"])
        expect(page.locator("#uploads .is-good")).to_have_text("传好了")
        expect(page.locator("#uploads .is-bad")).to_contain_text("不是能上屏的文件")
        assert page.locator("#uploads progress").first.evaluate("one => one.value") == 100
        expect(page.locator("#found .media-name")).to_have_text(["公园.png"])  # without a step of the clerk's
        page.set_input_files("#files", photo)
        page.click("text=两个都留")
        expect(page.locator("#uploads .is-good")).to_have_count(2)
        page.click("text=刷新页面看看")
        expect(page.locator(".media-name")).to_have_text(["公园 (2).png", "公园.png"])
        seen.faults.clear()  # the browser reports the 422 of x.exe
    assert (desk.store / "media" / "动态" / "公园 (2).png").read_bytes() == picture()


@pytest.mark.parametrize(("width", "language"), [(390, "en"), (1440, "zh")])
def test_every_page_fits_its_window_and_complains_of_nothing(
    open_console: Open, desk: Desk, file: Path, width: int, language: str
) -> None:
    (desk.store / "media" / "湖.png").write_bytes(picture())
    desk.keeper.refresh()
    paths = (
        "/media",
        "/media/file/湖.png",
        "/media/trash",
        "/playlists",
        "/playlists/notice",
        "/playlists/notice?as=text",
        "/playlists/new",
        "/schedule",
        "/schedule/moment?date=2026-12-01&time=10:00",
    )
    with open_console(width_px=width, language=language) as seen:
        for path in paths:
            seen.go(path)
            assert not seen.overhang_px, path
            if language == "en":
                assert_mostly_english(seen, path)


def assert_mostly_english(seen: Visitor, path: str) -> None:
    """Make sure that what the console itself says (head lines and buttons) is English."""
    for text in seen.page.locator("h1, h2, button, th").all_inner_texts():
        words = text.replace("中文", "").replace("通知", "").replace("湖.png", "").replace("大门 LED 屏", "")
        assert not any("一" <= letter <= "鿿" for letter in words), f"{path}: {text}"


def test_a_problem_of_the_list_leads_to_its_line_in_the_text(open_console: Open, desk: Desk) -> None:
    (desk.store / "playlists" / "torn.yaml").write_text('title: 撕开\nplay: "x\n', "utf-8")
    desk.keeper.refresh()

    with open_console(width_px=390) as seen:
        page = seen.page
        seen.go("/playlists")
        page.click(".list-problems a")

        expect(page.locator("textarea.code")).to_be_focused()
        marked = page.evaluate(
            "(() => { const t = document.activeElement; return [t.selectionStart, t.selectionEnd]; })()"
        )
        assert marked == [len("title: 撕开\n"), len('title: 撕开\nplay: "x')]

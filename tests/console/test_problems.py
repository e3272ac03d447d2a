"""What is wrong in the store, as the console tells staff who know no YAML: in their words, with the way to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from starlette.testclient import TestClient

from signage.base.errors import Problem
from signage.office.console.roles import Role
from signage.office.desk import Desk
from signage.office.problemwords import mended_at, place_words, problem_words
from signage.office.said import Said
from tests.console.test_media import picture

Browser = Callable[..., TestClient]
BROKEN = """\
title: 坏的
expires: 2026-13-01
play:
  - file: nix.jpg
    seconds: 0
    fit: wide
    colour: red
  - template: notice
    title: 停水
    body: 明天停水
"""


@pytest.fixture
def broken(desk: Desk) -> None:
    """Two files that are wrong: one whose keys are, and one that is no YAML."""
    (desk.store / "playlists" / "broken.yaml").write_text(BROKEN, "utf-8")
    (desk.store / "playlists" / "torn.yaml").write_text('title: 撕开\nplay: "x\n', "utf-8")
    desk.keeper.refresh()


@pytest.mark.parametrize(
    ("en", "zh", "said"),
    [
        (
            "seconds: must be > 0 (got 0)",
            "seconds：必须大于 0（现为 0）",
            Said("时长：必须大于 0（现为 0）", "Seconds: must be > 0 (got 0)"),
        ),
        (
            "fit: must be one of 'contain', 'cover' or 'stretch' (got wide)",
            "fit：只能是 contain、cover、stretch 之一（现为“wide”）",
            Said(
                "铺法：只能是 完整显示（contain）、铺满，裁去边缘（cover）、拉伸铺满（stretch） 之一（现为“wide”）",
                "Fit: must be one of: show the whole picture (contain); fill the screen, edges cropped (cover);"
                " stretch to fill (stretch) (got wide)",
            ),
        ),
        (
            "until: lies before 'from'",
            "until：早于 from",
            Said("结束日期：早于开始日期", "Until: lies before the first day"),
        ),
        (
            "file: there is no file media/a.jpg; did you mean 'b.jpg'?",
            "file：没有文件 media/a.jpg；是不是“b.jpg”？",
            Said(
                "文件：素材库里没有文件 a.jpg；是不是“b.jpg”？",
                "File: the media have no file a.jpg; did you mean 'b.jpg'?",
            ),
        ),
        (
            "colour: is not a known key",
            "colour：不是可用的键名",
            Said("colour：没有这一项，请检查写法", "colour: is not known here; look at its spelling"),
        ),
        ("lies too deep", "文件夹套得太深，请移到上层", Said("文件夹套得太深，请移到上层", "lies too deep")),
        ("12:30: odd", "", Said("12:30: odd", "12:30: odd")),
    ],
)
def test_a_problem_is_told_in_the_words_of_staff(en: str, zh: str, said: Said) -> None:
    assert problem_words(Problem("playlists/a.yaml", 1, en, message_zh=zh)) == said


def test_who_reads_the_text_is_told_the_key_too() -> None:
    problem = Problem("playlists/a.yaml", 1, "where: is empty", message_zh="where：未填写")

    assert problem_words(problem, with_key=True) == Said("屏幕（where）：未填写", "Screens (where): is empty")


@pytest.mark.parametrize(
    ("file", "line", "address", "words"),
    [
        ("playlists/a.yaml", 7, "/playlists/a#line-7", "播放列表 a 第 7 行"),
        ("playlists/三月/a b.yml", 0, "/playlists/%E4%B8%89%E6%9C%88/a%20b", "播放列表 三月/a b"),
        ("media/x.jpg", 0, "/media?q=x.jpg", "素材 x.jpg"),
        ("media/三月/x.jpg.yaml", 2, "/media?q=x.jpg", "素材 三月/x.jpg.yaml 第 2 行"),
        ("playlists/screens.yaml", 3, "", "屏幕清单（screens.yaml） 第 3 行"),
        ("playlists/calendar.yaml", 0, "", "放假安排（calendar.yaml）"),
        ("playlists", 0, "", "playlists"),
    ],
)
def test_a_problem_leads_to_where_it_is_mended(file: str, line: int, address: str, words: str) -> None:
    problem = Problem(file, line, "is wrong")

    assert (mended_at(problem), place_words(problem).zh) == (address, words)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ("必须大于 0（现为 0）", "日历上没有这一天", "完整显示（contain）")),
        ("en", ("must be > 0 (got 0)", "is not a day of the calendar", "show the whole picture (contain)")),
    ],
)
@pytest.mark.parametrize("path", ["/playlists", "/playlists/broken", "/review/changes"])
def test_every_page_that_tells_a_problem_speaks_the_readers_words(
    browser: Browser, broken: None, path: str, language: str, words: tuple[str, ...]
) -> None:
    person = browser(Role.EDITOR)
    person.cookies.set("signage_lang", language)

    page = unescape(person.get(path).text)

    assert [one for one in words if one not in page] == []
    assert not re.search(r"\b(seconds|expires|fit)(：|: )", page)
    assert "不是可用的键名" not in page


def test_each_problem_of_a_list_leads_to_its_line(browser: Browser, broken: None) -> None:
    person = browser(Role.EDITOR)

    page = person.get("/playlists").text
    form, text = person.get("/playlists/broken").text, person.get("/playlists/torn").text

    for line in (2, 4, 5, 6):
        assert f'href="/playlists/broken#line-{line}"' in page
        assert f'id="line-{line}"' in form
    assert 'href="/playlists/torn#line-2"' in page
    assert 'href="#line-2"' in text
    assert "没有这一项" in form, "a key that no form has a field for is told all the same"


def test_a_problem_of_a_file_that_is_written_by_anybody_is_no_markup(browser: Browser, desk: Desk) -> None:
    (desk.store / "playlists" / "odd.yaml").write_text('title: x\n<b>x</b>: 1\nplay: ["<i>.jpg"]\n', "utf-8")
    desk.keeper.refresh()

    person = browser(Role.EDITOR)

    pages = [person.get(path).text for path in ("/playlists", "/playlists/odd", "/review/changes")]

    assert not [page for page in pages if "<b>x</b>" in page or "<i>" in page]


def test_the_page_of_a_file_tells_what_is_wrong_with_what_stands_beside_it(browser: Browser, desk: Desk) -> None:
    """The file is not shown because of it, and nothing on its page said so."""
    media = desk.store / "media"
    (media / "a.png").write_bytes(picture())
    (media / "a.png.yaml").write_text("until: 2026-13-01\n", "utf-8")
    (desk.store / "playlists" / "one.yaml").write_text("play: [a.png]\n", "utf-8")
    desk.keeper.refresh()
    person = browser(Role.EDITOR)

    page = person.get("/media/file/a.png").text
    person.cookies.set("signage_lang", "en")
    english = person.get("/media/file/a.png").text

    assert "结束日期（until）：日历上没有这一天（2026-13-01）" in page
    assert "Until: is not a day of the calendar" in english


def test_a_wrong_date_stands_in_its_field_where_a_browser_would_drop_it(browser: Browser, broken: None) -> None:
    """A field for dates shows nothing for 2026-13-01, and whoever saved the form took the last day away."""
    page = browser(Role.EDITOR).get("/playlists/broken").text

    assert '<input type="text" name="expires" value="2026-13-01">' in page

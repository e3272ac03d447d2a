"""播放列表: what a form changes, what it leaves alone, and what happens when two change the same file."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from signage.office.console.roles import Role
from signage.office.desk import Desk

Browser = Callable[..., TestClient]
TEXT = """\
# 给大门的通知
title: 通知   # 标题
where: [gate]
weight: 3
when:
  - days: workday   # 含调休
    hours: 07:00-22:00
play:
  # 停水
  - template: notice
    title: 停水
    body: |
      明天停水。
      请储水。
  - template: civility
    seconds: 10   # 秒
    text: 您让一步
"""
Fields = list[tuple[str, str]]


@pytest.fixture
def file(desk: Desk) -> Path:
    path = desk.store / "playlists" / "notice.yaml"
    path.write_text(TEXT, "utf-8")
    return path


def fields_of(html: str) -> Fields:
    """Give what a browser would send of the page's form, untouched."""
    form = html[html.index('id="playlist"') :].partition("</form>")[0]
    found: Fields = []
    parts = re.finditer(r"<input[^>]*>|<textarea[^>]*>.*?</textarea>|<select[^>]*>.*?</select>", form, re.DOTALL)
    for part in parts:
        text = part.group()
        tag = text[: text.index(">")]
        name = re.search(r'name="([^"]*)"', tag)
        if name is None or ('type="checkbox"' in tag and " checked" not in text) or name[1] == "screen":
            continue
        value = re.search(r'value="([^"]*)"', tag)
        if text.startswith("<textarea"):
            said = text[text.index(">") + 1 : text.rindex("</textarea>")]
        elif text.startswith("<select"):
            chosen = re.search(r'value="([^"]*)" selected', text) or re.search(r'value="([^"]*)"', text)
            said = chosen[1] if chosen else ""
        else:
            said = value[1] if value else ""
        found.append((name[1], unescape(said)))
    return found


def with_field(fields: Fields, name: str, value: str) -> Fields:
    assert name in dict(fields), name
    return [(key, value if key == name else old) for key, old in fields]


def send(client: TestClient, fields: Fields, name: str = "notice", do: str = "save"):  # type: ignore[no-untyped-def]
    body: dict[str, list[str]] = {"do": [do]}
    for key, value in fields:
        body.setdefault(key, []).append(value)
    return client.post(f"/playlists/{name}", data=body)


def test_a_form_that_nobody_touched_changes_nothing(browser: Browser, file: Path) -> None:
    client = browser(Role.EDITOR)

    answer = send(client, fields_of(client.get("/playlists/notice").text))

    assert "没有改动" in answer.text
    assert file.read_text("utf-8") == TEXT


CHANGES = (
    ("title", "公告", "title: 通知   # 标题", "title: 公告   # 标题"),
    ("e.1.seconds", "12", "seconds: 10   # 秒", "seconds: 12   # 秒"),
    ("e.1.f.text", "您先请", "text: 您让一步", "text: 您先请"),
    ("e.0.f.body", "后天停水。\n请储水。", "明天停水。", "后天停水。"),
    ("w.0.hours", "08:00-20:00", "hours: 07:00-22:00", "hours: 08:00-20:00"),
    ("w.0.class", "holiday", "days: workday   #", "days: holiday   #"),
    ("weight", "2", "weight: 3", "weight: 2"),
)


def test_a_changed_field_is_one_changed_line(browser: Browser, file: Path) -> None:
    client = browser(Role.EDITOR)

    for field, value, old, new in CHANGES:
        file.write_text(TEXT, "utf-8")
        fields = with_field(fields_of(client.get("/playlists/notice").text), field, value)

        answer = send(client, fields)

        assert "已保存。 文件里改了 1 行" in answer.text
        assert file.read_text("utf-8") == TEXT.replace(old, new)


def test_entries_are_written_in_the_order_of_the_form(browser: Browser, file: Path) -> None:
    client = browser(Role.EDITOR)
    fields = fields_of(client.get("/playlists/notice").text)
    others = [pair for pair in fields if pair[0] != "entry"]

    send(client, [*others, ("entry", "1"), ("entry", "0")])

    text = file.read_text("utf-8")
    assert text.index("您让一步") < text.index("# 停水\n  - template: notice")


def test_a_fault_is_shown_at_its_field_with_what_was_typed_and_nothing_is_written(browser: Browser, file: Path) -> None:
    client = browser(Role.EDITOR)
    fields = with_field(fields_of(client.get("/playlists/notice").text), "e.1.seconds", "十秒")

    answer = send(client, fields)

    assert answer.status_code == 422
    place = answer.text.index('data-fault="e.1.seconds"')
    assert "必须是时长" in answer.text[place : place + 120]
    assert 'name="e.1.seconds" value="十秒"' in answer.text
    assert file.read_text("utf-8") == TEXT
    mended = with_field(fields_of(answer.text), "e.1.seconds", "20")
    assert "已保存" in send(client, mended).text
    assert "seconds: 20   # 秒" in file.read_text("utf-8")


def test_a_hand_edit_in_between_is_shown_and_both_can_be_kept(browser: Browser, file: Path) -> None:
    client = browser(Role.EDITOR)
    fields = with_field(fields_of(client.get("/playlists/notice").text), "e.1.seconds", "12")
    by_hand = TEXT.replace("title: 通知 ", "title: 公告 ")
    file.write_text(by_hand, "utf-8")

    clash = send(client, fields)

    assert clash.status_code == 409
    assert "公告" in clash.text
    assert "第 2 条 · 时长" in clash.text
    assert file.read_text("utf-8") == by_hand
    both = clash.text[clash.text.index("可以都要") :]
    version, target = (
        unescape(re.search(f'name="{name}" value="([^"]*)"', both)[1])  # type: ignore[index]
        for name in ("version", "target")
    )
    send(client, [("version", version), ("target", target)], do="decided")
    assert file.read_text("utf-8") == by_hand.replace("seconds: 10", "seconds: 12")


def test_the_last_edit_can_be_undone(browser: Browser, file: Path) -> None:
    client = browser(Role.EDITOR)
    send(client, with_field(fields_of(client.get("/playlists/notice").text), "title", "新"))

    answer = client.post("/playlists/notice", data={"do": "undo"})

    assert "已撤销" in answer.text
    assert file.read_text("utf-8") == TEXT


def test_a_new_playlist_is_made_of_a_card(desk: Desk, browser: Browser) -> None:
    client = browser(Role.EDITOR)
    fields = with_field(fields_of(client.get("/playlists/new").text), "title", "防火提醒")
    part = client.get("/playlist-parts/entry?template=notice").text
    fields += fields_of('<form id="playlist">' + part + "</form>")
    fields = with_field(with_field(fields, "e.n0.f.title", "小心火烛"), "e.n0.f.body", "人走断电。\n火灭再走。")

    answer = send(client, fields, "new")

    assert answer.status_code == 200, answer.text
    assert (desk.store / "playlists" / "防火提醒.yaml").read_text("utf-8") == (
        "title: 防火提醒\nplay:\n  - template: notice\n    title: 小心火烛\n"
        "    body: |\n      人走断电。\n      火灭再走。\n"
    )


def test_what_no_form_can_show_is_kept(browser: Browser, file: Path) -> None:
    strange = TEXT.replace("days: workday", "days: [workday, mon]") + "  - {template: nosuch, a: [1, {b: c}]}\n"
    file.write_text(strange, "utf-8")
    client = browser(Role.EDITOR)

    answer = send(client, with_field(fields_of(client.get("/playlists/notice").text), "e.1.seconds", "12"))

    assert answer.status_code == 200
    assert file.read_text("utf-8") == strange.replace("seconds: 10", "seconds: 12")


def test_a_card_is_drawn_as_it_is_typed(browser: Browser, file: Path) -> None:
    client = browser(Role.EDITOR)
    typed = {"number": "1", "e.1.raw": '{"template": "civility"}', "e.1.f.text": "慢一点"}

    drawn = client.post("/playlist-parts/preview", data=typed).json()
    empty = client.post("/playlist-parts/preview", data=typed | {"e.1.f.text": ""}).json()

    picture = base64.b64decode(drawn["picture"].partition(",")[2])
    assert Image.open(io.BytesIO(picture)).width == 640
    assert (drawn["faults"], drawn["seconds"]) == ([], 10)
    assert empty == {"faults": [{"field": "f.text", "text": "文字：缺少此项"}], "picture": "", "pages": 0}


def test_the_text_of_the_file_is_checked_before_it_is_written(browser: Browser, file: Path) -> None:
    client = browser(Role.EDITOR)
    page = client.get("/playlists/notice?as=text").text
    version = re.search(r'name="version" value="(\w+)"', page)
    assert version
    assert unescape(page).count("# 给大门的通知") == 1

    bad = client.post("/playlists/notice", data={"do": "text", "version": version[1], "text": TEXT + "x: 1\n"})
    good = client.post("/playlists/notice", data={"do": "text", "version": version[1], "text": TEXT + "# 好\n"})

    assert "没有这一项，请检查写法" in bad.text
    assert "已保存" in good.text
    assert file.read_text("utf-8") == TEXT + "# 好\n"


def test_the_list_says_where_each_stands(desk: Desk, browser: Browser, file: Path) -> None:
    (desk.store / "playlists" / "broken.yaml").write_text("title: [坏\n", "utf-8")
    desk.keeper.refresh()

    page = browser(Role.REVIEWER).get("/playlists").text

    assert "有错" in page
    assert "没有对应的屏幕" in page or "现在该播" in page
    assert "新建播放列表" not in page


def test_only_an_editor_changes_a_playlist(browser: Browser, file: Path) -> None:
    client = browser(Role.REVIEWER)

    assert client.get("/playlists/notice").status_code == 200
    assert client.post("/playlists/notice", data={"do": "delete"}).status_code == 403
    assert file.exists()


def test_a_name_cannot_lead_out_of_the_folder(browser: Browser, desk: Desk) -> None:
    client = browser(Role.EDITOR)

    for name in ("../office", "..%2F..%2Fx", "screens", "calendar"):
        assert client.get(f"/playlists/{name}").status_code == 404
        assert client.post(f"/playlists/{name}", data={"do": "delete"}).status_code in (404, 409)


def test_no_page_of_the_demo_changes_its_file_when_nobody_typed(desk: Desk, browser: Browser) -> None:
    client = browser(Role.EDITOR)
    for demo in sorted((Path(__file__).parents[2] / "playlists").glob("*.yaml")):
        (desk.store / "playlists" / demo.name).write_bytes(demo.read_bytes())
    desk.keeper.refresh()
    names = [path for path in (desk.store / "playlists").glob("*.yaml") if path.stem not in ("screens", "calendar")]

    for path in names:
        before = path.read_bytes()

        answer = send(client, fields_of(client.get(f"/playlists/{path.stem}").text), path.stem)

        assert "没有改动" in answer.text, path.stem
        assert path.read_bytes() == before

    assert len(names) > 20


def test_hidden_fields_that_somebody_made_up_are_refused(browser: Browser, file: Path) -> None:
    client = browser(Role.EDITOR)
    fields = fields_of(client.get("/playlists/notice").text)

    for bad in ("5", "[1]", "{", "[" * 5000, '{"a": true}', ""):
        assert send(client, with_field(fields, "e.1.raw", bad)).status_code == 422
        version = dict(fields)["version"]
        assert send(client, [("version", version), ("target", bad)], do="decided").status_code == 422
        typed = {"number": "1", "e.1.raw": bad}
        assert client.post("/playlist-parts/preview", data=typed).status_code == 422

    assert file.read_text("utf-8") == TEXT


def test_each_row_says_how_long_it_plays(desk: Desk, browser: Callable[..., TestClient]) -> None:
    (desk.store / "media" / "a.txt").write_text("停水\n今晚停水", "utf-8")
    (desk.store / "playlists" / "long.yaml").write_text(
        "title: t\nplay:\n  - {file: a.txt, seconds: 20}\n  - {template: notice, title: 停水, body: 今晚}\n", "utf-8"
    )
    desk.keeper.refresh()

    said = browser(Role.EDITOR).get("/playlists/long").text

    assert '<span class="length ">20 秒</span>' in said
    assert '<span class="length is-usual">10 秒</span>' in said


def test_a_folder_says_how_many_play_and_how_long_in_all(desk: Desk, browser: Callable[..., TestClient]) -> None:
    (desk.store / "media" / "活动").mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (desk.store / "media" / "活动" / name).write_text("停水\n今晚停水", "utf-8")
    (desk.store / "playlists" / "long.yaml").write_text(
        "title: t\nplay:\n  - {folder: 活动, seconds: 30}\n  - {folder: 活动, order: shuffle, limit: 2}\n", "utf-8"
    )
    desk.keeper.refresh()

    client = browser(Role.EDITOR)
    said = client.get("/playlists/long").text

    assert "3 个，共 1 分 30 秒" in said
    assert "3 个里每次放 2 个" in said


def test_a_text_file_has_a_picture_of_the_card_that_it_becomes(desk: Desk, browser: Callable[..., TestClient]) -> None:
    (desk.store / "media" / "a.txt").write_text("停水\n今晚停水", "utf-8")
    desk.keeper.refresh()
    someone = browser(Role.EDITOR)

    (desk.store / "playlists" / "long.yaml").write_text("title: 短信\nplay: [{file: a.txt}]\n", "utf-8")
    desk.keeper.refresh()
    page = someone.get("/media").text

    assert "/files/media/a.txt" in page
    assert "用在：短信" in page
    assert someone.get("/files/media/a.txt").headers["content-type"] == "image/webp"

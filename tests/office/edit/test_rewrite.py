"""Writing back: what was meant is what is read again, and nothing else in the file has changed."""

from __future__ import annotations

import copy
import difflib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.base.yaml import parse
from signage.office.edit.errors import RewriteError
from signage.office.edit.rewrite import rewrite

DEMO = sorted((Path(__file__).parents[3] / "playlists").glob("*.yaml"))
STYLES = {
    "house": """\
# 文件头 head
title: 通知   # 标题 name
weight: 3
where: [gate, 'hall']  # 屏幕
when:
  - days: workday  # 工作日
    hours: 07:00-22:00
play:
  # 第一条
  - template: notice
    seconds: 12   # 秒
    title: "停水: 通知"
    body: |   # 正文
      明天停水。

      请储水。
    until: 2026-12-31  # 到期

  # 第二条
  - file: unity/a.jpg  # 海报
    fit: cover

  - unity/b.jpg   # 短写
  # 第四条
  - template: table
    title: 表
    columns: [项目, 金额]
    rows:
      - [结余, "1,000.00"]   # 甲
      - [支出, ""]
# 文件尾 tail
""",
    "flush": """\
title: 通知 # name
play: # list
- template: notice # n
  title: 停水
  body: 明天停水 # body
# two
- {file: a.jpg, seconds: 3} # flow
- b.jpg
""",
    "flow": "title: '通知' # t\nplay: [a.jpg, {file: b.jpg, fit: cover}] # p\n",
}
STYLES["windows"] = STYLES["house"].replace("\n", "\r\n")
TEXTS = st.one_of(
    st.sampled_from(["x: y", "# no", "- dash", "no", "~", "'q'", '"q"', "[a", "{", "a, b", " 前", "", "*a", "&a"]),
    st.text("ab1 :#-[]{},&*!|>'\"%@`?~=。“石榴🎉ꀎ", min_size=1, max_size=20),
    st.just("一行\n\n两行\n"),
    st.just("很长的一段话。" * 20),
)


def said(raw: bytes) -> Any:
    document = parse(raw, "")
    assert not document.is_broken, document.problems
    return document.value


def comments(raw: bytes) -> list[str]:
    """Give the comments of these texts: none of them has a '#' in a value before an edit."""
    return sorted(line[line.index("#") :].strip() for line in raw.decode().splitlines() if "#" in line)


def changed_lines(before: bytes, after: bytes) -> int:
    lines = difflib.ndiff(before.decode().splitlines(), after.decode().splitlines())
    return sum(line.startswith("+ ") for line in lines)


def scalars(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [found for key, part in value.items() for found in scalars(part, (*place, key))]
    if isinstance(value, list):
        return [found for at, part in enumerate(value) for found in scalars(part, (*place, at))]
    return [place]


def put(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    made = copy.deepcopy(value)
    inner = made
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = new
    return made


@pytest.mark.parametrize("style", STYLES)
@given(data=st.data())
def test_one_changed_value_leaves_every_comment_and_other_line(style: str, data: st.DataObject) -> None:
    raw = STYLES[style].encode()
    value = said(raw)
    place = data.draw(st.sampled_from(scalars(value)))
    new = data.draw(TEXTS)

    after = rewrite(raw, put(value, place, new))

    assert said(after) == put(value, place, new)
    if "#" not in new:
        assert comments(after) == comments(raw)
    if "\n" not in new and len(new) <= 100:
        assert changed_lines(raw, after) <= 1


@pytest.mark.parametrize("style", STYLES)
@given(data=st.data())
def test_any_change_is_written_as_it_was_meant(style: str, data: st.DataObject) -> None:
    raw = STYLES[style].encode()
    target = said(raw)
    card = st.fixed_dictionaries({"template": st.just("notice"), "title": TEXTS, "body": TEXTS})
    table = st.fixed_dictionaries({"rows": st.lists(st.lists(TEXTS, min_size=1, max_size=3), min_size=1, max_size=3)})
    fresh = data.draw(st.lists(st.one_of(card, table, TEXTS.filter(bool)), max_size=3))
    play = data.draw(st.permutations([*target["play"], *fresh]))
    target["play"] = play[: data.draw(st.integers(1, len(play)))]
    if data.draw(st.booleans()):
        target.pop("weight", None)
        target = {"title": target["title"], "where": data.draw(st.lists(TEXTS, min_size=1)), **target}
    if isinstance(target["play"][0], dict):
        target["play"][0]["seconds"] = data.draw(TEXTS)

    assert said(rewrite(raw, target)) == target


def test_entries_move_with_the_comment_above_them() -> None:
    raw = STYLES["house"].encode()
    target = said(raw)
    target["play"] = [target["play"][1], target["play"][0], *target["play"][2:]]

    after = rewrite(raw, target).decode()

    assert after.index("# 第二条\n  - file: unity/a.jpg") < after.index("# 第一条\n  - template: notice")
    assert comments(after.encode()) == comments(raw)


def test_a_new_key_stands_at_its_place_before_blank_lines_and_comments() -> None:
    raw = STYLES["house"].encode()
    target = said(raw)
    target["play"][1]["seconds"] = "9"

    after = rewrite(raw, target).decode()

    assert "    fit: cover\n    seconds: 9\n\n  - unity/b.jpg" in after


def test_a_taken_out_key_takes_its_line_and_no_other() -> None:
    raw = STYLES["house"].encode()
    target = said(raw)
    del target["play"][0]["until"]

    after = rewrite(raw, target)

    assert after.decode() == STYLES["house"].replace("    until: 2026-12-31  # 到期\n", "")


@pytest.mark.parametrize("path", DEMO, ids=lambda path: path.stem)
def test_every_value_of_the_demo_can_be_changed_by_a_change_of_one_line(path: Path) -> None:
    raw = path.read_bytes()
    value = said(raw)

    for place in scalars(value)[:40]:
        after = rewrite(raw, put(value, place, "新的字"))

        assert said(after) == put(value, place, "新的字")
        assert changed_lines(raw, after) <= 1


def test_a_short_entry_grows_into_a_long_one_with_its_comments() -> None:
    raw = STYLES["house"].encode()
    target = said(raw)
    target["play"][2] = {"file": "unity/b.jpg", "seconds": "7"}

    after = rewrite(raw, target).decode()

    assert "  - file: unity/b.jpg   # 短写\n    seconds: 7\n  # 第四条\n" in after


def test_a_file_with_a_byte_order_mark_keeps_it() -> None:
    raw = b"\xef\xbb\xbf" + STYLES["house"].encode()

    after = rewrite(raw, said(raw) | {"title": "新"})

    assert after == raw.replace("title: 通知".encode(), "title: 新".encode())


def test_an_empty_file_gets_what_is_wanted() -> None:
    after = rewrite("# 只有注释\n".encode(), {"title": "新", "play": ["a.jpg"]})

    assert after.decode() == "# 只有注释\ntitle: 新\nplay: [a.jpg]\n"


def test_what_stands_at_two_places_by_an_alias_is_not_changed_at_one() -> None:
    raw = b"play:\n  - &card\n    template: notice\n    title: a\n  - *card\n"
    target = said(raw)
    target["play"] = [{"template": "notice", "title": "b"}, {"template": "notice", "title": "a"}]

    with pytest.raises(RewriteError, match="alias"):
        rewrite(raw, target)


def test_a_broken_file_is_not_touched() -> None:
    with pytest.raises(RewriteError, match="mend its text"):
        rewrite(b"title: [a\n", {"title": "b"})

"""Text set in lines: nothing lost, nothing cut off, no bad line ends, no leftovers, in every script."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.stage.headline import Headline
from signage.stage.linebreak import break_body, break_greedy, break_places, count_letters, cut_at
from signage.stage.typeset import (
    Block,
    Face,
    Setting,
    clean,
    fit_block,
    fit_headline,
    fit_pages,
    flow,
    is_rtl,
    set_block,
    shape,
)

pytestmark = pytest.mark.usefixtures("qapp")

SANS = ("Noto Sans CJK SC", "Noto Sans Yi", "Noto Serif Tibetan", "Noto Sans Arabic", "Noto Sans Mongolian")
FACE = Face(SANS, 1.5)
BODY, HEADLINE = Setting(FACE), Setting(FACE, is_balanced=True)
CLOSING, OPENING = "，。！？；：、）》」』】”", "（《「『【“"
PIECES = st.sampled_from(
    [
        "社区", "居民", "的", "道闸启用", "，", "。", "《公约》", "（试行）", "“家”", "、", "！", "12.5%", "2026年",
        "Wi-Fi ", "https://example.cn/a/very/long/path?q=1234567890abcdefghijklmnop", "hello ", "\n", " ",
        "མི་རིགས་", "ئىتتىپاق ",
        "ꆀꉢꐯꐥ", "ᠦᠨᠳᠦᠰᠦᠲᠡᠨ ", "𠮷野", "😀", "é", "\u202e", "\x07", "……", "——",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, min_size=1, max_size=40).map("".join).map(clean).filter(bool)


def letters(text: str) -> str:
    return "".join(text.split())


def stays_inside(block: Block, width: float, height: float) -> bool:
    return all(
        line.x >= 0 and line.x + line.width <= width + 0.5 and line.baseline - line.above >= -0.5
        and line.baseline + line.below <= height + 0.5
        for line in block.lines
    )  # fmt: skip


@given(TEXTS, st.integers(100, 900), st.integers(12, 60))
def test_lines_join_up_to_the_text(text: str, width: int, size_px: int) -> None:
    block = set_block(text, BODY, size_px, width)

    assert letters(block.text) == letters(text)


@given(TEXTS, st.integers(100, 900), st.integers(60, 500))
def test_what_is_said_to_fit_stays_inside_its_box(text: str, width: int, height: int) -> None:
    for setting in (BODY, HEADLINE):
        block = fit_block(text, setting, (60, 48, 40, 30, 24, 20, 16), width, height)

        assert block is None or stays_inside(block, width, height)


@pytest.mark.parametrize(
    "text", ["12.5%12.5%ئىتتىپاق 社区", "社区ᠦᠨᠳᠦᠰᠦᠲᠡᠨ 社区", "的的的https://example.cn/a/very/long/path"]
)
def test_a_torn_word_stays_inside_though_its_letters_grow_at_the_tear(text: str) -> None:
    block = set_block(text, BODY, 20, 120)

    assert stays_inside(block, 120, 1000)


@given(TEXTS, st.integers(120, 900), st.integers(90, 400))
def test_pages_hold_the_whole_text_and_nothing_else(text: str, width: int, height: int) -> None:
    pages = fit_pages(text, BODY, (48, 40, 30, 24, 20), lambda _: (width, height))

    assert letters("".join(page.text for page in pages)) == letters(text)
    assert all(stays_inside(page, width, height) for page in pages)


@given(TEXTS, st.integers(200, 900), st.integers(90, 400))
def test_lines_of_one_block_never_touch(text: str, width: int, height: int) -> None:
    pages = fit_pages(text, BODY, (48, 40, 30, 24, 20), lambda _: (width, height))

    for page in pages:
        for above, below in pairwise(page.lines):
            assert above.baseline + above.below <= below.baseline - below.above + 0.5


@given(TEXTS, st.integers(300, 900), st.integers(16, 40))
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(text: str, width: int, size_px: int) -> None:
    for setting in (BODY, HEADLINE):
        for paragraph in text.split("\n"):
            words = cut_at(paragraph, break_places(paragraph)[1:])
            if is_rtl(paragraph) or max(shape(word, FACE, size_px).width for word in words) > width * 0.95:
                continue  # a word longer than the line breaks wherever it must
            lines = [line.text for line in set_block(paragraph, setting, size_px, width).lines]

            assert not any(line[:1] in CLOSING for line in lines[1:] if line)
            assert not any(line[-1:] in OPENING for line in lines[:-1] if line)


@given(st.text("社区居民代表会议审议通过的公约草案", min_size=8, max_size=120), st.integers(8, 30))
def test_a_paragraph_never_ends_with_one_or_two_characters_on_their_own(text: str, line_letters: int) -> None:
    lines = break_body(text, FACE.font(20), line_letters * 20 + 1)

    assert len(lines) == 1 or count_letters(lines[-1]) >= 3
    assert "".join(lines) == text


def test_the_greedy_break_would_have_left_one_character_over() -> None:
    text = "社区居民代表会议审议通过的公约草案现予公示请审"[:21]

    assert count_letters(break_greedy(text, FACE.font(20), 201)[-1]) == 1
    assert count_letters(break_body(text, FACE.font(20), 201)[-1]) >= 3


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("恢复供水后水质可能发黄，请放水3～5分钟再用。", ["3～5分钟"]),
        ("第十二届邻里节，每户可领春联1副、福字2张，24小时开放", ["第十二届", "1副", "2张", "24小时"]),
        ("定于2026年11月23日9:00—17:30停水", ["2026年", "11月", "23日", "17:30"]),
        ("12月5日（星期六）到社区服务大厅一楼参观", ["12月", "5日", "星期六", "一楼"]),
    ],
)
@pytest.mark.parametrize("line_letters", range(9, 18))
def test_a_number_stays_with_what_it_counts(text: str, whole: list[str], line_letters: int) -> None:
    lines = break_body(text, FACE.font(20), line_letters * 20 + 1)

    assert "".join(lines) == text
    assert all(any(piece in line for line in lines) for piece in whole)


def test_in_a_narrow_column_no_closing_mark_begins_a_line_for_the_sake_of_a_number() -> None:
    lines = break_body("联系电话：68680000（24小时）、13800138000。", FACE.font(20), 6 * 20 + 1)

    assert not any(line[:1] in CLOSING for line in lines)


@given(st.lists(st.sampled_from(["迪力", "热", "巴·", "约3～5", "户"]), max_size=30), st.integers(9, 15))
def test_no_line_begins_with_a_mark_that_joins(pieces: list[str], line_letters: int) -> None:
    text = "".join(pieces)

    lines = break_body(text, FACE.font(20), line_letters * 20 + 1)

    assert "".join(lines) == text
    assert not any(line.startswith(("·", "～")) for line in lines[1:])


@pytest.mark.parametrize(
    ("text", "line_letters", "lines"),
    [
        ("石榴里社区党群服务中心", 6, ["石榴里社区", "党群服务中心"]),
        ("石榴里社区3、5、7栋停水检修通知", 10, ["石榴里社区3、5、7栋", "停水检修通知"]),
        ("社区第十二届邻里文艺汇演今晚开演", 9, ["社区第十二届邻里", "文艺汇演今晚开演"]),
    ],
)
def test_a_headline_is_not_broken_in_a_common_word_or_a_number(text: str, line_letters: int, lines: list[str]) -> None:
    assert Headline(text, FACE.font(20)).broken(20, line_letters * 20 + 1).lines == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("随手捡起一片纸，文明环境你我他", ["随手捡起一片纸，", "文明环境你我他"]),
        ("讲文明 树新风", ["讲文明", "树新风"]),
        ("像石榴籽一样紧紧抱在一起", ["像石榴籽一样", "紧紧抱在一起"]),
    ],
)
def test_a_headline_of_two_lines_breaks_where_a_speaker_pauses(text: str, lines: list[str]) -> None:
    broken = Headline(text, FACE.font(20)).broken(20, 9 * 20, more_lines=1 if len(text) < 9 else 0)

    assert [line.strip() for line in broken.lines] == lines


@given(st.text("社区居民代表会议审议通过的公约草案", min_size=10, max_size=60), st.integers(5, 20))
def test_a_headlines_lines_are_about_equally_long(text: str, line_letters: int) -> None:
    lines = Headline(text, FACE.font(20)).broken(20, line_letters * 20 + 1).lines

    longest, shortest = max(map(len, lines)), min(map(len, lines))
    assert shortest >= min(longest - 3, longest * 0.5)


@pytest.mark.parametrize(
    ("text", "height", "lines"),
    [
        ("电动车不上楼，全家睡得香", 300, ["电动车不上楼，", "全家睡得香"]),
        ("牵好绳、拾起便，人犬都体面", 150, ["牵好绳、拾起便，", "人犬都体面"]),
    ],
)
def test_a_headline_is_rather_smaller_than_badly_broken(text: str, height: float, lines: list[str]) -> None:
    block = fit_headline(text, HEADLINE, (80, 70, 60, 57, 54, 50, 48, 44, 40, 30), 400, height)

    assert block is not None
    assert [line.text for line in block.lines] == lines


def test_text_that_fits_at_no_size_is_refused_not_cut() -> None:
    assert fit_block("字" * 200, BODY, (40, 30, 20), 200, 100) is None


def test_a_page_with_no_room_stays_empty_and_the_text_follows_on_the_next() -> None:
    pages = flow("社区工作动态", BODY, 20, lambda page: (200, 0.0 if page == 0 else 100))

    assert [page.text for page in pages] == ["", "社区工作动态"]


def test_no_single_line_of_a_long_paragraph_is_left_at_a_pages_foot_or_head() -> None:
    text = "第一段只有一行。\n" + "社区居民代表会议审议通过的公约草案" * 6

    pages = flow(text, BODY, 20, lambda _: (210, 3 * 30))

    assert len(pages[0].lines) != 2
    assert len(pages[-1].lines) >= 2


@pytest.mark.parametrize(
    ("text", "is_from_right"),
    [("مىللەتلەر", True), ("社区", False), ("12 مىللەتلەر", True), ("123", False), ("", False)],
)
def test_the_first_letter_decides_the_direction(text: str, is_from_right: bool) -> None:
    assert is_rtl(text) is is_from_right


def test_what_cannot_be_drawn_is_left_out() -> None:
    assert clean("甲\u202e乙\x07\ud800丙\ue000\r\n\r\n  丁\t戊  ") == "甲乙丙\n丁 戊"


def test_an_emoji_without_a_font_is_left_out_rather_than_shown_as_a_box() -> None:
    only_chinese = Face(("Noto Sans CJK SC",), 1.5)

    cleaned = clean("通知\U0001faf8完", only_chinese)

    assert cleaned.replace("\U0001faf8", "") == "通知完"


@pytest.mark.parametrize("text", ["མི་རིགས་མཐུན་སྒྲིལ།", "ꆀꉢꐯꐥ", "مىللەتلەر ئىتتىپاقلىقى", "ᠦᠨᠳᠦᠰᠦᠲᠡᠨ", "社区Gy", "𠮷"])
def test_ink_stays_within_what_a_line_says_of_itself(text: str) -> None:
    line = shape(text, FACE, 60)

    tops, bottoms = [], []
    for run in line.layout.glyphRuns():
        font = run.rawFont()
        for glyph, place in zip(run.glyphIndexes(), run.positions(), strict=True):
            box = font.boundingRect(glyph)
            tops.append(place.y() + box.top())
            bottoms.append(place.y() + box.bottom())
            assert glyph != 0, f"no font draws {text}"
    assert min(tops) >= -line.above - 1
    assert max(bottoms) <= line.below + 1

"""What nobody sees is shown where it stands; scripts that run right to left, and emoji, are left alone."""

from __future__ import annotations

import pytest

from signage.base.unseen import as_one_line, has_unseen, show_unseen, without_unseen

RIGHTFUL = (
    "活动海报（第2期）.jpg",
    "ئىتتىپاقلىق 2026-يىل",  # Uyghur
    "می\u200cخواهم",  # a joiner that Persian wants
    "ᠮᠣᠩᠭᠣᠯ\u180eᠠ",  # a separator that Mongolian wants
    "མི་རིགས་ བོད་",
    "👩\u200d👩\u200d👧 ❤\ufe0f",
    "中文\u3000全角 a\u00a0b\u202fc",
    "葛\U000e0100",
    "٣\u06dd",
    "第一行\n第二行\t三",
)


@pytest.mark.parametrize("text", RIGHTFUL)
def test_what_people_write_is_left_as_it_is(text: str) -> None:
    assert not has_unseen(text)
    assert show_unseen(text) == without_unseen(text) == text


@pytest.mark.parametrize(
    ("text", "shown", "without"),
    [
        ("海报\u202egpj.exe", "海报[U+202E]gpj.exe", "海报gpj.exe"),
        ("\u2067收费\u2069免费", "[U+2067]收费[U+2069]免费", "收费免费"),
        ("12\u200f34", "12[U+200F]34", "1234"),
        ("停\u200b水", "停[U+200B]水", "停水"),
        ("停\u200d水", "停[U+200D]水", "停水"),
        ("\u200d", "[U+200D]", ""),
        ("\ufeff通知", "[U+FEFF]通知", "通知"),
        ("通\u00ad知", "通[U+00AD]知", "通知"),
        ("通\u3164知", "通[U+3164]知", "通知"),
        ("好\U000e0041", "好[U+E0041]", "好"),
        ("甲\u180e乙", "甲[U+180E]乙", "甲乙"),
        ("一\u2028二", "一[U+2028]二", "一二"),
        ("ئى\u202eتت", "ئى[U+202E]تت", "ئىتت"),
    ],
)
def test_what_hides_or_turns_text_round_is_shown_or_taken_out(text: str, shown: str, without: str) -> None:
    assert has_unseen(text)
    assert show_unseen(text) == shown
    assert without_unseen(text) == without


def test_nothing_in_a_line_of_a_log_ends_it_or_moves_a_terminals_cursor() -> None:
    said = "a\r\nb\x1b[2J\x9bc\0d\u2028e\u202ef\t照片.jpg"

    assert as_one_line(said) == "a\\r\\nb\\x1b[2J\\x9bc\\x00d[U+2028]e[U+202E]f\\t照片.jpg"

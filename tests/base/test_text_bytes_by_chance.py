"""GBK bytes come in that are valid UTF-8 by chance; they must be named, and real UTF-8 must pass."""

from __future__ import annotations

import pytest

from signage.base.text_bytes import read_text


@pytest.mark.parametrize("words", ["通知停水", "title: 通知停水\nplay:\n  - a.jpg\n"])
def test_gbk_that_is_valid_utf8_by_chance_is_named_and_not_read(words: str) -> None:
    raw = words.encode("gb18030")
    assert raw.decode("utf-8")

    text, problems = read_text(raw, "playlists/a.yaml")

    assert text is None
    assert "GBK" in problems[0].message


@pytest.mark.parametrize("words", ["通知停水", "café", "Привет, сосед", "ياخشىمۇسىز", "title: 您好\n", "plain", ""])
def test_real_utf8_of_any_script_is_read(words: str) -> None:
    text, problems = read_text(words.encode("utf-8"), "playlists/a.yaml")

    assert text == words
    assert problems == []

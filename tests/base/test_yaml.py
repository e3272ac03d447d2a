"""Strict YAML: every scalar is text, every fault has a line and words for a person, and no bytes crash it."""

from __future__ import annotations

import codecs
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.base.yaml import MAX_BYTES, Document, parse


def said(text: str) -> Document:
    return parse(text.encode(), "playlists/x.yaml")


def faults(text: str | bytes) -> list[str]:
    raw = text if isinstance(text, bytes) else text.encode()
    return [str(problem) for problem in parse(raw, "playlists/x.yaml").problems]


@pytest.mark.parametrize(
    "written",
    ["18:30", "08:30", "no", "yes", "on", "off", "true", "010", "0x1F", "1_000", "2026-11-25", ".nan", "1e3", "3.10",
     "9" * 6000, "=", "社区 工作"],
)  # fmt: skip
def test_a_scalar_is_the_text_that_was_written(written):
    document = said(f"a: {written}")

    assert document.value == {"a": written}
    assert document.problems == ()


@pytest.mark.parametrize(("written", "value"), [("", None), ("~", None), ("null", None), ('""', ""), ("'~'", "~")])
def test_only_an_empty_value_is_none(written, value):
    assert said(f"a: {written}").value == {"a": value}


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "\ufeff"])
def test_an_empty_file_says_nothing_and_is_not_broken(text):
    document = said(text)

    assert document.value is None
    assert not document.is_broken


def test_a_doubled_key_is_an_error_that_names_the_first_line():
    assert faults("name: a\nwhere: x\n\nname: b\n") == ["playlists/x.yaml:4: name: written twice (first on line 1)"]


def test_all_doubled_keys_are_reported_at_once():
    assert len(faults("a: 1\na: 2\nb: {c: 1, c: 2}\n")) == 2


def test_a_doubled_key_far_below_has_its_own_line():
    assert faults("play:\n  - file: a\n    seconds: 1\n    file: b\n") == [
        "playlists/x.yaml:4: file: written twice (first on line 2)"
    ]


BILLION_LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 10)
)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (BILLION_LAUGHS, "aliases"),
        ("a: &a [*a]", "refers to itself"),
        ("a: &a {b: {c: *a}}", "refers to itself"),
        ("[" * 60 + "]" * 60, "levels deep"),
        ("[" * 200_000, "levels deep"),
        ("- " * 100_000 + "x", "levels deep"),
        ("{a: " * 100_000 + "}" * 100_000, "levels deep"),
        ("? " * 100_000, "levels deep"),
    ],
    ids=["billion laughs", "self", "self in a map", "deep", "flow", "block", "maps", "keys"],
)
def test_a_bomb_is_stopped(text, fault):
    found = faults(text)

    assert len(found) == 1
    assert fault in found[0]


def test_a_plain_alias_is_allowed():
    assert said("a: &x [1, 2]\nb: *x\n").value == {"a": ["1", "2"], "b": ["1", "2"]}


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ("title: 社区动态\n".encode("gbk"), ":1: is not UTF-8 (it looks like GBK, byte 8 of the file); save it as"),
        ("a: 1\nb: 你好\n".encode("gb18030"), ":2: is not UTF-8 (it looks like GBK, byte 9 of the file); save it"),
        (b"a: 1\nb: \xff\xfe\xff", ":2: is not UTF-8 (byte 9 of the file); save it as UTF-8"),
        ("a: 你".encode("utf-16"), ":1: is UTF-16; save it as UTF-8"),
        ("a: 1\nb: 2".encode("utf-16-be"), ":1: looks like UTF-16; save it as UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0abcdefghi", ":3: is not a text file"),
        (b"a: 1\nb: x\0yzabcdefgh", ":2: is not a text file (it contains zero bytes)"),
    ],
)  # fmt: skip
def test_an_encoding_that_is_not_utf_8_is_named(raw, fault):
    found = faults(raw)

    assert len(found) == 1
    assert fault in found[0]


def test_a_byte_order_mark_is_dropped_with_a_warning():
    document = parse(codecs.BOM_UTF8 + b"title: a\n", "playlists/x.yaml")

    assert document.value == {"title": "a"}
    assert [problem.severity for problem in document.problems] == ["warning"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a:\n\t- b\n", 2, "indented with a tab"),
        ("a:\n  b: 1\n\tc: 2\n", 3, "indented with a tab"),
        ("a:\n  -\tb\n", 2, "indented with a tab"),
        ("a:\n—  b\n", 2, "begin an entry of a list with an ordinary hyphen"),
        ("a:\n  － b: 1\n", 2, "begin an entry of a list with an ordinary hyphen"),
        ("\u200btitle: a\n", 1, "[U+200B]title: holds a sign that cannot be seen"),
        ("title：社区\nplay: x\n", 1, "not '：'"),
        ("title: a\nplay：\n  - b\n", 2, "not '：'"),
        ("title: 今天：停水\nbody: 注意: 停水\n", 2, "in quotes"),
        ("title:a\nplay: b\n", 1, "space after the colon"),
        ("play:\n  - file:a.jpg\n    seconds: 1\n", 2, "space after the colon"),
        ("play:\n  - file: a.jpg\n    seconds:1\n", 3, "space after the colon"),
        ("play:\n  -file: a.jpg\n", 2, "space after '-'"),
        ("play:\n  - file: a.jpg\n   seconds: 1\n", 3, "check the indentation"),
        ("play:\n  - file: a.jpg\n      seconds: 1\n", 3, "check the indentation"),
        ("title: a\n play: b\n", 2, "check the indentation"),
        ("\u3000title: a\n", 1, "wide (Chinese) space"),
        ("play:\n\u3000\u3000- a.jpg\n", 2, "wide (Chinese) space"),
        ("a:\n  - b: |\n    text\n    more\n  c: 1\n", 3, "further than its key"),
        ('a: 1\nb: "c\nd: 2\n', 2, "has no end"),
        ('a: "b" c\n', 1, "around the whole text"),
        ("a: b: c\n", 1, "in quotes"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: *x\n", 1, "quotes"),
        ("a: @x\n", 1, "quotes"),
        ("a: [1, 2\n", 1, "brackets"),
        ("a: !!int 3\n", 1, "tag !!int"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "tag !!python"),
        ("a: \x07\n", 1, "control character"),
        ('a: 1\nb: "x\\0y"\n', 2, "control character"),
        ("? [a]\n: 1\n", 1, "key must be a word"),
        ("~: 1\n", 1, "key must be a word"),
        ("<<: {a: 1}\n", 1, "merging"),
    ],
)
def test_a_fault_of_form_is_told_in_words_at_its_line(text, line, words):
    problems = said(text).problems

    assert problems
    assert problems[0].line == line
    assert words in problems[0].message
    assert any("\u4e00" <= letter <= "\u9fff" for letter in problems[0].message_zh)


def test_a_file_over_the_size_limit_is_refused_unread():
    assert "too large" in faults(b"#" * (MAX_BYTES + 1))[0]


TEXT = """\
title: a

when:
  days: mon
play:
  - file: a
    seconds: 1
  -
    template: b
  - c
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ([], 1),
        (["title"], 1),
        (["when"], 3),
        (["when", 0, "days"], 4),
        (["when", 0, "hours"], 3),
        (["play", 0, "seconds"], 7),
        (["play", 1, "template"], 9),
        (["play", 2], 10),
        (["play", 9, "file"], 5),
        (["nothing"], 1),
    ],
)
def test_every_path_has_a_line(path, line):
    assert said(TEXT).line_of(path) == line


def is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) for key in value) and all(map(is_plain, value.values()))
    return all(map(is_plain, value)) if isinstance(value, list) else value is None or isinstance(value, str)


@given(st.binary(max_size=300))
def test_no_bytes_crash_it(raw):
    document = parse(raw, "x.yaml")

    assert is_plain(document.value)
    assert all(problem.line >= 0 and problem.message_zh for problem in document.problems)


PIECES = st.sampled_from(
    ["a", "b: ", "- ", "\n", "  ", "\t", "[", "]", "{", "}", ",", "&x ", "*x", "!!str ", "'", '"', "|", ">", "#", "?",
     "：", "---", "...", "%YAML 1.1\n", "<<", "~", "\\0", "\x85", "\u2028", "中", "\r"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_heap_of_yaml_pieces_crashes_it(text):
    document = said(text)

    assert is_plain(document.value)
    lines = len(text.splitlines()) + 2
    assert all(0 <= problem.line <= lines for problem in document.problems)

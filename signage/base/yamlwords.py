"""A YAML syntax error and the text of its file in, the line to mend and words for a person out."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from signage.base.errors import Problem

# Keys of these files are ASCII words, so a Chinese sentence with a wide colon in it is not taken for a key.
_WIDE_COLON = re.compile(r"\s*(?:-\s*)?[A-Za-z][\w-]*\s*：")
WIDE_HYPHENS = "－—–−‐"
"""What stands in place of a list's hyphen: its wide shape, and dashes, as word processors put them."""
_WIDE_HYPHEN = re.compile(rf"\s*[{WIDE_HYPHENS}][^{WIDE_HYPHENS}]")
_NO_SPACE = re.compile(r"\s*(?:- +)?[A-Za-z][\w-]*:[^ \t/]", re.ASCII)
_TAB_AFTER_HYPHEN = re.compile(r"\s*-\s*\t")
_TWO_COLONS = re.compile(r":\s.*:(?:\s|$)")
_TEXT_AFTER_QUOTES = re.compile(r"""[:-]\s+("[^"]*"|'[^']*')\s*[^\s#,\]}]""")
_BLOCK_TEXT = re.compile(r":\s*[|>][+-]?\d?\s*(?:#.*)?$")

WIDE_SPACES = ("\u3000", "\u00a0")
"""Spaces that look like ordinary ones: that of the Chinese keyboard, and that of web pages."""

WIDE_HYPHEN = (
    "begin an entry of a list with an ordinary hyphen and a space, '- '",
    "列表每一条前面要用英文短横线加空格（- ），不要用“－”或“—”",
)
WIDE_SPACE = ("indented with a wide (Chinese) space; use ordinary spaces", "此行用了全角空格缩进，请改用半角空格")


@dataclass(frozen=True, slots=True)
class _Fault:
    """What the parser says, at which line (from 0) it noticed it, and where the thing began that it was reading."""

    words: str
    line: int
    within: str
    began: int | None


@dataclass(frozen=True, slots=True)
class _Advice:
    line: int
    en: str
    zh: str


def explain(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """Give what a YAML syntax error means in words for a person, at the line where it is to be mended."""
    fault = _fault_of(error, text)
    advice = _advice(fault, text.splitlines())
    return Problem(file, advice.line + 1, advice.en, message_zh=advice.zh)


def _fault_of(error: yaml.YAMLError, text: str) -> _Fault:
    words = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error).replace("\n", " ")
    mark, began = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    if mark is not None:
        line = mark.line
    else:
        position = getattr(error, "position", None)
        line = text[:position].count("\n") if isinstance(position, int) else 0
    within = str(getattr(error, "context", None) or "")
    return _Fault(words, line, within, None if began is None else began.line)


def _advice(fault: _Fault, lines: list[str]) -> _Advice:
    at = fault.line
    if fault.began is not None and ("quoted scalar" in fault.within or "expected ':'" in fault.words):
        # Only at the end of what it reads does the parser notice that something is missing at its start.
        at = fault.began
    above = _line_above(lines, at)
    for look in (at, above):
        if look is not None and (found := _of_characters(fault, lines[look : look + 1], look, is_above=look != at)):
            return found
    if "quoted scalar" in fault.within and ("end of stream" in fault.words or "document" in fault.words):
        return _Advice(
            at,
            f"{fault.words}; the quote that begins here has no end",
            "格式有误：这里的引号没有配对，请在文字末尾补上引号",
        )
    return _of_shape(fault, at, lines[at] if at < len(lines) else "", lines[above] if above is not None else "")


def _line_above(lines: list[str], at: int) -> int | None:
    """Give the last line before `at` that says something."""
    for line in range(min(at, len(lines)) - 1, -1, -1):
        if lines[line].strip() and not lines[line].lstrip().startswith("#"):
            return line
    return None


def _of_characters(fault: _Fault, source: list[str], at: int, *, is_above: bool) -> _Advice | None:
    """Find a wrong character in the line, or in the one above it, whose fault may show only one line later."""
    line = source[0] if source else ""
    blank = line[: len(line) - len(line.lstrip())]
    if not is_above:
        if "another document" in fault.words:
            return _Advice(
                at,
                "a second document begins here (---); keep one per file",
                "文件中有第二份内容（---），每个文件只能写一份",
            )
        if "\t" in blank or "tab character" in fault.words or _TAB_AFTER_HYPHEN.match(line):
            return _Advice(at, "indented with a tab; use spaces", "此行用了制表符（Tab）缩进，请改用空格")
        if "control characters" in fault.words:
            return _Advice(
                at,
                "contains an invisible control character; type the line again",
                "含有不可见的控制字符，请重新输入此行",
            )
        if "alias" in fault.words:
            return _Advice(
                at,
                f"{fault.words}; a text that begins with * must stand in quotes",
                "未定义的引用；以 * 开头的文字请加引号",
            )
    if any(space in blank for space in WIDE_SPACES):
        return _Advice(at, *WIDE_SPACE)
    if _WIDE_HYPHEN.match(line):
        return _Advice(at, f"{fault.words}; {WIDE_HYPHEN[0]}", f"格式有误：{WIDE_HYPHEN[1]}")
    if _WIDE_COLON.match(line):
        return _Advice(
            at,
            f"{fault.words}; after a key use the colon ':' and a space, not '：'",
            "格式有误：键名后请用英文冒号加空格（: ），不要用中文冒号（：）",
        )
    if _NO_SPACE.match(line):
        return _Advice(at, f"{fault.words}; put a space after the colon", "格式有误：冒号后面要空一格，如 title: 海报")
    return None


def _of_shape(fault: _Fault, at: int, source: str, above: str) -> _Advice:
    """Find what is wrong with the build of the lines: quotes, brackets, indentation."""
    if "mapping values" in fault.words and _TWO_COLONS.search(source):
        return _Advice(
            at,
            f"{fault.words}; put a text that contains ': ' in quotes",
            "格式有误：文字中含有“: ”时请加引号",
        )
    if "cannot start any token" in fault.words:
        return _Advice(
            at,
            f"{fault.words}; put a text that begins with a special character in quotes",
            "以特殊符号开头的文字请加引号",
        )
    if "flow" in fault.within:
        return _Advice(
            at if fault.began is None else fault.began,
            f"{fault.words}; check the brackets [ ] and the commas between the words in them",
            "格式有误：请检查方括号 [ ] 是否配对，里面各项之间用英文逗号",
        )
    if _TEXT_AFTER_QUOTES.search(source):
        return _Advice(
            at,
            f"{fault.words}; the quotes must be around the whole text",
            "格式有误：引号要括住整句，不能只括前一半（可改用中文引号“”）",
        )
    if _BLOCK_TEXT.search(above) and "expected ':'" in fault.words:
        return _Advice(
            at,
            f"{fault.words}; indent the lines below '|' further than its key",
            "格式有误：“|”下面的文字要比上一行的键名多缩进两格",
        )
    if "mapping values" in fault.words or "expected" in fault.words:
        return _Advice(
            at,
            f"{fault.words}; check the indentation: what belongs together begins in the same column",
            "格式有误：缩进没有对齐，同一级的左边要对齐",
        )
    return _Advice(at, f"is not valid YAML: {fault.words}", f"格式有误（YAML）：{fault.words}")

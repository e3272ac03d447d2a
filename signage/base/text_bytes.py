"""The bytes of a text file in, its text out, or a Problem that names the encoding that it was saved in."""

from __future__ import annotations

import codecs
import re

from signage.base.errors import Problem

_ONLY_GBK_PAIRS = re.compile(rb"(?:[\x00-\x7f]|[\xc2-\xd7][\xa1-\xbf])*")
_PAIR_RUN = re.compile(rb"[\x80-\xff]{4}")
_SAVE_EN = "save it as UTF-8"
_SAVE_ZH = "请另存为 UTF-8 编码"


def read_text(raw: bytes, file: str) -> tuple[str | None, list[Problem]]:
    """Give the text, or None with the reason. A UTF-8 byte order mark (BOM) is dropped with a warning."""
    warnings: list[Problem] = []
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None, [_problem(file, 1, f"is UTF-16; {_SAVE_EN}", f"文件是 UTF-16 编码，{_SAVE_ZH}")]
    if raw.startswith(codecs.BOM_UTF8):
        raw = raw[len(codecs.BOM_UTF8) :]
        warnings.append(
            Problem(
                file,
                1,
                "starts with a byte order mark (BOM), which is ignored; save it as UTF-8 without BOM",
                "warning",
                "文件开头有 BOM 标记，已忽略；建议另存为不带 BOM 的 UTF-8",
            )
        )
    if b"\0" in raw:
        return None, [_not_text(raw, file)]
    if found := is_gbk_by_chance(raw):
        return None, [*warnings, _not_utf8(raw, file, found.start())]
    try:
        return raw.decode("utf-8"), warnings
    except UnicodeDecodeError as error:
        return None, [*warnings, _not_utf8(raw, file, error.start)]


def is_gbk_by_chance(raw: bytes) -> re.Match[bytes] | None:
    """Give where GBK begins in a text that is valid UTF-8 by chance, as 通知停水 is (it would go on air as ֪ͨͣˮ).

    Such a text has no character outside ASCII but pairs that are common Chinese characters in GBK, two or more of
    them together; in UTF-8 a Chinese character takes three bytes.
    """
    return _PAIR_RUN.search(raw) if _ONLY_GBK_PAIRS.fullmatch(raw) else None


def _not_text(raw: bytes, file: str) -> Problem:
    line = raw.count(b"\n", 0, raw.index(b"\0")) + 1
    if len(raw) >= 4 and raw.count(b"\0") * 3 >= len(raw):
        return _problem(file, line, f"looks like UTF-16; {_SAVE_EN}", f"文件像是 UTF-16 编码，{_SAVE_ZH}")
    return _problem(file, line, "is not a text file (it contains zero bytes)", "这不是文本文件（含有零字节）")


def _not_utf8(raw: bytes, file: str, at: int) -> Problem:
    line = raw.count(b"\n", 0, at) + 1
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return _problem(
            file, line, f"is not UTF-8 (byte {at + 1} of the file); {_SAVE_EN}", f"文件不是 UTF-8 编码，{_SAVE_ZH}"
        )
    return _problem(
        file,
        line,
        f"is not UTF-8 (it looks like GBK, byte {at + 1} of the file); {_SAVE_EN}",
        f"文件像是 GBK（记事本的 ANSI）编码，{_SAVE_ZH}",
    )


def _problem(file: str, line: int, message: str, message_zh: str) -> Problem:
    return Problem(file, line, message, message_zh=message_zh)

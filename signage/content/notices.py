"""The bytes of a text file in, the words of a notice card out: UTF-8, GB18030 or UTF-16, whatever Notepad wrote."""

from __future__ import annotations

import codecs
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from signage.base.text_bytes import is_gbk_by_chance
from signage.content.datednames import without_dates
from signage.content.drafts import CardDraft, Show
from signage.content.notation import shorten
from signage.content.refusal import Refusal
from signage.content.templates import TEMPLATES

TEMPLATE = "notice"
ENDING = ".txt"
TEXT_BYTES = 64_000
"""More than the longest text takes in any encoding."""

F = TypeVar("F")

_OTHER_TEXT = Refusal(
    "is a text file that is not called .txt; rename it, or use a template",
    "是文本文件；要作为通知播放，请把后缀改为 .txt",
)
_SPACES = "\n\t\f"
_NO_TEXT = Refusal(
    "is named .txt, but what it holds is no text; save it as UTF-8 text again",
    "名为 .txt，但内容不是文字，请用记事本重新另存为 UTF-8 编码",
)
_UTF_16 = Refusal("is UTF-16 without a mark; save it as UTF-8", "是不带标记的 UTF-16 编码，请另存为 UTF-8 编码")
_TOO_LONG = Refusal(
    "is too long for a notice (at most 6000 characters); make it a PDF", "文字过长（最多 6000 字），请改用 PDF"
)


def _limit(field: str) -> int:
    found = TEMPLATES[TEMPLATE].field(field)
    assert found is not None
    return found.limit


_TITLE_LIMIT, _BODY_LIMIT = _limit("title"), _limit("body")


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A checked text file of `media/`: what stands in it, with `\\n` at the end of lines and no empty ends."""

    path: str
    text: str
    length_bytes: int
    mtime_ns: int


def read_notice(raw: bytes, path: str, mtime_ns: int) -> NoticeText | Refusal:
    """Give the text, or why it cannot be a notice."""
    if len(raw) > TEXT_BYTES:
        return _TOO_LONG
    text = _decoded(raw)
    if text is None:
        return _UTF_16 if len(raw) >= 4 and raw.count(b"\0") * 3 >= len(raw) else _NO_TEXT
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    text = unicodedata.normalize("NFC", "\n".join(lines)).strip("\n\t\f \u3000")
    if not text:
        return Refusal("has no text in it", "文件里没有文字")
    if any(sign not in _SPACES and unicodedata.category(sign) in ("Cc", "Cn", "Cs") for sign in text):
        return _NO_TEXT
    if len(text) > _BODY_LIMIT:
        return _TOO_LONG
    return NoticeText(path, text, len(raw), mtime_ns)


def is_named_as_text(path: str) -> bool:
    """Tell whether a file's name says that its text is to be shown."""
    return path.lower().endswith(ENDING)


def as_named(finding: F, path: str) -> F | Refusal:
    """Give the finding, or that a text is none to be shown: a log or a table in plain text is no notice."""
    return _OTHER_TEXT if isinstance(finding, NoticeText) and not is_named_as_text(path) else finding


def notice_draft(path: str, text: str, show: Show, more: Mapping[str, str]) -> CardDraft:
    """Give the card: the first line is the title and the rest the body.

    Where there is one line only, or the first is too long for a title, the name of the file is the title. `more` are
    fields of the template that a sidecar adds.
    """
    first, _, rest = text.partition("\n")
    title, body = first.strip(), rest.strip("\n")
    if not body.strip() or len(title) > _TITLE_LIMIT:
        stem = without_dates(path.rpartition("/")[2].rpartition(".")[0])
        title, body = stem[:_TITLE_LIMIT], text
    fields = {"title": title, "body": body, **more}
    fields_json = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    characters = sum(map(len, fields.values()))
    return CardDraft(TEMPLATE, fields_json, shorten(title, 30), characters, (), 0, show)


def _decoded(raw: bytes) -> str | None:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _as(raw, "utf-16")
    if raw.startswith(codecs.BOM_UTF8):
        return _as(raw, "utf-8-sig")
    if b"\0" in raw:
        return None
    return (None if is_gbk_by_chance(raw) else _as(raw, "utf-8")) or _as(raw, "gb18030")


def _as(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None

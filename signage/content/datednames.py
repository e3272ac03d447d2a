"""The name of a file of `media/` in, the dates out that staff wrote into it: `活动海报@2026-12-01~2026-12-31.jpg`."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from signage.content.notation import NotationError, parse_date, shorten

Dates = tuple[date | None, date | None]

_MARK = re.compile(r"[@＠]")
_DATE = r"\d{4}\s*(?:[-._]|年)\s*\d{1,2}\s*(?:[-._]|月)\s*\d{1,2}\s*日?|\d{8}"
_TILDE = r"[~～〜∼˜]|至|到"
_DASH = r"-{1,2}|[–—－−]"
_SPAN = re.compile(rf"\s*(?P<first>{_DATE})?\s*(?P<to>{_TILDE}|{_DASH})?\s*(?P<last>{_DATE})?\s*")
_COPY = re.compile(r"(?:\s*[(（]\d{1,3}[)）]|\s*-\s*(?:副本|Copy)(?:\s*[(（]\d{1,3}[)）])?)$", re.IGNORECASE)
"""What Windows adds to the name of a second copy."""

_LIKE = re.compile(r"[\d\s._年月日~～〜∼˜至到–—－−-]+")
_YEAR = re.compile(r"\d{4}\s*(?:[-._]|年)|\d{8}|\d\D+\d.*(?:[~～〜∼˜]|至|到)|(?:[~～〜∼˜]|至|到).*\d\D+\d")


def has_dates(path: str) -> bool:
    """Tell whether the name can hold dates at all; cheap."""
    return "@" in path or "＠" in path


@lru_cache(maxsize=4096)
def dates_in(name: str) -> Dates:
    """Give (first, last) date of a file name without its folder, each None where it says nothing of it.

    One date alone is both. What follows the `@` and is no date (`logo@2x.png`, `@王老师`) says nothing.

    Raises:
        NotationError: it is meant as a date and is none, or the last lies before the first.
    """
    stem = name.rpartition(".")[0] or name
    tail = _COPY.sub("", _MARK.split(stem)[-1]) if _MARK.search(stem) else ""
    if not (_LIKE.fullmatch(tail) and _YEAR.search(tail)):
        return None, None
    found = _SPAN.fullmatch(tail)
    if found is None or not (found["first"] or found["last"]) or (found["first"] and found["last"] and not found["to"]):
        raise NotationError(
            f"its name must say dates such as @2026-12-01~2026-12-31 after the @ (got {shorten(tail)})",
            f"文件名中 @ 后面的日期应写成 @2026-12-01~2026-12-31（现为“{shorten(tail)}”），请改名",
        )
    first = _date(found["first"])
    last = _date(found["last"]) if found["to"] else first
    if first and last and last < first:
        raise NotationError(
            f"its name says dates of which the last lies before the first (got {shorten(tail)})",
            f"文件名中的结束日期早于开始日期（{shorten(tail)}），请改名",
        )
    return first, last


def without_dates(stem: str) -> str:
    """Give the stem of a name as a title, without the dates in it."""
    head, mark, tail = stem.replace("＠", "@").rpartition("@")
    return head.strip() if mark and head.strip() and _LIKE.fullmatch(_COPY.sub("", tail)) else stem.strip()


def _date(text: str | None) -> date | None:
    if text is None:
        return None
    plain = text.replace("_", "-")
    if plain.isdigit():
        plain = f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    try:
        return parse_date(plain)
    except NotationError as error:
        raise NotationError(
            f"its name says a day that is not in the calendar ({text})", f"文件名中的日期 {text} 日历上没有，请改名"
        ) from error

"""How staff write numbers, seconds, dates and sizes: a text in, a value out, or a NotationError."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

DAY_S = 86_400
MAX_SECONDS = DAY_S
MAX_WEIGHT = 1_000_000


class NotationError(ValueError):
    """A text that says nothing; the message says what would be right, in English and (`zh`) in Chinese."""

    def __init__(self, message: str, zh: str) -> None:
        super().__init__(message)
        self.zh = zh


_HALF_WIDTH = {0xFF01 + place: 0x21 + place for place in range(94)} | {0x3000: 0x20}


def half_width(text: str) -> str:
    """Give the text with the wide digits, letters and signs of a Chinese keyboard as the usual ones: `７：３０`."""
    return text if text.isascii() else text.translate(_HALF_WIDTH)


_NUMBER = re.compile(r"[+-]?\d{1,9}(?:\.\d{1,9})?")
_LENGTH = re.compile(
    r"(?:(?P<h>\d{1,5})\s*(?:h|小时|时))?\s*(?:(?P<m>\d{1,5})\s*(?:min|m|分钟|分))?\s*(?:(?P<s>\d{1,5}(?:\.\d{1,3})?)\s*(?:s|sec|秒钟|秒))?"
)
_DATE = re.compile(r"(\d{4})\s*(?:-|/|\.|年)\s*(\d{1,2})\s*(?:-|/|\.|月)\s*(\d{1,2})\s*[日号]?")


def parse_number(text: str) -> Fraction:
    """Give the exact number."""
    text = half_width(text)
    if not _NUMBER.fullmatch(text):
        raise NotationError(f"must be a number (got {shorten(text)})", f"必须是数字（现为“{shorten(text)}”）")
    return Fraction(text)


def parse_whole(text: str, low: int, high: int) -> int:
    """Give the whole number, which must lie in [low, high]."""
    number = parse_number(text)
    if number.denominator != 1 or not low <= number <= high:
        raise NotationError(
            f"must be a whole number from {low} to {high} (got {text})", f"必须是 {low} 到 {high} 的整数（现为 {text}）"
        )
    return int(number)


def parse_weight(text: str) -> Fraction:
    """Give the weight: a number over 0."""
    number = parse_number(text)
    if not 0 < number <= MAX_WEIGHT:
        raise NotationError(
            f"must be > 0 and at most {MAX_WEIGHT} (got {text})", f"必须大于 0，且不超过 {MAX_WEIGHT}（现为 {text}）"
        )
    return number


def parse_seconds(text: str) -> int:
    """Give the length in milliseconds: `12`, `12s`, `1m30s`, `1.5`, `1分30秒`."""
    if text.isascii() and text.isdigit() and 0 < int(text[:6]) <= MAX_SECONDS and len(text) < 6:
        return int(text) * 1000
    said = half_width(text).strip().lower()
    if _NUMBER.fullmatch(said):
        seconds = Fraction(said)
    else:
        match = _LENGTH.fullmatch(said)
        if not match or not any(match.groups()):
            raise NotationError(
                f"must be a length of time such as 12, 12s or 1m30s (got {shorten(text)})",
                f"必须是时长，如 12、12s 或 1m30s（现为“{shorten(text)}”）",
            )
        hours, minutes, rest = (Fraction(match[part] or 0) for part in "hms")
        seconds = hours * 3600 + minutes * 60 + rest
    if seconds <= 0:
        raise NotationError(f"must be > 0 (got {text})", f"必须大于 0（现为 {text}）")
    if not Fraction(1, 2) <= seconds <= MAX_SECONDS:
        raise NotationError(
            f"must be from 0.5 seconds to 24 hours (got {text})", f"必须在 0.5 秒到 24 小时之间（现为 {text}）"
        )
    return round(seconds * 1000)


def parse_date(text: str) -> date:
    """Give the date: `2026-12-31`, `2026/12/31`, `2026年12月31日`."""
    match = _DATE.fullmatch(half_width(text).strip())
    if not match:
        raise NotationError(
            f"must be a date such as 2026-12-31 (got {shorten(text)})",
            f"必须是日期，如 2026-12-31（现为“{shorten(text)}”）",
        )
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise NotationError(f"is not a day of the calendar (got {text})", f"日历上没有这一天（{text}）") from error


def parse_date_span(text: str) -> tuple[date, date]:
    """Give the first and the last date of `2027-01-01~2027-01-03`, or one date twice."""
    parts = re.split(r"\s*(?:~|～|至|到|\s-\s|\.\.)\s*", half_width(text).strip())
    if len(parts) > 2:
        raise NotationError(
            f"must be a date or 2027-01-01~2027-01-03 (got {shorten(text)})",
            f"必须是日期或 2027-01-01~2027-01-03（现为“{shorten(text)}”）",
        )
    first, last = parse_date(parts[0]), parse_date(parts[-1])
    if last < first:
        raise NotationError(f"ends before it begins (got {text})", f"结束日期早于开始日期（{text}）")
    if (last - first).days > 366:
        raise NotationError(f"is longer than a year (got {text})", f"超过一年（{text}）")
    return first, last


def parse_size(text: str) -> tuple[int, int]:
    """Give (width, height) in pixels: `960x540`."""
    match = re.fullmatch(r"(\d{1,5})\s*[xX×*,，]\s*(\d{1,5})", half_width(text).strip())
    if not match or not all(16 <= int(side) <= 16_384 for side in match.groups()):
        raise NotationError(
            f"must be width x height in pixels such as 960x540, each from 16 to 16384 (got {shorten(text)})",
            f"必须是像素宽x高，如 960x540，每边 16 到 16384（现为“{shorten(text)}”）",
        )
    return int(match[1]), int(match[2])


def parse_position(text: str) -> tuple[int, int]:
    """Give (x, y) in pixels: `0,0`."""
    match = re.fullmatch(r"(-?\d{1,5})\s*[,，]\s*(-?\d{1,5})", half_width(text).strip())
    if not match:
        raise NotationError(
            f"must be x,y in pixels such as 0,0 (got {shorten(text)})",
            f"必须是像素坐标 x,y，如 0,0（现为“{shorten(text)}”）",
        )
    return int(match[1]), int(match[2])


def parse_place(text: str) -> tuple[float, float]:
    """Give (latitude, longitude) in degrees: `24.92, 102.48`."""
    parts = re.split(r"\s*[,，]\s*", half_width(text).strip())
    if len(parts) == 2 and all(_NUMBER.fullmatch(part) for part in parts):
        latitude, longitude = float(parts[0]), float(parts[1])
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            return latitude, longitude
    raise NotationError(
        f"must be latitude, longitude in degrees such as 24.92, 102.48 (got {shorten(text)})",
        f"必须是纬度, 经度，如 24.92, 102.48（现为“{shorten(text)}”）",
    )


def parse_switch(text: str) -> bool:
    """Give True for true/yes/on/是/开, False for false/no/off/否/关."""
    word = text.strip().lower()
    if word in ("true", "yes", "on", "是", "开"):
        return True
    if word in ("false", "no", "off", "否", "关"):
        return False
    raise NotationError(
        f"must be true or false (got {shorten(text)})", f"必须是 true（是）或 false（否）（现为“{shorten(text)}”）"
    )


def shorten(text: str, limit: int = 40) -> str:
    """Give the text on one line, cut to `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"

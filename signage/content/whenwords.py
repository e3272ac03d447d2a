"""How staff write days, hours and lunar days: a text in, a value out, or a NotationError."""

from __future__ import annotations

import re

from signage.content.notation import DAY_S, NotationError, half_width, shorten
from signage.content.spelling import closest, did_you_mean
from signage.content.values import DayClass, Edge, Hours, SunEvent

_TIME = re.compile(r"(\d{1,2})\s*[:：时点]\s*(\d{2})\s*分?")
_SUN = re.compile(r"(sunrise|sunset|日出|日落)(?:\s*([+-])\s*(?:(\d{1,2})[:：](\d{2})|(\d{1,3})\s*(?:min|m|分钟|分)))?")
_RANGE = re.compile(r"\s*(?:~|～|—|–|至|到|-)\s*")
_LUNAR = re.compile(r"(闰|-)?\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")

_WEEKDAYS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "1 mon monday 周一 星期一 礼拜一 一",
            "2 tue tues tuesday 周二 星期二 礼拜二 二",
            "3 wed wednesday 周三 星期三 礼拜三 三",
            "4 thu thur thurs thursday 周四 星期四 礼拜四 四",
            "5 fri friday 周五 星期五 礼拜五 五",
            "6 sat saturday 周六 星期六 礼拜六 六",
            "7 sun sunday 周日 周天 星期日 星期天 礼拜天 日",
        ),
        start=1,
    )
    for name in names.split()
}
_GROUPS: dict[str, frozenset[int]] = {
    "weekend": frozenset({6, 7}),
    "周末": frozenset({6, 7}),
    "weekday": frozenset(range(1, 6)),
    "weekdays": frozenset(range(1, 6)),
    "daily": frozenset(range(1, 8)),
    "everyday": frozenset(range(1, 8)),
    "每天": frozenset(range(1, 8)),
}
_CLASSES: dict[str, DayClass] = {
    "workday": DayClass.WORKDAY,
    "workdays": DayClass.WORKDAY,
    "工作日": DayClass.WORKDAY,
    "holiday": DayClass.HOLIDAY,
    "holidays": DayClass.HOLIDAY,
    "节假日": DayClass.HOLIDAY,
    "休息日": DayClass.HOLIDAY,
}
DAY_WORDS = (*_WEEKDAYS, *_GROUPS, *_CLASSES)


def parse_days(text: str) -> tuple[frozenset[int], DayClass | None]:
    """Give the weekdays (ISO numbers) or the class of day: `mon`, `周一`, `mon-fri`, `1-5`, `weekend`, `workday`."""
    word = half_width(text).strip().lower()
    if word in _CLASSES:
        return frozenset(), _CLASSES[word]
    if word in _GROUPS:
        return _GROUPS[word], None
    ends = _RANGE.split(word)
    if not 1 <= len(ends) <= 2 or any(end not in _WEEKDAYS for end in ends):
        guess = did_you_mean(closest(ends[0] if len(ends) == 2 else word, DAY_WORDS))
        raise NotationError(
            f"must be a weekday (mon, 周一, mon-fri, 1-5), weekend, workday or holiday (got {shorten(text)}){guess.en}",
            f"必须是星期（如 mon、周一、mon-fri、1-5）、weekend、workday 或 holiday（现为“{shorten(text)}”）{guess.zh}",
        )
    first, last = _WEEKDAYS[ends[0]], _WEEKDAYS[ends[-1]]
    span = range(first, last + 1) if first <= last else (*range(first, 8), *range(1, last + 1))
    return frozenset(span), None


def parse_hours(text: str) -> Hours:
    """Give daily hours: `07:00-22:00`, `22:00-06:00` (over midnight), `sunrise+0:30-sunset`, `日落-23:00`."""
    ends = _split_hours(half_width(text).strip().lower())
    if ends is None:
        raise NotationError(
            f"must be hours such as 07:00-22:00 or sunrise+0:30-sunset (got {shorten(text)})",
            f"必须是时间段，如 07:00-22:00 或 sunrise+0:30-sunset（现为“{shorten(text)}”）",
        )
    start, end = ends
    if start == end:
        raise NotationError(
            f"starts and ends at the same time (got {text}); write 00:00-24:00 for the whole day",
            f"开始与结束时间相同（{text}）；全天请写 00:00-24:00",
        )
    return Hours(start, end)


def _split_hours(text: str) -> tuple[Edge, Edge] | None:
    """Try every dash as the middle, because an end may contain one itself (`sunrise-0:30-sunset`)."""
    for match in _RANGE.finditer(text):
        start, end = _edge(text[: match.start()].strip()), _edge(text[match.end() :].strip())
        if start is not None and end is not None and (start.sun or start.offset_s < DAY_S):
            return start, end
    return None


def _edge(text: str) -> Edge | None:
    if match := _TIME.fullmatch(text):
        offset_s = int(match[1]) * 3600 + int(match[2]) * 60
        return Edge(offset_s) if int(match[2]) < 60 and offset_s <= DAY_S else None
    if match := _SUN.fullmatch(text):
        sun = SunEvent.SUNRISE if match[1] in ("sunrise", "日出") else SunEvent.SUNSET
        hours, minutes = int(match[3] or 0), int(match[4] or match[5] or 0)
        if hours > 12 or (match[4] and minutes >= 60) or hours * 60 + minutes > 720:
            return None
        return Edge((hours * 3600 + minutes * 60) * (-1 if match[2] == "-" else 1), sun)
    return None


_MONTHS = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊")
_MONTH_WORDS = {
    **{word: number for number, word in enumerate(_MONTHS, 1)},
    "一": 1,
    "十一": 11,
    "十二": 12,
}
_DIGITS = "一二三四五六七八九"
_LUNAR_WORDS = re.compile(
    rf"(?:农历)?(闰)?({'|'.join(sorted(_MONTH_WORDS, key=len, reverse=True))})月([一二三四五六七八九十初廿]{{1,3}})日?"
)


def _day_words() -> dict[str, int]:
    words = {"初十": 10, "二十": 20, "三十": 30}
    for number, digit in enumerate(_DIGITS, 1):
        words |= {f"初{digit}": number, f"十{digit}": 10 + number, f"廿{digit}": 20 + number}
        words |= {f"二十{digit}": 20 + number}
    return words


_DAY_WORDS = _day_words()


def parse_lunar(text: str) -> tuple[int, int]:
    """Give (month, day) of the Chinese calendar, a leap month negative: `6-24`, `闰6-24`, `六月廿四`, `腊月三十`."""
    compact = half_width(text).replace(" ", "")
    month = day = 0
    if match := _LUNAR.fullmatch(compact):
        month, day = int(match[2]), int(match[3])
    elif match := _LUNAR_WORDS.fullmatch(compact):
        month, day = _MONTH_WORDS[match[2]], _DAY_WORDS.get(match[3], 0)
    if not match or not (1 <= month <= 12 and 1 <= day <= 30):
        raise NotationError(
            f"must be a lunar month and day such as 6-24 or 六月廿四 (got {shorten(text)})",
            f"必须是农历月日，如 6-24 或 六月廿四（现为“{shorten(text)}”）",
        )
    return (-month if match[1] else month), day


def parse_lunar_span(text: str) -> frozenset[tuple[int, int]]:
    """Give the days of `6-24~6-26`, which must lie in one month, or the one day that is written."""
    ends = [parse_lunar(end) for end in re.split(r"\s*(?:~|～|至|到)\s*", half_width(text).strip())]
    (month, first), (last_month, last) = ends[0], ends[-1]
    if len(ends) > 2 or month != last_month or last < first:
        raise NotationError(
            f"must be lunar days of one month in order, such as 6-24~6-26 (got {shorten(text)})",
            f"必须是同一农历月内的先后两日，如 6-24~6-26（现为“{shorten(text)}”）",
        )
    return frozenset((month, day) for day in range(first, last + 1))

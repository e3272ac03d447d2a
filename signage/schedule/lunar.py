"""The traditional calendar: in goes a date, out come its lunar month and day, and the text for the clock bar.

The one door to borax, which is loaded when a date is first asked for: most screens come on without it, and sooner.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from borax.calendars.lunardate import LunarDate  # type: ignore[import-untyped]

_FESTIVALS: dict[tuple[int, int], str] = {
    (1, 1): "春节",
    (1, 15): "元宵节",
    (2, 2): "龙抬头",
    (3, 3): "三月三",
    (5, 5): "端午节",
    (6, 24): "火把节",
    (7, 7): "七夕",
    (7, 15): "中元节",
    (8, 15): "中秋节",
    (9, 9): "重阳节",
    (12, 8): "腊八节",
}
_LAST_DAY = 30


@lru_cache(maxsize=4096)
def lunar_month_day(day: date) -> tuple[int, int] | None:
    """Give (month, day) of the lunar calendar, the month negative if it is a leap month; None outside 1901-2100."""
    lunar = _lunar(day)
    if lunar is None:
        return None
    month, month_day, is_leap = lunar
    return (-month if is_leap else month, month_day)


def matches_lunar(day: date, wanted: frozenset[tuple[int, int]]) -> bool:
    """Tell whether the date is one of the lunar (month, day) pairs.

    Day 30 stands for the last day of its month, so that 12-30 is New Year's Eve also where the month has 29 days.
    """
    today = lunar_month_day(day)
    if today is None:
        return False
    month, month_day = today
    if today in wanted:
        return True
    return month_day == _LAST_DAY - 1 and (month, _LAST_DAY) in wanted and _is_month_end(day)


def lunar_text(day: date) -> str:
    """Give what the clock bar shows, such as `农历十月十五` or `农历八月十五 中秋节`; empty outside 1901-2100.

    A solar term (小雪) or a festival of the day follows the date; where both fall on one day, both follow.
    """
    lunar = _lunar(day)
    if lunar is None:
        return ""
    source = _of(day)
    month_name = ("闰" if source.leap else "") + source.cn_month + "月"
    marks = [f"农历{month_name}{source.cn_day}", source.term or "", festival_of(day)]
    return " ".join(mark for mark in marks if mark)


def festival_of(day: date) -> str:
    """Give the day's traditional festival (`春节`, `除夕`, `火把节`), or an empty text. Leap months have none."""
    lunar = _lunar(day)
    if lunar is None:
        return ""
    month, month_day, is_leap = lunar
    if lunar_month_day(day + timedelta(days=1)) == (1, 1):
        return "除夕"
    return "" if is_leap else _FESTIVALS.get((month, month_day), "")


def _is_month_end(day: date) -> bool:
    tomorrow = lunar_month_day(day + timedelta(days=1))
    return tomorrow is not None and tomorrow[1] == 1


def _lunar(day: date) -> tuple[int, int, bool] | None:
    try:
        source = _of(day)
    except ValueError:
        return None
    return source.month, source.day, bool(source.leap)


def _of(day: date) -> LunarDate:
    from borax.calendars.lunardate import LunarDate

    return LunarDate.from_solar(day)

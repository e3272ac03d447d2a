"""The Chinese calendar of days off: in goes a date, out comes workday or holiday, or None where nobody knows.

The one door to chinesecalendar, which ends with the year for which the State Council has published the days. It is
loaded when a date is first asked for: most screens come on without it, and sooner.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from signage.content.values import CalendarData, DayClass

_SATURDAY = 6


def class_of(day: date, calendar: CalendarData) -> DayClass | None:
    """Give the day's class; None if its year is known neither to the store's calendar.yaml nor to the library.

    A day that calendar.yaml names is what it says there; a year that it lists is otherwise plain weeks (Monday
    to Friday work); all else is the library's. If a day stands under both headings, it is a workday.
    """
    if day in calendar.workdays:
        return DayClass.WORKDAY
    if day in calendar.holidays:
        return DayClass.HOLIDAY
    if day.year in calendar.years:
        return DayClass.WORKDAY if day.isoweekday() < _SATURDAY else DayClass.HOLIDAY
    return _published_class(day)


def unknown_years(years: Iterable[int], calendar: CalendarData) -> tuple[int, ...]:
    """Give those of `years` whose days off are known neither to calendar.yaml nor to the library, ascending."""
    return tuple(
        year for year in sorted(set(years)) if year not in calendar.years and _published_class(date(year, 1, 1)) is None
    )


@lru_cache(maxsize=4096)
def _published_class(day: date) -> DayClass | None:
    import chinese_calendar  # type: ignore[import-untyped]

    try:
        return DayClass.WORKDAY if chinese_calendar.is_workday(day) else DayClass.HOLIDAY
    except NotImplementedError:
        return None

"""Local days: in go a timezone and dates or clock times, out come instants in milliseconds UTC."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from signage.base.moments import to_datetime, to_ms

DAY_S = 86_400
_SEARCH_MS = 2 * DAY_S * 1000


def day_start_ms(day: date, zone: ZoneInfo) -> int:
    """Give the first instant at which the zone's calendar shows `day`, or a later date if it skips `day`.

    Midnight need not exist (Sao Paulo, Beirut: the day then begins at 01:00), nor need the day (Apia,
    2011-12-30: it then begins where the next one does, and is empty).
    """
    midnight = to_ms(datetime(day.year, day.month, day.day, tzinfo=zone))
    if to_datetime(midnight - 1, zone).date() < day <= to_datetime(midnight, zone).date():
        return midnight
    # A gap that begins before midnight and ends after it: find the instant of the jump.
    before, after = midnight - _SEARCH_MS, midnight + _SEARCH_MS
    while after - before > 1:
        middle = (before + after) // 2
        if to_datetime(middle, zone).date() >= day:
            after = middle
        else:
            before = middle
    return after


def day_of(instant_ms: int, zone: ZoneInfo) -> date:
    """Give the date whose day holds the instant: `day_start_ms(d) <= instant < day_start_ms(d + 1)`.

    It is the local date, except in the rare hour before midnight that a clock change repeats after midnight.
    """
    day = to_datetime(instant_ms, zone).date()
    while instant_ms < day_start_ms(day, zone):
        day -= timedelta(days=1)
    while instant_ms >= day_start_ms(day + timedelta(days=1), zone):
        day += timedelta(days=1)
    return day


def clock_ms(day: date, seconds: int, zone: ZoneInfo) -> int:
    """Give the instant at which the clock on the wall of `day` shows `seconds` after midnight.

    0 is the start of the day and 86400 its end, whatever the clock does there. A time that a clock change
    skips keeps the offset from before (02:30 acts as 03:30); of a time that comes twice it is the first.

    Source: RFC 5545, 3.3.5; PEP 495 (fold 0).
    """
    if seconds == 0:
        return day_start_ms(day, zone)
    if seconds == DAY_S:
        return day_start_ms(day + timedelta(days=1), zone)
    wall = datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)  # noqa: DTZ001 (zone joins below)
    return to_ms(wall.replace(tzinfo=zone))

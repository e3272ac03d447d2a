"""Sunrise and sunset: in go a date, a place and a timezone, out comes the instant. The one door to astral."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from signage.base.moments import to_datetime, to_ms
from signage.content.values import SunEvent
from signage.schedule.days import DAY_S, clock_ms

_NOON_S = DAY_S // 2
_DAY_MS, _HOUR_MS = DAY_S * 1000, 3_600_000
_NOMINAL_S = {SunEvent.SUNRISE: 6 * 3600, SunEvent.SUNSET: 18 * 3600}


@lru_cache(maxsize=4096)
def sun_ms(event: SunEvent, day: date, place: tuple[float, float] | None, zone: ZoneInfo) -> int:
    """Give the instant of the event on the local date, to the whole second.

    Without a place it is taken to be at 06:00 and 18:00 (the check command warns). Where the sun does not set
    that day, it rises at the day's start and sets at its end; where it does not rise, both are at noon, so that
    the day has no length.
    """
    if place is None:
        return clock_ms(day, _NOMINAL_S[event], zone)
    from astral import Observer
    from astral.sun import elevation, sunrise, sunset

    observer = Observer(*place)
    find = sunrise if event is SunEvent.SUNRISE else sunset

    def found(on: date) -> int | None:
        try:
            return to_ms(find(observer, on, tzinfo=zone).replace(microsecond=0))
        except ValueError:
            return None

    known = found(day)
    if known is not None:
        return known
    # astral loses one sunrise a year where it passes 00:00 UTC (08:00 in Chengdu): between its neighbours it must be.
    before, after = found(day - timedelta(days=1)), found(day + timedelta(days=1))
    if before is not None and after is not None and abs(after - before - 2 * _DAY_MS) < _HOUR_MS:
        return (before + after) // 2000 * 1000
    noon = clock_ms(day, _NOON_S, zone)
    if elevation(observer, to_datetime(noon)) <= 0:
        return noon
    return clock_ms(day, 0 if event is SunEvent.SUNRISE else DAY_S, zone)

"""Windows: in go a playlist's or screen's rules and a local day, out come the stretches of that day in which they hold.

A stretch is (start_ms, end_ms), half open. Hours are decided by the day on which they start, so a day's stretches
also come from hours of the days beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from signage.content.values import CalendarData, Edge, Hours, SunEvent, Window
from signage.schedule.calendar import class_of
from signage.schedule.days import clock_ms
from signage.schedule.lunar import matches_lunar
from signage.schedule.sun import sun_ms

Stretch = tuple[int, int]

_BY_CLOCK = (-1, 0)
_BY_SUN = (-2, -1, 0, 1)
_REACH_DAYS = 3
# Between which hours of the clock a sunrise or sunset falls where people live, over the year.
_SUN_RANGE_S = {SunEvent.SUNRISE: (3 * 3600, 9 * 3600), SunEvent.SUNSET: (15 * 3600, 22 * 3600)}


@dataclass(slots=True)
class WindowRules:
    """The rules of one screen's place and calendar. Remembers what it worked out; two days of it at least stay."""

    zone: ZoneInfo
    place: tuple[float, float] | None = None
    calendar: CalendarData = field(default_factory=CalendarData)
    _edges: dict[tuple[date, Edge], int] = field(default_factory=dict, repr=False)

    def active(self, windows: tuple[Window, ...], day: date) -> list[Stretch]:
        """Give the stretches of the local day in which any of the windows holds, in order, not touching.

        No windows at all means the whole day.
        """
        if not windows:
            return self._clip([(self._edge(day, Edge(0)), self._edge(day + timedelta(days=1), Edge(0)))], day)
        stretches: list[Stretch] = []
        for window in windows:
            if window.hours:
                for hours in window.hours:
                    stretches += self._of_hours(hours, day, window)
            elif self._day_matches(window, day):
                stretches += self.active((), day)
        return self._clip(stretches, day)

    def open_hours(self, hours: tuple[Hours, ...], day: date) -> list[Stretch]:
        """Give the stretches of the local day that lie in a screen's hours; no hours at all means the whole day."""
        return self.active((Window(hours=hours),) if hours else (), day)

    def _of_hours(self, hours: Hours, day: date, window: Window) -> Iterable[Stretch]:
        days_on = 1 if ends_next_day(hours) else 0
        for first in self._first_days(hours, day):
            if self._day_matches(window, first) and self._exists(first):
                yield self._edge(first, hours.start), self._edge(first + timedelta(days=days_on), hours.end)

    def _first_days(self, hours: Hours, day: date) -> Iterable[date]:
        """Give the days on which hours may start that reach into `day`."""
        offsets: tuple[int, ...] = _BY_SUN if uses_sun((hours,)) else _BY_CLOCK
        if not self._exists(day - timedelta(days=1)):
            offsets = (offsets[0] - 1, *offsets)
        return (day + timedelta(days=offset) for offset in offsets)

    def _day_matches(self, window: Window, day: date) -> bool:
        if window.from_date is not None and day < window.from_date:
            return False
        if window.until_date is not None and day > window.until_date:
            return False
        if window.weekdays and day.isoweekday() not in window.weekdays:
            return False
        if window.day_classes and class_of(day, self.calendar) not in window.day_classes:
            return False
        return not window.lunar or matches_lunar(day, window.lunar)

    def _exists(self, day: date) -> bool:
        return self._edge(day, Edge(0)) < self._edge(day + timedelta(days=1), Edge(0))

    def _edge(self, day: date, edge: Edge) -> int:
        known = self._edges.get((day, edge))
        if known is None:
            if len(self._edges) > 4096:
                self._edges.clear()
            if edge.sun is None:
                known = clock_ms(day, edge.offset_s, self.zone)
            else:
                known = sun_ms(edge.sun, day, self.place, self.zone) + edge.offset_s * 1000
            self._edges[(day, edge)] = known
        return known

    def _clip(self, stretches: list[Stretch], day: date) -> list[Stretch]:
        """Cut to the day, drop what is empty, join what overlaps or touches."""
        day_start = self._edge(day, Edge(0))
        closes = self._edge(day + timedelta(days=1), Edge(0))
        joined: list[Stretch] = []
        for start, end in sorted(stretches):
            opens, ends = max(start, day_start), min(end, closes)
            if opens >= ends:
                continue
            if joined and opens <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], ends))
            else:
                joined.append((opens, ends))
        return joined


def ends_next_day(hours: Hours) -> bool:
    """Tell whether the end lies on the day after the start.

    Of two clock times it does when it is at or before the start. With a sun event it does only when it can never be
    later than the start, at any season: `18:00-sunset` is empty in winter rather than a night and a day long.
    """
    start, end = hours.start, hours.end
    if start.sun == end.sun:
        return end.offset_s <= start.offset_s
    return _span_s(end)[1] <= _span_s(start)[0]


def _span_s(edge: Edge) -> tuple[int, int]:
    earliest, latest = _SUN_RANGE_S[edge.sun] if edge.sun else (0, 0)
    return earliest + edge.offset_s, latest + edge.offset_s


def uses_sun(hours: Iterable[Hours]) -> bool:
    """Tell whether any of the hours needs to know where the screen stands."""
    return any(edge.sun is not None for pair in hours for edge in (pair.start, pair.end))


def date_span(windows: tuple[Window, ...], expires: date | None) -> tuple[int, int]:
    """Give the first and last day (ordinals) that can have a stretch; a stretch may run on from an earlier day."""
    first, last = date.min.toordinal(), date.max.toordinal()
    if windows:
        first = min(_early(window) for window in windows)
        last = max(_late(window) for window in windows)
    return first, last if expires is None else min(last, expires.toordinal())


def _early(window: Window) -> int:
    return (window.from_date or date.min).toordinal() - (1 if uses_sun(window.hours) else 0)


def _late(window: Window) -> int:
    return (window.until_date or date.max).toordinal() + (_REACH_DAYS if window.hours else 0)


def is_constant(windows: tuple[Window, ...]) -> bool:
    """Tell whether the windows hold all day on each day between their dates, so that only dates change them."""
    return all(not (window.weekdays or window.day_classes or window.lunar or window.hours) for window in windows)

"""The programme of one zone of one screen: in go a store and an instant or a window of time, out come its slots.

The unit is the local day of the screen: within it the active set is constant over segments; the slots of a day are
worked out from its start, always, and kept. So they do not depend on how a window is cut.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from signage.content.values import Playlist, Screen, Store
from signage.schedule.day import DayPlan, Segment, plan_day
from signage.schedule.days import day_of, day_start_ms
from signage.schedule.order import DayItems, has_dated_items, items_of_day
from signage.schedule.slots import Slot
from signage.schedule.spans import Spans
from signage.schedule.windows import Stretch, WindowRules, date_span, is_constant

_KEPT_DAYS = 4
_SEARCH_DAYS = 400
_ONE_DAY = timedelta(days=1)


def is_for(playlist: Playlist, screen: Screen) -> bool:
    """Tell whether the playlist names the screen or one of its tags, or names none."""
    return not playlist.where or screen.name in playlist.where or not playlist.where.isdisjoint(screen.tags)


class Programme:
    """What one zone of one screen shows: a pure function of time. Not to be shared between threads."""

    def __init__(self, store: Store, screen: Screen, zone: str = "main") -> None:
        self._screen = screen
        self._zone = zone
        self._rules = WindowRules(screen.timezone, screen.place, store.calendar)
        mine = [
            playlist
            for playlist in store.playlists
            if playlist.zone == zone and playlist.weight > 0 and is_for(playlist, screen)
        ]
        spans = [(*date_span(playlist.windows, playlist.expires), playlist) for playlist in mine]
        self._spans = Spans(spans)
        self._turning_days = sorted({day for first, last, _ in spans for day in (first, last + 1)})
        self._items: dict[str, DayItems] = {}
        self._dated: dict[str, bool] = {}
        self._plans: OrderedDict[date, DayPlan] = OrderedDict()
        self._segments: OrderedDict[date, list[Segment]] = OrderedDict()

    def slot_at(self, instant_ms: int) -> Slot:
        """Give the slot on air; there always is one (slate and off are slots)."""
        return self._plan_at(instant_ms).slot_at(instant_ms)

    def slots(self, start_ms: int, end_ms: int) -> Iterator[Slot]:
        """Give every slot that overlaps [start_ms, end_ms), whole, in order."""
        while start_ms < end_ms:
            plan = self._plan_at(start_ms)
            yield from plan.slots(start_ms, end_ms)
            start_ms = plan.end_ms

    def segments(self, start_ms: int, end_ms: int) -> Iterator[Segment]:
        """Give every stretch of constant active set that overlaps [start_ms, end_ms), whole, in order, cut at days."""
        while start_ms < end_ms:
            for segment in self._segments_of(day_of(start_ms, self._screen.timezone)):
                if segment.end_ms > start_ms and segment.start_ms < end_ms:
                    yield segment
            start_ms = segment.end_ms

    def next_change(self, after_ms: int) -> int | None:
        """Give the first instant later than `after_ms` at which other playlists are on air (or the screen's hours end
        or begin); None if there is none within 400 days.
        """
        day = day_of(after_ms, self._screen.timezone)
        last_day = day + timedelta(days=_SEARCH_DAYS)
        now = next(segment for segment in self._segments_of(day) if segment.start_ms <= after_ms < segment.end_ms)
        while day <= last_day:
            for segment in self._segments_of(day):
                if segment.start_ms > after_ms and not segment.is_like(now):
                    return segment.start_ms
            day = self._next_day_of_interest(day)
        return None

    def _next_day_of_interest(self, day: date) -> date:
        """Give the next day, or a later one if nothing can change before it."""
        if self._screen.hours or not all(is_constant(playlist.windows) for playlist in self._spans.at(day.toordinal())):
            return day + _ONE_DAY
        later = bisect_right(self._turning_days, day.toordinal())
        if later == len(self._turning_days) or self._turning_days[later] > date.max.toordinal():
            return date.max
        return date.fromordinal(self._turning_days[later])

    def _plan_at(self, instant_ms: int) -> DayPlan:
        for plan in self._plans.values():
            if plan.start_ms <= instant_ms < plan.end_ms:
                return plan
        day = day_of(instant_ms, self._screen.timezone)
        plan = plan_day(
            day, self._segments_of(day), self._screen, self._zone, lambda playlist: self._items_on(playlist, day)
        )
        self._plans[day] = plan
        if len(self._plans) > _KEPT_DAYS:
            self._plans.popitem(last=False)
        return plan

    def _items_on(self, playlist: Playlist, day: date) -> DayItems:
        is_dated = self._dated.get(playlist.name)
        if is_dated is None:
            is_dated = self._dated[playlist.name] = has_dated_items(playlist)
        if is_dated:
            return items_of_day(playlist, day)
        if playlist.name not in self._items:
            self._items[playlist.name] = items_of_day(playlist, None)
        return self._items[playlist.name]

    def _segments_of(self, day: date) -> list[Segment]:
        segments = self._segments.get(day)
        if segments is None:
            segments = self._segments[day] = self._work_out_segments(day)
            if len(self._segments) > _KEPT_DAYS:
                self._segments.popitem(last=False)
        return segments

    def _work_out_segments(self, day: date) -> list[Segment]:
        zone = self._screen.timezone
        start_ms, end_ms = day_start_ms(day, zone), day_start_ms(day + _ONE_DAY, zone)
        open_hours = self._rules.open_hours(self._screen.hours, day)
        active: list[tuple[Playlist, list[Stretch]]] = []
        for playlist in self._spans.at(day.toordinal()):
            stretches = self._rules.active(playlist.windows, day)
            if stretches and self._items_on(playlist, day).count:
                active.append((playlist, stretches))
        return _tile(start_ms, end_ms, open_hours, active)


def _tile(
    start_ms: int, end_ms: int, open_hours: list[Stretch], active: list[tuple[Playlist, list[Stretch]]]
) -> list[Segment]:
    """Give segments that tile [start_ms, end_ms), neighbours never alike; stretches lie within it."""
    opens: dict[int, list[Playlist]] = {}
    closes: dict[int, list[Playlist]] = {}
    for playlist, stretches in active:
        for opening, closing in stretches:
            opens.setdefault(opening, []).append(playlist)
            closes.setdefault(closing, []).append(playlist)
    edges = {start_ms, end_ms, *opens, *closes, *(edge for stretch in open_hours for edge in stretch)}
    bounds = sorted(edges)
    on_air: dict[str, Playlist] = {}
    segments: list[Segment] = []
    for left, right in pairwise(bounds):
        for playlist in closes.get(left, ()):
            del on_air[playlist.name]
        for playlist in opens.get(left, ()):
            on_air[playlist.name] = playlist
        is_open = any(opening <= left < closing for opening, closing in open_hours)
        segment = Segment(left, right, is_open, _highest(on_air) if is_open else ())
        if segments and segments[-1].is_like(segment):
            segment = Segment(segments.pop().start_ms, right, is_open, segment.playlists)
        segments.append(segment)
    return segments


def _highest(on_air: dict[str, Playlist]) -> tuple[Playlist, ...]:
    if not on_air:
        return ()
    highest = max(playlist.priority for playlist in on_air.values())
    return tuple(sorted((p for p in on_air.values() if p.priority == highest), key=lambda playlist: playlist.name))

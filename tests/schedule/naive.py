"""The naive twins: what the schedule must equal, written the slow and plain way, sharing no code with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import chinese_calendar
from borax.calendars.lunardate import LunarDate

from signage.content.values import Edge, Hours, Item, Playlist, Screen, Window

MINUTE_MS = 60_000


@lru_cache(maxsize=64)
def minutes_around(day: date, zone: ZoneInfo) -> list[tuple[int, datetime]]:
    """Give every minute from two days before the date to three days after it, with what a wall clock shows."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("UTC"))
    first = int(noon.timestamp()) // 60 - 60 * 24 * 3
    return [
        (minute * MINUTE_MS, datetime.fromtimestamp(minute * 60, zone).replace(tzinfo=None))
        for minute in range(first, first + 60 * 24 * 6)
    ]


@lru_cache(maxsize=4096)
def first_showing(wall: datetime, zone: ZoneInfo) -> int:
    """Give the first minute at which a wall clock shows `wall`; if it jumps over it, go on counting from before."""
    minutes = minutes_around(wall.date(), zone)
    for instant, shown in minutes:
        if shown == wall:
            return instant
    for (instant, shown), (_, after) in pairwise(minutes):
        if shown < wall < after:
            return instant + int((wall - shown).total_seconds()) * 1000
    raise AssertionError(f"{wall} is never near")


def edge_instant(day: date, edge: Edge, zone: ZoneInfo) -> int:
    assert edge.sun is None
    midnight = datetime.combine(day, time.min)
    if edge.offset_s == 0:
        return next(instant for instant, shown in minutes_around(day, zone) if shown.date() >= day)
    if edge.offset_s == 86400:
        return edge_instant(day + timedelta(days=1), Edge(0), zone)
    return first_showing(midnight + timedelta(seconds=edge.offset_s), zone)


def is_in_hours(instant: int, pair: Hours, first_day: date, zone: ZoneInfo) -> bool:
    end_day = first_day + timedelta(days=pair.end.offset_s <= pair.start.offset_s)
    return edge_instant(first_day, pair.start, zone) <= instant < edge_instant(end_day, pair.end, zone)


def suits(window: Window, day: date) -> bool:
    lunar = LunarDate.from_solar(day)
    return (
        (window.from_date is None or window.from_date <= day)
        and (window.until_date is None or day <= window.until_date)
        and (not window.weekdays or day.isoweekday() in window.weekdays)
        and (
            not window.day_classes
            or ("workday" if chinese_calendar.is_workday(day) else "holiday") in {str(c) for c in window.day_classes}
        )
        and (not window.lunar or (not lunar.leap and (lunar.month, lunar.day) in window.lunar))
    )


def is_exists(day: date, zone: ZoneInfo) -> bool:
    return any(shown.date() == day for _, shown in minutes_around(day, zone))


def is_open(instant: int, today: date, windows: Sequence[Window], zone: ZoneInfo) -> bool:
    """Tell whether any window holds at the instant; none at all always hold."""
    if not windows:
        return True
    for window in windows:
        if not window.hours and suits(window, today):
            return True
        for pair in window.hours:
            for first_day in (today - timedelta(days=1), today):
                if (
                    suits(window, first_day)
                    and is_exists(first_day, zone)
                    and is_in_hours(instant, pair, first_day, zone)
                ):
                    return True
    return False


def on_air(instant: int, today: date, playlists: Sequence[Playlist], screen: Screen) -> tuple[bool, list[str]]:
    """Tell whether the screen is in its hours, and the names of the playlists that share it."""
    zone = screen.timezone
    if not is_open(instant, today, [Window(hours=screen.hours)] if screen.hours else [], zone):
        return False, []
    active = [
        playlist
        for playlist in playlists
        if (playlist.expires is None or today <= playlist.expires) and is_open(instant, today, playlist.windows, zone)
    ]
    highest = max((playlist.priority for playlist in active), default=None)
    return True, sorted(playlist.name for playlist in active if playlist.priority == highest)


def rotate(
    weights: Sequence[Fraction],
    passes: Sequence[Sequence[Item]],
    length_ms: int,
    longest_ms: int,
    owed: Sequence[int],
) -> Iterator[tuple[int, int, Item]]:
    """Give (start, voice, item) of a segment by the rule of the share of voice, told in lists and fractions."""
    count = len(weights)
    total = sum(weights)
    had = [0] * count
    left = [list(one_pass) for one_pass in passes]
    now, last, owner = 0, None, None

    def finish(voice: int, item: Item) -> Fraction:
        return Fraction(had[voice] + item.duration_ms) / weights[voice]

    def content(item: Item) -> tuple[str, int]:
        return item.sha256, item.page

    def keeps_bound(chosen: int, item: Item) -> bool:
        others = [voice for voice in range(count) if voice != chosen]
        dues = {finish(voice, left[voice][0]) for voice in others}
        return all(
            item.duration_ms
            + sum(weights[voice] * due - had[voice] for voice in others if finish(voice, left[voice][0]) <= due)
            <= total * due - now + longest_ms
            for due in dues
            if due < finish(chosen, item)
        )

    def choose() -> tuple[int, int]:
        overdue = [v for v in range(count) if not had[v] and owed[v] >= left[v][0].duration_ms]
        for voice in sorted(overdue, key=lambda voice: -owed[voice]):
            if content(left[voice][0]) != last:
                if keeps_bound(voice, left[voice][0]):
                    return voice, 0
                break
        eligible = [voice for voice in range(count) if had[voice] * total <= weights[voice] * now]
        eligible.sort(key=lambda voice: (finish(voice, left[voice][0]), voice))
        same = []
        for voice in eligible:
            if content(left[voice][0]) != last:
                if voice == eligible[0] or keeps_bound(voice, left[voice][0]):
                    return voice, 0
                break
            same.append(voice)
        for voice in same:
            for place, item in enumerate(left[voice]):
                if content(item) != last:
                    if keeps_bound(voice, item):
                        return voice, place
                    break
        return eligible[0], 0

    while now < length_ms:
        voice, place = choose()
        item = left[voice][place]
        if owner is not None and length_ms - now < min(3000, item.duration_ms):
            return
        yield now, voice, item
        del left[voice][place]
        left[voice] = left[voice] or list(passes[voice])
        shown = min(item.duration_ms, length_ms - now)
        had[voice] += shown
        now += shown
        owner, last = voice, content(item)

"""Small stores for the tests of the schedule, by hand and by hypothesis."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from signage.base.moments import to_ms
from signage.content.values import (
    CalendarData,
    Card,
    DayClass,
    Edge,
    Entry,
    Hours,
    Item,
    Kind,
    Playlist,
    Priority,
    Screen,
    Store,
    Window,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = ("Asia/Shanghai", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata")


def item(content: str, seconds: float = 10, **more: object) -> Item:
    """Give a picture; items of equal content are equal to a passer-by."""
    digest = sha256(content.encode()).hexdigest()
    return Item(content, Kind.PICTURE, digest, round(seconds * 1000), **more)  # type: ignore[arg-type]


def line(text: str) -> Item:
    return Item(text, Kind.TICKER, text, 10_000, card=Card("ticker", json.dumps({"text": text})))


def playlist(name: str, items: Sequence[Item] | None = None, *, shuffled: bool = False, **more: object) -> Playlist:
    """Give a playlist of one entry; left out, it has one item of 10 s with the playlist's name."""
    entry = Entry(tuple(items) if items is not None else (item(name),), shuffled)
    return Playlist(name, name, (entry,), **more)  # type: ignore[arg-type]


def store(*playlists: Playlist, calendar: CalendarData | None = None, screen: Screen | None = None) -> Store:
    screen = screen or Screen()
    return Store(Path(), playlists, {screen.name: screen}, calendar or CalendarData())


def hours(start: str, end: str) -> Hours:
    return Hours(Edge(_seconds(start)), Edge(_seconds(end)))


def at(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    """Give the instant of a local time such as `2026-11-23 07:00`."""
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=zone))


def _seconds(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 3600 + int(minute) * 60


_MINUTES = st.integers(0, 1440).map(lambda minute: Edge(minute * 60))
_DATES = st.dates(date(2026, 3, 25), date(2026, 4, 6))
HOURS = st.builds(Hours, _MINUTES, _MINUTES)
WINDOWS = st.builds(
    Window,
    from_date=st.none() | _DATES,
    until_date=st.none() | _DATES,
    weekdays=st.frozensets(st.integers(1, 7), max_size=4),
    day_classes=st.frozensets(st.sampled_from(DayClass), max_size=1),
    lunar=st.frozensets(st.tuples(st.just(2), st.integers(5, 20)), max_size=6),
    hours=st.lists(HOURS, max_size=2).map(tuple),
)
WEIGHTS = st.fractions(Fraction(1, 5), Fraction(12), max_denominator=5)
ITEMS = st.builds(
    item,
    st.sampled_from("abcdefgh"),
    st.sampled_from([0.5, 1, 2.999, 3, 5, 8, 10, 10, 12, 15, 30, 61, 300]),
)
LONG_ITEMS = st.builds(item, st.sampled_from("abcdefgh"), st.sampled_from([20, 31, 60, 120, 300, 1200, 5000]))
ENTRIES = st.builds(
    Entry,
    st.lists(LONG_ITEMS, min_size=1, max_size=6).map(tuple),
    st.booleans(),
    st.none() | st.integers(1, 4),
)


@st.composite
def playlists(draw: st.DrawFn, most: int = 5) -> tuple[Playlist, ...]:
    """Give up to `most` playlists with any rules, around the end of March 2026."""
    return tuple(
        Playlist(
            name,
            name,
            tuple(draw(st.lists(ENTRIES, min_size=1, max_size=2))),
            windows=tuple(draw(st.lists(WINDOWS, max_size=2))),
            weight=draw(WEIGHTS),
            priority=draw(st.sampled_from(Priority)),
            expires=draw(st.none() | _DATES),
        )
        for name in "vwxyz"[: draw(st.integers(0, most))]
    )


@st.composite
def screens(draw: st.DrawFn) -> Screen:
    """Give a screen in any of the time zones, open all day or for some hours."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    return Screen(hours=tuple(draw(st.lists(HOURS, max_size=2))), timezone=zone)

"""A week's plan in, each day as a list of its stretches out: the calendar for a page too narrow for seven columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta

from signage.base.moments import to_datetime
from signage.content.values import Playlist, Screen
from signage.office.weekplan import Day, WeekPlan


@dataclass(frozen=True, slots=True)
class Part:
    """What one playlist gets of a stretch: `start` and `part` are shares of it, from 0 to 1."""

    playlist: Playlist
    start: float
    part: float
    colour: str


@dataclass(frozen=True, slots=True)
class StretchRow:
    """A stretch in which the same playlists share the screen. Without parts the slate shows; or it is off."""

    span: str
    at_ms: int
    is_open: bool
    parts: tuple[Part, ...]


def day_rows(day: Day, plan: WeekPlan, colours: Mapping[str, str]) -> list[StretchRow]:
    """Give the stretches of a day in order."""
    return [
        StretchRow(
            span_text(segment.start_ms, segment.end_ms, plan.screen),
            segment.start_ms + 1000,
            segment.is_open,
            _parts(segment.playlists, colours),
        )
        for segment in day.segments
    ]


def _parts(playlists: tuple[Playlist, ...], colours: Mapping[str, str]) -> tuple[Part, ...]:
    total, start, found = float(sum(one.weight for one in playlists)), 0.0, []
    for playlist in sorted(playlists, key=lambda one: -one.weight):
        part = float(playlist.weight) / total
        found.append(Part(playlist, start, part, colours[playlist.name]))
        start += part
    return tuple(found)


def span_text(start_ms: int, end_ms: int, screen: Screen) -> str:
    """Give a span in the screen's own time."""
    start, end = to_datetime(start_ms, screen.timezone), to_datetime(end_ms, screen.timezone)
    if end.date() > start.date() and end.time() == time.min and end - start <= timedelta(days=1):
        return f"{start:%H:%M}–24:00"
    return f"{start:%H:%M}–{end:%H:%M}" if end.date() == start.date() else f"{start:%H:%M}–{end:%m-%d %H:%M}"

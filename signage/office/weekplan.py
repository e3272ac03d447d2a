"""A store, a screen and a first day in; what each playlist gets, where nothing plays and what is hidden, out.

Worked out from the stretches of constant active set, without single slots: a week of a large store takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from signage.content.values import Playlist, Priority, Screen, Store
from signage.schedule.day import Segment
from signage.schedule.days import day_start_ms
from signage.schedule.programme import Programme, is_for
from signage.schedule.windows import Stretch, WindowRules

DAYS = 7


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: [start, end) in ms, and its stretches of constant active set, which tile it."""

    date: date
    start_ms: int
    end_ms: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """What a playlist gets of the time in which the screen is on; None stands for the slate."""

    playlist: Playlist | None
    time_ms: int
    part: float


@dataclass(frozen=True, slots=True)
class Remark:
    """A stretch that somebody should know of. `hidden` are playlists whose time it is, but which `by` keep away."""

    start_ms: int
    end_ms: int
    by: tuple[Playlist, ...] = ()
    hidden: tuple[Playlist, ...] = ()


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """The plan of one zone of one screen. `gaps` show the slate, `fillers` only a filler."""

    screen: Screen
    zone: str
    days: tuple[Day, ...]
    shares: tuple[Share, ...]
    gaps: tuple[Remark, ...]
    fillers: tuple[Remark, ...]
    clashes: tuple[Remark, ...]


def plan_week(store: Store, screen: Screen, zone: str, first: date, days: int = DAYS) -> WeekPlan:
    """Give the plan of so many days from the first."""
    programme = Programme(store, screen, zone)
    planned = tuple(_day(programme, screen, first + timedelta(days=offset)) for offset in range(days))
    segments = [segment for day in planned for segment in day.segments]
    open_ones = [segment for segment in segments if segment.is_open]
    gaps = _joined(Remark(one.start_ms, one.end_ms) for one in open_ones if not one.playlists)
    fillers = _joined(
        Remark(one.start_ms, one.end_ms, one.playlists)
        for one in open_ones
        if one.playlists and one.playlists[0].priority is Priority.FILLER
    )
    clashes = _joined(remark for day in planned for remark in _clashes(store, screen, zone, day))
    return WeekPlan(screen, zone, planned, _shares(open_ones), gaps, fillers, clashes)


def _day(programme: Programme, screen: Screen, day: date) -> Day:
    start_ms, end_ms = (day_start_ms(one, screen.timezone) for one in (day, day + timedelta(days=1)))
    cut = (
        replace(segment, start_ms=max(segment.start_ms, start_ms), end_ms=min(segment.end_ms, end_ms))
        for segment in programme.segments(start_ms, end_ms)
    )
    return Day(day, start_ms, end_ms, tuple(cut))


def _shares(segments: Sequence[Segment]) -> tuple[Share, ...]:
    times: dict[str, Fraction] = {}
    playlists: dict[str, Playlist | None] = {}
    for segment in segments:
        length_ms = segment.end_ms - segment.start_ms
        total = sum((playlist.weight for playlist in segment.playlists), Fraction(0))
        for playlist in segment.playlists:
            playlists[playlist.name] = playlist
            times[playlist.name] = times.get(playlist.name, Fraction(0)) + length_ms * playlist.weight / total
        if not segment.playlists:
            playlists[""] = None
            times[""] = times.get("", Fraction(0)) + length_ms
    whole = sum(times.values(), Fraction(0)) or Fraction(1)
    shares = (Share(playlists[name], round(time), float(time / whole)) for name, time in times.items())
    return tuple(sorted(shares, key=lambda share: -share.time_ms))


def _clashes(store: Store, screen: Screen, zone: str, day: Day) -> Iterable[Remark]:
    """Give where a playlist's window is open but one of a higher priority has the screen. A filler is meant to wait."""
    rules = WindowRules(screen.timezone, screen.place, store.calendar)
    waiting = [
        (playlist, _within_life(playlist, day, rules.active(playlist.windows, day.date)))
        for playlist in store.playlists
        if playlist.zone == zone and playlist.priority is not Priority.FILLER and is_for(playlist, screen)
    ]
    for segment in day.segments:
        if not segment.is_open or not segment.playlists:
            continue
        on_air = {playlist.name for playlist in segment.playlists}
        level = segment.playlists[0].priority
        hidden = tuple(
            playlist
            for playlist, stretches in waiting
            if playlist.name not in on_air
            and playlist.priority < level
            and any(start < segment.end_ms and end > segment.start_ms for start, end in stretches)
        )
        if hidden:
            yield Remark(segment.start_ms, segment.end_ms, segment.playlists, hidden)


def _within_life(playlist: Playlist, day: Day, stretches: list[Stretch]) -> list[Stretch]:
    return [] if playlist.expires is not None and playlist.expires < day.date else stretches


def _joined(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Join what touches and says the same."""
    joined: list[Remark] = []
    for remark in remarks:
        last = joined[-1] if joined else None
        if last and last.end_ms == remark.start_ms and (last.by, last.hidden) == (remark.by, remark.hidden):
            joined[-1] = replace(last, end_ms=remark.end_ms)
        else:
            joined.append(remark)
    return tuple(joined)

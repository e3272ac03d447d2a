"""A store and an instant in, where each playlist stands then out: on air, waiting for its time, hidden, or over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from signage.base.moments import to_datetime
from signage.content.values import ZONES_OF_LAYOUT, Playlist, Screen, Store
from signage.schedule.days import day_of
from signage.schedule.programme import Programme, is_for
from signage.schedule.windows import WindowRules


class Standing(StrEnum):
    """Where a playlist stands. HIDDEN: its time is now, but another of a higher level takes its screens."""

    ON_AIR = "on air"
    HIDDEN = "hidden"
    WAITING = "waiting"
    OVER = "over"
    NOWHERE = "nowhere"

    @property
    def words(self) -> tuple[str, str]:
        return _WORDS[self]

    @property
    def look(self) -> str:
        return {"on air": "good", "hidden": "warn", "nowhere": "warn"}.get(self.value, "")


_WORDS = {
    Standing.ON_AIR: ("现在该播", "Due now"),
    Standing.HIDDEN: ("被更高等级的盖住", "Hidden by a higher priority"),
    Standing.WAITING: ("没到时段", "Not its time"),
    Standing.OVER: ("已过期", "Over"),
    Standing.NOWHERE: ("没有对应的屏幕", "On no screen"),
}


@dataclass(frozen=True, slots=True)
class OnAir:
    """Where one playlist stands, and its part of the screen time (0 to 1) on each screen where it is on air."""

    standing: Standing
    shares: Mapping[str, float] = field(default_factory=dict)


def standings(store: Store, now_ms: int) -> Mapping[str, OnAir]:
    """Give where every playlist stands at an instant, by name. Works out no slots: cheap."""
    shares: dict[str, dict[str, float]] = {}
    for screen in store.screens.values():
        for zone in ZONES_OF_LAYOUT.get(screen.layout, ("main",)):
            segment = next(Programme(store, screen, zone).segments(now_ms, now_ms + 1))
            total = sum(float(playlist.weight) for playlist in segment.playlists)
            for playlist in segment.playlists:
                shares.setdefault(playlist.name, {})[screen.name] = float(playlist.weight) / total
    return {one.name: _standing(one, store, now_ms, shares.get(one.name, {})) for one in store.playlists}


def screens_of(playlist: Playlist, store: Store) -> list[Screen]:
    """Give the screens that the playlist is for, which have its zone."""
    return [
        screen
        for screen in store.screens.values()
        if is_for(playlist, screen) and playlist.zone in ZONES_OF_LAYOUT.get(screen.layout, ("main",))
    ]


def _standing(playlist: Playlist, store: Store, now_ms: int, shares: Mapping[str, float]) -> OnAir:
    if shares:
        return OnAir(Standing.ON_AIR, shares)
    screens = screens_of(playlist, store)
    if not screens:
        return OnAir(Standing.NOWHERE)
    today = to_datetime(now_ms, screens[0].timezone).date()
    if playlist.expires and playlist.expires < today:
        return OnAir(Standing.OVER)
    if playlist.windows and all(one.until_date and one.until_date < today for one in playlist.windows):
        return OnAir(Standing.OVER)
    is_now = any(_is_active(playlist, screen, store, now_ms) for screen in screens)
    return OnAir(Standing.HIDDEN if is_now else Standing.WAITING)


def _is_active(playlist: Playlist, screen: Screen, store: Store, now_ms: int) -> bool:
    rules = WindowRules(screen.timezone, screen.place, store.calendar)
    day = day_of(now_ms, screen.timezone)
    is_open = any(start <= now_ms < end for start, end in rules.open_hours(screen.hours, day))
    return is_open and any(start <= now_ms < end for start, end in rules.active(playlist.windows, day))

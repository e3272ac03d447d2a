"""A store comes in; what one screen plays from it, zone by zone, goes out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from signage.content.values import (
    ZONES_OF_LAYOUT,
    Card,
    Item,
    Kind,
    Playlist,
    Priority,
    Screen,
    Store,
    Transition,
)
from signage.player.playout import ZoneProgramme
from signage.player.ports import ProgrammePort
from signage.schedule.slots import Slot

_SLATE_MS = 60_000


class ChangingProgramme(ProgrammePort, Protocol):
    """A programme that also tells when it can next differ."""

    def next_change(self, after_ms: int) -> int | None:
        """Give the first instant later than `after_ms` at which what plays can change; None: never again."""
        ...


MakeProgramme = Callable[[Store, Screen, str], ChangingProgramme]


@dataclass(frozen=True, slots=True)
class ScreenPlan:
    """What one screen plays by one reading of the store, and what is needed to judge how urgent a change is."""

    screen: Screen
    zones: Mapping[str, ZoneProgramme]
    programmes: tuple[ChangingProgramme, ...] = ()
    revision: str = ""
    priorities: Mapping[str, Priority] = field(default_factory=dict)
    media_paths: frozenset[str] = frozenset()
    media_contents: frozenset[str] = frozenset()
    faulty_files: frozenset[str] = frozenset()

    def is_urgent(self, slot: Slot) -> bool:
        """Tell whether the slot belongs to an urgent playlist."""
        return bool(slot.playlist) and self.priorities.get(slot.playlist or "") is Priority.URGENT

    def has_withdrawn(self, item: Item) -> bool:
        """Tell whether the item's file was taken out of the store: gone, not renamed, replaced or merely faulty."""
        media = item.media
        return not (
            media is None
            or media.path in self.media_paths
            or media.sha256 in self.media_contents
            or f"media/{media.path}" in self.faulty_files
        )


def plan_screen(store: Store, screen: Screen, make_programme: MakeProgramme) -> ScreenPlan:
    """Give what `screen` plays from `store`; takes as long as building the programmes takes, so not on the stage."""
    slate = slate_item(screen)
    programmes = {zone: make_programme(store, screen, zone) for zone in ZONES_OF_LAYOUT[screen.layout]}
    zones = {
        zone: ZoneProgramme(programme, slate, _fillers(store, screen, zone)) for zone, programme in programmes.items()
    }
    return ScreenPlan(
        screen=screen,
        zones=zones,
        programmes=tuple(programmes.values()),
        revision=store.revision,
        priorities={playlist.name: playlist.priority for playlist in store.playlists},
        media_paths=frozenset(store.media),
        media_contents=frozenset(media.sha256 for media in store.media.values()),
        faulty_files=frozenset(problem.file for problem in store.problems),
    )


def standby_plan(screen: Screen) -> ScreenPlan:
    """Give a plan that shows the slate: for a start without a store."""
    slate = slate_item(screen)
    zones = {zone: ZoneProgramme(_Standby(screen.name, zone, slate), slate) for zone in ZONES_OF_LAYOUT[screen.layout]}
    return ScreenPlan(screen=screen, zones=zones)


def needs_new_layout(old: Screen, new: Screen) -> bool:
    """Tell whether the stage must lay its zones out anew, and everything be shown again."""
    return _looks(old) != _looks(new)


def slate_item(screen: Screen) -> Item:
    """Give the built-in picture that plays when nothing else can."""
    card = Card("slate", json.dumps({"title": screen.title}, ensure_ascii=False))
    return Item("slate", Kind.SLATE, "slate", _SLATE_MS, transition=Transition.FADE, card=card)


def _fillers(store: Store, screen: Screen, zone: str) -> tuple[Item, ...]:
    """Give the items of the filler playlists for this screen and zone, in the order of the store."""
    return tuple(
        item
        for playlist in store.playlists
        if playlist.priority is Priority.FILLER and playlist.zone == zone and _is_for(playlist, screen)
        for entry in playlist.entries
        for item in entry.items
    )


def _is_for(playlist: Playlist, screen: Screen) -> bool:
    return not playlist.where or bool(playlist.where & (screen.tags | {screen.name}))


def _looks(screen: Screen) -> tuple[object, ...]:
    return (screen.size_px, screen.position_px, screen.rotate, screen.layout, screen.sound)


@dataclass(frozen=True, slots=True)
class _Standby:
    """A programme of nothing but the slate, a minute at a time."""

    screen: str
    zone: str
    slate: Item

    def slot_at(self, instant_ms: int) -> Slot:
        start_ms = instant_ms - instant_ms % _SLATE_MS
        return Slot(start_ms, start_ms + _SLATE_MS, self.screen, self.zone, None, self.slate)

    def slots(self, start_ms: int, end_ms: int) -> Iterator[Slot]:
        for instant_ms in range(start_ms - start_ms % _SLATE_MS, end_ms, _SLATE_MS):
            yield self.slot_at(instant_ms)

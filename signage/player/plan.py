"""A store comes in; what one screen plays from it, zone by zone, goes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from signage.content.values import ZONES_OF_LAYOUT, Item, Priority, Screen, Store
from signage.player.candidates import ZoneProgramme
from signage.player.ports import ProgrammePort
from signage.schedule.day import slate_item
from signage.schedule.slots import Slot

_SLATE_MS = 86_400_000


class ChangingProgramme(ProgrammePort, Protocol):
    """A programme that also tells when it can next differ."""

    def next_change(self, after_ms: int) -> int | None:
        """Give the first instant later than `after_ms` at which what plays can change; None: never again."""
        ...


MakeProgramme = Callable[[Store, Screen, str], ChangingProgramme]


@dataclass(frozen=True, slots=True)
class ScreenPlan:
    """What one screen plays by one reading of the store. `store` is None for the plan of a start without one.

    `gone` names what is on screen now but no longer on the disk, as paths below `media/`.
    """

    screen: Screen
    zones: Mapping[str, ZoneProgramme]
    store: Store | None = None
    priorities: Mapping[str, Priority] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    @property
    def revision(self) -> str:
        """The store's; empty without one."""
        return self.store.revision if self.store else ""

    def is_urgent(self, slot: Slot) -> bool:
        """Tell whether the slot belongs to an urgent playlist."""
        return bool(slot.playlist) and self.priorities.get(slot.playlist or "") is Priority.URGENT

    def has_withdrawn(self, item: Item) -> bool:
        """Tell whether somebody took the item's file away: deleted, not renamed, replaced or left out of a playlist."""
        if item.media is None or self.store is None or item.media.path not in self.gone:
            return False
        return all(media.sha256 != item.media.sha256 for media in self.store.media.values())


def plan_screen(
    store: Store,
    screen: Screen,
    make_programme: MakeProgramme,
    soon_ms: tuple[int, ...],
    on_screen: Iterable[Item] = (),
) -> ScreenPlan:
    """Give what `screen` plays from `store`, worked out ahead for the instants `soon_ms`.

    That takes up to a tenth of a second for each day, and looks on the disk for the files of what is `on_screen`: not
    for the stage's thread.
    """
    fillers = tuple(playlist for playlist in store.playlists if playlist.priority is Priority.FILLER)
    slate = slate_item(screen)
    zones: dict[str, ZoneProgramme] = {}
    for zone in ZONES_OF_LAYOUT[screen.layout]:
        programme = make_programme(store, screen, zone)
        filler = make_programme(replace(store, playlists=fillers), screen, zone) if fillers else None
        for instant_ms in soon_ms:
            programme.slot_at(instant_ms)
        zones[zone] = ZoneProgramme(programme, slate, filler)
    gone = frozenset(item.media.path for item in on_screen if item.media and not store.path_of(item.media).exists())
    priorities = {playlist.name: playlist.priority for playlist in store.playlists}
    return ScreenPlan(screen, zones, store, priorities, gone)


def standby_plan(screen: Screen) -> ScreenPlan:
    """Give a plan that shows the slate: for a start without a store."""
    slate = slate_item(screen)
    zones = {zone: ZoneProgramme(_Standby(screen.name, zone, slate), slate) for zone in ZONES_OF_LAYOUT[screen.layout]}
    return ScreenPlan(screen, zones)


def needs_new_layout(old: Screen, new: Screen) -> bool:
    """Tell whether the stage must lay its zones out anew, and everything be shown again."""
    return _looks(old) != _looks(new)


def _looks(screen: Screen) -> tuple[object, ...]:
    return (screen.size_px, screen.position_px, screen.rotate, screen.layout, screen.sound)


@dataclass(frozen=True, slots=True)
class _Standby:
    """A programme of nothing but the slate, a day at a time."""

    screen: str
    zone: str
    slate: Item

    def slot_at(self, instant_ms: int) -> Slot:
        start_ms = instant_ms - instant_ms % _SLATE_MS
        return Slot(start_ms, start_ms + _SLATE_MS, self.screen, self.zone, None, self.slate)

    def slots(self, start_ms: int, end_ms: int) -> Iterator[Slot]:
        for instant_ms in range(start_ms - start_ms % _SLATE_MS, end_ms, _SLATE_MS):
            yield self.slot_at(instant_ms)

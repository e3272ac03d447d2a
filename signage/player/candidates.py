"""A slot comes in; what may fill it goes out, best first: its own item, or what stands in for one that failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from signage.content.values import Item, Kind
from signage.player.faults import Faults
from signage.player.ports import ProgrammePort
from signage.schedule.slots import Slot

_LOOK_AHEAD = 8
_NOT_AN_ITEM = frozenset({Kind.OFF, Kind.SLATE})


@dataclass(frozen=True, slots=True)
class ZoneProgramme:
    """What a zone plays: its programme; one of fillers alone, for when something fails; and the last resort."""

    programme: ProgrammePort
    slate: Item
    filler: ProgrammePort | None = None


def candidates(slot: Slot, plays: ZoneProgramme, faults: Faults) -> Iterator[tuple[Item, str]]:
    """Give what may fill the slot and does not rest, with why it stands in ("" for the slot's own item).

    Nothing stands in for black or for the slate.
    """
    fault = faults.reason(slot.item)
    if fault is None:
        yield slot.item, ""
    if slot.item.kind in _NOT_AN_ITEM:
        return
    for item in _standing_in(slot, plays):
        if item.sha256 != slot.item.sha256 and faults.reason(item) is None:
            yield item, f"instead of {slot.item.name}: {fault}"


def _standing_in(slot: Slot, plays: ZoneProgramme) -> Iterator[Item]:
    """Give what may stand in for the slot's item: the items of the next slots, the fillers of its time, the slate."""
    yield from _items_from(slot.end_ms, plays.programme)
    if plays.filler:
        yield from _items_from(slot.start_ms, plays.filler)
    yield plays.slate


def _items_from(instant_ms: int, programme: ProgrammePort) -> Iterator[Item]:
    """Give the items of the slots from an instant on."""
    for _ in range(_LOOK_AHEAD):
        slot = programme.slot_at(instant_ms)
        if slot.item.kind not in _NOT_AN_ITEM:
            yield slot.item
        instant_ms = slot.end_ms

"""A store, a screen and a stretch of time come in; what will play then goes out, as slots and as rows for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from typing import Any

from signage.base.moments import to_datetime, to_text
from signage.base.timetext import length_text
from signage.content.values import Kind, Screen, Store
from signage.schedule.programme import Programme
from signage.schedule.slots import Slot

HEADER = ("start", "for", "zone", "kind", "playlist", "item")
WIDTHS = (12, 11, 6, 9, 22)
_COLOURS = {Kind.VIDEO: "cyan", Kind.CARD: "green", Kind.TICKER: "green", Kind.SLATE: "yellow", Kind.OFF: "dim"}


def planned(store: Store, screen: Screen, zones: Sequence[str], start_ms: int, end_ms: int) -> Iterator[Slot]:
    """Give every slot that overlaps [start_ms, end_ms), whole, by start; of equal starts, by `zones`."""
    streams = [Programme(store, screen, zone).slots(start_ms, end_ms) for zone in zones]
    return merge(*streams, key=lambda slot: slot.start_ms)


def as_record(slot: Slot, screen: Screen) -> dict[str, Any]:
    """Give the slot as `signage preview --json` prints it; times in the screen's timezone."""
    return {
        "start": to_text(slot.start_ms, screen.timezone),
        "end": to_text(slot.end_ms, screen.timezone),
        "screen": slot.screen,
        "zone": slot.zone,
        "playlist": slot.playlist,
        "item": slot.item.name,
        "kind": str(slot.item.kind),
        "sha256": slot.item.sha256,
    }


def as_rows(slots: Iterable[Slot], screen: Screen) -> Iterator[tuple[tuple[str, str], ...]]:
    """Give a row for each slot, and one with the date wherever a new day begins."""
    day = None
    for slot in slots:
        start = to_datetime(slot.start_ms, screen.timezone)
        if start.date() != day:
            day = start.date()
            yield ((f"{day:%Y-%m-%d}", "bold"), (f"{day:%A}", "bold"), *((("", ""),) * 4))
        colour = _COLOURS.get(slot.item.kind, "")
        yield (
            (start.time().isoformat("milliseconds").removesuffix(".000"), ""),
            (length_text(slot.end_ms - slot.start_ms), "dim"),
            (slot.zone, "dim"),
            (str(slot.item.kind), colour),
            (slot.playlist or "-", ""),
            (slot.item.name, colour),
        )

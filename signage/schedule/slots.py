"""The slot: what a zone of a screen shows from one instant to another."""

from __future__ import annotations

from dataclasses import dataclass

from signage.content.values import Item


@dataclass(frozen=True, slots=True)
class Slot:
    """One item on air over [start_ms, end_ms), in milliseconds since 1970-01-01 UTC.

    `playlist` is None for the slate, for the time outside the screen's hours, and for what a takeover or blackout
    shows; `order` names that one.
    """

    start_ms: int
    end_ms: int
    screen: str
    zone: str
    playlist: str | None
    item: Item
    order: str = ""

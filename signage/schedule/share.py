"""Planned share of voice: in go a programme and a window of time, out come the seconds that each playlist will get."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from signage.schedule.programme import Programme


@dataclass(frozen=True, slots=True)
class PlannedShare:
    """What one playlist gets of a window: its time on screen, its slots, and the time that its weight asks for.

    `playlist` is None for the slate and the time outside the screen's hours.
    """

    playlist: str | None
    shown_ms: int
    slots: int
    target_ms: Fraction

    @property
    def shown_s(self) -> float:
        """Give the time on screen in seconds."""
        return self.shown_ms / 1000


def planned_shares(programme: Programme, start_ms: int, end_ms: int) -> tuple[PlannedShare, ...]:
    """Give the shares of all that is on screen in [start_ms, end_ms), the longest first; they add up to the window."""
    shown: dict[str | None, tuple[int, int]] = {}
    for slot in programme.slots(start_ms, end_ms):
        time_ms, slots = shown.get(slot.playlist, (0, 0))
        shown[slot.playlist] = (time_ms + min(slot.end_ms, end_ms) - max(slot.start_ms, start_ms), slots + 1)
    targets = _targets(programme, start_ms, end_ms)
    shares = (
        PlannedShare(name, *shown.get(name, (0, 0)), target_ms=targets.get(name, Fraction(0)))
        for name in shown.keys() | targets.keys()
    )
    return tuple(sorted(shares, key=lambda share: (-share.shown_ms, share.playlist or "")))


def _targets(programme: Programme, start_ms: int, end_ms: int) -> dict[str | None, Fraction]:
    targets: dict[str | None, Fraction] = {}
    for segment in programme.segments(start_ms, end_ms):
        length_ms = min(segment.end_ms, end_ms) - max(segment.start_ms, start_ms)
        names: Iterable[tuple[str | None, Fraction]] = [(p.name, p.weight) for p in segment.playlists]
        parts = list(names) or [(None, Fraction(1))]
        total = sum((weight for _, weight in parts), Fraction(0))
        for name, weight in parts:
            targets[name] = targets.get(name, Fraction(0)) + length_ms * weight / total
    return targets

"""How far along a change is, in; where and how strong the two surfaces are, out. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from signage.content.values import Transition

DURATION_S = {Transition.CUT: 0.0, Transition.FADE: 0.6, Transition.SLIDE: 0.6}


@dataclass(frozen=True, slots=True)
class Pose:
    """Of the surface that comes: its opacity, and how far right of its place it lies (in zone widths). Of the one
    that goes: how far left of its place it lies. The surface that goes keeps its full opacity beneath the other, so
    that no mixture of the two is darker than both."""

    opacity: float = 1.0
    shift: float = 0.0
    old_shift: float = 0.0


def pose(transition: Transition, elapsed_s: float) -> Pose | None:
    """Give the surfaces' pose that long after the change began; None when it is over."""
    duration_s = DURATION_S[transition]
    if elapsed_s >= duration_s:
        return None
    progress = max(0.0, elapsed_s) / duration_s
    eased = progress * progress * (3 - 2 * progress)
    if transition is Transition.SLIDE:
        return Pose(shift=1 - eased, old_shift=-eased)
    return Pose(opacity=eased)

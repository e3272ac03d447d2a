"""Sizes in, rectangles out: where a picture lies in its zone. Whole pixels, no Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass

from signage.content.values import Fit, Screen

Size = tuple[int, int]

_MOST_ZONES = 8


@dataclass(frozen=True, slots=True)
class Placement:
    """Scale the source to `size`, and put its top left corner at (`x`, `y`) of the zone; what hangs over is cut."""

    x: int
    y: int
    size: Size


def place(source: Size, zone: Size, fit: Fit) -> Placement:
    """Give where a source of that shape lies in the zone. CONTAIN leaves borders, COVER hangs over, STRETCH distorts.

    A source with a side of 0 is treated as having the zone's shape.
    """
    width, height = source
    zone_width, zone_height = zone
    if fit is Fit.STRETCH or width < 1 or height < 1:
        return Placement(0, 0, zone)
    wide = width * zone_height >= height * zone_width
    if wide == (fit is Fit.CONTAIN):
        size = (zone_width, max(1, round(height * zone_width / width)))
    else:
        size = (max(1, round(width * zone_height / height)), zone_height)
    return Placement((zone_width - size[0]) // 2, (zone_height - size[1]) // 2, size)


def afford(size: tuple[float, float], zone: Size) -> float:
    """Give by what to multiply the size, so that it has at most 8 times the zone's pixels; 1 where it has no more.

    A long strip that is to cover a zone hangs over so far that its pixels would fill the machine's memory. It is held
    smaller and drawn larger.
    """
    pixels = max(1.0, size[0] * size[1])
    return min(1.0, math.sqrt(_MOST_ZONES * zone[0] * zone[1] / pixels))


def canvas_size(screen: Screen, output: Size) -> Size:
    """Give the canvas as its viewers see it: the screen's `size`, or the whole output, turned as the display hangs."""
    return screen.size_px or _turned(screen, output)


def canvas_on_output(screen: Screen, output: Size) -> Size:
    """Give how much of the output the canvas takes, as the cable's signal carries it."""
    return _turned(screen, screen.size_px) if screen.size_px else output


def _turned(screen: Screen, size: Size) -> Size:
    """Turned by 90 or 270 degrees, width and height change places."""
    return (size[1], size[0]) if screen.rotate in (90, 270) else size

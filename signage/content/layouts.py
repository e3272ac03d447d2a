"""Where things stand on a canvas: a layout's name and the canvas in pixels come in, whole-pixel rectangles go out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from signage.content.values import ZONES_OF_LAYOUT

CLOCK = "clock"
"""The name of the part that is no zone: the bar or block with time and date."""

TEXT_MIN_PX = 16
"""The smallest Chinese character, in pixels, that an LED wall shows legibly."""

BAR_SHARE = 0.085
TICKER_SHARE = 0.1
SIDE_SHARE = 0.27
LOWER_SHARE = 0.32
"""Parts of the reading height (bar, ticker), the canvas width (side) and height (lower) that a part takes."""

_BAR_MIN_PX = 22
_TICKER_MIN_PX = 26
_SIDE_MIN_PX = 128
_MAIN_MIN_SHARE = 0.55
_TICKER_MAX_SHARE = 0.4
_LOWER_MAX_SHARE = 0.45
_CLOCK_MAX_SHARE = 0.4
_TWO_LINES_SHAPE = 1.2
_TWO_LINES = 1.7
_BLOCK_SHAPE = 0.6


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of the canvas in whole pixels, its origin at the canvas's top left."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def size(self) -> tuple[int, int]:
        return (self.width, self.height)


def reading_height(size_px: tuple[int, int]) -> float:
    """Give the height of the 16:9 canvas that has the same area: what type and bars are measured by."""
    width, height = size_px
    return math.sqrt(width * height) * 0.75


def zone_rects(layout: str, size_px: tuple[int, int]) -> Mapping[str, Rect]:
    """Give the rectangle of every zone of the layout, and that of `CLOCK` where it has one and there is room.

    They cover the canvas without gap or overlap, and every edge inside it lies on an even pixel (so that a picture
    of half the size has the same edges). Every zone is there however small the canvas; the clock goes first.

    Raises:
        ValueError: the layout is unknown or the canvas is empty; a bug of the caller (the readers check both).
    """
    if layout not in ZONES_OF_LAYOUT or min(size_px) < 1:
        raise ValueError(f"no layout {layout!r} on a canvas of {size_px[0]}x{size_px[1]}")
    if layout == "banner":
        return _banner(size_px)
    if layout == "side":
        return _beside(size_px) if size_px[0] >= size_px[1] else _below(size_px)
    return {"main": Rect(0, 0, *size_px)}


def bar_height(size_px: tuple[int, int]) -> int:
    """Give the height of a clock bar over the whole width: of two lines where the canvas is too narrow for one."""
    width, height = size_px
    one_line = max(reading_height(size_px) * BAR_SHARE, _BAR_MIN_PX)
    return _even(one_line * _TWO_LINES if width < height * _TWO_LINES_SHAPE else one_line)


def _banner(size_px: tuple[int, int]) -> Mapping[str, Rect]:
    width, height = size_px
    wanted = max(reading_height(size_px) * TICKER_SHARE, _TICKER_MIN_PX)
    ticker_top = _even(height - min(wanted, height * _TICKER_MAX_SHARE))
    bar = bar_height(size_px)
    if ticker_top - bar < height * _MAIN_MIN_SHARE:
        bar = 0
    rects = {
        "main": Rect(0, bar, width, ticker_top - bar),
        "ticker": Rect(0, ticker_top, width, height - ticker_top),
    }
    return rects | {CLOCK: Rect(0, 0, width, bar)} if bar else rects


def _beside(size_px: tuple[int, int]) -> Mapping[str, Rect]:
    """The column stands at the right, the clock on top of it."""
    width, height = size_px
    column = min(max(width * SIDE_SHARE, _SIDE_MIN_PX), width * _LOWER_MAX_SHARE)
    left = _even(width - column)
    clock = _even((width - left) * _BLOCK_SHAPE)
    if clock > height * _CLOCK_MAX_SHARE:
        clock = bar_height((width - left, height))
    if clock > height * _CLOCK_MAX_SHARE or width - left < _SIDE_MIN_PX // 2:
        clock = 0
    rects = {"main": Rect(0, 0, left, height), "side": Rect(left, clock, width - left, height - clock)}
    return rects | {CLOCK: Rect(left, 0, width - left, clock)} if clock else rects


def _below(size_px: tuple[int, int]) -> Mapping[str, Rect]:
    """The column becomes the lower part of an upright canvas, the clock a bar across the top of it."""
    width, height = size_px
    top = _even(height - height * LOWER_SHARE)
    bar = bar_height(size_px)
    if bar > (height - top) * _CLOCK_MAX_SHARE:
        bar = 0
    rects = {"main": Rect(0, 0, width, top), "side": Rect(0, top + bar, width, height - top - bar)}
    return rects | {CLOCK: Rect(0, top, width, bar)} if bar else rects


def _even(length_px: float) -> int:
    return math.floor(length_px / 2) * 2

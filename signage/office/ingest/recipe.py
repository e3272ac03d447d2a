"""The screens of a store in, what a rendition has to be out: how large at most, and by which version of the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from signage.content.values import Kind, Screen

VERSION = 2
"""Raise it when conversions learn to do better: every file is then converted again, the older rendition showing on."""

DEFAULT_CANVAS = (3840, 2160)
_MOST_TIMES = 2
_TOO_LARGE = 1.7

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What renditions are made for: the canvases, (width, height) in pixels, of which none lies within another."""

    canvases: tuple[Size, ...] = (DEFAULT_CANVAS,)

    @property
    def name(self) -> str:
        """Give what tells this recipe from others, to be kept with each file."""
        return f"{VERSION}:" + ",".join(f"{width}x{height}" for width, height in self.canvases)

    def is_version_of(self, name: str) -> bool:
        """Tell whether a recipe of that name has the same rules, for whatever canvases."""
        return name.partition(":")[0] == str(VERSION)

    def is_met(self, kind: Kind, shown: Size, original: Size | None) -> bool:
        """Tell whether what is shown would come out no larger if it were made anew, from an original of that size.

        A picture that is larger than needed does no harm; a film is a burden to every screen that plays it.
        """
        if kind is Kind.PAGE:
            return True
        if original is None:
            return False
        wanted = self.film_size_for(original) if kind is Kind.VIDEO else self.size_for(original)
        if kind is Kind.VIDEO and shown[0] * shown[1] > _TOO_LARGE * wanted[0] * wanted[1]:
            return False
        return wanted[0] <= shown[0] and wanted[1] <= shown[1]

    def size_for(self, size: Size) -> Size:
        """Give the size in which a picture of `size` fills each canvas, also where it is cut to cover it.

        Never larger than it is; and of a long strip no more than twice the longest side of a canvas.
        """
        width, height = size
        factor = max(max(wide / width, high / height) for wide, high in self.canvases)
        longest = _MOST_TIMES * max(max(canvas) for canvas in self.canvases)
        factor = min(1.0, factor, longest / max(size))
        return max(1, round(width * factor)), max(1, round(height * factor))

    def film_size_for(self, size: Size) -> Size:
        """Give the size of a film: whole within the largest canvas either way up, sides even, as H.264 has them."""
        long, short = max(max(c) for c in self.canvases), max(min(c) for c in self.canvases)
        width, height = size
        factor = min(1.0, long / max(size), short / min(size))
        return max(2, round(width * factor / 2) * 2), max(2, round(height * factor / 2) * 2)


def recipe_for(screens: Iterable[Screen]) -> Recipe:
    """Give the recipe for these screens; one whose size is not written down counts as 3840x2160."""
    sizes = {_seen(screen) for screen in screens} or {DEFAULT_CANVAS}
    outer = [one for one in sizes if not any(_lies_within(one, other) for other in sizes - {one})]
    return Recipe(tuple(sorted(outer)))


def _seen(screen: Screen) -> Size:
    return screen.size_px or DEFAULT_CANVAS


def _lies_within(one: Size, other: Size) -> bool:
    return one[0] <= other[0] and one[1] <= other[1]

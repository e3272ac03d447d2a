"""A screen's settings and the size of its machine's output in, whether the canvas fills it out."""

from __future__ import annotations

from dataclasses import dataclass

from signage.content.values import Screen
from signage.wire import Heartbeat

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Misfit:
    """A canvas that does not take its output as it is. Sizes are as viewers see them, `rotate` done."""

    canvas_px: Size
    output_px: Size
    is_cut_off: bool

    @property
    def canvas(self) -> str:
        return "×".join(map(str, self.canvas_px))

    @property
    def output(self) -> str:
        return "×".join(map(str, self.output_px))

    @property
    def wanted(self) -> str:
        """Give the size that would fill the output, as `screens.yaml` has it."""
        return "x".join(map(str, self.output_px))


def misfit_of(screen: Screen, heartbeat: Heartbeat | None) -> Misfit | None:
    """Give how the canvas misses the output; None where it fits, or where the screen has not told its output's size.

    A screen without a `size` takes the whole output by itself; one with a `position` has its place on purpose.
    """
    output = heartbeat.machine.output_px if heartbeat else (0, 0)
    if screen.size_px is None or not all(output):
        return None
    is_turned = screen.rotate in (90, 270)
    taken = _turned(screen.size_px) if is_turned else screen.size_px
    is_cut_off = any(at + length > most for at, length, most in zip(screen.position_px, taken, output, strict=True))
    if not is_cut_off and (taken == output or screen.position_px != (0, 0)):
        return None
    return Misfit(screen.size_px, _turned(output) if is_turned else output, is_cut_off)


def _turned(size: Size) -> Size:
    return size[1], size[0]

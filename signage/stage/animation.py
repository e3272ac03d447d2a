"""An animated GIF, WebP or PNG comes in; its frames go into a stream at their own times, one at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from signage.stage.fitting import afford, place
from signage.stage.frames import Frame, FrameStream, MotionPlan, fill
from signage.stage.pictures import PictureError, backdrop

if TYPE_CHECKING:
    from PIL import Image

_SHORTEST_S = 0.02
_UNSET_S = 0.1
"""Frames of 10 ms or less are shown for 100 ms, as browsers do: such files were made for slow programs."""


def decode_animation(plan: MotionPlan, stream: FrameStream) -> None:
    """Fill the stream until `until_s`, pass after pass. Only one frame is decoded at a time, however many there are.

    Raises:
        PictureError: the file cannot be opened, or breaks on the way. What was shown last stays.
    """
    from PIL import Image

    try:
        with Image.open(plan.path) as animation:
            _play(animation, plan, stream)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise PictureError(f"{plan.path.name}: cannot be played ({error})") from error
    finally:
        stream.end()


def _play(animation: Image.Image, plan: MotionPlan, stream: FrameStream) -> None:
    from PIL import Image

    placement = stream.placement = place(animation.size, plan.zone, plan.fit)
    factor = afford(placement.size, plan.zone)
    size = (max(1, round(placement.size[0] * factor)), max(1, round(placement.size[1] * factor)))
    if not plan.may_enlarge:
        size = (min(size[0], animation.width), min(size[1], animation.height))
    for at_s, frame in _frames(animation, plan):
        if stream.backdrop is None:
            raw = frame.tobytes("raw", "BGRA")
            first = QImage(raw, *frame.size, frame.width * 4, QImage.Format.Format_ARGB32)
            stream.backdrop = backdrop(first, plan.zone)
        if frame.size != size:
            frame = frame.resize(size, Image.Resampling.BILINEAR)
        image = stream.lend(size[0] * 4, size[1], QImage.Format.Format_ARGB32)
        if image is None:
            return
        fill(image, frame.tobytes("raw", "BGRA"))
        stream.put(Frame(at_s, image, size[0]))


def _frames(animation: Image.Image, plan: MotionPlan) -> Iterator[tuple[float, Image.Image]]:
    """Give each frame with its instant on the item's time, from the one on at `start_s` to the last before
    `until_s`. The first pass measures the animation, so that whole passes before `start_s` need no decoding."""
    count = getattr(animation, "n_frames", 1)
    base_s, length_s = 0.0, 0.0
    while True:
        at_s = base_s
        for index in range(count):
            animation.seek(index)
            animation.load()
            frame_s = _length(animation.info.get("duration"))
            if at_s + frame_s > plan.start_s:
                yield at_s, animation.convert("RGBA")
            at_s += frame_s
            if at_s >= plan.until_s:
                return
        if count < 2:
            return
        length_s = at_s - base_s
        base_s += length_s * max(1, math.floor((plan.start_s - base_s) / length_s))


def _length(duration_ms: object) -> float:
    seconds = float(duration_ms) / 1000 if isinstance(duration_ms, int | float) else 0.0
    return seconds if seconds >= _SHORTEST_S else _UNSET_S

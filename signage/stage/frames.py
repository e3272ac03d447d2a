"""Frames from one decoding thread to the screen: a fixed number at a time, in buffers used over and over.

Frames that own their memory one by one are what made the player's memory grow: each waits for Python's cycle
collector, which counts objects and does not see that each of them holds 8 MB. Here nothing is allocated after the
first few frames: the buffers are the stream's own, or those of the decoder's pool, which need no copying.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Condition
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from signage.content.values import Fit
from signage.stage.fitting import Placement, Size

if TYPE_CHECKING:
    from av.video.plane import VideoPlane

_POOL_BYTES = 50 * 1024 * 1024
_FEWEST_BUFFERS = 4
_MOST_BUFFERS = 5


class PooledImage(QImage):
    """An image over pixels that lie in a decoder's pool. While this object lives, the pool does not use them again."""

    def __init__(self, plane: VideoPlane, height: int, image_format: QImage.Format) -> None:
        pixels = memoryview(plane)
        super().__init__(pixels, plane.line_size // 4, height, plane.line_size, image_format)
        self._pixels = pixels


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a film. `at_s` is its instant on the item's own time; only `width_px` of the image are picture
    (the rest fills up the decoder's line length)."""

    at_s: float
    image: QImage
    width_px: int


@dataclass(frozen=True, slots=True)
class MotionPlan:
    """What of a film or animation is wanted. `start_s` and `until_s` are on the item's own time; past its end it
    begins again, unless less than a second would be left of that pass: then its last frame stays.

    `may_enlarge`: frames are scaled up to the zone here (else the GPU does it better). `mime` is `MediaFile.mime`.
    """

    path: Path
    zone: Size
    fit: Fit
    start_s: float
    until_s: float
    may_enlarge: bool
    mime: str


def fill(image: QImage, pixels: bytes | memoryview) -> None:
    """Copy the pixels into the buffer; both have lines of the same length."""
    target = memoryview(image.bits())
    size_bytes = min(len(target), len(pixels))
    target[:size_bytes] = pixels[:size_bytes]


class FrameStream:
    """A short queue of decoded frames, filled by one thread and emptied by the Qt thread.

    `wake` is called from the filling thread when a frame comes that the Qt thread had been missing. The filling
    thread sets `placement` and `backdrop` before its first frame and leaves them alone after it.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._changed = Condition()
        self._free: list[QImage] = []
        self._queue: deque[Frame] = deque()
        self._on_screen: list[Frame] = []
        self._is_missed = True
        self._is_stopped = False
        self._has_ended = False
        self._wake = wake
        self.placement = Placement(0, 0, (1, 1))
        self.backdrop: QImage | None = None
        self.count_late = 0

    # The filling thread's side

    def lend(self, stride_bytes: int, height: int, image_format: QImage.Format) -> QImage | None:
        """Give a buffer to fill, waiting until one is free; None when the stream was stopped."""
        with self._changed:
            if not self._free and not self._queue and not self._on_screen:
                count = _POOL_BYTES // max(1, stride_bytes * height)
                count = max(_FEWEST_BUFFERS, min(_MOST_BUFFERS, count))
                self._free = [QImage(stride_bytes // 4, height, image_format) for _ in range(count)]
            while not self._free and not self._is_stopped:
                self._changed.wait()
            return None if self._is_stopped else self._free.pop()

    def wait_for_room(self) -> bool:
        """Wait until one more frame with pixels of its own may be queued; False when the stream was stopped."""
        with self._changed:
            while len(self._queue) + len(self._on_screen) >= _MOST_BUFFERS and not self._is_stopped:
                self._changed.wait()
            return not self._is_stopped

    def put(self, frame: Frame) -> None:
        """Queue a frame: a filled buffer, or one with pixels of its own."""
        with self._changed:
            self._queue.append(frame)
            is_missed, self._is_missed = self._is_missed, False
        if is_missed:
            self._wake()

    def end(self) -> None:
        """Say that no frame will follow: the last one stays."""
        with self._changed:
            self._has_ended = True

    @property
    def has_ended(self) -> bool:
        """Whether no frame will follow those that are queued."""
        return self._has_ended

    @property
    def is_stopped(self) -> bool:
        return self._is_stopped

    # The Qt thread's side

    def take(self, position_s: float) -> Frame | None:
        """Give the frame that is on at `position_s`, or None if what is on screen stays. Drops frames that are past.

        A frame stays valid until two frames later, so that the scene graph never reads a buffer being filled.
        """
        with self._changed:
            newest: Frame | None = None
            while self._queue and self._queue[0].at_s <= position_s:
                if newest is not None:
                    self._let_go(newest)
                    self.count_late += 1
                newest = self._queue.popleft()
            if newest is not None:
                self._on_screen.append(newest)
                while len(self._on_screen) > 2:
                    self._let_go(self._on_screen.pop(0))
                self._changed.notify_all()
            return newest

    def _let_go(self, frame: Frame) -> None:
        if not isinstance(frame.image, PooledImage):
            self._free.append(frame.image)

    def first(self) -> Frame | None:
        """Give the earliest frame that is queued, leaving it there."""
        with self._changed:
            return self._queue[0] if self._queue else None

    def next_s(self) -> float | None:
        """Give when the next frame is due; None if it is not there yet (then `wake` will be called) or never comes."""
        with self._changed:
            if self._queue:
                return self._queue[0].at_s
            self._is_missed = not self._has_ended
            return None

    def stop(self) -> None:
        """Let the filling thread go, and let go of every buffer that is not on screen."""
        with self._changed:
            self._is_stopped = True
            self._queue.clear()
            self._free.clear()
            self._on_screen.clear()
            self._changed.notify_all()

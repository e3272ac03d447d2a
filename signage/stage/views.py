"""What one cue looks like: fed by decoding threads, drawn on a surface on the Qt thread by the item's own time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Thread
from typing import Protocol

from PySide6.QtGui import QImage

from signage.base.errors import SignageError
from signage.content.values import Transition
from signage.stage.fitting import Placement
from signage.stage.frames import Frame, FrameStream
from signage.stage.mailbox import Mailbox
from signage.stage.memory import give_back
from signage.stage.sound import SoundTrack, Speaker
from signage.stage.surface import Surface
from signage.stage.transitions import pose

log = logging.getLogger(__name__)

FRAME_S = 1 / 60
_SHORTEST_PAGE_S = 1.0
_ROUNDING = 1e-9

Decode = Callable[[FrameStream], None]
"""Fills a stream until it is stopped; runs on a thread of its own; raises SignageError when the item breaks."""


class View(Protocol):
    """A cue that is ready, on a surface of its own."""

    surface: Surface

    def begin(self, zero_s: float) -> None:
        """Be on screen from now on; the item's own time is zero at the monotonic instant `zero_s`."""
        ...

    def advance(self, position_s: float) -> float | None:
        """Show what is on at that instant of the item's own time; give the next instant at which something changes.

        None: nothing changes by itself (a decoder that has something new says so by itself).
        """
        ...

    def stalled_s(self, position_s: float) -> float:
        """Give for how long, by that instant, what should move has waited for a picture; 0 where all is well."""
        ...

    def close(self) -> None:
        """Let go of surface, thread and buffers. Returns at once."""
        ...


class StillView:
    """One picture, or the pages of a card that share the item's time equally; a page is turned by a fade."""

    def __init__(self, surface: Surface, pages: Sequence[QImage], span_s: float = 0.0) -> None:
        self.surface = surface
        self._pages = tuple(pages)
        self._page_s = max(span_s / len(self._pages), _SHORTEST_PAGE_S)
        self._page = 0
        self._coming: int | None = None
        self._is_on_screen = False
        surface.backdrop.set_image(self._pages[0])

    def begin(self, zero_s: float) -> None:  # noqa: ARG002  # pages are turned by the position alone
        self._is_on_screen = True

    def advance(self, position_s: float) -> float | None:
        last = len(self._pages) - 1
        page = max(0, min(last, int(position_s / self._page_s + _ROUNDING)))
        turned_s = position_s - page * self._page_s
        if page != self._page:
            if self._is_on_screen and page == self._page + 1 and (posed := pose(Transition.FADE, turned_s)):
                self._fade_to(page, posed.opacity)
                return position_s + FRAME_S
            self._turn_to(page)
        return (page + 1) * self._page_s if page < last else None

    def stalled_s(self, position_s: float) -> float:  # noqa: ARG002  # what stands still waits for nothing
        return 0.0

    def close(self) -> None:
        self._pages = ()
        self.surface.free()

    def _fade_to(self, page: int, opacity: float) -> None:
        picture = self.surface.picture
        picture.setOpacity(opacity)
        if self._coming != page:
            self._coming = page
            image = self._pages[page]
            whole = (round(self.surface.width()), round(self.surface.height()))
            self.surface.set_picture(image, image.width(), Placement(0, 0, whole))
            picture.setVisible(True)

    def _turn_to(self, page: int) -> None:
        self._page, self._coming = page, None
        self.surface.backdrop.set_image(self._pages[page])
        self.surface.picture.setVisible(False)


@dataclass(frozen=True, slots=True)
class Sound:
    """A film's sound, and where it is heard."""

    track: SoundTrack
    speaker: Speaker


class MovingView:
    """A film or an animation: one thread decodes, this shows."""

    def __init__(
        self,
        surface: Surface,
        name: str,
        decode: Decode,
        mailbox: Mailbox,
        events: MovingEvents,
        sound: Sound | None = None,
    ) -> None:
        self.surface = surface
        self._sound = sound
        self._events: MovingEvents | None = events
        self._mailbox = mailbox
        self._decode: Decode | None = decode
        self._is_ready = False
        self._missing_since_s: float | None = None
        self._stream = FrameStream(lambda: mailbox.post(self._on_frame))
        self.thread = Thread(target=self._run, name=name, daemon=True)
        self.thread.start()

    def begin(self, zero_s: float) -> None:
        if self._sound is not None:
            self._sound.speaker.play(self._sound.track, zero_s)

    def advance(self, position_s: float) -> float | None:
        frame = self._stream.take(position_s)
        if frame is not None:
            self._show(frame)
        next_s = self._stream.next_s()
        if next_s is not None or self._stream.has_ended:
            self._missing_since_s = None
        elif self._missing_since_s is None:
            self._missing_since_s = position_s
        return next_s

    def stalled_s(self, position_s: float) -> float:
        since_s = self._missing_since_s
        return 0.0 if since_s is None or self._stream.has_ended else max(0.0, position_s - since_s)

    def close(self) -> None:
        self._events = None
        if self._sound is not None:
            self._sound.speaker.stop(self._sound.track)
        self._stream.stop()
        self.surface.free()

    def _run(self) -> None:
        reason = ""
        try:
            assert self._decode is not None
            self._decode(self._stream)
        except SignageError as error:
            reason = str(error)
        except Exception as error:
            # The boundary of one cue: what its decoder does wrong must not stop the stage.
            log.exception("%s: the decoder failed", self.thread.name)
            reason = f"{type(error).__name__}: {error}"
        self._mailbox.post(lambda: self._on_end(reason))
        self._decode = None
        give_back()

    def _on_frame(self) -> None:
        if self._events is None:
            return
        if self._is_ready:
            self._events.moved()
            return
        first = self._stream.first()
        if first is not None:
            self._is_ready = True
            if self._stream.backdrop is not None:
                self.surface.backdrop.set_image(self._stream.backdrop)
            self._show(first)
            self._events.ready()

    def _on_end(self, reason: str) -> None:
        self.thread.join()
        if self._events is not None and reason:
            self._events.failed(reason)

    def _show(self, frame: Frame) -> None:
        self.surface.set_picture(frame.image, frame.width_px, self._stream.placement)


class MovingEvents(Protocol):
    """What a moving view tells, on the Qt thread."""

    def ready(self) -> None: ...

    def failed(self, reason: str) -> None: ...

    def moved(self) -> None:
        """A frame that was missed has come: `advance` would show it."""
        ...

"""A cue and a place for it come in; its view goes out, ready to be shown, or the reason why there is none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from signage.base.errors import SignageError
from signage.content.values import Fit, Kind, MediaFile
from signage.player.ports import Cue
from signage.stage.fitting import Size
from signage.stage.frames import FrameStream, MotionPlan
from signage.stage.mailbox import Mailbox
from signage.stage.pictures import load_picture
from signage.stage.sound import SoundTrack, Speaker
from signage.stage.surface import Surface
from signage.stage.views import Decode, MovingView, Sound, StillView, View

if TYPE_CHECKING:
    from signage.stage.cards import CardFailure, CardPages, CardRenderer

log = logging.getLogger(__name__)

Locate = Callable[[MediaFile], Path]
"""Gives where the bytes of a checked file lie on this disk."""

_DECODERS = 2
_CLOSE_S = 3.0


@dataclass(slots=True)
class Loading:
    """One cue on its way. After `cancel` neither of its callbacks is called."""

    on_ready: Callable[[View], None] | None
    on_failed: Callable[[str], None] | None
    on_moved: Callable[[], None] | None
    surface: Surface | None = None
    view: View | None = None
    cancel_card: Callable[[], None] | None = None

    def cancel(self) -> None:
        self.on_ready = self.on_failed = self.on_moved = None
        if self.cancel_card is not None:
            self.cancel_card()
        if self.view is not None:
            self.view.close()
        elif self.surface is not None:
            self.surface.free()
        self.view = self.surface = None

    def ready(self) -> None:
        if self.on_ready is not None and self.view is not None:
            view, self.view = self.view, None
            self.on_ready(view)

    def failed(self, reason: str) -> None:
        if self.on_failed is not None:
            self.on_failed(reason)

    def moved(self) -> None:
        if self.on_moved is not None:
            self.on_moved()


class Loader:
    """Makes views of cues. Pictures and pages are decoded by a few threads, each film by a thread of its own.

    Films are heard while `speaker` is set.
    """

    def __init__(self, locate: Locate, may_enlarge: bool) -> None:
        """`may_enlarge`: films are scaled up to the zone by their decoder; a GPU does it better."""
        self._locate = locate
        self._may_enlarge = may_enlarge
        self._cards: CardRenderer | None = None
        self.speaker: Speaker | None = None
        self._mailbox = Mailbox()
        self._pool = ThreadPoolExecutor(_DECODERS, thread_name_prefix="pictures")
        self._threads: list[Thread] = []

    def call_soon(self, call: Callable[[], None]) -> None:
        """Have `call` made on the Qt thread, soon; may be called from any thread."""
        self._mailbox.post(call)

    def begin(
        self,
        cue: Cue,
        make_surface: Callable[[], Surface],
        today: date,
        *,
        on_ready: Callable[[View], None],
        on_failed: Callable[[str], None],
        on_moved: Callable[[], None],
    ) -> Loading:
        """Begin to make the cue's view; exactly one of `on_ready` and `on_failed` is called, later, on the Qt thread.

        `on_failed` may follow `on_ready` when an item breaks while it plays. `on_moved` says that a frame has come
        that was missed. `make_surface` is called on the Qt thread. `today` is the screen's date, for cards.
        """
        loading = Loading(on_ready, on_failed, on_moved)
        try:
            self._begin(cue, make_surface(), today, loading)
        except Exception as error:
            # The boundary of one cue: whatever is wrong with it must not stop the stage.
            if not isinstance(error, SignageError):
                log.exception("%s: cannot be loaded", cue.item.name)
            self.call_soon(partial(loading.failed, str(error) or type(error).__name__))
        return loading

    def close(self) -> None:
        """Stop loading. Waits a moment for the threads; none of them touches Qt after this."""
        self._mailbox.close()
        if self._cards is not None:
            self._cards.close()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for thread in self._threads:
            thread.join(_CLOSE_S)
        self._threads.clear()

    def _begin(self, cue: Cue, surface: Surface, today: date, loading: Loading) -> None:
        item = cue.item
        zone = (round(surface.width()), round(surface.height()))
        loading.surface = surface
        if item.kind is Kind.OFF:
            self.call_soon(partial(self._show_still, loading, [_black()], 0.0))
        elif item.kind in (Kind.CARD, Kind.SLATE):
            self._begin_card(cue, today, zone, loading)
        elif item.media is None:
            raise SignageError(f"{item.name}: names no file")
        elif item.kind is Kind.PICTURE:
            self._load(loading, partial(load_picture, self._locate(item.media), zone, item.fit))
        elif item.kind is Kind.PAGE:
            self._load(loading, partial(_load_page, self._locate(item.media), item.page, zone, item.fit))
        else:
            self._begin_moving(cue, self._locate(item.media), zone, surface, loading)

    def _begin_moving(self, cue: Cue, path: Path, zone: Size, surface: Surface, loading: Loading) -> None:
        start_s = max(0, cue.due_ms - cue.origin_ms) / 1000
        until_s = (cue.until_ms - cue.origin_ms) / 1000
        mime = cue.item.media.mime if cue.item.media is not None else ""
        plan = MotionPlan(path, zone, cue.item.fit, start_s, until_s, self._may_enlarge, mime)
        sound = None
        if self.speaker is not None and cue.item.media is not None and cue.item.media.has_sound:
            sound = Sound(self.speaker.make_track(), self.speaker)
        decode: Decode
        if cue.item.kind is Kind.ANIMATION:
            decode = partial(_decode_animation, plan)
        else:
            decode = partial(_decode_film, plan, sound.track if sound is not None else None)
        loading.view = view = MovingView(surface, f"film-{cue.number}", decode, self._mailbox, loading, sound)
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._threads.append(view.thread)

    def _begin_card(self, cue: Cue, today: date, zone: Size, loading: Loading) -> None:
        if cue.item.card is None:
            raise SignageError(f"{cue.item.name}: has no text")
        if self._cards is None:
            from signage.stage.cards import CardRenderer

            self._cards = CardRenderer(self._locate, self._mailbox)
        cards = self._cards
        span_s = (cue.until_ms - cue.origin_ms) / 1000
        token = cards.render(cue.item.card, QSize(*zone), today, partial(self._on_painted, loading, span_s))
        loading.cancel_card = partial(cards.cancel, token)

    def _on_painted(self, loading: Loading, span_s: float, outcome: CardPages | CardFailure) -> None:
        loading.cancel_card = None
        if hasattr(outcome, "pages"):
            self._show_still(loading, outcome.pages, span_s)
        else:
            loading.failed(outcome.reason)

    def _load(self, loading: Loading, load: Callable[[], QImage]) -> None:
        future = self._pool.submit(load)
        future.add_done_callback(lambda done: self._mailbox.post(partial(self._on_loaded, loading, done)))

    def _on_loaded(self, loading: Loading, done: Future[QImage]) -> None:
        if done.cancelled():
            return
        error = done.exception()
        if error is None:
            self._show_still(loading, [done.result()], 0.0)
            return
        if not isinstance(error, SignageError):
            log.error("a picture could not be decoded", exc_info=error)
        loading.failed(str(error) or type(error).__name__)

    def _show_still(self, loading: Loading, pages: Sequence[QImage], span_s: float) -> None:
        # Qt gives an empty image, and no error, where there was no memory for one: on screen it would be black.
        if any(page.isNull() for page in pages):
            loading.failed("there is not enough memory for its picture")
        elif loading.on_ready is not None and loading.surface is not None:
            loading.view, loading.surface = StillView(loading.surface, pages, span_s), None
            loading.ready()


def _black() -> QImage:
    image = QImage(1, 1, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    return image


def _load_page(path: Path, page: int, zone: Size, fit: Fit) -> QImage:
    from signage.stage.pdf import load_page

    return load_page(path, page, zone, fit)


def _decode_film(plan: MotionPlan, track: SoundTrack | None, stream: FrameStream) -> None:
    from signage.stage.film import decode_film

    decode_film(plan, stream, track)


def _decode_animation(plan: MotionPlan, stream: FrameStream) -> None:
    from signage.stage.animation import decode_animation

    decode_animation(plan, stream)

"""Cues come in; what they name is loaded out of sight, shown with its transition, and the player is told.

The Stage decides nothing about what plays: it answers each `prepare` with ready or failed, and tells when a cue was
really on screen.
"""

from __future__ import annotations

import logging
import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QSizeF, Qt, QTimer
from PySide6.QtQuick import QQuickItem

from signage.base.clock import Clock
from signage.base.moments import to_datetime
from signage.content.layouts import Rect, zone_rects
from signage.content.values import Kind, Screen
from signage.player.ports import Cue, StageEvents
from signage.stage.fitting import Size
from signage.stage.loading import Loader, Loading
from signage.stage.views import View
from signage.stage.window import StageWindow
from signage.stage.zone import Showing, Zone

if TYPE_CHECKING:
    from PySide6.QtQml import QQmlEngine

log = logging.getLogger(__name__)

_TICKER = "ticker"
_LONGEST_S = 60.0


class Layout(Protocol):
    """The zones of a canvas, as items to put surfaces into."""

    @property
    def rects(self) -> Mapping[str, Rect]: ...

    @property
    def texts(self) -> tuple[Sequence[str], int]: ...

    def zone(self, name: str) -> QQuickItem: ...

    @property
    def is_moving(self) -> bool: ...

    def show_texts(self, texts: Sequence[str], origin_ms: int) -> None: ...

    def close(self) -> None: ...


class FullLayout:
    """The layout `full`: one zone over the whole canvas. It needs no QML, so that the first picture comes sooner."""

    def __init__(self, canvas: QQuickItem, size_px: Size) -> None:
        self.rects = zone_rects("full", size_px)
        self.texts: tuple[Sequence[str], int] = ((), 0)
        self.is_moving = False
        self._zone = QQuickItem(canvas)
        self._zone.setObjectName("zone-main")
        self._zone.setSize(QSizeF(*size_px))
        self._zone.setClip(True)

    def zone(self, _name: str) -> QQuickItem:
        return self._zone

    def show_texts(self, texts: Sequence[str], origin_ms: int) -> None:
        """There is no ticker here."""

    def close(self) -> None:
        self._zone.setVisible(False)
        self._zone.deleteLater()


@dataclass(frozen=True, slots=True)
class Believed:
    """What the stage put on screen. Another `mark` means another picture; `stalled_s`: a film got none for so long."""

    mark: int
    stalled_s: float


@dataclass(slots=True)
class Prepared:
    """A cue that was asked for: still loading, or with its view ready."""

    cue: Cue
    loading: Loading | None = None
    view: View | None = None

    def close(self) -> None:
        if self.loading is not None:
            self.loading.cancel()
        if self.view is not None:
            self.view.close()


class Stage(QObject):
    """StagePort on one window. All methods are for the Qt thread.

    `events` must be set before the first cue; `on_shown` is told of each cue after them.
    Call `set_screen` first: it makes the zones.
    """

    def __init__(self, window: StageWindow, clock: Clock, loader: Loader) -> None:
        super().__init__()
        self.setObjectName("stage")
        self.events: StageEvents | None = None
        self.on_shown: Callable[[Cue, int], None] | None = None
        self._window = window
        self._clock = clock
        self._loader = loader
        self._engine: QQmlEngine | None = None
        self._screen = Screen()
        self._layout: Layout | None = None
        self._zones: dict[str, Zone] = {}
        self._prepared: dict[int, Prepared] = {}
        self._unseen: list[Cue] = []
        self._timer = QTimer(self)
        self._timer.setObjectName("stage frames")
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.advance)
        window.frameSwapped.connect(self._on_frame_swapped)
        window.canvas_changed.connect(self._lay_out)

    def set_screen(self, screen: Screen) -> None:
        """Lay the canvas and its zones out as the screen says; what is on screen in a zone that stays, stays."""
        self._screen = screen
        self._window.set_screen(screen)
        self._lay_out()

    def prepare(self, cue: Cue) -> None:
        if cue.zone == _TICKER:
            self._prepared[cue.number] = Prepared(cue)
            self._loader.call_soon(partial(self._tell_ready, cue.number))
            return
        zone = self._zones.get(cue.zone)
        if zone is None:
            self._loader.call_soon(partial(self._tell_failed, cue, f"the layout has no zone '{cue.zone}'"))
            return
        prepared = self._prepared[cue.number] = Prepared(cue)
        prepared.loading = self._loader.begin(
            cue,
            zone.make_surface,
            to_datetime(cue.due_ms, self._screen.timezone).date(),
            on_ready=partial(self._on_ready, cue.number),
            on_failed=partial(self._on_failed, cue),
            on_moved=self.advance,
        )

    def show(self, cue: Cue) -> None:
        prepared = self._prepared.pop(cue.number, None)
        if prepared is None:
            log.warning("%s: was to be shown, but is not ready", cue.item.name)
            return
        if cue.zone == _TICKER:
            self._show_texts(cue)
        elif prepared.view is not None and (zone := self._zones.get(cue.zone)) is not None:
            now_s = self._clock.monotonic_s()
            zero_s = now_s - (self._clock.now_ms() - cue.origin_ms) / 1000
            prepared.view.advance(now_s - zero_s)
            zone.show(Showing(cue, prepared.view, zero_s), cue.transition, now_s)
        else:
            prepared.close()
            self._tell_failed(cue, "was to be shown before it was ready")
            return
        self._unseen.append(cue)
        self._window.update()
        self.advance()

    def discard(self, cue: Cue) -> None:
        prepared = self._prepared.pop(cue.number, None)
        if prepared is not None:
            prepared.close()

    def is_on_screen(self, cue: Cue) -> bool:
        """Tell whether the cue is what its zone shows."""
        zone = self._zones.get(cue.zone)
        showing = zone.showing if zone is not None else None
        return showing is not None and showing.cue.number == cue.number

    @property
    def is_moving(self) -> bool:
        """Tell whether something on screen changes by itself."""
        return self._timer.isActive()

    def believed(self) -> Believed:
        """Give what should be on the output by now: see `Believed`. Takes a fraction of a millisecond."""
        mark, stalled_s, now_s = 0, 0.0, self._clock.monotonic_s()
        for zone in self._zones.values():
            if (showing := zone.showing) is not None:
                mark = showing.view.surface.mark(mark)
                stalled_s = max(stalled_s, showing.view.stalled_s(now_s - showing.zero_s))
        if self._layout is not None and self._layout.is_moving:
            mark = zlib.crc32(str(self._clock.now_ms()).encode(), mark)
        return Believed(mark, stalled_s)

    def close(self) -> None:
        """Stop everything that moves and let go of it."""
        self.events = None
        self.clear()

    def clear(self) -> None:
        """Take everything off the canvas, its layout too; `set_screen` makes it anew."""
        self._timer.stop()
        self._unseen.clear()
        for prepared in self._prepared.values():
            prepared.close()
        self._prepared.clear()
        for zone in self._zones.values():
            zone.close()
        self._zones.clear()
        if self._layout is not None:
            self._layout.close()
            self._layout = None

    def _show_texts(self, cue: Cue) -> None:
        assert self._layout is not None
        card = cue.item.card
        texts = card.fields.get("texts", []) if cue.item.kind is Kind.TICKER and card is not None else []
        self._layout.show_texts([str(text) for text in texts], cue.origin_ms)

    def _lay_out(self) -> None:
        """Build the layout anew for the canvas as it is, and take over what is on screen."""
        old = self._layout
        self._layout = self._make_layout()
        zones: dict[str, Zone] = {}
        for name in self._layout.rects:
            if name in ("clock", _TICKER):
                continue
            zone = self._zones.pop(name, None)
            frame = self._layout.zone(name)
            if zone is None:
                zone = Zone(name, frame, self._window)
            else:
                zone.move_to(frame)
            zones[name] = zone
        for gone in self._zones.values():
            gone.close()
        self._zones = zones
        for prepared in self._prepared.values():
            if prepared.view is not None and prepared.cue.zone in zones:
                zones[prepared.cue.zone].take_over(prepared.view)
        if old is not None:
            self._layout.show_texts(*old.texts)
            old.close()

    def _make_layout(self) -> Layout:
        canvas, size_px = self._window.canvas, self._window.canvas_px
        if self._screen.layout == "full":
            return FullLayout(canvas, size_px)
        from PySide6.QtQml import QQmlEngine

        from signage.stage.layoutview import LayoutView

        if self._engine is None:
            self._engine = QQmlEngine()
        return LayoutView(self._engine, canvas, self._screen, size_px, self._clock)

    def advance(self) -> None:
        """Move what moves, and set the timer to when that has to be done next."""
        now_s = self._clock.monotonic_s()
        wanted = [next_s for zone in self._zones.values() if (next_s := zone.advance(now_s)) is not None]
        if wanted:
            wait_s = min(max(0.0, min(wanted) - self._clock.monotonic_s()), _LONGEST_S)
            self._timer.start(math.ceil(wait_s * 1000))
        else:
            self._timer.stop()

    def _on_ready(self, number: int, view: View) -> None:
        prepared = self._prepared.get(number)
        if prepared is None:
            view.close()
            return
        prepared.loading, prepared.view = None, view
        self._tell_ready(number)

    def _tell_ready(self, number: int) -> None:
        prepared = self._prepared.get(number)
        if prepared is not None and self.events is not None:
            self.events.ready(prepared.cue)

    def _on_failed(self, cue: Cue, reason: str) -> None:
        prepared = self._prepared.pop(cue.number, None)
        if prepared is not None:
            prepared.close()
        self._tell_failed(cue, reason)

    def _tell_failed(self, cue: Cue, reason: str) -> None:
        if self.events is not None:
            self.events.failed(cue, reason)

    def _on_frame_swapped(self) -> None:
        unseen, self._unseen = self._unseen, []
        if unseen and self.events is not None:
            now_ms = self._clock.now_ms()
            for cue in unseen:
                self.events.shown(cue, now_ms)
                if self.on_shown is not None:
                    self.on_shown(cue, now_ms)

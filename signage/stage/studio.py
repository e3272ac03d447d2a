"""A screen, an instant and what its zones show come in; the picture on its output then goes out, by the real stage.

No display is needed: the window lives on Qt's offscreen platform.
"""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QTimer
from PySide6.QtGui import QGuiApplication, QImage

from signage.base.clock import ManualClock
from signage.base.moments import to_datetime
from signage.content.values import ZONES_OF_LAYOUT, Screen, Store, Transition
from signage.player.ports import Cue
from signage.schedule.programme import Programme
from signage.schedule.slots import Slot
from signage.stage.fitting import Size, canvas_size
from signage.stage.loading import Loader, Locate
from signage.stage.stage import Stage
from signage.stage.window import StageWindow

log = logging.getLogger(__name__)

USUAL_OUTPUT_PX: Size = (1920, 1080)
"""The output of a screen that does not say its size."""
_LONGEST_LOAD_MS = 20_000


def open_application() -> QGuiApplication:
    """Give this process's application; makes one that needs no display if there is none yet."""
    existing = QGuiApplication.instance()
    if isinstance(existing, QGuiApplication):
        return existing
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_QUICK_BACKEND"] = "software"
    return QGuiApplication([])


def render_at(store: Store, screen: Screen, instant_ms: int) -> QImage:
    """Give what the screen will show at that instant, in the canvas's size as its viewers see it.

    An item that cannot be shown leaves its zone black, and is named in the log.
    """
    application = open_application()
    studio = Studio(store.path_of, screen)
    try:
        return studio.picture(instant_ms, slots_at(store, screen, instant_ms))
    finally:
        studio.close()
        application.processEvents()


def slots_at(store: Store, screen: Screen, instant_ms: int) -> list[Slot]:
    """Give what is on air in each zone of the screen."""
    zones = ZONES_OF_LAYOUT.get(screen.layout, ("main",))
    return [Programme(store, screen, zone).slot_at(instant_ms) for zone in zones]


class Studio:
    """A stage without a display for one screen. Lives on the Qt thread; `close` ends its threads."""

    def __init__(self, locate: Locate, screen: Screen) -> None:
        size_px = canvas_size(screen, USUAL_OUTPUT_PX)
        self._screen = replace(screen, size_px=size_px, position_px=(0, 0), rotate=0)
        self._clock = ManualClock(to_datetime(0, UTC))
        self._numbers = itertools.count(1)
        self._loader = Loader(locate, may_enlarge=True)
        self._window = StageWindow(is_full_screen=False)
        self._window.resize(*size_px)
        self._window.show()
        self._stage = Stage(self._window, self._clock, self._loader)
        self._answers = _Answers()
        self._stage.events = self._answers

    @property
    def left_out(self) -> tuple[str, ...]:
        """Say what could not be shown in the last picture, and why."""
        return tuple(self._answers.faults)

    def picture(self, instant_ms: int, slots: Iterable[Slot]) -> QImage:
        """Give what is on screen at that instant, with a slot for each zone (of a film: the frame that is on)."""
        self._clock.jump(instant_ms - self._clock.now_ms())
        self._stage.clear()
        self._stage.set_screen(self._screen)
        cues = [self._cue(slot, instant_ms) for slot in slots]
        self._answers.expect(cues)
        for cue in cues:
            self._stage.prepare(cue)
        self._answers.wait(_LONGEST_LOAD_MS)
        for cue in cues:
            if cue.number in self._answers.ready_numbers:
                self._stage.show(cue)
            else:
                self._stage.discard(cue)
        return self._window.grabWindow()

    def close(self) -> None:
        self._stage.close()
        self._loader.close()
        self._window.close()
        self._window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def _cue(self, slot: Slot, instant_ms: int) -> Cue:
        return Cue(next(self._numbers), slot.zone, slot.item, slot.start_ms, instant_ms, slot.end_ms, Transition.CUT)


class _Answers:
    """Waits for the stage's answer to each cue."""

    def __init__(self) -> None:
        self._missing: set[int] = set()
        self.ready_numbers: set[int] = set()
        self.faults: list[str] = []
        self._loop: QEventLoop | None = None

    def expect(self, cues: list[Cue]) -> None:
        self._missing = {cue.number for cue in cues}
        self.ready_numbers.clear()
        self.faults.clear()

    def wait(self, limit_ms: int) -> None:
        """Return when every cue is answered, or after the limit."""
        if not self._missing:
            return
        self._loop = QEventLoop()
        limit = QTimer()
        limit.setSingleShot(True)
        limit.timeout.connect(self._loop.quit)
        limit.start(limit_ms)
        self._loop.exec()
        limit.stop()
        self._loop = None

    def ready(self, cue: Cue) -> None:
        self.ready_numbers.add(cue.number)
        self._note(cue)

    def failed(self, cue: Cue, reason: str) -> None:
        log.warning("%s: %s", cue.item.name, reason)
        self.faults.append(f"{cue.item.name}: {reason}")
        self._note(cue)

    def shown(self, cue: Cue, at_ms: int) -> None:
        """Nobody waits for this: the picture is grabbed."""

    def _note(self, cue: Cue) -> None:
        self._missing.discard(cue.number)
        if not self._missing and self._loop is not None:
            self._loop.quit()

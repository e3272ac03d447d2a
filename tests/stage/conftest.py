"""A real stage on the offscreen platform, with a clock that moves when told and a record of what the stage says."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from signage.base.clock import ManualClock
from signage.content.values import Card, Fit, Item, Kind, MediaFile, Screen, Transition
from signage.player.ports import Cue
from signage.stage.loading import Loader
from signage.stage.stage import Stage
from signage.stage.window import StageWindow
from tests.stage.films import MIMES

OUTPUT_PX = (160, 90)


class Theatre:
    """A stage, and an audience that notes what it is told."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.clock = ManualClock(datetime(2026, 11, 23, 10, tzinfo=UTC))
        self.window = StageWindow(is_full_screen=False)
        self.window.resize(*OUTPUT_PX)
        self.window.show()
        self.loader = Loader(lambda media: folder / media.path, may_enlarge=True)
        self.stage = Stage(self.window, self.clock, self.loader)
        self.stage.events = self
        self.told: list[tuple[str, int]] = []
        self.reasons: dict[int, str] = {}
        self._qtbot = qtbot
        self._is_closed = False
        self._numbers = itertools.count(1)
        self.stage.set_screen(Screen())

    def ready(self, cue: Cue) -> None:
        self.told.append(("ready", cue.number))

    def failed(self, cue: Cue, reason: str) -> None:
        self.told.append(("failed", cue.number))
        self.reasons[cue.number] = reason

    def shown(self, cue: Cue, at_ms: int) -> None:
        self.told.append(("shown", cue.number))

    def cue(
        self,
        path: str = "",
        kind: Kind = Kind.PICTURE,
        *,
        zone: str = "main",
        transition: Transition = Transition.CUT,
        fit: Fit = Fit.CONTAIN,
        card: Card | None = None,
        page: int = 1,
        seconds: float = 10.0,
        begun_s_ago: float = 0.0,
    ) -> Cue:
        media = MediaFile(path, kind, "", 0, 0, (0, 0), mime=MIMES.get(Path(path).suffix, "")) if path else None
        item = Item(path or str(kind), kind, "", round(seconds * 1000), fit, transition, media, page, card)
        due_ms = self.clock.now_ms()
        origin_ms = due_ms - round(begun_s_ago * 1000)
        return Cue(next(self._numbers), zone, item, origin_ms, due_ms, origin_ms + round(seconds * 1000), transition)

    def texts(self, *texts: str) -> Card:
        return Card("ticker", json.dumps({"texts": list(texts)}))

    def prepare(self, cue: Cue) -> Cue:
        """Have the cue prepared and wait for the stage's answer."""
        self.stage.prepare(cue)
        self.wait_for(("ready", cue.number), ("failed", cue.number))
        return cue

    def play(self, cue: Cue) -> Cue:
        """Have the cue prepared and shown, and wait until it was on screen."""
        self.prepare(cue)
        self.stage.show(cue)
        self.wait_for(("shown", cue.number))
        return cue

    def wait_for(self, *told: tuple[str, int]) -> None:
        self._qtbot.waitUntil(lambda: any(one in self.told for one in told), timeout=60_000)

    def resize(self, width: int, height: int) -> None:
        """Give the window another size, and wait until the stage has followed."""
        self.window.resize(width, height)
        self._qtbot.waitUntil(lambda: (self.window.canvas.width(), self.window.canvas.height()) == (width, height))

    def pass_time(self, milliseconds: int) -> QImage:
        """Move the clock, and give what is then on screen."""
        self.clock.advance(milliseconds)
        self.stage.advance()
        return self.look()

    def look(self) -> QImage:
        return self.window.grabWindow()

    def colour(self, x: int = 80, y: int = 45) -> tuple[int, int, int]:
        colour = self.look().pixelColor(x, y)
        return colour.red(), colour.green(), colour.blue()

    def close(self) -> None:
        self.stage.close()
        self.loader.close()
        if not self._is_closed:
            self.window.close()
            self.window.deleteLater()
        self._is_closed = True
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def theatre(qtbot: QtBot, tmp_path: Path) -> Iterator[Theatre]:
    theatre = Theatre(qtbot, tmp_path)
    yield theatre

    theatre.close()


@pytest.fixture(autouse=True)
def application(qapp: QGuiApplication) -> QGuiApplication:
    """Have the application made on the main thread before any test touches Qt on another."""
    return qapp

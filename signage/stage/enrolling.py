"""Options of a screen that no office has let in yet come in; it shows a code until one does, and then plays."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication, QImage

from signage.base.clock import Clock
from signage.base.moments import to_datetime
from signage.player.enrolled import EnrolmentFolder
from signage.player.enrolment import Asking, Enrolling, LetIn
from signage.player.following import api_address
from signage.player.http import Http
from signage.player.machine import describe_machine
from signage.stage.mailbox import Mailbox
from signage.stage.options import PlayOptions
from signage.stage.photos import Photos
from signage.stage.playing import Playing
from signage.stage.renderer import Renderer
from signage.stage.surface import Surface
from signage.stage.templates.pairing import compose_code, compose_welcome
from signage.stage.templates.sheet import Commission
from signage.stage.theme import Measures, load_theme
from signage.stage.window import StageWindow

log = logging.getLogger(__name__)

WELCOME_S = 12.0
"""For so long the name and the fingerprint stay, for somebody to compare."""


class Opening(QObject):
    """A screen from its pairing code to its programme, in one window. Lives on the Qt thread."""

    def __init__(
        self,
        options: PlayOptions,
        renderer: Renderer,
        clock: Clock,
        *,
        welcome_s: float = WELCOME_S,
        make_playing: Callable[[PlayOptions, Renderer, Clock, StageWindow], Playing] = Playing,
    ) -> None:
        super().__init__()
        assert options.office is not None
        self._options = options
        self._renderer = renderer
        self._clock = clock
        self._welcome_s = welcome_s
        self._make_playing = make_playing
        self._address = api_address(options.office) or ""
        self._mailbox = Mailbox(self)
        self._window = StageWindow(options.full_screen)
        self._face = PairingFace(self._window, clock)
        self._enrolling: Enrolling | None = None
        self._playing: Playing | None = None
        self._let_in: LetIn | None = None
        self._timer = QTimer(self)
        self._timer.setObjectName("welcome")
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._play)
        self._end = QTimer(self)
        self._end.setObjectName("end")
        self._end.setSingleShot(True)
        self._end.timeout.connect(QGuiApplication.quit)

    @property
    def window(self) -> StageWindow:
        return self._window

    def status_line(self) -> str:
        """Give a line about what is on screen, for whoever looks after this machine."""
        return self._playing.status_line() if self._playing else f"waits to be let in by {self._address}"

    def start(self) -> None:
        """Come on screen and begin to ask."""
        self._show(Asking())
        self._window.open()
        output = self._window.screen()
        ratio = output.devicePixelRatio()
        size_px = round(output.size().width() * ratio), round(output.size().height() * ratio)
        machine = describe_machine(size_px, f"{self._renderer.name} ({self._renderer.reason})")
        folder = EnrolmentFolder(self._options.state_dir)
        self._enrolling = Enrolling(self._address, folder, machine, Http(self._clock), self._clock, self._take)
        self._enrolling.start()
        if self._options.for_s is not None:
            self._end.start(round(self._options.for_s * 1000))

    def close(self) -> None:
        """Stop, whatever it was at."""
        self._timer.stop()
        self._end.stop()
        self._mailbox.close()
        if self._enrolling is not None:
            self._enrolling.close()
        self._face.close()
        if self._playing is not None:
            self._playing.close()
        else:
            self._window.close()

    @property
    def playing(self) -> Playing | None:
        """What plays, once the screen was let in."""
        return self._playing

    def _take(self, said: Asking | LetIn) -> None:
        self._mailbox.post(partial(self._show, said))

    def _show(self, said: Asking | LetIn) -> None:
        if isinstance(said, Asking):
            self._face.ask(self._address, said)
            return
        self._let_in = said
        self._face.welcome(said)
        self._timer.start(round(self._welcome_s * 1000))

    def _play(self) -> None:
        """Go on into the programme; the welcome stays until its first picture is there."""
        if self._enrolling is not None:
            self._enrolling.close()
            self._enrolling = None
        assert self._let_in is not None
        options = replace(self._options, screen=self._let_in.enrolled.screen, for_s=None)
        self._playing = self._make_playing(options, self._renderer, self._clock, self._window)
        self._playing.on_first_picture = self._face.close
        self._playing.start()


class PairingFace(QObject):
    """The pictures of enrolment on a window's canvas, below whatever plays there."""

    def __init__(self, window: StageWindow, clock: Clock) -> None:
        super().__init__()
        self._window = window
        self._clock = clock
        self._theme = load_theme()
        self._surface: Surface | None = None
        self._compose: Callable[[Commission], QImage] = compose_code
        self._fields: dict[str, str] = {}
        self._is_closed = False
        window.canvas_changed.connect(self._paint)

    def ask(self, address: str, said: Asking) -> None:
        """Show the code, or why there is none."""
        link = f"{address.rstrip('/')}/pair?code={said.code}"
        is_away = "1" if said.fault else ""
        self._compose = compose_code
        self._fields = {
            "code": said.code,
            "link": link,
            "address": address,
            "is_away": is_away,
            "fault": said.fault,
        }
        self._paint()

    def welcome(self, said: LetIn) -> None:
        """Show what the screen was let in as, and whom it trusts."""
        enrolled = said.enrolled
        self._compose = compose_welcome
        self._fields = {"screen": enrolled.screen, "title": enrolled.title, "fingerprint": said.fingerprint}
        self._paint()

    def close(self) -> None:
        """Take it off."""
        if not self._is_closed:
            self._window.canvas_changed.disconnect(self._paint)
            self._clear()
        self._is_closed = True

    def _paint(self) -> None:
        width, height = self._window.canvas_px
        if min(width, height) < 16 or not self._fields:
            return
        measures = Measures(self._theme, width, height)
        photos = Photos((), lambda media: Path(media.path))
        today = to_datetime(self._clock.now_ms(), UTC).date()
        work = Commission(self._fields, photos, today, self._theme, self._theme.moods["slate"], measures, lambda: True)
        picture = self._compose(work)
        surface = Surface(self._window.canvas, self._window, (width, height))
        surface.setZ(-1)
        surface.backdrop.set_image(picture)
        self._clear()
        self._surface = surface
        self._window.update()

    def _clear(self) -> None:
        surface, self._surface = self._surface, None
        if surface is not None:
            surface.free()

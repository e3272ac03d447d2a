"""Puts window, stage and station together, and runs Qt's event loop: the composition of the player on a screen."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    QSizeF,
    QSocketNotifier,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QGuiApplication

from signage.base.clock import Clock, SystemClock
from signage.base.supervisor import Supervisor
from signage.content.kept import KeptReader, keep_screen, recall_screen
from signage.content.values import MediaFile, Screen
from signage.player.journal import Journal
from signage.player.overdue import Overdue
from signage.player.plan import MakeProgramme
from signage.player.ports import Cue, StoreFeed, TimekeeperPort
from signage.player.recent import RecentFaults
from signage.player.source import StoreSource
from signage.player.station import Station
from signage.schedule.programme import Programme
from signage.stage.afterimage import AfterImage, open_after_image, picture_on_output
from signage.stage.latecomer import LateTimekeeper
from signage.stage.loading import Loader
from signage.stage.memory import map_large_blocks, settle
from signage.stage.options import PlayOptions
from signage.stage.pulse import Pulse
from signage.stage.renderer import Renderer
from signage.stage.snapshots import Snapshots
from signage.stage.sound import Speaker
from signage.stage.stage import Stage
from signage.stage.surface import Layer
from signage.stage.transitions import DURATION_S
from signage.stage.window import StageWindow

if TYPE_CHECKING:
    from signage.player.following import Followed
    from signage.stage.enrolling import Opening
    from signage.stage.reports import Reports

log = logging.getLogger(__name__)

_LATE_MS = 1_500
_SETTLE_MS = 5_000
_AFTER_CHANGE_MS = 100
_BUG = 70
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def run(options: PlayOptions, renderer: Renderer) -> int:
    """Play; give the exit code."""
    map_large_blocks()
    qInstallMessageHandler(_on_qt_message)
    application = QGuiApplication([])
    application.setQuitOnLastWindowClosed(True)
    if options.full_screen:
        application.setOverrideCursor(Qt.CursorShape.BlankCursor)
    playing = _opening(options, renderer) or Playing(options, renderer, SystemClock())
    pulse = Pulse(Supervisor(os.environ), playing.window, playing.status_line, SystemClock())
    bell = _quit_on_signals(application)
    try:
        playing.start()
        pulse.start()
        return application.exec()
    finally:
        pulse.close()
        playing.close()
        bell.setEnabled(False)
        application.restoreOverrideCursor()
        qInstallMessageHandler(None)


class Playing(QObject):
    """One screen being played. Lives on the Qt thread; `close` ends every thread that it started."""

    def __init__(
        self, options: PlayOptions, renderer: Renderer, clock: Clock, window: StageWindow | None = None
    ) -> None:
        """`window` is one that is open already; what it shows stays until the first picture."""
        super().__init__()
        self._options = options
        self._clock = clock
        self._cache_dir = options.state_dir / "cache"
        self._screen = _screen_to_begin_with(options)
        self._window = window or StageWindow(options.full_screen)
        self.on_first_picture: Callable[[], None] | None = None
        self._after_image: AfterImage | None = None
        self._speaker = Speaker(clock.monotonic_s)
        self._renderer = renderer
        self._reports: Reports | None = None
        self._faults = RecentFaults()
        if options.office is not None:
            logging.getLogger().addHandler(self._faults)
        self._followed = _follow(options, clock)
        source, self._locate, make_programme = _feed(options, clock, self._followed)
        self._loader = Loader(self._locate, may_enlarge=renderer.is_software)
        self._stage = Stage(self._window, clock, self._loader)
        self._snapshots = Snapshots(options.snapshots_dir) if options.snapshots_dir else None
        self._once: list[QTimer] = []
        self._timer = QTimer(self)
        self._timer.setObjectName("station")
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._advance)
        self._timekeeper = LateTimekeeper(lambda: _make_timekeeper(clock))
        self._journal = Journal(options.state_dir, clock)
        self._station = Station(
            options.screen,
            stage=self._stage,
            clock=clock,
            source=source,
            journal=self._journal,
            timekeeper=self._timekeeper,
            make_programme=make_programme,
            call_soon=self._loader.call_soon,
            wake=self._wake,
            on_screen=self._set_screen,
            standby=self._screen,
        )
        self._overdue = Overdue(clock)
        self._stage.events = self._station
        self._stage.on_shown = self._on_shown

    @property
    def window(self) -> StageWindow:
        return self._window

    def status_line(self) -> str:
        """Give a line about what is on air, for whoever looks after this machine."""
        main = next((zone for zone in self._station.status().zones if zone.zone == "main"), None)
        item = main.item if main is not None else ""
        return f"{self._screen.name}: {item or 'nothing yet'}"

    def start(self) -> None:
        """Come on screen and begin to play."""
        self._station.start()
        if self._options.full_screen:
            self._after_image = open_after_image()
        if not self._window.isVisible():
            self._show_what_was_left()
            self._window.open()
        self._wake()
        self._later("late", _LATE_MS, self._timekeeper.open)
        self._later("reports", _LATE_MS, self._open_reports)
        self._later("settle", _SETTLE_MS, settle)
        if self._options.for_s is not None:
            self._later("end", round(self._options.for_s * 1000), QGuiApplication.quit)

    def close(self) -> None:
        """Stop, and write out what is still to be written."""
        self._timer.stop()
        for timer in self._once:
            timer.stop()
        if self._reports is not None:
            self._reports.close()
        self._station.close()
        logging.getLogger().removeHandler(self._faults)
        self._stage.close()
        self._loader.close()
        self._speaker.close()
        if self._snapshots is not None:
            self._snapshots.close()
        self._window.close()
        if self._after_image is not None:
            self._after_image.close()

    def _show_what_was_left(self) -> None:
        """Have the window begin with the picture that a player before this one left on the output."""
        if self._after_image is None or not self._after_image.is_left:
            return
        if (picture := picture_on_output()) is not None:
            left = Layer(self._window.contentItem(), self._window)
            left.setZ(-1)
            left.setSize(QSizeF(picture.deviceIndependentSize()))
            left.set_image(picture)
            self.on_first_picture = partial(_take_away, left)

    def _open_reports(self) -> None:
        """Begin to report to the office that let this screen in, if one did; later, because it is much to load."""
        if self._followed is None:
            return
        from signage.stage.reports import open_reports

        self._reports = open_reports(
            self._followed,
            self._options,
            self._journal,
            window=self._window,
            stage=self._stage,
            status=self._station.status,
            call_soon=self._loader.call_soon,
            clock=self._clock,
            renderer=self._renderer,
            faults=self._faults,
        )

    def _later(self, name: str, after_ms: int, call: Callable[[], object]) -> None:
        """Have `call` made once, unless this is closed before."""
        timer = QTimer(self)
        timer.setObjectName(name)
        timer.setSingleShot(True)
        timer.timeout.connect(call)
        timer.start(after_ms)
        self._once.append(timer)

    def _wake(self) -> None:
        self._timer.start(0)

    def _advance(self) -> None:
        """Let the station do what is due. A bug in it ends the player: whatever restarts it shows a good picture."""
        try:
            next_ms = self._station.advance()
            if self._overdue.note(self._station.status().zones):
                raise RuntimeError("nothing has come on screen for minutes, though something should")
        except Exception:
            log.exception("the player has a fault and ends; it is to be started again")
            QGuiApplication.exit(_BUG)
            return
        self._timer.start(max(0, next_ms - self._clock.now_ms()))

    def _set_screen(self, screen: Screen) -> None:
        if screen != self._screen:
            keep_screen(self._cache_dir, screen)
        self._screen = screen
        self._loader.speaker = self._speaker if screen.sound else None
        self._stage.set_screen(screen)

    def _on_shown(self, cue: Cue, _at_ms: int) -> None:
        """Take away what was before the first picture, tell the office, and go on once the change is over."""
        if self.on_first_picture is not None:
            self.on_first_picture()
            self.on_first_picture = None
        if self._reports is not None:
            self._reports.note_shown()
        if self._after_image is None and self._snapshots is None:
            return
        wait_ms = round(DURATION_S[cue.transition] * 1000) + _AFTER_CHANGE_MS
        QTimer.singleShot(wait_ms, self, partial(self._after_change, cue))

    def _after_change(self, cue: Cue) -> None:
        """Keep the picture, now that its transition is over."""
        if self._after_image is not None:
            self._after_image.keep()
        if self._snapshots is not None and self._stage.is_on_screen(cue):
            self._snapshots.save(self._window.grabWindow(), cue, self._clock.now_ms(), self._screen.timezone)


def _take_away(layer: Layer) -> None:
    layer.setVisible(False)
    layer.deleteLater()


def _opening(options: PlayOptions, renderer: Renderer) -> Opening | None:
    """Give what has this screen let in first; None where it knows whom to trust already."""
    if options.office is None:
        return None
    from signage.player.following import must_enrol

    if not must_enrol(options.office, options.state_dir):
        return None
    from signage.stage.enrolling import Opening

    return Opening(options, renderer, SystemClock())


def _follow(options: PlayOptions, clock: Clock) -> Followed | None:
    if options.office is None:
        return None
    from signage.player.following import follow

    return follow(options.office, options.screen, options.state_dir, clock)


def _feed(
    options: PlayOptions, clock: Clock, followed: Followed | None
) -> tuple[StoreFeed, Callable[[MediaFile], Path], MakeProgramme]:
    """Give where stores come from, where their files lie and what makes their programmes: an office or a folder."""
    if followed is None:
        reader = KeptReader(options.store, options.state_dir / "cache", clock)
        media = options.store / "media"
        return StoreSource(options.store, reader, clock), lambda file: media / file.path, Programme
    return followed.source, followed.locate, followed.make_programme


def _screen_to_begin_with(options: PlayOptions) -> Screen:
    """Give the screen as it was last; a new one by the title that the office gave it: residents see it on the slate."""
    screen = recall_screen(options.state_dir / "cache", options.screen)
    if options.office is None or screen.title:
        return screen
    from signage.player.enrolled import EnrolmentFolder

    enrolled = EnrolmentFolder(options.state_dir).enrolled()
    return replace(screen, title=enrolled.title) if enrolled and enrolled.screen == screen.name else screen


def _make_timekeeper(clock: Clock) -> TimekeeperPort:
    from signage.player.timekeeper import Timekeeper

    return Timekeeper(clock)


def _quit_on_signals(application: QGuiApplication) -> QSocketNotifier:
    """End the loop on SIGINT and SIGTERM. Python runs its handlers only between its own steps, and none may come for
    minutes while nothing moves: the byte that it writes at once wakes Qt. Keep what is given back."""
    near, far = socket.socketpair()
    near.setblocking(False)
    far.setblocking(False)
    signal.set_wakeup_fd(far.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    bell = QSocketNotifier(near.fileno(), QSocketNotifier.Type.Read, application)
    bell.setProperty("sockets", (near, far))
    bell.activated.connect(application.quit)
    return bell


def _on_qt_message(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    logging.getLogger("qt").log(_LEVELS.get(kind, logging.WARNING), "%s", message)

"""The one window: it covers an output (or is a plain window, for development) with the canvas and black around it."""

from __future__ import annotations

import logging

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QScreen
from PySide6.QtQuick import QQuickItem, QQuickWindow

from signage.content.values import Screen
from signage.stage.fitting import Size, canvas_on_output, canvas_size

log = logging.getLogger(__name__)

_WINDOW_SHARE = 0.6
_DESKTOP_SHARE = 0.9
"""Of the desktop's room, where the canvas is larger than it."""


class StageWindow(QQuickWindow):
    """A black window with the canvas in its place: sized, put somewhere and turned as the screen says.

    One pixel of the canvas is one pixel of the output, whatever scale factor the system has; only in a plain window a
    canvas that is larger than the desktop is shown smaller, so that all of it is seen. `canvas_changed` tells
    that the canvas has another size than before (an output came, went, or changed its mode).
    """

    canvas_changed = Signal()

    def __init__(self, is_full_screen: bool) -> None:
        super().__init__()
        self._is_full_screen = is_full_screen
        self._screen_values = Screen()
        self._is_shown_small = False
        self._last_canvas: Size = (0, 0)
        self._told: tuple[Size, Size] | None = None
        self.setTitle("signage")
        self.setColor(QColor(Qt.GlobalColor.black))
        if is_full_screen:
            self.setFlags(Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
            self.setCursor(Qt.CursorShape.BlankCursor)
        self._turned = QQuickItem(self.contentItem())
        self.canvas = QQuickItem(self._turned)
        self.canvas.setClip(True)
        self.canvas.setTransformOrigin(QQuickItem.TransformOrigin.TopLeft)
        self._turned.setTransformOrigin(QQuickItem.TransformOrigin.TopLeft)
        self.widthChanged.connect(self._lay_out)
        self.heightChanged.connect(self._lay_out)

    def set_screen(self, screen: Screen) -> None:
        """Lay the canvas out as this screen says; a plain window takes its size, where there is room."""
        is_other_size = (screen.size_px, screen.rotate) != (self._screen_values.size_px, self._screen_values.rotate)
        self._screen_values = screen
        if is_other_size and self._is_shown_small and screen.size_px:
            self.resize(self._window_size(self.screen().availableGeometry()))
        self._lay_out()
        self._tell_if_cut_off()

    @property
    def canvas_px(self) -> Size:
        """Give the size of the canvas as its viewers see it."""
        return canvas_size(self._screen_values, self._output_px())

    def open(self) -> None:
        """Come on screen, and from then on follow the outputs as they come and go."""
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.primaryScreenChanged.connect(self._follow)
        application.screenAdded.connect(self._follow)
        application.screenRemoved.connect(self._follow)
        self._follow()

    def _follow(self, _output: QScreen | None = None) -> None:
        """Cover the primary output, as it is now."""
        output = QGuiApplication.primaryScreen()
        if output is None:
            log.warning("no output is connected; waiting for one")
            return
        output.geometryChanged.connect(self._cover, Qt.ConnectionType.UniqueConnection)
        self.setScreen(output)
        self._cover()

    def _cover(self) -> None:
        output = self.screen()
        if self._is_full_screen:
            self.setGeometry(output.geometry())
            self.showFullScreen()
            self._tell_if_cut_off()
        else:
            self._is_shown_small = True
            self.resize(self._window_size(output.availableGeometry()))
            self.show()

    def _tell_if_cut_off(self) -> None:
        """Warn, once for each, of an output that is too small for the canvas: one pixel stays one pixel."""
        values = self._screen_values
        if not (self._is_full_screen and self.isVisible() and values.size_px):
            return
        ratio, on_desk = self.effectiveDevicePixelRatio(), self.screen().geometry()
        output = round(on_desk.width() * ratio), round(on_desk.height() * ratio)
        place, wanted = values.position_px, canvas_on_output(values, output)
        need = place[0] + wanted[0], place[1] + wanted[1]
        if (need[0] > output[0] or need[1] > output[1]) and (need, output) != self._told:
            self._told = need, output
            log.warning(
                "screen '%s' needs %dx%d pixels and this output has %dx%d: its edge is cut off; "
                "change size, position or rotate in playlists/screens.yaml, or the output's mode",
                values.name,
                *need,
                *output,
            )

    def _window_size(self, available: QRect) -> QSize:
        """Give a window of the canvas's size, smaller where there is no room; without one a part of the desktop."""
        values = self._screen_values
        if values.size_px:
            across, down = canvas_on_output(values, values.size_px)
            room = available.width() / across, available.height() / down
            part = 1.0 if min(room) >= 1 else min(room) * _DESKTOP_SHARE
            return QSize(max(1, int(across * part)), max(1, int(down * part)))
        return QSize(int(available.width() * _WINDOW_SHARE), int(available.height() * _WINDOW_SHARE))

    def _output_px(self) -> Size:
        ratio = self.effectiveDevicePixelRatio()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def _lay_out(self) -> None:
        """Put the canvas in its place: turned within the part of the output that it takes."""
        screen, output = self._screen_values, self._output_px()
        across, down = canvas_on_output(screen, output)
        width, height = canvas_size(screen, output)
        left, top = screen.position_px
        fit = min(1.0, output[0] / (left + across), output[1] / (top + down)) if self._is_shown_small else 1.0
        self._turned.setScale(fit / self.effectiveDevicePixelRatio())
        corner = {0: (0, 0), 90: (across, 0), 180: (across, down), 270: (0, down)}[screen.rotate]
        self.canvas.setX(left + corner[0])
        self.canvas.setY(top + corner[1])
        self.canvas.setRotation(screen.rotate)
        self.canvas.setWidth(width)
        self.canvas.setHeight(height)
        if (width, height) != self._last_canvas:
            self._last_canvas = (width, height)
            self.canvas_changed.emit()

"""The clock of a layout for QML: the Clock and a timezone come in, placed words that change by the minute go out."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from PySide6.QtCore import Property, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFont, QFontMetricsF

from signage.base.clock import Clock
from signage.stage.clockface import ClockFace, Placed, face_at, place_bar, place_block

_SECOND_MS = 1000


class FontMeasure:
    """Measures words in the clock's own font."""

    def __init__(self, family: str) -> None:
        self._family = family

    def __call__(self, text: str, size_px: int, is_bold: bool) -> float:
        font = QFont(self._family)
        font.setPixelSize(size_px)
        font.setBold(is_bold)
        return QFontMetricsF(font).horizontalAdvance(text)


class LayoutClock(QObject):
    """Time, date, weekday, lunar date and festival in a screen's timezone. Lives on the GUI thread.

    It looks at the Clock at each full second (so a clock that is set is followed within one) and tells QML only
    when a word changed.
    """

    changed = Signal()

    def __init__(
        self,
        clock: Clock,
        zone: tzinfo,
        title: str,
        size_px: tuple[int, int],
        is_block: bool,
        family: str,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._zone = zone
        self._title = title
        self._size_px = size_px
        self._is_block = is_block
        self._measure = FontMeasure(family)
        self._face = self._read(clock.now_ms())
        self._words = self._place()
        self._timer = QTimer(self)
        self._timer.setObjectName("layout clock")
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.look)
        self.look()

    def stop(self) -> None:
        """Stand still from now on."""
        self._timer.stop()

    @property
    def face(self) -> ClockFace:
        return self._face

    @property
    def wait_ms(self) -> int:
        """Give how long it waits until its next look at the Clock, in milliseconds."""
        return self._timer.interval()

    @Slot()
    def look(self) -> None:
        """Read the Clock, tell of what changed, and wait for the next full second."""
        now_ms = self._clock.now_ms()
        self._timer.start(_SECOND_MS - now_ms % _SECOND_MS)
        face = self._read(now_ms)
        if face != self._face:
            self._face = face
            self._words = self._place()
            self.changed.emit()

    def _read(self, now_ms: int) -> ClockFace:
        return face_at(now_ms, self._zone)

    def _place(self) -> tuple[Placed, ...]:
        if self._is_block:
            return place_block(self._face, self._size_px, self._measure)
        return place_bar(self._face, self._title, self._size_px, self._measure)

    def _words_for_qml(self) -> list[dict[str, Any]]:
        return [
            {
                "role": word.role.value,
                "text": word.text,
                "x": word.x,
                "baseline": word.baseline,
                "sizePx": word.size_px,
                "isBold": word.is_bold,
            }
            for word in self._words
        ]

    clockText = Property(str, lambda self: self._face.time, notify=changed)
    dateText = Property(str, lambda self: self._face.date, notify=changed)
    weekdayText = Property(str, lambda self: self._face.weekday, notify=changed)
    lunarText = Property(str, lambda self: self._face.lunar, notify=changed)
    festivalText = Property(str, lambda self: self._face.festival, notify=changed)
    words = Property(list, _words_for_qml, notify=changed)

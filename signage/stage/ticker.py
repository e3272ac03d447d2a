"""The scrolling line at the bottom of a canvas: texts and an instant come in, moving pictures of text go out to QML."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    Property,
    QAbstractListModel,
    QByteArray,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPolygonF, QTextLayout, QTextOption
from PySide6.QtQuick import QQuickImageProvider

from signage.base.clock import Clock
from signage.stage.tape import Pacer, Piece, Tape, make_tape, speed_of, tidy, travelled_px

FADE_MS = 500
"""How long a text that is replaced takes to leave; its successor enters from the edge meanwhile."""

TEXT_SHARE = 0.56
"""The character size as a part of the strip's height."""

BOLD_FROM_PX = 28
"""From this size on strokes are bold, to carry further; below it bold Chinese characters fill up."""

_AHEAD_SHARE = 0.25
_INK_OVERHANG = 0.12
_MAX_PIECE_PX = 16_000

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class TickerStyle:
    """How the line looks: font families in order of preference, colours, and the strip it runs in, in pixels."""

    families: tuple[str, ...]
    text: QColor
    accent: QColor
    strip_px: tuple[int, int]

    @property
    def size_px(self) -> int:
        return max(8, round(self.strip_px[1] * TEXT_SHARE))

    @property
    def overhang_px(self) -> int:
        """How far ink may stand out of a piece at either side."""
        return math.ceil(self.size_px * _INK_OVERHANG)

    def font(self) -> QFont:
        """Give the font, the same whatever the desktop says of hinting."""
        font = QFont(list(self.families))
        font.setPixelSize(self.size_px)
        font.setBold(self.size_px >= BOLD_FROM_PX)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        font.setStyleStrategy(QFont.StyleStrategy.NoSubpixelAntialias)
        return font

    def measure(self, text: str, is_rtl: bool) -> int:
        """Give the width of a piece, rounded up to whole pixels."""
        return max(1, min(_MAX_PIECE_PX, math.ceil(_shaped(text, self.font(), is_rtl)[1])))

    def draw(self, piece: Piece) -> QImage:
        """Give the piece as a picture of the strip's height, wider than the piece by the overhang at both sides."""
        width, height = piece.width + 2 * self.overhang_px, self.strip_px[1]
        image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if piece.text:
            self._draw_text(painter, piece)
        else:
            self._draw_motif(painter, width / 2, height / 2)
        painter.end()
        return image

    def _draw_text(self, painter: QPainter, piece: Piece) -> None:
        layout, _ = _shaped(piece.text, self.font(), piece.is_rtl)
        baseline = self.strip_px[1] / 2 + self.size_px * 0.36
        painter.setPen(self.text)
        layout.draw(painter, QPointF(self.overhang_px, round(baseline) - layout.lineAt(0).ascent()))

    def _draw_motif(self, painter: QPainter, x: float, y: float) -> None:
        """A rhombus with a small one at each side, as in the bands of local weaving."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.accent)
        for offset, half in ((-0.42, 0.09), (0.0, 0.2), (0.42, 0.09)):
            centre, reach = x + offset * self.size_px, half * self.size_px
            corners = [(centre - reach, y), (centre, y - reach), (centre + reach, y), (centre, y + reach)]
            painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))


def _shaped(text: str, font: QFont, is_rtl: bool) -> tuple[QTextLayout, float]:
    """Give the text as one line that never breaks, and its width with the spaces at its ends."""
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    option.setFlags(QTextOption.Flag.IncludeTrailingSpaces)
    option.setTextDirection(Qt.LayoutDirection.RightToLeft if is_rtl else Qt.LayoutDirection.LeftToRight)
    option.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
    layout = QTextLayout(text, font)
    layout.setTextOption(option)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(_MAX_PIECE_PX)
    layout.endLayout()
    return layout, line.horizontalAdvance()


class TickerPictures(QQuickImageProvider):
    """Hands the pictures of pieces to QML's Image, drawn on the GUI thread at the moment they are asked for."""

    NAME = "ticker"

    def __init__(self, style: TickerStyle) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)
        self._style = style
        self._tapes: dict[int, Tape] = {}

    def add(self, number: int, tape: Tape) -> None:
        self._tapes[number] = tape

    def remove(self, number: int) -> None:
        self._tapes.pop(number, None)

    def requestImage(self, id: str, size: QSize, requestedSize: QSize) -> QImage:  # noqa: ARG002
        number, _, index = id.partition("/")
        tape = self._tapes.get(int(number))
        return self._style.draw(tape.pieces[int(index)]) if tape else QImage(1, 1, QImage.Format.Format_ARGB32)


@dataclass(slots=True)
class _Shown:
    """One piece in view: its lap and index on the tape, and its x in the row."""

    key: tuple[int, int]
    x: int
    width: int
    source: str


class PieceModel(QAbstractListModel):
    """The pieces in view or about to be, for a Repeater. Roles: pieceX, pieceWidth, source."""

    _ROLES = {
        Qt.ItemDataRole.UserRole: QByteArray(b"pieceX"),
        Qt.ItemDataRole.UserRole + 1: QByteArray(b"pieceWidth"),
        Qt.ItemDataRole.UserRole + 2: QByteArray(b"source"),
    }

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._shown: list[_Shown] = []

    @property
    def keys(self) -> list[tuple[int, int]]:
        return [shown.key for shown in self._shown]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._shown)

    def roleNames(self) -> dict[int, QByteArray]:
        return {int(role): name for role, name in self._ROLES.items()}

    def data(self, index: _Index, role: int = 0) -> Any:
        shown = self._shown[index.row()]
        return (shown.x, shown.width, shown.source)[role - Qt.ItemDataRole.UserRole]

    def replace(self, wanted: Sequence[_Shown]) -> None:
        """Show exactly these: pieces that stay keep their picture, those gone are freed."""
        keys = {shown.key for shown in wanted}
        for row in range(len(self._shown) - 1, -1, -1):
            if self._shown[row].key not in keys:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._shown[row]
                self.endRemoveRows()
        for row, shown in enumerate(wanted):
            if row < len(self._shown) and self._shown[row].key == shown.key:
                self._shown[row] = shown
            else:
                self.beginInsertRows(QModelIndex(), row, row)
                self._shown.insert(row, shown)
                self.endInsertRows()
        if self._shown:
            self.dataChanged.emit(self.index(0), self.index(len(self._shown) - 1))


class TickerRow(QObject):
    """One row of text in motion; QML binds to `offset` (px), `strength` (0 to 1) and `pieces`."""

    moved = Signal()
    faded = Signal()

    def __init__(self, pictures: TickerPictures, style: TickerStyle, parent: QObject) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._style = style
        self._model = PieceModel(self)
        self._tape: Tape | None = None
        self._number = 0
        self._origin_ms = 0
        self._anchor_px = 0
        self._offset_px = 0
        self._strength = 0.0
        self._leaves_ms: float | None = None

    @property
    def is_active(self) -> bool:
        return self._tape is not None

    def start(self, number: int, tape: Tape, origin_ms: int) -> None:
        """Take this tape; what was in the row is gone."""
        self.stop()
        self._tape, self._number, self._origin_ms = tape, number, origin_ms
        self._pictures.add(number, tape)
        self._set_strength(1.0)

    def leave(self, now_ms: float) -> None:
        """Fade out from now on, still moving."""
        if self._leaves_ms is None:
            self._leaves_ms = now_ms

    def stop(self) -> None:
        """Be empty."""
        self._tape = None
        self._leaves_ms = None
        self._model.replace(())
        self._pictures.remove(self._number)
        self._set_strength(0.0)

    def step(self, now_ms: float) -> None:
        """Stand where the clock says."""
        if self._tape is None:
            return
        if self._leaves_ms is not None:
            left = 1 - max(0.0, now_ms - self._leaves_ms) / FADE_MS
            if left <= 0:
                self.stop()
                return
            self._set_strength(min(1.0, left))
        self._place(self._tape, travelled_px(now_ms, self._origin_ms, speed_of(self._style.size_px)))

    def _place(self, tape: Tape, travelled: int) -> None:
        """Move the row; when a piece comes or goes, measure all of them anew from here (so numbers stay small)."""
        ahead = round(self._style.strip_px[0] * _AHEAD_SHARE)
        found = list(tape.visible(travelled, ahead))
        if [(lap, index) for lap, index, _ in found] != self._model.keys:
            self._anchor_px = travelled
            self._model.replace([self._shown(tape, *place) for place in found])
        offset = travelled - self._anchor_px
        self._offset_px = offset if tape.runs_right else -offset
        self.moved.emit()

    def _shown(self, tape: Tape, lap: int, index: int, x: int) -> _Shown:
        overhang = self._style.overhang_px
        width = tape.pieces[index].width + 2 * overhang
        return _Shown((lap, index), x - overhang, width, f"image://{TickerPictures.NAME}/{self._number}/{index}")

    def _set_strength(self, strength: float) -> None:
        if strength != self._strength:
            self._strength = strength
            self.faded.emit()

    offset = Property(int, lambda self: self._offset_px, notify=moved)
    strength = Property(float, lambda self: self._strength, notify=faded)
    pieces = Property(QObject, lambda self: self._model, constant=True)


class Ticker(QObject):
    """The line as QML sees it: two rows, so that one can leave while the next enters. Lives on the GUI thread."""

    movingChanged = Signal()

    def __init__(self, clock: Clock, style: TickerStyle, pictures: TickerPictures, parent: QObject) -> None:
        super().__init__(parent)
        self._clock = clock
        self._style = style
        self._pacer = Pacer()
        self._row_a = TickerRow(pictures, style, self)
        self._row_b = TickerRow(pictures, style, self)
        self._rows = [self._row_a, self._row_b]
        self._lines: tuple[str, ...] = ()
        self._number = 0
        self._is_moving = False

    def show(self, texts: Sequence[str], origin_ms: int) -> None:
        """Run these texts, their beginning at the edge at `origin_ms`; equal texts run on undisturbed.

        Texts that ran before fade out while the new ones enter. No text at all empties the line.
        """
        lines = tidy(texts)
        if lines == self._lines:
            return
        self._lines = lines
        self._rows[0].leave(self._clock.now_ms())
        self._rows.reverse()
        self._rows[0].stop()
        tape = make_tape(lines, self._style.size_px, self._style.strip_px[0], self._style.measure)
        if tape is not None:
            self._number += 1
            self._rows[0].start(self._number, tape, origin_ms)
        self._set_moving()
        self.step()

    def clear(self) -> None:
        """Fade out what runs."""
        self.show((), 0)

    def stop(self) -> None:
        """Be empty at once."""
        self._lines = ()
        for row in self._rows:
            row.stop()
        self._set_moving()

    @Slot()
    def step(self) -> None:
        """Draw the next frame: QML calls this once for each while `moving`."""
        now_ms = self._pacer.step(self._clock.now_ms())
        for row in self._rows:
            row.step(now_ms)
        self._set_moving()

    def _set_moving(self) -> None:
        is_moving = any(row.is_active for row in self._rows)
        if is_moving != self._is_moving:
            self._is_moving = is_moving
            self._pacer.forget()
            self.movingChanged.emit()

    moving = Property(bool, lambda self: self._is_moving, notify=movingChanged)
    rowA = Property(QObject, lambda self: self._row_a, constant=True)
    rowB = Property(QObject, lambda self: self._row_b, constant=True)

"""How the scrolling line is drawn: pieces of its row come in, pictures of them go out."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPolygonF, QTextLayout, QTextOption
from PySide6.QtQuick import QQuickImageProvider

from signage.stage.tape import Piece, Tape

TEXT_SHARE = 0.56
"""The character size as a part of the strip's height."""

BOLD_FROM_PX = 28
"""From this size on strokes are bold, to carry further; below it bold Chinese characters fill up."""

_INK_OVERHANG = 0.12
_MAX_PIECE_PX = 16_000


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
    """Hands the pictures of pieces to QML's Image, drawn on the GUI thread at the moment they are asked for.

    An engine knows it by `name`, which no other in that engine may have.
    """

    def __init__(self, style: TickerStyle, name: str) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)
        self.name = name
        self._style = style
        self._tapes: dict[int, Tape] = {}

    def add(self, number: int, tape: Tape) -> None:
        self._tapes[number] = tape

    def remove(self, number: int) -> None:
        self._tapes.pop(number, None)

    def address(self, number: int, index: int) -> str:
        """Give the address of a piece's picture for QML."""
        return f"image://{self.name}/{number}/{index}"

    def requestImage(self, id: str, size: QSize, requestedSize: QSize) -> QImage:  # noqa: ARG002
        number, _, index = id.partition("/")
        tape = self._tapes.get(int(number))
        return self._style.draw(tape.pieces[int(index)]) if tape else QImage(1, 1, QImage.Format.Format_ARGB32)

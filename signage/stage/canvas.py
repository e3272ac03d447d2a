"""Fills, pictures, shapes and set text go in; out comes one flat picture, painted in short steps on any thread.

PySide holds Python's lock during a painter's call, so one long call on a worker thread would freeze the window's
thread as well: large areas are painted in bands and text a few glyphs at a time (deploy/decisions/cards.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QGlyphRun, QImage, QLinearGradient, QPainter, QPainterPath, QPen, QPolygonF

from signage.stage.typeset import Block, Line

BAND_PX = 400_000
"""The most pixels that one call fills."""
HANGING_MARKS = frozenset("，。、；：！？")
GLYPH_PX = 60_000
"""The most square pixels of glyph boxes that one call draws."""


class Align(Enum):
    """Where lines stand in a box that is wider: START is left, or right for right-to-left text."""

    START = 0
    CENTRE = 1
    END = 2


def colour(name: str, opacity: float = 1.0) -> QColor:
    """Give the colour `#RRGGBB` at the opacity 0 to 1."""
    made = QColor(name)
    made.setAlphaF(opacity)
    return made


class Canvas:
    """One picture being painted, on one thread. It begins undefined: paint the whole of it, then `finish` gives it."""

    def __init__(self, size: QSize) -> None:
        self._image = QImage(size, QImage.Format.Format_RGB32)
        self._painter = QPainter(self._image)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        self.rect = QRectF(0, 0, size.width(), size.height())

    def finish(self) -> QImage:
        self._painter.end()
        return self._image

    def abandon(self) -> None:
        """End the painting of a picture that is not wanted."""
        if self._painter.isActive():
            self._painter.end()

    def fill(self, box: QRectF, brush: QBrush | QColor) -> None:
        """Fill an upright box; edges are not softened, so give whole pixels."""
        brush = QBrush(brush)
        for band in _bands(box):
            self._painter.fillRect(band, brush)

    def gradient(self, box: QRectF, stops: Sequence[tuple[float, QColor]], *, is_across: bool = False) -> None:
        """Fill a box from its top to its bottom, or from left to right."""
        blend = QLinearGradient(box.topLeft(), box.topRight() if is_across else box.bottomLeft())
        for place, stop in stops:
            blend.setColorAt(place, stop)
        self.fill(box, QBrush(blend))

    def tile(self, box: QRectF, picture: QImage, opacity: float = 1.0, origin_x: float | None = None) -> None:
        """Fill a box with copies of a picture, one of them beginning at `origin_x` (the left edge) and the top."""
        brush = QBrush(picture)
        self._painter.save()
        self._painter.setOpacity(opacity)
        self._painter.setBrushOrigin(QPointF(round(box.left() if origin_x is None else origin_x), box.top()))
        self.fill(box, brush)
        self._painter.restore()

    def picture(self, box: QRectF, picture: QImage, corner: float = 0.0) -> None:
        """Lay a picture of the box's own size, with round corners of `corner` px."""
        self._painter.save()
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrushOrigin(box.topLeft())
        brush = QBrush(picture)
        if corner <= 0:
            self.fill(box, brush)
        else:
            self._painter.setBrush(brush)
            for band in _bands(box):
                self._painter.setClipRect(band)
                self._painter.drawRoundedRect(box, corner, corner)
        self._painter.restore()

    def round_box(
        self, box: QRectF, corner: float, fill: QColor | None = None, line: QColor | None = None, line_px: float = 1.0
    ) -> None:
        """Draw a box with round corners, filled or outlined or both."""
        self._painter.setBrush(QBrush(fill) if fill else Qt.BrushStyle.NoBrush)
        self._painter.setPen(QPen(line, line_px) if line else Qt.PenStyle.NoPen)
        half = line_px / 2 if line else 0.0
        self._painter.drawRoundedRect(box.adjusted(half, half, -half, -half), corner, corner)

    def polygon(self, points: Iterable[tuple[float, float]], fill: QColor) -> None:
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QBrush(fill))
        self._painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))

    def path(
        self, path: QPainterPath, fill: QColor | None = None, line: QColor | None = None, line_px: float = 1.0
    ) -> None:
        """Draw one small shape."""
        self._painter.setBrush(QBrush(fill) if fill else Qt.BrushStyle.NoBrush)
        pen = QPen(line, line_px) if line else QPen(Qt.PenStyle.NoPen)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._painter.setPen(pen)
        self._painter.drawPath(path)

    @contextmanager
    def moved(self, x: float, y: float, degrees: float = 0.0, factor: float = 1.0) -> Iterator[None]:
        """Draw what follows around the origin (x, y), turned clockwise and enlarged."""
        self._painter.save()
        self._painter.translate(x, y)
        self._painter.rotate(degrees)
        self._painter.scale(factor, factor)
        try:
            yield
        finally:
            self._painter.restore()

    def text(self, block: Block, box: QRectF, ink: QColor, align: Align = Align.START) -> None:
        """Draw a block from the box's top; lines are aligned between its sides."""
        for line in block.lines:
            spare = box.width() - line.width
            if align is Align.CENTRE:
                x = box.left() + min(spare, (spare + _hanging(line)) / 2)
            elif (align is Align.END) != line.is_rtl:
                x = box.left() + spare - line.x
            else:
                x = box.left() + line.x
            self.line(line, x, box.top() + line.baseline, ink)

    def line(self, line: Line, x: float, baseline: float, ink: QColor) -> None:
        """Draw one line with its left end at `x`."""
        self._painter.setPen(ink)
        most = max(1, GLYPH_PX // max(1, line.size_px * line.size_px))
        for run in line.layout.glyphRuns():
            for part in _parts(run, most):
                self._painter.drawGlyphRun(QPointF(x, baseline), part)


def _hanging(line: Line) -> float:
    """Give the px of a full-width mark at the line's end, which the eye does not count when a line is centred."""
    return float(line.size_px) if line.text[-1:] in HANGING_MARKS else 0.0


def _bands(box: QRectF) -> Iterator[QRectF]:
    step = max(1, int(BAND_PX / max(1.0, box.width())))
    top = box.top()
    while top < box.bottom():
        yield QRectF(box.left(), top, box.width(), min(step, box.bottom() - top))
        top += step


def _parts(run: QGlyphRun, most: int) -> Iterator[QGlyphRun]:
    glyphs, places = run.glyphIndexes(), run.positions()
    if len(glyphs) <= most:
        yield run
        return
    font = run.rawFont()
    for start in range(0, len(glyphs), most):
        part = QGlyphRun()
        part.setRawFont(font)
        part.setGlyphIndexes(glyphs[start : start + most])
        part.setPositions(places[start : start + most])
        yield part

"""A pattern's name, colours and a cell size go in; out come small pictures to tile bands and grounds with.

All are drawn here from numbers: woven bands as stitches on a grid, as a loom makes them, and four grounds
(pomegranate, brocade, cloud, lattice). A stitch is a whole number of pixels, so that an LED wall shows it sharp.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen

BAND_STITCHES = 13
"""The height of a woven band in stitches."""
RHOMBUS_STITCHES = 39

_EIGHT_POINT = (
    "1.......1",
    ".2.....2.",
    "..2.1.2..",
    "...212...",
    "..11311..",
    "...212...",
    "..2.1.2..",
    ".2.....2.",
    "1.......1",
)
_RHOMBUS = (
    "....1....",
    "...121...",
    "..12.21..",
    ".12.3.21.",
    "12.333.21",
    ".12.3.21.",
    "..12.21..",
    "...121...",
    "....1....",
)


def woven_band(stitch_px: int, ground: str, accent: str, soft: str, pale: str) -> QImage:
    """Give one repeat of a woven band, BAND_STITCHES stitches high: a rhombus and a star between two borders."""
    wide = 24
    inks: Mapping[str, str] = {"1": accent, "2": soft, "3": pale}
    cells: dict[tuple[int, int], str] = {}
    for x in range(wide):
        cells[x, 0] = cells[x, BAND_STITCHES - 1] = accent
        if x % 2:
            cells[x, 1] = cells[x, BAND_STITCHES - 2] = soft
    for left, figure in ((0, _RHOMBUS), (12, _EIGHT_POINT)):
        for y, row in enumerate(figure):
            for x, stitch in enumerate(row):
                if stitch != ".":
                    cells[left + x, 2 + y] = inks[stitch]
    for left in (10, 22):
        for y in (4, 6, 8):
            cells[left, y] = soft
    return _stitched(wide, BAND_STITCHES, stitch_px, cells, ground)


def _stitched(wide: int, high: int, stitch_px: int, cells: Mapping[tuple[int, int], str], ground: str) -> QImage:
    image = QImage(QSize(wide * stitch_px, high * stitch_px), QImage.Format.Format_RGB32)
    image.fill(QColor(ground))
    painter = QPainter(image)
    for (x, y), ink in cells.items():
        painter.fillRect(x * stitch_px, y * stitch_px, stitch_px, stitch_px, QColor(ink))
    painter.end()
    return image


def rhombus(stitch_px: int, ink: QColor) -> QImage:
    """Give one large rhombus of nested rings and a star, in stitches on transparency."""
    side, half = RHOMBUS_STITCHES, RHOMBUS_STITCHES // 2
    image, painter = _blank(side * stitch_px, side * stitch_px)
    for x in range(-half, half + 1):
        for y in range(-half, half + 1):
            reach = abs(x) + abs(y)
            is_star = reach <= 9 and (x == 0 or y == 0 or abs(x) == abs(y)) and reach != 8
            is_tooth = reach == 15 and (x + half) % 2 == 0
            if reach in (half, half - 1, 13, 12) or is_star or is_tooth:
                painter.fillRect((x + half) * stitch_px, (y + half) * stitch_px, stitch_px, stitch_px, ink)
    painter.end()
    return image


def ground_tile(pattern: str, unit_px: int, ink: QColor) -> QImage:
    """Give one repeat of a ground pattern in one colour on transparency; `unit_px` is the size of its figure."""
    draw = _GROUNDS[pattern]
    return draw(max(12, unit_px), ink)


def _blank(width: int, height: int) -> tuple[QImage, QPainter]:
    image = QImage(QSize(width, height), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return image, painter


def _repeat(painter: QPainter, width: int, height: int, draw: Callable[[], None]) -> None:
    """Draw a figure at the tile's middle and, a half drop apart, at its corners."""
    for x, y in ((0.5, 0.5), (0, 0), (1, 0), (0, 1), (1, 1)):
        painter.save()
        painter.translate(width * x, height * y)
        draw()
        painter.restore()


def pomegranate(painter: QPainter, size: float, ink: QColor, line_px: float) -> None:
    """Draw a pomegranate around the origin, `size` px wide: fruit, crown, and an opening that shows its seeds."""
    radius = size / 2
    painter.setPen(QPen(ink, line_px, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    crown = QPainterPath(QPointF(-0.22 * radius, -0.93 * radius))
    for x, y in ((-0.36, -1.36), (-0.14, -1.16), (0.0, -1.44), (0.14, -1.16), (0.36, -1.36), (0.22, -0.93)):
        crown.lineTo(QPointF(x * radius, y * radius))
    fruit = QPainterPath(QPointF(-0.22 * radius, -0.93 * radius))
    fruit.cubicTo(-1.15 * radius, -0.85 * radius, -1.3 * radius, 0.75 * radius, 0, radius)
    fruit.cubicTo(1.3 * radius, 0.75 * radius, 1.15 * radius, -0.85 * radius, 0.22 * radius, -0.93 * radius)
    painter.drawPath(crown)
    painter.drawPath(fruit)
    opening = QPainterPath(QPointF(0, -0.62 * radius))
    opening.cubicTo(0.78 * radius, -0.35 * radius, 0.7 * radius, 0.55 * radius, 0, 0.72 * radius)
    opening.cubicTo(-0.7 * radius, 0.55 * radius, -0.78 * radius, -0.35 * radius, 0, -0.62 * radius)
    painter.drawPath(opening)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(ink))
    seed = 0.115 * radius
    for row, count in ((-0.36, 2), (-0.12, 3), (0.12, 4), (0.36, 3), (0.57, 2)):
        for place in range(count):
            x = (place - (count - 1) / 2) * 0.25 * radius
            painter.drawEllipse(QPointF(x, row * radius), seed * 0.8, seed)


def _pomegranate_tile(unit: int, ink: QColor) -> QImage:
    width, height = unit * 2, round(unit * 2.3)
    image, painter = _blank(width, height)
    _repeat(painter, width, height, lambda: pomegranate(painter, unit * 0.82, ink, max(1.0, unit / 34)))
    painter.end()
    return image


def _brocade_tile(unit: int, ink: QColor) -> QImage:
    stitch = max(1, unit // 12)
    side = 24
    image, painter = _blank(side * stitch, side * stitch)
    for x in range(side):
        for y in range(side):
            reach = abs(x - 12) + abs(y - 12)
            if reach == 12 or reach in (8, 9) or (reach <= 4 and reach % 2 == 0):
                painter.fillRect(x * stitch, y * stitch, stitch, stitch, ink)
    painter.end()
    return image


def _cloud_tile(unit: int, ink: QColor) -> QImage:
    width, height = unit * 2, unit
    image, painter = _blank(width, height)
    pen = QPen(ink, max(1.0, unit / 26), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    painter.setBrush(Qt.BrushStyle.NoBrush)

    def scale() -> None:
        for part in (0.94, 0.66, 0.38):
            radius = unit * 0.5 * part * 2
            painter.drawArc(QRectF(-radius, -radius, 2 * radius, 2 * radius), 0, 180 * 16)

    painter.setPen(pen)
    for x, y in ((0.0, 0.5), (1.0, 0.5), (0.5, 1.0), (0.0, 1.5), (1.0, 1.5), (0.5, 2.0)):
        painter.save()
        painter.translate(width * x, height * y)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
        painter.setBrush(QBrush(ink))
        painter.drawEllipse(QPointF(0, 0), unit * 1.0, unit * 1.0)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        scale()
        painter.restore()
    painter.end()
    return image


def _lattice_tile(unit: int, ink: QColor) -> QImage:
    image, painter = _blank(unit, unit)
    painter.setPen(QPen(ink, max(1.0, unit / 30), Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
    half, third = unit / 2, unit * 0.28
    for turn in range(4):
        painter.save()
        painter.translate(half, half)
        painter.rotate(90 * turn)
        painter.drawLine(QPointF(-third, -third), QPointF(third, -third))
        painter.drawLine(QPointF(0, -half), QPointF(0, -third))
        painter.drawLine(QPointF(-half, -half), QPointF(-third * 0.45, -third * 0.45))
        painter.drawLine(QPointF(-third * 0.45, -third * 0.45), QPointF(third * 0.45, -third * 0.45))
        painter.restore()
    painter.end()
    return image


_GROUNDS: Mapping[str, Callable[[int, QColor], QImage]] = {
    "pomegranate": _pomegranate_tile,
    "brocade": _brocade_tile,
    "cloud": _cloud_tile,
    "lattice": _lattice_tile,
}

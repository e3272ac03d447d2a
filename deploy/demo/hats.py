"""A dress comes in; its hat and the hair below it are painted around a head whose middle is (0, 0)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPainterPath

from demo.dress import Dress
from demo.paint import across, closed_path, dot, mix, polygon, smooth_path, stroke, tint


def _fringe(p: QPainter, colour: str, low: float = -3.4) -> None:
    cap = QPainterPath(QPointF(-11.2, 1.5))
    cap.cubicTo(-12.6, -14, 12.6, -14, 11.2, 1.5)
    cap.cubicTo(9.4, low, 4, low - 2.4, -1.5, low - 1.6)
    cap.cubicTo(-6, low - 0.6, -9.6, low + 0.6, -11.2, 1.5)
    p.fillPath(cap, QColor(colour))
    shine = QPainterPath(QPointF(-6.5, -8.2))
    shine.quadTo(-1.5, -10.4, 3.5, -9.4)
    stroke(p, shine, tint("#ffffff", 0.16), 1.2)


def _hair(p: QPainter, worn: Dress, back: bool) -> None:
    if not back:
        _fringe(p, worn.hair)


def _bun(p: QPainter, worn: Dress, back: bool) -> None:
    dot(p, 0, -12.4, 4.8, worn.hair)
    _hair(p, worn, back)
    if not back:
        dot(p, 7.6, -8.6, 1.9, "#e2483c")


def _yi(p: QPainter, worn: Dress, back: bool) -> None:
    _hair(p, worn, back)
    p.fillPath(
        smooth_path([(-14, -5), (-13, -12.5), (0, -15.5), (13, -12.5), (14, -5), (0, -7.6)], True), QColor("#1e1e26")
    )
    for i, colour in enumerate(("#e23b2e", "#f2b632", "#39a0c8")):
        y = -7.0 - i * 2.2
        stroke(p, smooth_path([(-12.6, y + 1.6), (0, y - 1.2), (12.6, y + 1.6)]), colour, 1.3)
    for k in range(7):
        dot(p, -12 + k * 4, -13.6 - 1.8 * (1 - abs(k - 3) / 3), 1.7, ("#e23b2e", "#f2b632")[k % 2])
    for side in (-1, 1):
        for k in range(4):
            dot(p, side * 13.4, -3 + k * 3.1, 1.2, ("#f2b632", "#e23b2e", "#39a0c8", "#e23b2e")[k])


def _turban(p: QPainter, worn: Dress, back: bool) -> None:
    _hair(p, worn, back)
    dot(p, 0, -9.2, 13.2, "#23232b", 0.46)
    for k in range(-2, 3):
        stroke(p, smooth_path([(-12.4, -8 + k), (0, -9.6 + k * 1.7), (12.4, -10 + k)]), tint("#e8b94a", 0.5), 0.5)
    stroke(p, smooth_path([(10.5, -11), (14.2, -18)]), "#23232b", 3.2)
    dot(p, 14.4, -18.6, 1.7, "#e23b2e")


def _bai(p: QPainter, worn: Dress, back: bool) -> None:
    _hair(p, worn, back)
    p.fillPath(
        smooth_path([(-13, -7), (-10, -16.5), (0, -19.6), (10, -16.5), (13, -7), (0, -10.6)], True), QColor("#ffffff")
    )
    for k in range(11):
        x = -11.5 + k * 2.3
        dot(p, x, -10.5 - 7.6 * (1 - (x / 12.4) ** 2) ** 0.5 - 0.6, 1.8, "#fbfdff")
    stroke(p, smooth_path([(-12.4, -5.6), (0, -9.4), (12.4, -5.6)]), "#cf2c3c", 3.6)
    for k in range(5):
        x = -9.6 + k * 4.8
        dot(p, x, -6.3 - 2.6 * (1 - (x / 12) ** 2), 1.35, ("#f6cf58", "#7fd0a0", "#f7a8c0", "#7fd0a0", "#f6cf58")[k])
    stroke(p, smooth_path([(-12.6, -7), (-15.4, 2), (-14.2, 14)]), "#ffffff", 2.2)


def _dai(p: QPainter, worn: Dress, back: bool) -> None:
    dot(p, 4.5, -12.2, 5.8, worn.hair)
    _hair(p, worn, back)
    for x, y, colour in ((-2.4, -12.6, "#f26a8e"), (1.6, -14.4, "#f8d458"), (-5.4, -10.4, "#ffffff")):
        for k in range(5):
            dot(p, x + (0, 1.5, 0.9, -0.9, -1.5)[k], y + (-1.5, -0.4, 1.3, 1.3, -0.4)[k], 1.2, colour)
        dot(p, x, y, 0.8, "#f0a02e")


def _miao(p: QPainter, worn: Dress, back: bool) -> None:
    _hair(p, worn, back)
    for side in (-1, 1):
        horn = QPainterPath(QPointF(side * 3, -13))
        horn.cubicTo(side * 11, -16, side * 16, -24, side * 12.5, -33)
        horn.cubicTo(side * 11.5, -24, side * 8, -19, side * 1.5, -17)
        p.fillPath(horn, across(-14, 14, [(0, "#ffffff"), (0.5, "#c6d0da"), (1, "#9fadba")]))
    p.fillPath(
        smooth_path([(-13, -4), (-11.6, -13), (0, -17.4), (11.6, -13), (13, -4), (0, -8.4)], True), QColor("#d5dde6")
    )
    for k in range(7):
        x = -11 + k * 3.66
        dot(p, x, -4.4 - 3.4 * (1 - (x / 12) ** 2), 1.25, "#f7fafc")
        dot(p, x * 0.9, -9 - 4.6 * (1 - (x / 12) ** 2), 1.3, "#aab6c2")
    dot(p, 0, -13.2, 2.1, "#c23a52")


def _tibetan(p: QPainter, worn: Dress, back: bool) -> None:
    _hair(p, worn, back)
    stroke(p, smooth_path([(-11.2, -5), (0, -10.2), (11.2, -5)]), "#c9382f", 3.0)
    for k, colour in enumerate(("#3fb0a8", "#f0a02e", "#3fb0a8", "#f0a02e", "#3fb0a8")):
        x = -8.4 + k * 4.2
        dot(p, x, -6.2 - 3.2 * (1 - (x / 12) ** 2), 1.5, colour)


def _fur(p: QPainter, worn: Dress, back: bool) -> None:
    _hair(p, worn, back)
    p.fillPath(smooth_path([(-9, -11), (-6.5, -17.5), (6.5, -17.5), (9, -11)], True), QColor("#c98a3a"))
    for k in range(9):
        x = -12 + k * 3
        dot(p, x, -6.6 - 3.4 * (1 - (x / 13) ** 2), 3.6, mix("#8a5a34", "#c08a54", (k % 3) / 2))


def _cap(p: QPainter, worn: Dress, back: bool) -> None:
    _hair(p, worn, back)
    path = QPainterPath(QPointF(-11.4, -4.6))
    path.cubicTo(-12, -17.6, 12, -17.6, 11.4, -4.6)
    path.quadTo(0, -8.2, -11.4, -4.6)
    p.fillPath(path, across(-12, 12, [(0, "#ffffff"), (1, "#d6dce2")]))
    stroke(p, smooth_path([(-11.2, -5.4), (0, -8.6), (11.2, -5.4)]), "#c7d0d8", 0.8)


def _scarf(p: QPainter, _worn: Dress, back: bool) -> None:
    path = QPainterPath()
    path.addEllipse(QPointF(0, 0.6), 12.6, 13.6)
    if not back:
        face = QPainterPath()
        face.addEllipse(QPointF(0, 1.6), 8.7, 9.6)
        path = path.subtracted(face)
    p.fillPath(path, across(-12, 12, [(0, "#fdf3e2"), (1, "#e8cfa6")]))
    p.fillPath(smooth_path([(-11, 8), (0, 12), (11, 8), (8, 19), (-8, 19)], True), QColor("#efd9b4"))


def _doppa(p: QPainter, worn: Dress, back: bool) -> None:
    _hair(p, worn, back)
    p.fillPath(closed_path((-10.6, -6), (-9.2, -14.6), (9.2, -14.6), (10.6, -6), (0, -9)), QColor("#1f6a5a"))
    for k in range(4):
        x = -6.9 + k * 4.6
        p.setBrush(QColor(("#f0c04a", "#ffffff")[k % 2]))
        p.drawPolygon(polygon((x, -13.4), (x + 1.7, -11.2), (x, -9), (x - 1.7, -11.2)))


def _guard(p: QPainter, worn: Dress, back: bool) -> None:
    _hair(p, worn, back)
    p.fillPath(smooth_path([(-12, -8.6), (-13, -15), (0, -18), (13, -15), (12, -8.6)], True), QColor("#2d4468"))
    p.fillPath(smooth_path([(-10.6, -7.6), (0, -10), (10.6, -7.6), (9, -4.4), (-9, -4.4)], True), QColor("#1a2433"))
    dot(p, 0, -12.6, 1.9, "#f0c04a")


def _volunteer(p: QPainter, worn: Dress, back: bool) -> None:
    _hair(p, worn, back)
    path = QPainterPath(QPointF(-11.4, -4.8))
    path.cubicTo(-12, -18, 12, -18, 11.4, -4.8)
    path.quadTo(0, -8.4, -11.4, -4.8)
    p.fillPath(path, across(-12, 12, [(0, "#ec4a40"), (1, "#b8241f")]))
    p.fillPath(
        smooth_path([(-10.4, -6), (0, -9.4), (10.4, -6), (12.6, -3.4), (0, -5.2), (-12.6, -3.4)], True),
        QColor("#c62a25"),
    )


def _cock(p: QPainter, worn: Dress, back: bool) -> None:
    _hair(p, worn, back)
    crest = [
        (-11.5, -6),
        (-13.5, -14),
        (-7.5, -13),
        (-5.5, -20),
        (0, -16),
        (5.5, -20),
        (7.5, -13),
        (13.5, -14),
        (11.5, -6),
    ]
    p.fillPath(closed_path(*crest, (0, -9.6)), QColor("#d8322c"))
    stroke(p, closed_path(*crest, (0, -9.6)), "#f2b632", 1.0)
    for x, y in ((-7, -10.4), (0, -12.6), (7, -10.4)):
        dot(p, x, y, 1.4, "#f2b632")


HATS: Mapping[str, Callable[[QPainter, Dress, bool], None]] = {
    "hair": _hair,
    "short": _hair,
    "tails": _hair,
    "bob": _hair,
    "bun": _bun,
    "yi": _yi,
    "turban": _turban,
    "bai": _bai,
    "dai": _dai,
    "miao": _miao,
    "tibetan": _tibetan,
    "fur": _fur,
    "cap": _cap,
    "scarf": _scarf,
    "doppa": _doppa,
    "guard": _guard,
    "volunteer": _volunteer,
    "cock": _cock,
}

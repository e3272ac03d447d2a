"""Dress, place and pose come in; simple friendly figures in the dress of Yunnan's peoples are painted."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from demo.dress import DRESSES, POSES, SKIN, Dress, Hands
from demo.hats import HATS
from demo.paint import Point, across, closed_path, dot, glow, mix, smooth_path, stroke, tint

"""Where the left and the right hand are, as seen, in hundredths of the height; the feet are at (0, 0)."""


def person(
    p: QPainter,
    x: float,
    y: float,
    height: float,
    dress: str,
    pose: str | Hands = "stand",
    *,
    back: bool = False,
    mirror: bool = False,
    child: bool = False,
    skin: str = SKIN,
    shadow: bool = True,
    lean: float = 0.0,
) -> None:
    """Paint one figure whose feet stand at (x, y) and who is `height` pixels tall."""
    worn, hands = DRESSES[dress], POSES[pose] if isinstance(pose, str) else pose
    p.save()
    p.translate(x, y)
    p.scale((-1 if mirror else 1) * height / 100, height / 100)
    if shadow:
        _shadow(p)
    p.rotate(lean)
    if child:
        p.scale(1.12, 1.0)
    if worn.hat in ("tails", "tibetan", "doppa", "bob") or back:
        _hair_behind(p, worn)
    _legs(p, worn)
    _lower(p, worn)
    _torso(p, worn, back)
    for side, hand in zip((-1, 1), hands, strict=True):
        _arm(p, worn, side, hand, skin)
    if worn.necklace and not back:
        for r in (10, 7.5):
            ring = QPainterPath()
            ring.arcMoveTo(QRectF(-r, -79, 2 * r, 2 * r * 0.9), 180)
            ring.arcTo(QRectF(-r, -79, 2 * r, 2 * r * 0.9), 180, 180)
            stroke(p, ring, "#dfe6ee", 2.0)
    p.translate(0, -86)
    if child:
        p.scale(1.16, 1.16)
        p.translate(0, -1)
    _head(p, worn, back, skin)
    p.restore()


def _shadow(p: QPainter) -> None:
    p.save()
    p.scale(1, 0.2)
    dot(p, 4, 0, 30, glow(4, 0, 30, [(0, QColor(15, 15, 25, 105)), (1, QColor(15, 15, 25, 0))]))
    p.restore()


def _legs(p: QPainter, worn: Dress) -> None:
    trousers = worn.low == "trousers"
    colour = worn.skirt[0] if trousers else "#3a3036"
    top, hip = (-52, 11.5) if trousers else (-20, 7.6)
    for side in (-1, 1):
        leg = closed_path((side * 0.6, top), (side * hip, top), (side * 8.4, -3), (side * 2.2, -3))
        shade = mix(colour, "#000000", 0.22)
        p.fillPath(leg, across(-11, 11, [(0, mix(colour, "#ffffff", 0.1)), (1, shade)]))
        shoe = QPainterPath()
        shoe.addRoundedRect(QRectF(side * 6 - 5.4, -4.2, 10.8, 5), 2.4, 2.4)
        p.fillPath(shoe, QColor("#2a2226"))


def _lower(p: QPainter, worn: Dress) -> None:
    if worn.low == "trousers":
        return
    half, hem = {"skirt": (21.0, -11.0), "tube": (10.5, -5.0), "robe": (15.5, -8.0)}[worn.low]
    path = QPainterPath(QPointF(-8.2, -53))
    path.cubicTo(-10, -40, -half * 0.86, -30, -half, hem)
    path.quadTo(0, hem + 5.5, half, hem)
    path.cubicTo(half * 0.86, -30, 10, -40, 8.2, -53)
    path.closeSubpath()
    p.save()
    p.setClipPath(path)
    top, deep = -54.0, hem + 6 + 54
    for i, colour in enumerate(worn.skirt):
        y = top + deep * i / len(worn.skirt)
        band = QPainterPath(QPointF(-30, y - 3))
        band.quadTo(0, y + 4, 30, y - 3)
        band.lineTo(30, hem + 12)
        band.lineTo(-30, hem + 12)
        p.fillPath(band, QColor(colour))
    if worn.low == "skirt":
        for k in range(-6, 7):
            fold = QPainterPath(QPointF(k * 1.1, -53))
            fold.lineTo(k * 3.6, 0)
            stroke(p, fold, tint("#000000", 0.13), 0.7)
    if worn.apron:
        for i, colour in enumerate(worn.apron):
            step = 36 / len(worn.apron)
            p.fillRect(QRectF(-7.2, -53 + i * step, 14.4, step + 0.4), QColor(colour))
    p.fillRect(
        QRectF(-30, -60, 60, 70),
        across(-22, 22, [(0, QColor(255, 255, 255, 46)), (0.45, QColor(255, 255, 255, 0)), (1, QColor(0, 0, 0, 70))]),
    )
    p.restore()


def _torso(p: QPainter, worn: Dress, back: bool) -> None:
    path = QPainterPath(QPointF(-4, -78))
    path.cubicTo(-11, -77.5, -12.4, -74, -12, -66)
    path.cubicTo(-11.6, -60, -9.6, -56, -10, -48)
    path.quadTo(0, -45.6, 10, -48)
    path.cubicTo(9.6, -56, 11.6, -60, 12, -66)
    path.cubicTo(12.4, -74, 11, -77.5, 4, -78)
    path.closeSubpath()
    p.save()
    p.fillPath(path, QColor(worn.jacket))
    p.setClipPath(path)
    if worn.waistcoat:
        if back:
            p.fillRect(QRectF(-10, -80, 20, 36), QColor(worn.waistcoat))
        else:
            for side in (-1, 1):
                p.fillPath(
                    closed_path(
                        (side * 9.4, -80),
                        (side * 4.5, -80),
                        (side * 1.3, -66),
                        (side * 1.3, -44),
                        (side * 13, -44),
                        (side * 10.8, -66),
                    ),
                    QColor(worn.waistcoat),
                )
    if not back:
        lapel = QPainterPath(QPointF(-4.6, -79))
        lapel.cubicTo(-2, -72, 3, -70, 8.6, -68.5)
        lapel.lineTo(9.4, -46)
        stroke(p, lapel, worn.trim, 1.9)
    for i, colour in enumerate(worn.bands):
        p.fillRect(QRectF(-13, -51.4 + i * 1.7, 26, 1.5), QColor(colour))
    if worn.belt:
        p.fillRect(QRectF(-13, -53.4, 26, 4.2), QColor(worn.belt))
    p.fillRect(
        QRectF(-14, -80, 28, 40),
        across(-13, 13, [(0, QColor(255, 255, 255, 40)), (0.5, QColor(255, 255, 255, 0)), (1, QColor(0, 0, 0, 62))]),
    )
    p.restore()


def _arm(p: QPainter, worn: Dress, side: int, hand: Point, skin: str) -> None:
    shoulder = (side * 9.8, -72.5)
    elbow = ((shoulder[0] + hand[0]) / 2 + side * 4.2, (shoulder[1] + hand[1]) / 2 + (3 if hand[1] > -80 else 5))
    stop = (hand[0] * 0.93 + elbow[0] * 0.07, hand[1] * 0.93 + elbow[1] * 0.07)
    path = smooth_path([shoulder, elbow, stop])
    shade = mix(worn.sleeve, "#000000", 0.16 if side > 0 else 0.06)
    dot(p, hand[0], hand[1], 3.3, skin)
    stroke(p, path, mix(worn.sleeve, "#000000", 0.3), 6.9)
    stroke(p, path, shade, 6.2)
    for i, colour in enumerate(worn.bands):
        near = 0.86 - 0.16 * i
        a, b = path.pointAtPercent(near), path.pointAtPercent(min(1.0, near + 0.07))
        ring = QPainterPath(a)
        ring.lineTo(b)
        stroke_flat(p, ring, colour, 6.6)


def stroke_flat(p: QPainter, path: QPainterPath, colour: str, width: float) -> None:
    """Draw a line with flat ends."""
    p.strokePath(path, QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))


def _hair_behind(p: QPainter, worn: Dress) -> None:
    if worn.hat == "tails":
        for side in (-1, 1):
            dot(p, side * 13.5, -82, 4.6, worn.hair, 1.5)
    elif worn.hat in ("tibetan", "doppa"):
        for side in (-1, 1):
            braid = smooth_path([(side * 9, -84), (side * 11.5, -72), (side * 10, -58)])
            stroke(p, braid, worn.hair, 3.2)
    elif worn.hat == "bob":
        dot(p, 0, -84, 12.4, worn.hair, 1.05)


def _head(p: QPainter, worn: Dress, back: bool, skin: str) -> None:
    """Paint the head around its middle at (0, 0)."""
    neck = QPainterPath()
    neck.addRoundedRect(QRectF(-3.2, 4, 6.4, 9), 2.5, 2.5)
    p.fillPath(neck, mix(skin, "#7a4a30", 0.25))
    for side in (-1, 1):
        dot(p, side * 10.2, 1.5, 2.1, mix(skin, "#b0704c", 0.2))
    dot(p, 0, 0, 10.6, worn.hair if back else skin, 1.06)
    if not back:
        _face(p)
    HATS[worn.hat](p, worn, back)


def _face(p: QPainter) -> None:
    for side in (-1, 1):
        dot(p, side * 5.9, 4.0, 2.5, tint("#e2664e", 0.4), 0.75)
        dot(p, side * 4.0, 0.9, 1.25, "#2a1d1a", 1.25)
        dot(p, side * 4.0 + 0.35, 0.35, 0.4, "#ffffff")
        brow = QPainterPath(QPointF(side * 2.6, -2.6))
        brow.quadTo(side * 4.2, -3.7, side * 5.9, -2.6)
        stroke(p, brow, tint("#3a2a24", 0.8), 0.75)
    smile = QPainterPath(QPointF(-2.9, 4.6))
    smile.quadTo(0, 8.0, 2.9, 4.6)
    stroke(p, smile, "#a8362f", 1.15)

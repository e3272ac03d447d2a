"""Dress, place and pose come in; simple friendly figures in the dress of Yunnan's peoples are painted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from demo.paint import Point, across, closed_path, dot, glow, mix, polygon, smooth_path, stroke, tint

SKIN = "#e8b48c"
HAIR = "#2b211f"


@dataclass(frozen=True)
class Dress:
    """What a figure wears. `skirt` are bands from the waist down; `low` is skirt, tube, robe or trousers."""

    jacket: str
    sleeve: str
    trim: str
    skirt: tuple[str, ...] = ("#3a4658",)
    low: str = "skirt"
    waistcoat: str = ""
    apron: tuple[str, ...] = ()
    belt: str = ""
    hat: str = "hair"
    hair: str = HAIR
    bands: tuple[str, ...] = ()
    necklace: bool = False


DRESSES: Mapping[str, Dress] = {
    "yi": Dress("#23232b", "#23232b", "#e23b2e", ("#d8322c", "#f2b632", "#1f1f27", "#2f7f5f", "#d8322c"),
                hat="yi", bands=("#f2b632", "#e23b2e", "#39a0c8"), belt="#f2b632"),
    "yi-man": Dress("#26262e", "#26262e", "#f2b632", ("#202027",), low="trousers", hat="turban",
                    bands=("#f2b632", "#e23b2e"), waistcoat="#a82a27"),
    "bai": Dress("#fbf8f2", "#fdfbf6", "#6fb4dc", ("#ffffff", "#dcecf6"), low="trousers", waistcoat="#cf2c3c", hat="bai",
                 apron=("#7fc0e4", "#f3f8fb", "#7fc0e4"), bands=("#cf2c3c", "#6fb4dc"), belt="#28487c"),
    "dai": Dress("#f6a6bd", "#f8bccd", "#fff3d0", ("#d83a78", "#e35a90", "#f0c04a", "#d83a78"), low="tube", hat="dai",
                 belt="#e9c767"),
    "dai-green": Dress("#cfe8b4", "#dcefc6", "#fff7d8", ("#2f9a6a", "#46ae7d", "#f0c04a", "#2f9a6a"), low="tube",
                       hat="dai", belt="#d9dfe4"),
    "miao": Dress("#27386e", "#2d4283", "#e8edf3", ("#27386e", "#c23a52", "#e6b84a", "#3f63b4", "#27386e"), hat="miao",
                  bands=("#c23a52", "#e8edf3"), necklace=True, apron=("#c23a52", "#35509a", "#c23a52")),
    "tibetan": Dress("#6e2638", "#f2e6cf", "#f0b63c", ("#6e2638", "#5e1f30"), low="robe", hat="tibetan",
                     apron=("#3f8fc0", "#f0c24a", "#d8443c", "#54a06a", "#7a58a8", "#f0c24a", "#3f8fc0"), belt="#e07a34"),
    "tibetan-man": Dress("#2c3c5e", "#f4ead6", "#c98a3a", ("#2c3c5e", "#253452"), low="robe", hat="fur",
                         belt="#d9502f"),
    "hui": Dress("#f4f5f7", "#f4f5f7", "#3f8a6a", ("#3e4653",), low="trousers", hat="cap", waistcoat="#2e3b46"),
    "hui-woman": Dress("#3f9a86", "#48a892", "#f4e6c0", ("#2f7a6a", "#37897a"), low="robe", hat="scarf", belt="#2f7a6a"),
    "uygur": Dress("#f6f1e4", "#f6f1e4", "#c9362e", ("#f0c04a", "#d4472f", "#2f9a8a", "#f0c04a", "#d4472f"), hat="doppa",
                   waistcoat="#1f6a5a", belt="#1f6a5a"),
    "han": Dress("#cf3b34", "#cf3b34", "#f3cf6b", ("#7a2430", "#8c2c38"), hat="bun", belt="#7a2430"),
    "han-man": Dress("#3f6fa8", "#3f6fa8", "#e8eef5", ("#39424f",), low="trousers", hat="short"),
    "elder": Dress("#7c5a48", "#7c5a48", "#e8d8c0", ("#3c4450",), low="trousers", hat="short", hair="#d8d8d8"),
    "granny": Dress("#8a4a72", "#8a4a72", "#f0d8e4", ("#45424f",), low="trousers", hat="bun", hair="#cfcfd2"),
    "volunteer": Dress("#f4f4f2", "#f4f4f2", "#d9322e", ("#39506e",), low="trousers", hat="volunteer",
                       waistcoat="#d9322e"),
    "guard": Dress("#2d4468", "#2d4468", "#dfe6ee", ("#26384f",), low="trousers", hat="guard", belt="#1b2735"),
    "girl": Dress("#f6c64a", "#f9d677", "#ffffff", ("#e8704a", "#f08a5e"), hat="tails"),
    "boy": Dress("#54a8d8", "#6db8e2", "#ffffff", ("#41506a",), low="trousers", hat="short"),
    "girl-yi": Dress("#23232b", "#23232b", "#e23b2e", ("#e23b2e", "#f2b632", "#2f7f5f", "#e23b2e"), hat="cock",
                     bands=("#f2b632", "#39a0c8")),
    "teacher": Dress("#5a7f6a", "#5a7f6a", "#f3ecd8", ("#3b4652",), hat="bob"),
}  # fmt: skip

Hands = tuple[Point, Point]
"""Where the left and the right hand are, as seen, in hundredths of the height; the feet are at (0, 0)."""

POSES: Mapping[str, Hands] = {
    "stand": ((-17, -42), (17, -42)),
    "hold": ((-27, -47), (27, -47)),
    "up": ((-26, -98), (26, -98)),
    "dance": ((-29, -84), (26, -50)),
    "dance2": ((-26, -50), (29, -84)),
    "wave": ((-16, -42), (25, -100)),
    "clap": ((-3, -64), (3, -64)),
    "carry": ((-11, -57), (11, -57)),
    "point": ((-16, -42), (31, -72)),
    "work": ((-19, -36), (4, -40)),
    "splash": ((-25, -72), (27, -92)),
}


def person(
    p: QPainter, x: float, y: float, height: float, dress: str, pose: str | Hands = "stand", *,
    back: bool = False, mirror: bool = False, child: bool = False, skin: str = SKIN, shadow: bool = True, lean: float = 0.0,
) -> None:  # fmt: skip
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
    p.fillRect(QRectF(-30, -60, 60, 70), across(-22, 22, [
        (0, QColor(255, 255, 255, 46)), (0.45, QColor(255, 255, 255, 0)), (1, QColor(0, 0, 0, 70))]))  # fmt: skip
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
                p.fillPath(closed_path((side * 9.4, -80), (side * 4.5, -80), (side * 1.3, -66), (side * 1.3, -44),
                                       (side * 13, -44), (side * 10.8, -66)), QColor(worn.waistcoat))  # fmt: skip
    if not back:
        lapel = QPainterPath(QPointF(-4.6, -79))
        lapel.cubicTo(-2, -72, 3, -70, 8.6, -68.5)
        lapel.lineTo(9.4, -46)
        stroke(p, lapel, worn.trim, 1.9)
    for i, colour in enumerate(worn.bands):
        p.fillRect(QRectF(-13, -51.4 + i * 1.7, 26, 1.5), QColor(colour))
    if worn.belt:
        p.fillRect(QRectF(-13, -53.4, 26, 4.2), QColor(worn.belt))
    p.fillRect(QRectF(-14, -80, 28, 40), across(-13, 13, [
        (0, QColor(255, 255, 255, 40)), (0.5, QColor(255, 255, 255, 0)), (1, QColor(0, 0, 0, 62))]))  # fmt: skip
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
    p.fillPath(smooth_path([(-14, -5), (-13, -12.5), (0, -15.5), (13, -12.5), (14, -5), (0, -7.6)], True), QColor("#1e1e26"))
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
    p.fillPath(smooth_path([(-13, -7), (-10, -16.5), (0, -19.6), (10, -16.5), (13, -7), (0, -10.6)], True), QColor("#ffffff"))
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
    p.fillPath(smooth_path([(-13, -4), (-11.6, -13), (0, -17.4), (11.6, -13), (13, -4), (0, -8.4)], True), QColor("#d5dde6"))
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


def _scarf(p: QPainter, worn: Dress, back: bool) -> None:
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
    p.fillPath(smooth_path([(-10.4, -6), (0, -9.4), (10.4, -6), (12.6, -3.4), (0, -5.2), (-12.6, -3.4)], True),
               QColor("#c62a25"))  # fmt: skip


def _cock(p: QPainter, worn: Dress, back: bool) -> None:
    _hair(p, worn, back)
    crest = [(-11.5, -6), (-13.5, -14), (-7.5, -13), (-5.5, -20), (0, -16), (5.5, -20), (7.5, -13), (13.5, -14), (11.5, -6)]
    p.fillPath(closed_path(*crest, (0, -9.6)), QColor("#d8322c"))
    stroke(p, closed_path(*crest, (0, -9.6)), "#f2b632", 1.0)
    for x, y in ((-7, -10.4), (0, -12.6), (7, -10.4)):
        dot(p, x, y, 1.4, "#f2b632")


HATS: Mapping[str, Callable[[QPainter, Dress, bool], None]] = {
    "hair": _hair, "short": _hair, "tails": _hair, "bob": _hair, "bun": _bun, "yi": _yi, "turban": _turban, "bai": _bai,
    "dai": _dai, "miao": _miao, "tibetan": _tibetan, "fur": _fur, "cap": _cap, "scarf": _scarf, "doppa": _doppa,
    "guard": _guard, "volunteer": _volunteer, "cock": _cock,
}  # fmt: skip

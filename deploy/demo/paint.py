"""Brushes, numbers and colours come in; finished pictures of the demo go out."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QRadialGradient,
)

Point = tuple[float, float]
Stops = Sequence[tuple[float, str | QColor]]

IN_PILLOW = QImage.Format.Format_RGBA8888_Premultiplied
SANS = "Noto Sans CJK SC"
SERIF = "Noto Serif CJK SC"


def tint(colour: str | QColor, alpha: float = 1.0) -> QColor:
    """Give the colour with its opacity multiplied by `alpha` (0 to 1)."""
    made = QColor(colour)
    made.setAlphaF(made.alphaF() * alpha)
    return made


def mix(first: str | QColor, second: str | QColor, share: float) -> QColor:
    """Give the colour that lies `share` (0 to 1) of the way from the first to the second."""
    a, b = QColor(first), QColor(second)
    rest = 1 - share
    return QColor(
        round(a.red() * rest + b.red() * share),
        round(a.green() * rest + b.green() * share),
        round(a.blue() * rest + b.blue() * share),
        round(a.alpha() * rest + b.alpha() * share),
    )


def down(top: float, bottom: float, stops: Stops) -> QBrush:
    """Give a brush that changes from `top` to `bottom` of the picture."""
    gradient = QLinearGradient(0, top, 0, bottom)
    for at, colour in stops:
        gradient.setColorAt(at, QColor(colour))
    return QBrush(gradient)


def across(left: float, right: float, stops: Stops) -> QBrush:
    """Give a brush that changes from `left` to `right` of the picture."""
    gradient = QLinearGradient(left, 0, right, 0)
    for at, colour in stops:
        gradient.setColorAt(at, QColor(colour))
    return QBrush(gradient)


def glow(x: float, y: float, radius: float, stops: Stops) -> QBrush:
    """Give a brush that changes from the middle to `radius`."""
    gradient = QRadialGradient(x, y, radius)
    for at, colour in stops:
        gradient.setColorAt(at, QColor(colour))
    return QBrush(gradient)


class Picture:
    """One picture while it is painted: a canvas of `width` x `height` pixels and a painter on it."""

    def __init__(self, width: int = 1920, height: int = 1080, seed: int = 1, clear: bool = False) -> None:
        self.width, self.height = width, height
        self.chance = random.Random(seed)
        self.image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        self.image.fill(QColor(0, 0, 0, 0) if clear else QColor("white"))
        self.p = QPainter(self.image)
        hints = QPainter.RenderHint
        self.p.setRenderHints(hints.Antialiasing | hints.TextAntialiasing | hints.SmoothPixmapTransform)
        self.p.setPen(Qt.PenStyle.NoPen)

    def wash(self, brush: QBrush | QColor) -> None:
        """Fill the whole canvas."""
        self.p.fillRect(QRectF(0, 0, self.width, self.height), brush)

    def soft(self, radius: float, draw: Callable[[Picture], None], opacity: float = 1.0) -> None:
        """Paint what `draw` draws, blurred by `radius` pixels."""
        scale = 4 if radius >= 8 else 1
        layer = Picture(self.width, self.height, self.chance.randrange(1 << 30), clear=True)
        draw(layer)
        layer.p.end()
        flat = as_pillow(layer.image, "RGBa").resize((self.width // scale, self.height // scale), Image.Resampling.BOX)
        flat = flat.filter(ImageFilter.GaussianBlur(radius / scale))
        back = QImage(flat.tobytes(), flat.width, flat.height, flat.width * 4, IN_PILLOW)
        self.p.save()
        self.p.setOpacity(self.p.opacity() * opacity)
        self.p.drawImage(QRectF(0, 0, self.width, self.height), back, QRectF(0, 0, flat.width, flat.height))
        self.p.restore()

    def finish(self, grain: float = 1.5, vignette: float = 0.16) -> Image.Image:
        """Give the finished picture, with a little grain against bands and a little shade in the corners."""
        if vignette:
            reach = math.hypot(self.width, self.height) / 2
            stops = [(0.0, QColor(0, 0, 0, 0)), (0.62, QColor(0, 0, 0, 0)), (1.0, tint("#140a18", vignette))]
            self.wash(glow(self.width / 2, self.height / 2, reach, stops))
        self.p.end()
        flat = as_pillow(self.image).convert("RGB")
        return with_grain(flat, grain, self.chance) if grain else flat


def with_grain(flat: Image.Image, strength: float, chance: random.Random) -> Image.Image:
    """Give the picture with fine grain of about `strength` levels of 255."""
    tile = Image.frombytes("L", (256, 256), chance.randbytes(256 * 256)).filter(ImageFilter.GaussianBlur(0.7))
    tile = tile.point([max(0, min(255, round(128 + (level - 128) * strength / 40))) for level in range(256)])
    noise = Image.new("L", flat.size)
    for x in range(0, flat.width, 256):
        for y in range(0, flat.height, 256):
            noise.paste(tile, (x, y))
    return ImageChops.add(flat, Image.merge("RGB", (noise,) * 3), 1, -128)


def as_pillow(image: QImage, mode: str = "RGBA") -> Image.Image:
    """Give Qt's picture as Pillow's; mode RGBa keeps the premultiplied colours for what blurs."""
    image = image.convertToFormat(IN_PILLOW)
    return Image.frombytes(mode, (image.width(), image.height()), bytes(image.constBits()))


def save_photo(picture: Image.Image, path: Path, quality: int = 84, **extra: object) -> None:
    """Write a JPEG as a camera would, progressive and tuned for size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, "JPEG", quality=quality, optimize=True, progressive=True, subsampling="4:2:0", **extra)


def polygon(*points: Point) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


def closed_path(*points: Point) -> QPainterPath:
    """Give a closed path with straight sides."""
    path = QPainterPath(QPointF(*points[0]))
    for x, y in points[1:]:
        path.lineTo(x, y)
    path.closeSubpath()
    return path


def smooth_path(points: Sequence[Point], closed: bool = False) -> QPainterPath:
    """Give a soft curve through the points (Catmull-Rom)."""
    around = [points[-1], *points, points[0], points[1]] if closed else [points[0], *points, points[-1]]
    path = QPainterPath(QPointF(*around[1]))
    for i in range(1, len(around) - 2):
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = around[i - 1 : i + 3]
        path.cubicTo(x1 + (x2 - x0) / 6, y1 + (y2 - y0) / 6, x2 - (x3 - x1) / 6, y2 - (y3 - y1) / 6, x2, y2)
    return path


def stroke(p: QPainter, path: QPainterPath, colour: str | QColor | QBrush, width: float) -> None:
    """Draw a line with round ends."""
    brush = colour if isinstance(colour, QBrush) else QBrush(QColor(colour))
    p.strokePath(path, QPen(brush, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))


def dot(p: QPainter, x: float, y: float, radius: float, brush: QBrush | QColor | str, squash: float = 1.0) -> None:
    """Draw a filled circle, or an ellipse whose height is `squash` of its width."""
    p.setBrush(QBrush(QColor(brush)) if isinstance(brush, str) else QBrush(brush))
    p.drawEllipse(QPointF(x, y), radius, radius * squash)


def write(
    p: QPainter,
    box: tuple[float, float, float, float],
    text: str,
    size_px: float,
    colour: str,
    *,
    family: str = SANS,
    bold: bool = True,
    spacing_px: float = 0.0,
) -> None:
    """Write one line in the middle of a box of x, y, width, height."""
    font = QFont(family)
    font.setPixelSize(round(size_px))
    font.setBold(bold)
    font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, spacing_px)
    p.save()
    p.setFont(font)
    p.setPen(QColor(colour))
    p.drawText(QRectF(*box), Qt.AlignmentFlag.AlignCenter, text)
    p.restore()

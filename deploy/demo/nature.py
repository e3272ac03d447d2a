"""Seeds, places and colours come in; skies, mountains, water, trees, flowers and birds are painted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath

from demo.paint import Picture, Stops, across, dot, down, glow, mix, polygon, smooth_path, stroke, tint


def sky(pic: Picture, stops: Stops, bottom: float | None = None) -> None:
    """Paint the sky from the top to `bottom` (the whole canvas when None)."""
    pic.wash(down(0, bottom or pic.height, stops))


def sun(pic: Picture, x: float, y: float, radius: float, colour: str, halo: float = 8.0) -> None:
    """Paint a sun or moon with a wide soft halo."""
    stops = [(0.0, tint(colour, 0.75)), (0.25, tint(colour, 0.32)), (1.0, tint(colour, 0.0))]
    pic.wash(glow(x, y, radius * halo, stops))
    dot(pic.p, x, y, radius, glow(x, y, radius, [(0, mix(colour, "#ffffff", 0.75)), (1, mix(colour, "#ffffff", 0.35))]))


def clouds(pic: Picture, count: int, top: float, bottom: float, colour: str, opacity: float = 0.8) -> None:
    """Paint soft banks of clouds between two heights."""

    def draw(layer: Picture) -> None:
        for _ in range(count):
            x, y = pic.chance.uniform(-100, pic.width + 100), pic.chance.uniform(top, bottom)
            size = pic.chance.uniform(0.55, 1.3) * pic.width / 20
            for _ in range(40):
                dx = pic.chance.gauss(0, size * 1.15)
                reach = max(0.12, 1 - abs(dx) / (size * 3))
                r = size * reach * pic.chance.uniform(0.12, 0.5)
                lift = size * 0.42 * reach * pic.chance.random()
                dot(layer.p, x + dx, y - lift, r, tint(colour, 0.3), 0.62)

    pic.soft(pic.width / 320, draw, opacity)


def ridge_line(pic: Picture, base: float, height: float, rough: float = 0.55) -> list[tuple[float, float]]:
    """Give the outline of a mountain range from the left edge to the right, by midpoint displacement."""
    heights = [pic.chance.uniform(0.2, 0.8), pic.chance.uniform(0.2, 0.8)]
    swing = 0.5
    while len(heights) < 257:
        grown: list[float] = []
        for a, b in pairwise(heights):
            grown += [a, (a + b) / 2 + pic.chance.uniform(-swing, swing)]
        heights = [*grown, heights[-1]]
        swing *= rough
    low, high = min(heights), max(heights)
    step = pic.width / (len(heights) - 1)
    return [(i * step, base - height * (h - low) / (high - low)) for i, h in enumerate(heights)]


def ridge(pic: Picture, base: float, height: float, top: str | QColor, foot: str | QColor, rough: float = 0.5) -> None:
    """Paint one range of mountains that fades into mist at its foot."""
    line = ridge_line(pic, base, height, rough)
    path = QPainterPath(QPointF(0, pic.height))
    for x, y in line:
        path.lineTo(x, y)
    path.lineTo(pic.width, pic.height)
    pic.p.fillPath(path, down(base - height, base + height * 0.9, [(0, top), (1, foot)]))


def ranges(pic: Picture, horizon: float, heights: Sequence[float], far: str, near: str, mist: str) -> None:
    """Paint several ranges, the farthest first, each nearer one lower, darker and clearer."""
    for i, height in enumerate(heights):
        share = i / max(1, len(heights) - 1)
        colour = mix(far, near, share)
        ridge(pic, horizon - height * 0.05 + share * pic.height * 0.05, height, colour, mix(colour, mist, 0.7), 0.5)


def hill(pic: Picture, y: float, swing: float, top: str, bottom: str, phase: float = 0.0) -> None:
    """Paint a smooth hill or lawn whose edge swings around the height `y`."""
    points = []
    for i in range(13):
        x = i / 12
        wave = math.sin(x * 5.1 + phase) + 0.4 * math.sin(x * 11.3 + phase * 2.3)
        points.append((x * pic.width, y + swing * wave))
    path = smooth_path(points)
    path.lineTo(pic.width, pic.height)
    path.lineTo(0, pic.height)
    pic.p.fillPath(path, down(y - swing, pic.height, [(0, top), (1, bottom)]))


def grass(
    pic: Picture, box: tuple[float, float, float, float], count: int, colours: Sequence[str], size: float
) -> None:
    """Paint blades of grass in a box of x, y, width, height; nearer blades are longer."""
    x0, y0, width, height = box
    spots = sorted((pic.chance.random(), pic.chance.random()) for _ in range(count))
    for depth, along in sorted(spots, key=lambda spot: spot[0]):
        x, y = x0 + along * width, y0 + depth * height
        tall = size * (0.4 + depth) * pic.chance.uniform(0.6, 1.3)
        lean = pic.chance.uniform(-0.5, 0.5) * tall
        blade = QPainterPath(QPointF(x, y))
        blade.quadTo(x + lean * 0.2, y - tall * 0.6, x + lean, y - tall)
        stroke(pic.p, blade, tint(pic.chance.choice(colours), 0.75), max(1.2, tall / 9))


def flowers(
    pic: Picture, box: tuple[float, float, float, float], count: int, colours: Sequence[str], size: float
) -> None:
    """Scatter small blossoms in a box; nearer ones are larger."""
    x0, y0, width, height = box
    spots = sorted((pic.chance.random(), pic.chance.random()) for _ in range(count))
    for depth, along in spots:
        x, y = x0 + along * width, y0 + depth * height
        r = size * (0.35 + 0.65 * depth) * pic.chance.uniform(0.7, 1.2)
        colour = pic.chance.choice(colours)
        turn = pic.chance.uniform(0, 6)
        for k in range(5):
            a = turn + k * math.tau / 5
            dot(pic.p, x + math.cos(a) * r * 0.7, y + math.sin(a) * r * 0.6, r * 0.55, mix(colour, "#ffffff", 0.08 * k))
        dot(pic.p, x, y, r * 0.34, "#f7d35c")


def tree(
    pic: Picture,
    x: float,
    y: float,
    height: float,
    dark: str,
    light: str,
    *,
    trunk: str = "#6b4a36",
    spread: float = 0.62,
) -> None:
    """Paint a broad-leaved tree that stands at (x, y), lit from the upper left."""
    p, chance = pic.p, pic.chance
    wide = height * 0.045
    bark = polygon((x - wide, y), (x - wide * 0.5, y - height * 0.6), (x + wide * 0.5, y - height * 0.6), (x + wide, y))
    p.setBrush(across(x - wide, x + wide, [(0, mix(trunk, "#ffffff", 0.2)), (1, mix(trunk, "#000000", 0.3))]))
    p.drawPolygon(bark)
    for side in (-1, 1):
        bough = QPainterPath(QPointF(x, y - height * 0.36))
        bough.quadTo(x + side * height * 0.05, y - height * 0.5, x + side * height * 0.17, y - height * 0.62)
        stroke(p, bough, QColor(trunk), wide * 0.7)
    middle, reach = y - height * 0.66, height * spread / 2
    blobs = []
    for _ in range(120):
        a, r = chance.uniform(0, math.tau), math.sqrt(chance.random())
        blobs.append((x + math.cos(a) * r * reach, middle + math.sin(a) * r * height * 0.29, chance.uniform(0.16, 0.3)))
    for bx, by, size in sorted(blobs, key=lambda blob: -blob[1]):
        share = 0.5 - (by - middle) / (height * 0.62) - (bx - x) / (reach * 4.5)
        share = min(1, max(0, share + chance.uniform(-0.14, 0.14)))
        colour = mix(dark, light, share)
        r = size * reach * 0.9
        stops = [(0, mix(colour, "#ffffff", 0.1)), (1, mix(colour, dark, 0.3))]
        dot(p, bx, by, r, glow(bx - r * 0.4, by - r * 0.45, r * 1.4, stops), 0.86)
    for _ in range(170):
        a, r = chance.uniform(0, math.tau), math.sqrt(chance.random())
        lx, ly = x + math.cos(a) * r * reach, middle + math.sin(a) * r * height * 0.29
        share = 0.72 - (ly - middle) / (height * 0.55) - (lx - x) / (reach * 4)
        dot(p, lx, ly, height * 0.008, tint(mix(dark, light, min(1, max(0, share))), 0.85), 0.7)


def pine(pic: Picture, x: float, y: float, height: float, dark: str, light: str) -> None:
    """Paint a conifer that stands at (x, y)."""
    p = pic.p
    p.setBrush(QColor("#53402f"))
    p.drawRect(QRectF(x - height * 0.02, y - height * 0.16, height * 0.04, height * 0.16))
    for k in range(6):
        share = k / 5
        base, half = y - height * (0.1 + 0.15 * k), height * (0.24 - 0.034 * k)
        tip = base - height * 0.27
        path = QPainterPath(QPointF(x, tip))
        path.quadTo(x + half * 0.3, base - height * 0.08, x + half, base)
        path.quadTo(x, base + height * 0.035, x - half, base)
        path.quadTo(x - half * 0.3, base - height * 0.08, x, tip)
        colour = mix(dark, light, share * 0.8)
        p.fillPath(path, across(x - half, x + half, [(0, mix(colour, light, 0.5)), (0.6, colour), (1, dark)]))


def water(pic: Picture, top: float, stops: Stops, glints: str, light_x: float | None = None) -> None:
    """Paint a lake from `top` to the lower edge, with ripples and, at `light_x`, the path of the light."""
    p, chance = pic.p, pic.chance
    p.fillRect(QRectF(0, top, pic.width, pic.height - top), down(top, pic.height, stops))
    for _ in range(420):
        depth = chance.random() ** 1.6
        y = top + 3 + depth * (pic.height - top)
        x, long = chance.uniform(0, pic.width), (14 + 130 * depth) * chance.uniform(0.4, 1.2)
        dot(p, x, y, long / 2, tint(glints, 0.05 + 0.07 * chance.random()), 0.035)
    if light_x is None:
        return
    for _ in range(260):
        depth = chance.random() ** 1.2
        y = top + 2 + depth * (pic.height - top)
        x = light_x + chance.gauss(0, 16 + 105 * depth)
        dot(p, x, y, (8 + 46 * depth) * chance.uniform(0.4, 1.2), tint(glints, 0.42 * (1 - depth * 0.55)), 0.07)


def gull(p: QPainter, x: float, y: float, size: float, beat: float, *, facing: int = 1, beak: str = "#d2452f") -> None:
    """Paint a black-headed gull in flight; `size` is the half span, `beat` (-1 to 1) lifts the wings."""
    p.save()
    p.translate(x, y)
    p.scale(size / 100 * facing, size / 100)
    lift = -46 * beat
    for side, shade in ((-1, "#c9d3dd"), (1, "#f2f5f8")):
        wing = QPainterPath(QPointF(side * 10, -8))
        wing.cubicTo(side * 30, lift * 0.9 - 22, side * 58, lift - 12, side * 100, lift * 0.72 + 6)
        wing.cubicTo(side * 66, lift * 0.8 + 14, side * 36, 8, side * 8, 12)
        wing.closeSubpath()
        p.fillPath(wing, across(0, side * 100, [(0, shade), (0.72, mix(shade, "#9fb0c0", 0.35)), (1, "#333c46")]))
    body = QPainterPath(QPointF(-46, 6))
    body.cubicTo(-24, -16, 16, -18, 44, -6)
    body.cubicTo(34, 14, -6, 20, -46, 6)
    p.fillPath(body, down(-16, 16, [(0, "#ffffff"), (1, "#cfdae4")]))
    dot(p, 42, -6, 10, "#fbfcfd", 0.88)
    dot(p, 46, -8, 1.9, "#26303a")
    p.setBrush(QColor(beak))
    p.drawPolygon(polygon((51, -8), (66, -4), (51, -2)))
    p.restore()


def shade_on_ground(pic: Picture, x: float, y: float, half: float, strength: float = 0.3) -> None:
    """Paint the soft shadow that a thing throws on the ground around (x, y)."""
    stops = [(0, tint("#10151c", strength)), (1, tint("#10151c", 0.0))]
    pic.p.save()
    pic.p.translate(x, y)
    pic.p.scale(1, 0.22)
    dot(pic.p, 0, 0, half, QBrush(glow(0, 0, half, stops)))
    pic.p.restore()

"""Places and sizes come in; houses, a pavilion, lanterns and lamps of the community are painted."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath

from demo.paint import Picture, Stops, across, closed_path, dot, down, glow, mix, smooth_path, stroke, tint


def block(
    pic: Picture,
    x: float,
    base: float,
    width: float,
    floors: int,
    *,
    wall: str = "#e9dcc6",
    roof: str = "#7b3f34",
    night: bool = False,
    floor: float = 46.0,
) -> None:
    """Paint a block of flats with balconies; its left edge is at `x`, its foot at `base`."""
    p, chance = pic.p, pic.chance
    height = floors * floor
    lit, shade = mix(wall, "#ffffff", 0.15), mix(wall, "#3a3550", 0.25)
    if night:
        lit, shade = mix(wall, "#141a38", 0.62), mix(wall, "#0c1028", 0.78)
    p.fillRect(
        QRectF(x, base - height, width, height),
        across(x, x + width, [(0, lit), (0.8, mix(lit, shade, 0.45)), (1, shade)]),
    )
    columns = max(2, int(width // 62))
    step = width / columns
    for row in range(floors):
        y = base - height + row * floor
        p.fillRect(QRectF(x, y + floor - 3, width, 3), tint(shade, 0.5))
        for column in range(columns):
            left = x + column * step + step * 0.18
            wide, tall = step * 0.64, floor * 0.56
            glass = mix("#6d8fae", "#a9c6d8", chance.random())
            if night:
                glass = (
                    QColor(chance.choice(["#ffd98a", "#ffc766", "#ffe6b0"]))
                    if chance.random() < 0.46
                    else QColor("#26304e")
                )
            p.fillRect(QRectF(left, y + floor * 0.2, wide, tall), glass)
            p.fillRect(QRectF(left, y + floor * 0.2, wide, tall * 0.24), tint("#ffffff", 0.05 if night else 0.2))
            p.fillRect(QRectF(left + wide / 2 - 1, y + floor * 0.2, 2, tall), tint(shade, 0.9))
            if column % 2 == 0:
                p.fillRect(QRectF(left - 4, y + floor * 0.6, wide + 8, floor * 0.22), mix(lit, shade, 0.3))
                if chance.random() < 0.45:
                    for k in range(4):
                        dot(
                            p,
                            left + wide * (k + 0.5) / 4,
                            y + floor * 0.6,
                            floor * 0.07,
                            mix("#4f9a52", chance.choice(["#e0557a", "#f0b838", "#4f9a52"]), 0.2 if night else 0.75),
                        )
    cornice = closed_path(
        (x - 12, base - height + 2),
        (x + 8, base - height - 22),
        (x + width - 8, base - height - 22),
        (x + width + 12, base - height + 2),
    )
    p.fillPath(cornice, down(base - height - 22, base - height, [(0, mix(roof, "#ffffff", 0.18)), (1, roof)]))
    p.fillRect(QRectF(x - 12, base - height + 2, width + 24, 4), mix(roof, "#000000", 0.4))


def curved_roof(
    p: QPainter, x: float, y: float, half: float, height: float, colour: str, gilt: str = "#e8b94a"
) -> None:
    """Paint a roof with turned-up eaves; (x, y) is the middle of the eaves."""
    path = QPainterPath(QPointF(x - half, y - height * 0.18))
    path.cubicTo(x - half * 0.7, y - height * 0.1, x - half * 0.32, y - height * 0.55, x - half * 0.14, y - height)
    path.lineTo(x + half * 0.14, y - height)
    path.cubicTo(x + half * 0.32, y - height * 0.55, x + half * 0.7, y - height * 0.1, x + half, y - height * 0.18)
    path.quadTo(x + half * 0.62, y + height * 0.16, x, y + height * 0.16)
    path.quadTo(x - half * 0.62, y + height * 0.16, x - half, y - height * 0.18)
    p.fillPath(
        path, down(y - height, y + height * 0.2, [(0, mix(colour, "#ffffff", 0.28)), (1, mix(colour, "#000000", 0.25))])
    )
    p.save()
    p.setClipPath(path)
    for k in range(-14, 15):
        rib = QPainterPath(QPointF(x + k * half * 0.011, y - height))
        rib.quadTo(x + k * half * 0.035, y - height * 0.4, x + k * half * 0.075, y + height * 0.2)
        stroke(p, rib, tint("#1c0f10", 0.32), max(1.0, half * 0.007))
    p.restore()
    edge = smooth_path(
        [
            (x - half, y - height * 0.18),
            (x - half * 0.6, y + height * 0.1),
            (x, y + height * 0.16),
            (x + half * 0.6, y + height * 0.1),
            (x + half, y - height * 0.18),
        ]
    )
    stroke(p, edge, gilt, max(2.0, half * 0.018))
    for side in (-1, 1):
        dot(p, x + side * half, y - height * 0.2, max(3.0, half * 0.025), gilt)
    ridge = QRectF(x - half * 0.16, y - height * 1.05, half * 0.32, height * 0.09)
    p.fillRect(ridge, QColor(gilt))
    dot(p, x, y - height * 1.12, half * 0.04, gilt)


def pavilion(pic: Picture, x: float, base: float, width: float) -> None:
    """Paint a six-post pavilion with two roofs whose floor stands at `base`."""
    p = pic.p
    half = width / 2
    floor, eaves = base - width * 0.07, base - width * 0.6
    for i, grow in enumerate((1.16, 1.02)):
        y = base - i * width * 0.035
        p.fillRect(
            QRectF(x - half * grow, y - width * 0.035, width * grow, width * 0.038), mix("#cdbfae", "#ffffff", i * 0.3)
        )
    p.fillRect(QRectF(x - half * 0.8, eaves, width * 0.8, floor - eaves), tint("#2f3b38", 0.18))
    for at in (-0.82, -0.42, 0.42, 0.82):
        left = x + at * half - width * 0.022
        p.fillRect(
            QRectF(left, eaves, width * 0.044, floor - eaves),
            across(left, left + width * 0.044, [(0, "#8f2a22"), (0.35, "#d4523f"), (1, "#701c18")]),
        )
    bench = QRectF(x - half * 0.8, floor - width * 0.11, width * 0.8, width * 0.03)
    for side in (-1, 1):
        part = QRectF(bench.x() if side < 0 else x + half * 0.42, bench.y(), half * 0.38, bench.height())
        p.fillRect(part, QColor("#7b3a2c"))
    p.fillRect(
        QRectF(x - half * 0.86, eaves, width * 0.86, width * 0.06),
        down(eaves, eaves + width * 0.06, [(0, "#2f6f7a"), (0.5, "#3fa08c"), (1, "#285a68")]),
    )
    for k in range(9):
        dot(p, x - half * 0.76 + k * half * 0.19, eaves + width * 0.03, width * 0.014, "#f0c04a")
    curved_roof(p, x, eaves, half * 1.22, width * 0.2, "#4c6a6e")
    p.fillRect(QRectF(x - half * 0.46, eaves - width * 0.27, width * 0.46, width * 0.1), QColor("#a83a2c"))
    for k in range(7):
        p.fillRect(
            QRectF(x - half * 0.4 + k * half * 0.12, eaves - width * 0.25, half * 0.06, width * 0.07), QColor("#f0cf88")
        )
    curved_roof(p, x, eaves - width * 0.25, half * 0.84, width * 0.2, "#4c6a6e")


def lantern(p: QPainter, x: float, y: float, size: float, *, colour: str = "#d9251d", shine: bool = False) -> None:
    """Paint a round hanging lantern; (x, y) is its middle, `size` its half width."""
    if shine:
        dot(p, x, y, size * 3.4, glow(x, y, size * 3.4, [(0, tint("#ff9a40", 0.5)), (1, tint("#ff7a30", 0.0))]))
    stroke(p, smooth_path([(x, y - size * 1.6), (x, y - size * 0.8)]), "#6a3a20", max(1.0, size * 0.06))
    stops: Stops = [
        (0, mix(colour, "#ffd27a", 0.75 if shine else 0.35)),
        (0.7, colour),
        (1, mix(colour, "#4a0808", 0.45)),
    ]
    dot(p, x, y, size, glow(x - size * 0.25, y - size * 0.2, size * 1.25, stops), 0.82)
    for k in (-0.62, -0.24, 0.24, 0.62):
        rib = QPainterPath(QPointF(x + k * size * 0.5, y - size * 0.78))
        rib.quadTo(x + k * size * 1.5, y, x + k * size * 0.5, y + size * 0.78)
        stroke(p, rib, tint("#7a1010", 0.4), max(0.8, size * 0.035))
    for top in (y - size * 0.92, y + size * 0.74):
        p.fillRect(QRectF(x - size * 0.34, top, size * 0.68, size * 0.17), QColor("#f0c04a"))
    for k in range(-2, 3):
        stroke(
            p,
            smooth_path([(x + k * size * 0.1, y + size * 0.9), (x + k * size * 0.15, y + size * 1.6)]),
            "#f0a838",
            max(1.0, size * 0.06),
        )


def garland(
    p: QPainter, x0: float, y0: float, x1: float, y1: float, sag: float, count: int, size: float, shine: bool
) -> None:
    """Paint a string of lanterns that hangs between two points."""
    rope = QPainterPath(QPointF(x0, y0))
    rope.quadTo((x0 + x1) / 2, (y0 + y1) / 2 + sag * 2, x1, y1)
    stroke(p, rope, "#5a3020", 2.0)
    for k in range(count):
        at = rope.pointAtPercent((k + 0.5) / count)
        lantern(p, at.x(), at.y() + size * 1.5, size, shine=shine)


def bunting(p: QPainter, x0: float, y0: float, x1: float, y1: float, sag: float, count: int, size: float) -> None:
    """Paint a string of small coloured flags between two points."""
    rope = QPainterPath(QPointF(x0, y0))
    rope.quadTo((x0 + x1) / 2, (y0 + y1) / 2 + sag * 2, x1, y1)
    stroke(p, rope, "#8a6a50", 1.6)
    for k in range(count):
        at = rope.pointAtPercent((k + 0.5) / count)
        colour = ("#e23b2e", "#f2b632", "#3fa06a", "#3f8fc8", "#d85a9a", "#f6f0e0")[k % 6]
        p.fillPath(
            closed_path((at.x() - size * 0.5, at.y()), (at.x() + size * 0.5, at.y()), (at.x(), at.y() + size * 1.15)),
            QColor(colour),
        )


def lamp(p: QPainter, x: float, base: float, height: float, lit: bool = False) -> None:
    """Paint a street lamp that stands at (x, base)."""
    p.fillRect(QRectF(x - height * 0.012, base - height, height * 0.024, height), QColor("#39424c"))
    if lit:
        dot(
            p,
            x,
            base - height,
            height * 0.5,
            glow(x, base - height, height * 0.5, [(0, tint("#ffdf9a", 0.55)), (1, tint("#ffdf9a", 0))]),
        )
    dot(p, x, base - height, height * 0.055, "#fff3cf" if lit else "#eef2f4")
    p.fillPath(
        closed_path(
            (x - height * 0.06, base - height * 1.04),
            (x + height * 0.06, base - height * 1.04),
            (x, base - height * 1.1),
        ),
        QColor("#39424c"),
    )


def pomegranate(p: QPainter, x: float, y: float, size: float) -> None:
    """Paint an opened pomegranate, the sign of peoples who hold together like its seeds."""
    stops = [(0, "#ff8a6a"), (0.55, "#d8362f"), (1, "#8f1420")]
    dot(p, x, y, size, glow(x - size * 0.35, y - size * 0.4, size * 1.5, stops), 0.98)
    crown = closed_path(
        (x - size * 0.2, y - size * 0.9),
        (x - size * 0.34, y - size * 1.32),
        (x - size * 0.1, y - size * 1.12),
        (x, y - size * 1.4),
        (x + size * 0.1, y - size * 1.12),
        (x + size * 0.34, y - size * 1.32),
        (x + size * 0.2, y - size * 0.9),
    )
    p.fillPath(crown, down(y - size * 1.4, y - size * 0.9, [(0, "#f0a04a"), (1, "#b82a28")]))
    heart = smooth_path(
        [
            (x - size * 0.5, y - size * 0.05),
            (x - size * 0.1, y - size * 0.62),
            (x + size * 0.46, y - size * 0.3),
            (x + size * 0.5, y + size * 0.36),
            (x, y + size * 0.66),
            (x - size * 0.42, y + size * 0.45),
        ],
        True,
    )
    p.fillPath(heart, QColor("#fbe6c4"))
    p.save()
    p.setClipPath(heart)
    r = size * 0.115
    for row in range(-6, 7):
        for column in range(-6, 7):
            sx, sy = x + (column + (row % 2) * 0.5) * r * 1.75, y + row * r * 1.5
            if math.hypot(sx - x, sy - y) < size * 0.78:
                dot(
                    p,
                    sx,
                    sy,
                    r * 0.9,
                    glow(sx - r * 0.3, sy - r * 0.35, r * 1.3, [(0, "#ffb0b4"), (0.5, "#e0304a"), (1, "#9a1230")]),
                )
    p.restore()
    stroke(p, heart, tint("#f4c890", 0.9), size * 0.035)

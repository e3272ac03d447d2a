"""Neighbours together come out: at the long table, hand in hand, on the steps of the pavilion."""

from __future__ import annotations

import math

from PIL import Image
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from demo import buildings, nature
from demo.paint import Picture, across, closed_path, dot, down, glow, mix, tint
from demo.people import person


def long_table() -> Image.Image:
    """The long-table banquet on a village street."""
    pic = Picture(seed=77)
    p = pic.p
    nature.sky(pic, [(0, "#5aa2dc"), (0.34, "#bfe0f2"), (0.5, "#fdf0d4")])
    nature.clouds(pic, 6, 60, 260, "#ffffff", 0.85)
    nature.ranges(pic, 500, (160, 110), "#a9c6dc", "#6f9f94", "#f4f1e0")
    p.fillRect(QRectF(0, 470, 1920, 610), down(470, 1080, [(0, "#dccab0"), (1, "#b79f80")]))
    for side in (-1, 1):
        for k in range(5):
            depth = (k / 4) ** 1.5
            x, wide, tall = 960 + side * (240 + 820 * depth), 130 + 330 * depth, 120 + 380 * depth
            base = 500 + 190 * depth
            left = x if side > 0 else x - wide
            p.fillRect(
                QRectF(left, base - tall, wide, tall), across(left, left + wide, [(0, "#f8ecd8"), (1, "#d9c2a0")])
            )
            p.fillRect(QRectF(left, base - tall * 0.3, wide, tall * 0.3), tint("#a8643c", 0.35))
            for w in range(2):
                p.fillRect(
                    QRectF(left + wide * (0.16 + 0.42 * w), base - tall * 0.7, wide * 0.26, tall * 0.32),
                    QColor("#7a4a30"),
                )
                p.fillRect(
                    QRectF(left + wide * (0.19 + 0.42 * w), base - tall * 0.67, wide * 0.2, tall * 0.26),
                    QColor("#f6d890"),
                )
            nature.shade_on_ground(pic, left + wide / 2, base, wide * 0.7, 0.35)
            buildings.curved_roof(p, left + wide / 2, base - tall, wide * 0.6, tall * 0.26, "#5c6468")
    for x, y, s in ((530, 230, 130), (760, 300, 70), (1390, 230, 130), (1160, 300, 70)):
        buildings.lantern(p, x, y + 40, s * 0.32)
    buildings.bunting(p, 200, 170, 1720, 170, 60, 26, 34)

    def seat(k: int, side: int) -> tuple[float, float, float]:
        depth = (k / 6) ** 1.35
        return 960 + side * (96 + 560 * depth), 590 + 430 * depth, 120 + 210 * depth

    dresses = {
        -1: ("han", "dai", "yi-man", "bai", "elder", "miao", "hui"),
        1: ("tibetan", "granny", "hui-woman", "yi", "han-man", "dai-green", "tibetan-man"),
    }
    table = closed_path((890, 535), (1030, 535), (1590, 1090), (330, 1090))
    for k in range(4):
        for side in (-1, 1):
            px, py, tall = seat(k, side)
            person(
                p,
                px,
                py + tall * 0.2,
                tall,
                dresses[side][k],
                ("clap", "up", "wave", "carry")[(k + (side > 0)) % 4],
                mirror=side > 0,
            )
    p.save()
    p.translate(0, 26)
    p.fillPath(table, tint("#4a2a18", 0.35))
    p.restore()
    p.fillPath(table, across(330, 1590, [(0, "#c8823e"), (0.5, "#e8b06a"), (1, "#b8702e")]))
    p.fillPath(
        closed_path((945, 535), (975, 535), (1130, 1090), (790, 1090)),
        down(535, 1090, [(0, "#d83a2c"), (1, "#b02420")]),
    )
    p.save()
    p.setClipPath(table)
    for k in range(8):
        depth = (k / 7) ** 1.35
        y, half, r = 555 + 500 * depth, 50 + 500 * depth, 12 + 52 * depth
        for j, at in enumerate((-0.72, -0.26, 0.26, 0.72)):
            x = 960 + at * half
            dot(p, x + r * 0.1, y + r * 0.16, r * 1.04, tint("#3a1c0c", 0.3), 0.5)
            dot(p, x, y, r, glow(x, y, r, [(0, "#ffffff"), (0.8, "#f4f1ea"), (1, "#c9c2b4")]), 0.5)
            dish = ("#7ab84a", "#e05a2e", "#f0b83a", "#b0502c", "#f6e6c8", "#d83a4a")[(k * 3 + j * 2) % 6]
            for _ in range(10):
                a, q = pic.chance.uniform(0, math.tau), pic.chance.random() ** 0.5
                dot(
                    p,
                    x + math.cos(a) * q * r * 0.6,
                    y - r * 0.08 + math.sin(a) * q * r * 0.28,
                    r * 0.17,
                    mix(dish, "#ffffff", pic.chance.uniform(0, 0.3)),
                    0.7,
                )
        for at in (-0.95, 0.0, 0.95):
            x = 960 + at * half
            dot(p, x, y + r * 0.9, r * 0.34, "#f2c46a", 0.6)
            dot(p, x, y + r * 0.84, r * 0.26, "#a8541c", 0.5)
    p.restore()
    for k in range(4, 7):
        for side in (-1, 1):
            px, py, tall = seat(k, side)
            person(
                p,
                px + side * 60,
                py + tall * 0.24,
                tall,
                dresses[side][k],
                ("clap", "up", "wave")[(k + (side > 0)) % 3],
                mirror=side > 0,
            )
    return pic.finish()


def hand_in_hand() -> Image.Image:
    """Neighbours of many peoples hand in hand at sunrise."""
    pic = Picture(seed=91)
    p = pic.p
    nature.sky(pic, [(0, "#3f7fc4"), (0.3, "#a4cce8"), (0.5, "#fbe0b4"), (0.62, "#fff0cc")])
    for k in range(24):
        a = math.pi + (k + 0.5) / 24 * math.pi
        ray = closed_path(
            (960, 640),
            (960 + math.cos(a - 0.035) * 1600, 640 + math.sin(a - 0.035) * 1600),
            (960 + math.cos(a + 0.035) * 1600, 640 + math.sin(a + 0.035) * 1600),
        )
        p.fillPath(ray, glow(960, 640, 1300, [(0, tint("#fff2c0", 0.5)), (1, tint("#fff2c0", 0))]))
    nature.sun(pic, 960, 610, 120, "#ffc24a", 6)
    nature.clouds(pic, 8, 100, 380, "#fffaf2", 0.85)
    nature.ranges(pic, 690, (200, 160, 110), "#a9bcd8", "#5f8a8c", "#fbe9c8")
    nature.hill(pic, 770, 16, "#a8cf66", "#4f9248", 2.2)
    for x, tall in ((110, 330), (300, 250), (1640, 260), (1820, 340)):
        nature.tree(pic, x, 830, tall, "#2f6a3a", "#bcdc66")
    nature.flowers(pic, (0, 830, 1920, 110), 260, ["#f06a92", "#f7c84a", "#ffffff", "#c86ad8", "#f0604a"], 13)
    row = (
        "hui",
        "dai",
        "tibetan-man",
        "yi",
        "han-man",
        "bai",
        "han",
        "miao",
        "hui-woman",
        "yi-man",
        "tibetan",
        "uygur",
    )
    for k, dress in enumerate(row):
        person(p, 102 + k * 156, 990 - 26 * math.sin(k / 11 * math.pi), 300, dress, "hold")
    for k, (dress, x) in enumerate((("girl", 390), ("boy", 700), ("girl-yi", 1010), ("boy", 1320), ("girl", 1560))):
        person(p, x, 1060, 190, dress, ("up", "wave", "up", "clap", "wave")[k], child=True)
    return pic.finish()


def lift_poster() -> Image.Image:
    """A tall picture for the screens in the lifts: lanterns over a stair of neighbours."""
    pic = Picture(1080, 1920, seed=33)
    p = pic.p
    nature.sky(pic, [(0, "#2f6fb4"), (0.3, "#8fc4e8"), (0.5, "#fde8c4"), (1, "#f4c890")])
    nature.clouds(pic, 9, 140, 700, "#ffffff", 0.9)
    nature.ranges(pic, 1010, (260, 200, 140), "#a9bedc", "#5f8a94", "#fbe6c4")
    nature.hill(pic, 1090, 26, "#a6cf66", "#4a8a44", 1.1)
    nature.tree(pic, 130, 1260, 620, "#2f6a3a", "#c0dc66")
    nature.tree(pic, 960, 1240, 560, "#2f6438", "#b0d45e")
    buildings.pavilion(pic, 540, 1250, 440)
    for k in range(9):
        y, half = 1262 + k * 74, 170 + k * 46
        p.fillRect(
            QRectF(540 - half, y, half * 2, 76), down(y, y + 76, [(0, "#f0e6d2"), (0.3, "#d9c9ac"), (1, "#a8967a")])
        )
    nature.flowers(pic, (0, 1330, 330, 560), 110, ["#f06a92", "#f7c84a", "#ffffff", "#c86ad8"], 19)
    nature.flowers(pic, (770, 1330, 310, 560), 110, ["#f06a92", "#f7c84a", "#ffffff", "#f0604a"], 19)
    for x, y, s in ((170, 250, 60), (420, 170, 46), (700, 230, 66), (920, 150, 44)):
        buildings.lantern(p, x, y, s)
    for k, (dress, x, y, tall, pose, child) in enumerate(
        (
            ("elder", 500, 1320, 190, "stand", False),
            ("granny", 590, 1320, 184, "clap", False),
            ("tibetan", 420, 1480, 260, "wave", False),
            ("boy", 560, 1500, 180, "up", True),
            ("hui", 680, 1480, 264, "wave", False),
            ("yi", 300, 1720, 360, "hold", False),
            ("girl-yi", 450, 1740, 250, "hold", True),
            ("bai", 600, 1720, 360, "hold", False),
            ("dai", 790, 1730, 350, "wave", False),
        )
    ):
        person(p, x, y, tall, dress, pose, child=child, mirror=k == 4)
    for x, y, size, beat in ((250, 520, 70, 0.6), (820, 470, 58, -0.3), (610, 620, 40, 0.8)):
        nature.gull(p, x, y, size, beat)
    return pic.finish()

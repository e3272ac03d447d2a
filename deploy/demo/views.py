"""Wide views of the country around the community come out: what rests the eye between two messages."""

from __future__ import annotations

import math

from PIL import Image
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainterPath

from demo import buildings, nature
from demo.paint import Picture, across, closed_path, dot, down, mix, smooth_path, stroke, tint
from demo.people import person


def gulls_on_the_lake() -> Image.Image:
    """Red-billed gulls over the lake on a winter morning."""
    pic = Picture(seed=21)
    nature.sky(pic, [(0, "#4f86c0"), (0.32, "#9fc6e2"), (0.52, "#f6d9b8"), (0.62, "#fbe6cc")])
    nature.sun(pic, 1330, 390, 42, "#ffcf7a", 9)
    nature.clouds(pic, 8, 90, 360, "#fff1e4", 0.85)
    nature.ranges(pic, 610, (190, 150, 95), "#b7b9d2", "#5d6f94", "#f7dcc4")
    nature.water(pic, 640, [(0, "#f3cfae"), (0.2, "#a9bfd6"), (0.6, "#5f8cb4"), (1, "#2f5f8c")], "#fff2dc", 1330)
    for k in range(26):
        far = pic.chance.random()
        nature.gull(
            pic.p,
            pic.chance.uniform(60, 1860),
            180 + far * 560 + pic.chance.uniform(-60, 60),
            16 + 66 * far**2,
            math.sin(k * 1.7),
            facing=1 if k % 3 else -1,
        )
    nature.gull(pic.p, 560, 420, 190, 0.72)
    nature.gull(pic.p, 1120, 690, 130, -0.15, facing=-1)
    for x in range(-20, 760, 92):
        pic.p.fillRect(QRectF(x, 930, 20, 170), across(x, x + 20, [(0, "#f4efe6"), (1, "#a79f98")]))
        dot(pic.p, x + 10, 926, 15, "#f6f2ea")
    pic.p.fillRect(QRectF(0, 952, 760, 18), down(952, 970, [(0, "#fbf7ef"), (1, "#b5aca4")]))
    pic.p.fillRect(QRectF(0, 1028, 760, 18), down(1028, 1046, [(0, "#efe8de"), (1, "#a39a92")]))
    person(pic.p, 300, 1090, 330, "han", "wave", back=True)
    person(pic.p, 420, 1096, 210, "girl", "up", child=True, back=True)
    person(pic.p, 545, 1090, 320, "hui", "stand", back=True)
    return pic.finish()


def terraces() -> Image.Image:
    """Terraced fields that mirror the evening sky."""
    pic = Picture(seed=44)
    nature.sky(pic, [(0, "#3d4d8c"), (0.25, "#a8709c"), (0.42, "#f4a67c"), (0.55, "#fde0a8")])
    nature.sun(pic, 760, 330, 52, "#ffd27a", 9)
    nature.clouds(pic, 7, 60, 320, "#ffc8a8", 0.75)
    nature.ranges(pic, 560, (190, 150, 90), "#a987a8", "#4e4a74", "#f7c9a0")
    top = 560.0
    for k in range(15):
        depth = k / 14
        y = top + 520 * depth**1.35
        deep = 26 + 64 * depth
        edge = [
            (
                i * 160.0,
                y + math.sin(i * 0.75 + k * 0.42) * (10 + 30 * depth) + math.cos(i * 1.3 + k * 0.5) * (4 + 9 * depth),
            )
            for i in range(14)
        ]
        bank = smooth_path(edge)
        bank.lineTo(2080, 1100)
        bank.lineTo(0, 1100)
        green = mix("#7d9a58", "#3a6338", depth)
        pic.p.fillPath(bank, green)
        pool = [(x, py + deep * 0.32) for x, py in edge]
        mirror = smooth_path(pool)
        mirror.lineTo(2080, 1100)
        mirror.lineTo(0, 1100)
        pic.p.fillPath(
            mirror,
            across(
                0,
                1920,
                [
                    (0, mix("#a8a4cc", "#7f86b8", depth)),
                    (0.36, mix("#ffe9bc", "#ffc894", depth)),
                    (0.6, mix("#f0b4ae", "#d898a8", depth)),
                    (1, mix("#8a8cbc", "#6a72a8", depth)),
                ],
            ),
        )
        stroke(pic.p, smooth_path([(x, py - 1) for x, py in edge]), tint("#c8d890", 0.5), 2 + 3 * depth)
    for x, size in ((240, 150), (330, 190), (1640, 210), (1760, 170)):
        nature.tree(pic, x, 800 + size * 0.6, size * 1.5, "#1c3328", "#6a8a48")
    return pic.finish()


def ginkgo_avenue() -> Image.Image:
    """The avenue of ginkgo trees in November, gold overhead and underfoot."""
    pic = Picture(seed=62)
    nature.sky(pic, [(0, "#6aa8dc"), (0.4, "#bfe0f0"), (0.55, "#fdf0cf")])
    nature.clouds(pic, 5, 60, 260, "#ffffff", 0.8)
    nature.ranges(pic, 560, (150, 110), "#b9cede", "#8fae9c", "#fbf0d4")
    pic.wash(down(560, 1080, [(0, QColor(0, 0, 0, 0)), (0.001, "#d9b23e"), (0.3, "#e3ae2c"), (1, "#b87d1a")]))
    pic.p.fillPath(
        closed_path((915, 560), (1005, 560), (1500, 1080), (420, 1080)),
        down(560, 1080, [(0, "#efe3cc"), (1, "#b7a189")]),
    )
    for _ in range(1400):
        depth = pic.chance.random() ** 0.7
        y = 565 + 515 * depth
        x = 960 + pic.chance.gauss(0, 180 + 620 * depth)
        dot(
            pic.p,
            x,
            y,
            1.5 + 5 * depth,
            tint(pic.chance.choice(["#ffe27a", "#f6c43a", "#d9962a", "#fff0a8"]), 0.8),
            0.5,
        )
    for k in range(7):
        depth = (k / 6) ** 1.7
        for side in (-1, 1):
            x = 960 + side * (105 + 720 * depth)
            y = 585 + 440 * depth
            nature.shade_on_ground(pic, x + 30 * depth, y, 60 + 190 * depth)
            nature.tree(pic, x, y, 190 + 780 * depth, "#b8741c", "#ffe25a", trunk="#5d4638", spread=0.66)
    person(pic.p, 900, 800, 150, "granny", "hold")
    person(pic.p, 955, 812, 100, "girl-yi", "hold", child=True)
    person(pic.p, 1010, 800, 156, "elder", "hold")
    person(pic.p, 1100, 930, 232, "bai", "wave")
    person(pic.p, 800, 940, 236, "hui", "wave", mirror=True)
    for _ in range(60):
        x, y, r = pic.chance.uniform(0, 1920), pic.chance.uniform(100, 980), pic.chance.uniform(4, 9)
        dot(pic.p, x, y, r, tint("#ffdc55", 0.85), 0.55)
    return pic.finish()


def sunrise_over_the_community() -> Image.Image:
    """The community at sunrise, with mist between the hills."""
    pic = Picture(seed=85)
    nature.sky(pic, [(0, "#2f5590"), (0.26, "#8a8fbc"), (0.44, "#f7b48c"), (0.56, "#ffe6b4")])
    nature.sun(pic, 1240, 520, 58, "#ffc860", 10)
    nature.clouds(pic, 8, 120, 420, "#ffd8bc", 0.8)
    nature.ranges(pic, 640, (250, 210, 150, 90), "#c0a4b8", "#58678c", "#fbdcb8")
    nature.hill(pic, 720, 18, "#7f9a6a", "#4a6a4c", 1.2)
    for k, (x, floors, wide) in enumerate(
        ((60, 7, 250), (350, 9, 220), (620, 6, 300), (1010, 8, 240), (1300, 10, 210), (1560, 7, 300))
    ):
        buildings.block(
            pic,
            x,
            905 + (k % 2) * 14,
            wide,
            floors,
            wall=("#f1dcc0", "#efe6d6", "#e8cfc0")[k % 3],
            roof=("#8a4438", "#5c6a78")[k % 2],
            floor=38,
        )
    nature.hill(pic, 925, 14, "#6d9a58", "#335a3c", 0.4)
    for x in range(20, 1920, 128):
        nature.tree(
            pic,
            x + pic.chance.uniform(-30, 30),
            1010 + pic.chance.uniform(-26, 40),
            pic.chance.uniform(150, 230),
            "#2c5a3c",
            "#b4d068",
        )

    def mist(layer: Picture) -> None:
        for _ in range(26):
            dot(
                layer.p,
                pic.chance.uniform(0, 1920),
                pic.chance.uniform(640, 760),
                pic.chance.uniform(90, 260),
                tint("#fff0dc", 0.28),
                0.18,
            )

    pic.soft(26, mist)
    for k in range(9):
        nature.gull(pic.p, 300 + k * 64, 240 + abs(k - 4) * 26, 22, math.sin(k), facing=1)
    return pic.finish()


def jacaranda_street() -> Image.Image:
    """A street under flowering jacaranda in spring."""
    pic = Picture(seed=31)
    nature.sky(pic, [(0, "#5a9ada"), (0.4, "#c6e2f4"), (0.6, "#f8f0ec")])
    nature.clouds(pic, 6, 70, 300, "#ffffff", 0.85)
    nature.ranges(pic, 600, (170, 110), "#b4c4e0", "#8a9cc0", "#f4f0f4")
    for k, x in enumerate((-60, 250, 1330, 1640)):
        buildings.block(pic, x, 745, 290, (7, 6)[k % 2], wall=("#f4ead8", "#f0dfd0")[k % 2], roof="#6a5070", floor=44)
    pic.wash(down(740, 1080, [(0, QColor(0, 0, 0, 0)), (0.001, "#b9a8cc"), (1, "#8d7ca4")]))
    pic.p.fillPath(
        closed_path((860, 740), (1060, 740), (1620, 1080), (300, 1080)),
        down(740, 1080, [(0, "#dcd4dc"), (1, "#9a909c")]),
    )
    for k in range(5):
        depth = (k / 4) ** 1.5
        for side in (-1, 1):
            x, y = 960 + side * (190 + 720 * depth), 755 + 260 * depth
            nature.shade_on_ground(pic, x, y, 90 + 160 * depth)
            nature.tree(pic, x, y, 300 + 560 * depth, "#5d4aa0", "#c8b0f4", trunk="#5a4450", spread=0.8)
    for _ in range(900):
        depth = pic.chance.random()
        dot(pic.p, pic.chance.uniform(0, 1920), 750 + 330 * depth, 1.5 + 4 * depth, tint("#b99cf0", 0.7), 0.5)
    curve = QPainterPath(QPointF(960, 740))
    curve.lineTo(960, 1080)
    person(pic.p, 760, 960, 250, "dai", "wave")
    person(pic.p, 900, 985, 180, "boy", "hold", child=True)
    person(pic.p, 1010, 975, 262, "miao", "hold")
    person(pic.p, 1170, 950, 250, "tibetan-man", "wave", mirror=True)
    return pic.finish()

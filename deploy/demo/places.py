"""The community's own places and days come out: gate, park, garden, lecture, painting show, repairs."""

from __future__ import annotations

import math

from PIL import Image
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath

from demo import buildings, nature
from demo.paint import Picture, across, closed_path, dot, down, glow, mix, polygon, smooth_path, stroke, tint, write
from demo.people import person


def _morning(pic: Picture, horizon: float) -> None:
    """Paint a clear morning over the hills down to the horizon."""
    nature.sky(pic, [(0, "#4f9bdc"), (0.34, "#a9d6f0"), (0.56, "#fdf2da")])
    nature.clouds(pic, 7, 70, horizon * 0.55, "#ffffff", 0.9)
    nature.ranges(pic, horizon, (170, 130, 80), "#a9c8dc", "#6f9f94", "#f2f3e2")


def car(p: QPainter, x: float, base: float, length: float, colour: str) -> None:
    """Paint a small car seen from the side; `x` is its rear, `base` the road."""
    p.save()
    p.translate(x, base)
    p.scale(length / 100, length / 100)
    cabin = smooth_path([(18, -20), (28, -36), (60, -37), (76, -21)])
    cabin.lineTo(18, -20)
    p.fillPath(cabin, QColor(mix(colour, "#000000", 0.12)))
    for left, right in ((26, 46), (49, 68)):
        p.fillPath(
            closed_path((left - 2, -21), (left + 4, -33.5), (right - 5, -33.8), (right + 2, -21)),
            down(-34, -21, [(0, "#d6ecf6"), (1, "#7fa6bc")]),
        )
    body = QPainterPath()
    body.addRoundedRect(QRectF(0, -23, 100, 17), 7, 7)
    p.fillPath(body, down(-23, -6, [(0, mix(colour, "#ffffff", 0.4)), (0.4, colour), (1, mix(colour, "#000000", 0.3))]))
    p.fillRect(QRectF(0, -12, 100, 2), tint("#000000", 0.16))
    dot(p, 96, -17, 3, "#fff4c4")
    dot(p, 3, -17, 2.6, "#e0382e")
    p.fillRect(QRectF(52, -18, 7, 1.4), tint("#000000", 0.4))
    for wheel in (21, 78):
        dot(p, wheel, -6, 9.4, "#23262b")
        dot(p, wheel, -6, 5, "#c8d0d8")
        dot(p, wheel, -6, 1.8, "#5a636c")
    p.restore()


def gate() -> Image.Image:
    """The gate with its new barrier and the LED wall above it."""
    pic = Picture(seed=5)
    p = pic.p
    _morning(pic, 560)
    for x, floors, wide in ((30, 8, 280), (360, 7, 240), (1320, 7, 250), (1610, 9, 280)):
        buildings.block(pic, x, 800, wide, floors, wall=("#f3e2c8", "#efe4d8")[floors % 2], roof="#8a4a3c", floor=44)
    for x, tall in ((300, 300), (640, 250), (1290, 280), (1585, 320)):
        nature.tree(pic, x, 830, tall, "#2d6238", "#b2d662")
    p.fillRect(QRectF(0, 810, 1920, 60), down(810, 870, [(0, "#86b35a"), (1, "#5c8c48")]))
    p.fillPath(
        closed_path((700, 815), (1240, 815), (1920, 1080), (60, 1080)),
        down(815, 1080, [(0, "#9ea3a8"), (1, "#6b7076")]),
    )
    p.fillPath(
        closed_path((0, 870), (505, 870), (60, 1080), (0, 1080)), down(870, 1080, [(0, "#cfc6b6"), (1, "#a89f90")])
    )
    p.fillPath(
        closed_path((1420, 870), (1920, 870), (1920, 1080), (1915, 1080)),
        down(870, 1080, [(0, "#cfc6b6"), (1, "#a89f90")]),
    )
    for k in range(5):
        depth = (k / 5) ** 1.4
        y, w = 850 + depth * 230, 7 + 16 * depth
        p.fillRect(QRectF(968 - w / 2 + 14 * depth, y, w, 16 + 42 * depth), QColor("#f4e9b0"))
    for left in (500, 1330):
        p.fillRect(
            QRectF(left, 430, 96, 450), across(left, left + 96, [(0, "#f6ead2"), (0.7, "#e3cfae"), (1, "#b99f7c")])
        )
        p.fillRect(QRectF(left - 10, 850, 116, 34), across(left, left + 96, [(0, "#a89a86"), (1, "#7c7060")]))
        for k in range(6):
            y = 470 + k * 60
            for dx, colour in ((16, "#c8382c"), (48, "#e8b038"), (80, "#2f7f8a")):
                p.setBrush(QColor(colour))
                p.drawPolygon(
                    polygon((left + dx, y - 15), (left + dx + 13, y), (left + dx, y + 15), (left + dx - 13, y))
                )
    p.fillRect(QRectF(470, 280, 986, 160), down(280, 440, [(0, "#3a2a2a"), (1, "#241a1c")]))
    p.fillRect(QRectF(486, 294, 954, 132), down(294, 426, [(0, "#b71f1a"), (1, "#8e1214")]))
    write(p, (486, 296, 954, 128), "石榴里社区欢迎您", 82, "#ffe9a8", spacing_px=8)
    for gx in range(488, 1440, 6):
        p.fillRect(QRectF(gx, 294, 1, 132), tint("#000000", 0.13))
    for gy in range(296, 426, 6):
        p.fillRect(QRectF(486, gy, 954, 1), tint("#000000", 0.13))
    buildings.curved_roof(p, 963, 282, 600, 130, "#54646c")
    for x in (720, 1206):
        buildings.lantern(p, x, 500, 34)
    p.fillRect(QRectF(618, 690, 118, 190), across(618, 736, [(0, "#ffffff"), (1, "#c9d2d8")]))
    p.fillRect(QRectF(632, 712, 90, 76), down(712, 788, [(0, "#cfe6f2"), (1, "#6f98b0")]))
    p.fillRect(QRectF(606, 676, 142, 20), QColor("#2f6f8a"))
    nature.shade_on_ground(pic, 800, 905, 70)
    p.fillRect(QRectF(782, 790, 40, 112), across(782, 822, [(0, "#ffc23a"), (1, "#d98a12")]))
    for k in range(13):
        x0 = 815 + k * 36
        p.fillPath(
            closed_path(
                (x0, 806 - k * 6.4), (x0 + 36, 799.6 - k * 6.4), (x0 + 36, 813.6 - k * 6.4), (x0, 820 - k * 6.4)
            ),
            QColor(("#f4f4f4", "#d8302a")[k % 2]),
        )
    nature.flowers(pic, (0, 838, 470, 40), 110, ["#f0608a", "#f7c84a", "#ffffff"], 11)
    nature.flowers(pic, (1440, 838, 480, 40), 110, ["#f0608a", "#f7c84a", "#ffffff"], 11)
    nature.shade_on_ground(pic, 1215, 985, 250, 0.42)
    car(p, 1010, 990, 400, "#2f7fc0")
    person(p, 690, 960, 250, "guard", "point")
    person(p, 330, 1010, 262, "yi", "wave")
    person(p, 440, 1020, 180, "girl", "hold", child=True)
    person(p, 210, 1000, 258, "bai", "stand")
    person(p, 1610, 985, 250, "elder", "wave", mirror=True)
    person(p, 1735, 1000, 244, "dai", "stand")
    return pic.finish()


def pocket_park() -> Image.Image:
    """The pocket park with its pavilion and the pomegranate of stone."""
    pic = Picture(seed=12)
    p = pic.p
    _morning(pic, 540)
    buildings.block(pic, 1500, 690, 260, 6, wall="#f3e4cc", roof="#8a4a3c")
    buildings.block(pic, 60, 690, 240, 5, wall="#efe2d2", roof="#6a7480")
    nature.hill(pic, 640, 20, "#a6cf6a", "#4f9248", 0.6)
    for x, tall in ((120, 380), (400, 300), (1370, 320), (1640, 400), (1850, 330)):
        nature.shade_on_ground(pic, x + 30, 745, 130)
        nature.tree(pic, x, 750, tall, "#2f6a3a", "#bcdc66")
    buildings.pavilion(pic, 1010, 775, 470)
    path = QPainterPath(QPointF(930, 775))
    path.cubicTo(880, 850, 1180, 880, 1080, 960)
    path.cubicTo(1010, 1020, 800, 1040, 700, 1090)
    path.lineTo(1260, 1090)
    path.cubicTo(1330, 1010, 1450, 960, 1330, 880)
    path.cubicTo(1240, 830, 1080, 840, 1090, 775)
    p.fillPath(path, down(775, 1080, [(0, "#e6d6b8"), (1, "#c9b18c")]))
    for _ in range(230):
        depth = pic.chance.random()
        px, py = 780 + pic.chance.random() * 560, 790 + depth * 290
        if path.contains(QPointF(px, py)):
            dot(p, px, py, 8 + 12 * depth, tint(pic.chance.choice(["#c2a680", "#efe3ca", "#b79a78"]), 0.6), 0.45)
    nature.shade_on_ground(pic, 430, 905, 230, 0.4)
    p.fillRect(QRectF(290, 830, 280, 72), across(290, 570, [(0, "#f2eee6"), (0.6, "#d6cfc2"), (1, "#a49b8c")]))
    write(p, (290, 830, 280, 72), "石榴籽园", 46, "#9a2a20", family="Noto Serif CJK SC", spacing_px=6)
    buildings.pomegranate(p, 430, 700, 128)
    for side, spin in ((-1, -28), (1, 32)):
        p.save()
        p.translate(430 + side * 110, 790)
        p.rotate(spin)
        p.fillPath(
            smooth_path([(0, 0), (side * 40, -26), (side * 96, 0), (side * 40, 22)], True),
            across(-96, 96, [(0, "#4f9a4a"), (1, "#2d6a38")]),
        )
        p.restore()
    nature.flowers(pic, (120, 905, 620, 60), 150, ["#f06a92", "#f7c84a", "#ffffff", "#c86ad8"], 15)
    nature.flowers(pic, (1400, 880, 520, 90), 150, ["#f0604a", "#f7c84a", "#ffffff", "#5aa0e8"], 16)
    nature.grass(pic, (0, 900, 640, 190), 260, ["#3f8a3f", "#8fc858", "#62a84a"], 34)
    nature.grass(pic, (1440, 900, 480, 190), 240, ["#3f8a3f", "#8fc858", "#62a84a"], 34)
    person(p, 1000, 770, 150, "elder", "stand")
    person(p, 930, 770, 146, "granny", "clap")
    person(p, 1130, 880, 190, "yi", "hold")
    person(p, 1210, 890, 138, "girl-yi", "hold", child=True)
    person(p, 1290, 885, 192, "tibetan-man", "hold", mirror=True)
    person(p, 800, 985, 232, "dai-green", "wave")
    person(p, 1130, 1040, 170, "boy", "up", child=True)
    return pic.finish()


def _cabbage(p: QPainter, x: float, y: float, r: float) -> None:
    for k in range(8):
        a = k * math.tau / 8
        dot(p, x + math.cos(a) * r * 0.6, y + math.sin(a) * r * 0.36, r * 0.56, mix("#3f9a44", "#9ad05c", k / 8), 0.74)
    dot(p, x, y - r * 0.1, r * 0.5, glow(x, y - r * 0.2, r * 0.6, [(0, "#e2f2b0"), (1, "#a4d06a")]), 0.8)


def _tomatoes(p: QPainter, x: float, y: float, r: float) -> None:
    stroke(p, smooth_path([(x, y), (x + r * 0.1, y - r * 2.6)]), "#a07a4a", r * 0.14)
    for k in range(7):
        side = 1 if k % 2 else -1
        dot(
            p,
            x + side * r * (0.25 + 0.1 * (k % 3)),
            y - r * (0.3 + 0.34 * k),
            r * 0.42,
            mix("#2d7a3a", "#6ab84a", k / 7),
            0.7,
        )
    for k in range(4):
        side = 1 if k % 2 else -1
        tx, ty = x + side * r * 0.36, y - r * (0.5 + 0.5 * k)
        dot(p, tx, ty, r * 0.23, glow(tx - r * 0.08, ty - r * 0.08, r * 0.3, [(0, "#ff8a6a"), (1, "#d42a20")]))


def _carrots(p: QPainter, x: float, y: float, r: float) -> None:
    for k in range(7):
        lean = (k - 3) * r * 0.22
        stroke(
            p,
            smooth_path([(x, y), (x + lean * 0.5, y - r * 0.7), (x + lean, y - r * 1.15)]),
            mix("#2f8a3c", "#8ed058", k / 7),
            r * 0.13,
        )
    dot(p, x, y, r * 0.24, "#f0852e", 0.6)


def _aubergine(p: QPainter, x: float, y: float, r: float) -> None:
    for k in range(6):
        a = k * math.tau / 6
        dot(
            p,
            x + math.cos(a) * r * 0.5,
            y - r * 0.8 + math.sin(a) * r * 0.5,
            r * 0.46,
            mix("#2f6f42", "#74b058", k / 6),
            0.7,
        )
    for side in (-1, 1):
        dot(
            p,
            x + side * r * 0.36,
            y - r * 0.2,
            r * 0.24,
            glow(x + side * r * 0.3, y - r * 0.4, r * 0.5, [(0, "#b07ad8"), (1, "#4a2470")]),
            1.5,
        )


def garden() -> Image.Image:
    """The happy garden: neighbours at their plots."""
    pic = Picture(seed=17)
    p = pic.p
    _morning(pic, 470)
    for x, floors in ((80, 5), (420, 6), (1250, 6), (1600, 5)):
        buildings.block(pic, x, 590, 270, floors, wall=("#f5e6cc", "#efe0d4")[floors % 2], roof="#8a4a3c", floor=42)
    nature.hill(pic, 580, 10, "#a2cc66", "#5f9a4a", 0.3)
    for x in range(60, 1920, 210):
        nature.tree(pic, x + pic.chance.uniform(-40, 40), 625, pic.chance.uniform(130, 190), "#2f6a3a", "#b6d862")
    for k in range(34):
        p.fillRect(QRectF(k * 58 + 8, 610, 30, 52), across(k * 58 + 8, k * 58 + 38, [(0, "#fffaf0"), (1, "#d8ccba")]))
    p.fillRect(QRectF(0, 622, 1920, 8), QColor("#efe6d6"))
    p.fillRect(QRectF(0, 644, 1920, 8), QColor("#e2d6c2"))
    p.fillRect(QRectF(0, 662, 1920, 420), down(662, 1080, [(0, "#b9a06e"), (1, "#957a4c")]))
    crops = (_cabbage, _tomatoes, _carrots, _aubergine)
    rows = ((676, 0.55), (770, 0.8), (900, 1.12))
    names = ("阿依家", "段家", "马家", "刀家", "和睦园", "李家", "杨家", "卓玛家", "罗家")
    for row, (y, scale) in enumerate(rows):
        for column in range(3):
            wide = 530 * (0.86 + 0.14 * scale)
            left = 960 + (column - 1.5) * (wide + 46 * scale) + 22 * scale
            deep = 74 * scale
            bed = closed_path(
                (left + 18 * scale, y), (left + wide - 18 * scale, y), (left + wide, y + deep), (left, y + deep)
            )
            p.fillPath(bed, down(y, y + deep, [(0, "#6a4a32"), (1, "#4a3020")]))
            p.fillRect(
                QRectF(left, y + deep, wide, 20 * scale),
                down(y + deep, y + deep + 20 * scale, [(0, "#d9a468"), (1, "#9a6a3c")]),
            )
            for k in range(7):
                for line in range(2):
                    px = left + wide * (k + 0.75 - 0.18 * line) / 7.4
                    crops[(row + column * 2) % 4](p, px, y + deep * (0.42 + 0.44 * line), 30 * scale)
            sx, sy = left + wide * 0.07, y + deep
            p.fillRect(QRectF(sx - 3, sy - 74 * scale, 6, 84 * scale), QColor("#8a5a34"))
            board = QRectF(sx - 52 * scale, sy - 108 * scale, 104 * scale, 44 * scale)
            p.fillRect(board, across(board.left(), board.right(), [(0, "#fff4d8"), (1, "#ecd4a0")]))
            write(
                p, (board.x(), board.y(), board.width(), board.height()), names[row * 3 + column], 27 * scale, "#7a3a1c"
            )
    person(p, 350, 775, 200, "granny", "work")
    person(p, 640, 770, 206, "hui", "wave")
    person(p, 1290, 775, 208, "yi", "work")
    person(p, 1400, 778, 146, "girl-yi", "up", child=True)
    person(p, 980, 905, 262, "bai", "carry")
    p.fillRect(QRectF(944, 735, 72, 26), down(735, 761, [(0, "#d9a05a"), (1, "#a06a30")]))
    for k in range(5):
        dot(p, 952 + k * 14, 733, 11, ("#4f9a44", "#e04030", "#f0852e", "#6ab84a", "#d42a20")[k])
    person(p, 1700, 900, 266, "dai", "wave", mirror=True)
    person(p, 60, 1050, 300, "elder", "point")
    return pic.finish()


def street_cleaning() -> Image.Image:
    """Volunteers on their Saturday round."""
    pic = Picture(seed=37)
    p = pic.p
    _morning(pic, 540)
    for x, floors in ((-40, 7), (300, 6), (1180, 6), (1480, 8), (1790, 6)):
        buildings.block(pic, x, 760, 280, floors, wall=("#f5e6cc", "#efe0d4")[floors % 2], roof="#7a4a40", floor=44)
    for x, tall in ((250, 330), (640, 280), (1150, 290), (1460, 340), (1880, 340)):
        nature.tree(pic, x, 800, tall, "#2f6a3a", "#b8da64")
    p.fillRect(QRectF(0, 770, 1920, 60), down(770, 830, [(0, "#8fbc5e"), (1, "#5f944a")]))
    p.fillRect(QRectF(0, 830, 1920, 250), down(830, 1080, [(0, "#d9cfc0"), (1, "#a99d8c")]))
    for k in range(-4, 16):
        p.fillPath(
            closed_path(
                (960 + (k - 5.5) * 150, 830),
                (960 + (k - 5.47) * 150, 830),
                (960 + (k - 5.45) * 290, 1080),
                (960 + (k - 5.5) * 290, 1080),
            ),
            tint("#7a6e60", 0.35),
        )
    for k, (colour, name) in enumerate(
        (("#2f7fc0", "可回收物"), ("#3f9a4a", "厨余垃圾"), ("#d83a30", "有害垃圾"), ("#6a6f76", "其他垃圾"))
    ):
        x = 1180 + k * 150
        nature.shade_on_ground(pic, x + 60, 868, 90, 0.35)
        p.fillPath(
            closed_path((x, 700), (x + 120, 700), (x + 110, 868), (x + 10, 868)),
            across(x, x + 120, [(0, mix(colour, "#ffffff", 0.3)), (1, mix(colour, "#000000", 0.25))]),
        )
        p.fillRect(QRectF(x - 8, 684, 136, 22), mix(colour, "#000000", 0.18))
        write(p, (x, 740, 120, 50), name, 25, "#ffffff")
    nature.flowers(pic, (0, 800, 1130, 30), 170, ["#f06a92", "#f7c84a", "#ffffff", "#c86ad8"], 12)
    for x, dress, pose, mirror in (
        (190, "volunteer", "work", False),
        (420, "volunteer", "carry", False),
        (650, "volunteer", "wave", True),
    ):
        person(p, x, 1010, 310, dress, pose, mirror=mirror)
    stroke(p, smooth_path([(178, 870), (280, 1030)]), "#a8743a", 8)
    p.fillPath(closed_path((262, 1000), (302, 1014), (322, 1056), (246, 1048)), QColor("#d9b060"))
    p.fillRect(QRectF(388, 838, 64, 50), down(838, 888, [(0, "#3f8fc8"), (1, "#2a6a9c")]))
    person(p, 810, 1030, 214, "girl-yi", "up", child=True)
    person(p, 930, 1030, 300, "hui-woman", "clap")
    person(p, 1090, 1030, 306, "yi-man", "point")
    person(p, 1830, 1030, 300, "granny", "wave", mirror=True)
    for _ in range(40):
        dot(
            p,
            pic.chance.uniform(0, 1100),
            pic.chance.uniform(860, 1070),
            pic.chance.uniform(4, 9),
            tint(pic.chance.choice(["#e8b040", "#c8742c", "#8fae48"]), 0.8),
            0.5,
        )
    return pic.finish()

"""Festivals and the peoples who keep them together come out."""

from __future__ import annotations

import math

from PIL import Image
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainterPath

from demo import buildings, nature
from demo.paint import Picture, across, closed_path, dot, down, glow, mix, smooth_path, stroke, tint, write
from demo.people import person

CIRCLE = ("yi", "yi-man", "bai", "hui", "dai", "tibetan", "han-man", "miao", "hui-woman", "uygur", "tibetan-man", "han")


def stars(pic: Picture, count: int, bottom: float) -> None:
    """Paint a starry sky above `bottom`."""
    for _ in range(count):
        x, y = pic.chance.uniform(0, pic.width), pic.chance.uniform(0, bottom)
        dot(pic.p, x, y, pic.chance.uniform(0.8, 2.4), tint("#fff6dc", pic.chance.uniform(0.3, 0.95)))


def flames(pic: Picture, x: float, base: float, size: float) -> None:
    """Paint a bonfire of about `size` pixels height."""
    p, chance = pic.p, pic.chance
    dot(
        p,
        x,
        base - size * 0.4,
        size * 2.6,
        glow(
            x,
            base - size * 0.4,
            size * 2.6,
            [(0, tint("#ffb84a", 0.75)), (0.3, tint("#ff8a2a", 0.34)), (1, tint("#ff6a10", 0))],
        ),
    )
    for colour, grow, count in (("#d8361a", 1.0, 11), ("#f2701e", 0.82, 10), ("#fdae2e", 0.62, 9), ("#ffe27a", 0.4, 7)):
        for k in range(count):
            dx = (k - (count - 1) / 2) / count * size * 0.9 * grow
            tall = size * grow * (1.05 - abs(dx) / (size * 0.52)) * chance.uniform(0.75, 1.15)
            wide = size * 0.15 * grow
            lean = chance.uniform(-0.14, 0.14) * size
            tongue = QPainterPath(QPointF(x + dx - wide, base))
            tongue.cubicTo(
                x + dx - wide * 1.5,
                base - tall * 0.4,
                x + dx + lean,
                base - tall * 0.6,
                x + dx + lean * 1.4,
                base - tall,
            )
            tongue.cubicTo(
                x + dx + lean + wide * 0.7,
                base - tall * 0.6,
                x + dx + wide * 1.7,
                base - tall * 0.42,
                x + dx + wide,
                base,
            )
            p.fillPath(tongue, tint(colour, 0.82))
    for k in range(7):
        a = (k - 3) * 0.32
        log = smooth_path(
            [(x + math.sin(a) * size * 0.55, base + size * 0.06), (x - math.sin(a) * size * 0.1, base - size * 0.16)]
        )
        stroke(p, log, ("#6a3a1e", "#84502c")[k % 2], size * 0.085)
    for _ in range(90):
        r = chance.random()
        dot(
            p,
            x + chance.gauss(0, size * (0.25 + 0.6 * r)),
            base - size * (0.5 + 2.3 * r),
            chance.uniform(1.2, 4.2),
            tint("#ffcf6a", 0.9 - 0.7 * r),
        )


def torch_festival() -> Image.Image:
    """Torch Festival: everybody dances round the fire."""
    pic = Picture(seed=66)
    p = pic.p
    nature.sky(pic, [(0, "#0e1a4a"), (0.32, "#2c2f74"), (0.52, "#70407c"), (0.62, "#c8643c")])
    stars(pic, 330, 520)
    nature.ranges(pic, 620, (260, 200, 120), "#4c3f78", "#241f4c", "#8a4a60")
    for k in range(46):
        x = 620 + k * 17
        y = 585 - 60 * math.sin(k / 45 * math.pi) + 14 * math.sin(k * 0.7)
        dot(p, x, y, 15, glow(x, y, 15, [(0, tint("#ffb040", 0.8)), (1, tint("#ff8a20", 0))]))
        dot(p, x, y, 2.6, "#ffe9a8")
    for x, floors, wide in ((40, 5, 250), (330, 6, 220), (1380, 6, 230), (1650, 5, 260)):
        buildings.block(pic, x, 720, wide, floors, night=True, floor=42)
    pic.p.fillRect(QRectF(0, 700, 1920, 380), down(700, 1080, [(0, "#6a3a34"), (0.4, "#7c4430"), (1, "#341c24")]))
    dot(
        p,
        960,
        870,
        860,
        glow(960, 870, 860, [(0, tint("#ffb050", 0.85)), (0.5, tint("#e8702a", 0.35)), (1, tint("#e8702a", 0))]),
        0.32,
    )
    buildings.garland(p, -20, 330, 700, 420, 50, 6, 24, True)
    buildings.garland(p, 1220, 420, 1940, 330, 50, 6, 24, True)
    for k in range(12):
        px = 960 + (k - 5.5) * 108
        py = 792 - 26 * math.cos((k - 5.5) / 6 * 1.5) + 12
        person(p, px, py, 178, CIRCLE[k], ("dance", "dance2", "hold")[k % 3], lean=(-4, 4)[k % 2])
    flames(pic, 960, 950, 350)
    for k in range(9):
        px = 150 + k * 204
        py = 1010 + 52 * math.sin(k / 8 * math.pi)
        if abs(px - 960) < 90:
            continue
        px += math.copysign(70 * (1 - abs(px - 960) / 820), px - 960)
        person(
            p, px, py, 290, CIRCLE[(k * 5 + 3) % 12], ("dance2", "dance", "up")[k % 3], back=True, lean=(5, -5)[k % 2]
        )

    def light(layer: Picture) -> None:
        dot(layer.p, 960, 860, 620, glow(960, 860, 620, [(0, tint("#ffa640", 0.5)), (1, tint("#ff8a20", 0))]), 0.6)

    pic.soft(16, light, 0.55)
    return pic.finish(vignette=0.3)


def water_festival() -> Image.Image:
    """The water-splashing festival under the palms."""
    pic = Picture(seed=53)
    p = pic.p
    nature.sky(pic, [(0, "#2f9ad8"), (0.4, "#a6def2"), (0.6, "#f6f6da")])
    nature.clouds(pic, 6, 60, 280, "#ffffff", 0.9)
    nature.ranges(pic, 580, (130, 90), "#9cd0d0", "#5aa88c", "#eef6dc")
    p.fillRect(QRectF(0, 640, 1920, 440), down(640, 1080, [(0, "#ecd9a8"), (1, "#cfae74")]))
    for x, tall, lean in ((130, 620, 60), (330, 470, -30), (1620, 500, 40), (1810, 640, -70)):
        nature.shade_on_ground(pic, x, 720, 150)
        trunk = smooth_path([(x, 720), (x + lean * 0.4, 720 - tall * 0.5), (x + lean, 720 - tall)])
        stroke(p, trunk, "#8a6a48", 24)
        stroke(p, trunk, "#a8845c", 12)
        for k in range(11):
            a = math.pi * (1.02 + k / 10 * 0.96) + 0.02
            tip = (x + lean + math.cos(a) * 190, 720 - tall + math.sin(a) * 120 + 90)
            frond = QPainterPath(QPointF(x + lean, 720 - tall))
            frond.quadTo(x + lean + math.cos(a) * 120, 720 - tall + math.sin(a) * 150 - 10, *tip)
            frond.quadTo(x + lean + math.cos(a) * 90, 720 - tall + math.sin(a) * 90 + 20, x + lean, 720 - tall)
            p.fillPath(frond, mix("#1f7a48", "#7cc85a", k / 10))
    buildings.pavilion(pic, 960, 700, 420)
    buildings.bunting(p, 330, 300, 780, 330, 50, 12, 30)
    buildings.bunting(p, 1140, 330, 1600, 300, 50, 12, 30)
    crowd = (
        ("dai", 320, 900),
        ("hui", 520, 860),
        ("dai-green", 740, 920),
        ("yi", 960, 860),
        ("dai", 1180, 925),
        ("bai", 1390, 865),
        ("han-man", 1590, 910),
    )

    def spray(x: float, y: float, side: int) -> None:
        for _ in range(90):
            r = pic.chance.random()
            dx, dy = side * (20 + 250 * r), -150 * math.sin(r * math.pi) + pic.chance.gauss(0, 20 + 20 * r)
            size = pic.chance.uniform(2.5, 9) * (1.1 - 0.5 * r)
            px, py = x + dx, y + dy
            dot(
                p,
                px,
                py,
                size,
                glow(
                    px - size * 0.3,
                    py - size * 0.3,
                    size * 1.2,
                    [(0, tint("#ffffff", 0.95)), (1, tint("#58b8ec", 0.75))],
                ),
            )

    for k, (dress, x, y) in enumerate(crowd):
        person(p, x, y, 280, dress, ("splash", "up", "dance", "wave", "splash", "up", "dance2")[k], lean=(3, -3)[k % 2])
        if k % 2 == 0:
            bx, by = x + 70, y - 250
            p.fillPath(
                closed_path((bx - 30, by), (bx + 30, by), (bx + 22, by + 36), (bx - 22, by + 36)),
                across(bx - 30, bx + 30, [(0, "#f0d27a"), (1, "#b8862e")]),
            )
            spray(bx, by, 1 if k < 4 else -1)
    for k, (dress, x) in enumerate((("girl", 440), ("boy", 860), ("girl-yi", 1290), ("boy", 1700))):
        person(p, x, 1040, 210, dress, ("up", "splash", "up", "wave")[k], child=True)
        spray(x + 30, 860, (-1) ** k)
    nature.flowers(pic, (0, 1000, 1920, 70), 60, ["#f06a92", "#f7c84a", "#ffffff"], 15)
    return pic.finish()


def mid_autumn() -> Image.Image:
    """The full moon of the Mid-Autumn Festival over the community."""
    pic = Picture(seed=15)
    p = pic.p
    nature.sky(pic, [(0, "#0b1740"), (0.4, "#24407e"), (0.66, "#5f6ca4"), (0.8, "#c89a94")])
    stars(pic, 260, 620)
    dot(
        p,
        1260,
        330,
        560,
        glow(1260, 330, 560, [(0, tint("#ffefbc", 0.6)), (0.35, tint("#ffe9b0", 0.22)), (1, tint("#ffe9b0", 0))]),
    )
    dot(p, 1260, 330, 190, glow(1200, 270, 300, [(0, "#fffbe6"), (0.7, "#ffeab0"), (1, "#f0cf86")]))
    for x, y, r in ((1200, 290, 34), (1320, 380, 46), (1290, 250, 22), (1190, 400, 26), (1350, 290, 18)):
        dot(p, x, y, r, tint("#e0bc78", 0.32))
    nature.clouds(pic, 6, 330, 520, "#8f9fd0", 0.5)
    nature.ranges(pic, 720, (170, 120), "#3a4a86", "#1d2a58", "#8a84a8")
    for x, floors, wide in ((-30, 7, 270), (270, 6, 240), (1240, 6, 240), (1500, 8, 230), (1750, 6, 260)):
        buildings.block(pic, x, 890, wide, floors, night=True, floor=46)
    p.fillRect(QRectF(0, 880, 1920, 200), down(880, 1080, [(0, "#3a3a5c"), (1, "#20203c")]))
    for x in (560, 1190):
        buildings.lamp(p, x, 940, 300, True)
    branch = QPainterPath(QPointF(-20, 120))
    branch.cubicTo(180, 160, 360, 100, 620, 170)
    stroke(p, branch, "#2a1a1c", 14)
    for k in range(150):
        at = branch.pointAtPercent(pic.chance.random())
        px, py = at.x() + pic.chance.gauss(0, 34), at.y() + pic.chance.gauss(0, 38)
        if k % 2:
            dot(p, px, py, pic.chance.uniform(10, 20), mix("#12301f", "#2f6a44", pic.chance.random()), 0.5)
        else:
            dot(p, px, py, pic.chance.uniform(4, 7), mix("#ffb84a", "#ffe08a", pic.chance.random()))
    for x, y in ((150, 270), (330, 240), (510, 290)):
        buildings.lantern(p, x, y, 42, colour="#e8632a", shine=True)
    p.fillPath(
        closed_path((700, 935), (1060, 935), (1090, 965), (670, 965)), down(935, 965, [(0, "#c8824a"), (1, "#8a5228")])
    )
    for x in (700, 1040):
        p.fillRect(QRectF(x, 965, 18, 80), QColor("#6a3c1e"))
    for k in range(5):
        x = 748 + k * 66
        dot(p, x, 926, 26, "#f4eee0", 0.4)
        dot(p, x, 916, 19, glow(x - 5, 911, 24, [(0, "#f6cf84"), (1, "#b8742c")]), 0.6)
    for x, y, tall, dress, pose, child in (
        (600, 1030, 280, "granny", "stand", False),
        (690, 1050, 184, "girl", "point", True),
        (1140, 1030, 290, "elder", "wave", False),
        (1260, 1040, 280, "bai", "hold", False),
        (1370, 1050, 190, "boy", "up", True),
        (440, 1030, 286, "hui", "wave", False),
    ):
        person(p, x, y, tall, dress, pose, child=child)
    for x, y in ((716, 935), (1394, 850)):
        buildings.lantern(p, x, y, 22, colour="#f0a02e", shine=True)
    return pic.finish(vignette=0.28)


def _burst(pic: Picture, x: float, y: float, size: float, colour: str) -> None:
    dot(pic.p, x, y, size * 1.2, glow(x, y, size * 1.2, [(0, tint(colour, 0.35)), (1, tint(colour, 0))]))
    for ring, reach in enumerate((1.0, 0.7, 0.42)):
        for k in range(26 - ring * 6):
            a = k * math.tau / (26 - ring * 6) + ring * 0.2
            start, end = reach * size * 0.45, reach * size
            line = QPainterPath(QPointF(x + math.cos(a) * start, y + math.sin(a) * start))
            line.lineTo(x + math.cos(a) * end, y + math.sin(a) * end + size * 0.06)
            stroke(pic.p, line, tint(mix(colour, "#ffffff", ring * 0.25), 0.75), size * 0.016)
            dot(
                pic.p,
                x + math.cos(a) * end,
                y + math.sin(a) * end + size * 0.06,
                size * 0.024,
                mix(colour, "#ffffff", 0.5),
            )


def spring_festival() -> Image.Image:
    """New Year's Eve: red lanterns, couplets and fireworks."""
    pic = Picture(seed=18)
    p = pic.p
    nature.sky(pic, [(0, "#1a1040"), (0.4, "#4a1c58"), (0.7, "#9c3048"), (0.86, "#d86a3c")])
    stars(pic, 150, 500)
    for x, y, size, colour in (
        (420, 250, 190, "#ffc84a"),
        (820, 170, 150, "#ff6a7a"),
        (1200, 260, 200, "#8ad0ff"),
        (1560, 190, 160, "#ffd88a"),
        (640, 400, 100, "#a8ff9a"),
        (1420, 440, 100, "#ff9ad8"),
    ):
        _burst(pic, x, y, size, colour)
    nature.ranges(pic, 700, (120, 80), "#5a2450", "#32163c", "#a84a4c")
    for x, floors, wide in ((60, 7, 260), (380, 6, 240), (1300, 6, 240), (1600, 7, 270)):
        buildings.block(pic, x, 860, wide, floors, night=True, floor=46)
    p.fillRect(QRectF(0, 850, 1920, 230), down(850, 1080, [(0, "#6a2a34"), (1, "#32141f")]))
    p.fillRect(QRectF(690, 560, 540, 330), across(690, 1230, [(0, "#d9b088"), (0.5, "#f0d2a8"), (1, "#b98a60")]))
    buildings.curved_roof(p, 960, 560, 400, 130, "#4a5a62")
    p.fillRect(QRectF(850, 640, 220, 250), across(850, 1070, [(0, "#8a1a18"), (0.5, "#c8302a"), (1, "#7a1614")]))
    p.fillRect(QRectF(958, 640, 4, 250), QColor("#5a0e0e"))
    for x in (905, 1015):
        p.save()
        p.translate(x, 745)
        p.rotate(45)
        p.fillRect(QRectF(-36, -36, 72, 72), QColor("#e8442e"))
        p.restore()
        write(p, (x - 50, 715, 100, 60), "福", 46, "#ffe08a", family="Noto Serif CJK SC")
    for x, text in ((790, "家家和睦春常在"), (1084, "岁岁平安福满门")):
        p.fillRect(QRectF(x, 622, 46, 268), down(622, 890, [(0, "#e23a2a"), (1, "#b8221c")]))
        for k, sign in enumerate(text):
            write(p, (x, 626 + k * 37, 46, 37), sign, 32, "#ffe9a0", family="Noto Serif CJK SC")
    p.fillRect(QRectF(830, 588, 260, 44), QColor("#d8322a"))
    write(p, (830, 588, 260, 44), "万家同春", 34, "#ffe9a0", family="Noto Serif CJK SC", spacing_px=10)
    for x in (730, 1190):
        buildings.lantern(p, x, 640, 42, shine=True)
    buildings.garland(p, -20, 420, 560, 520, 60, 5, 30, True)
    buildings.garland(p, 1360, 520, 1940, 420, 60, 5, 30, True)
    for k, (x, tall, dress, pose, child) in enumerate(
        (
            (330, 290, "elder", "wave", False),
            (440, 284, "granny", "clap", False),
            (560, 200, "girl", "up", True),
            (650, 296, "yi", "wave", False),
            (1270, 296, "hui", "clap", False),
            (1380, 200, "boy", "up", True),
            (1490, 290, "tibetan", "wave", False),
            (1610, 294, "dai", "clap", False),
            (960, 180, "girl-yi", "up", True),
        )
    ):
        person(p, x, 1030 + (k % 2) * 16, tall, dress, pose, child=child)
    return pic.finish(vignette=0.28)

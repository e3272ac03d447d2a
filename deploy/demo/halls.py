"""The community's halls come out: the lecture, the children's painting show, the service counter."""

from __future__ import annotations

from PIL import Image
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainterPath

from demo import buildings, childrens, nature
from demo.paint import Picture, across, closed_path, dot, down, glow, tint, write
from demo.people import person


def lecture() -> Image.Image:
    """The unity lecture in the community hall."""
    pic = Picture(seed=23)
    p = pic.p
    pic.wash(down(0, 1080, [(0, "#f5e3c6"), (0.6, "#e8caa0"), (1, "#8a5a3c")]))
    for x in range(0, 1920, 120):
        p.fillRect(QRectF(x, 0, 2, 640), tint("#b98a5a", 0.25))
    p.fillRect(QRectF(250, 110, 1420, 480), down(110, 590, [(0, "#7a1518"), (1, "#a52422")]))
    for k in range(24):
        p.fillRect(
            QRectF(250 + k * 59.2, 110, 26, 480),
            across(250 + k * 59.2, 276 + k * 59.2, [(0, tint("#000000", 0.18)), (1, tint("#000000", 0))]),
        )
    p.fillRect(QRectF(480, 170, 960, 340), QColor("#2a1a1a"))
    p.fillRect(QRectF(492, 182, 936, 316), down(182, 498, [(0, "#d83a2c"), (1, "#b01f1e")]))
    write(p, (492, 210, 936, 110), "民族团结进步宣讲会", 84, "#fff0b8", spacing_px=6)
    write(p, (492, 330, 936, 60), "像石榴籽一样紧紧抱在一起", 46, "#ffe0a0", bold=False, spacing_px=4)
    for k, dress in enumerate(("yi", "bai", "dai", "hui", "han", "miao", "tibetan")):
        person(p, 770 + k * 98, 494, 96, dress, "hold", shadow=False)
    p.fillPath(
        closed_path((170, 590), (1750, 590), (1840, 690), (80, 690)), down(590, 690, [(0, "#c9935c"), (1, "#9a6436")])
    )
    p.fillRect(QRectF(80, 690, 1760, 40), QColor("#6a3f24"))
    person(p, 690, 650, 260, "yi", "point")
    p.fillPath(
        closed_path((500, 520), (640, 520), (626, 668), (514, 668)), across(500, 640, [(0, "#a8642e"), (1, "#74401c")])
    )
    buildings.pomegranate(p, 570, 590, 26)
    for x in (330, 1590):
        nature.shade_on_ground(pic, x, 655, 70)
        p.fillPath(
            closed_path((x - 36, 590), (x + 36, 590), (x + 26, 655), (x - 26, 655)),
            across(x - 36, x + 36, [(0, "#f4f6f8"), (1, "#b4bec8")]),
        )
        nature.tree(pic, x, 600, 170, "#2c6a3c", "#9ccc5a", spread=0.8)
    dresses = (
        "han-man",
        "bai",
        "elder",
        "hui",
        "dai",
        "granny",
        "yi-man",
        "tibetan",
        "han",
        "volunteer",
        "hui-woman",
        "miao",
        "teacher",
        "uygur",
    )

    def light(layer: Picture) -> None:
        for x in (420, 960, 1500):
            layer.p.fillPath(
                closed_path((x - 40, 0), (x + 40, 0), (x + 260, 720), (x - 260, 720)),
                down(0, 720, [(0, tint("#fff2cc", 0.5)), (1, tint("#fff2cc", 0.02))]),
            )

    pic.soft(30, light, 0.6)
    for row, (y, size, count) in enumerate(((820, 190, 14), (950, 250, 11), (1130, 330, 9))):
        for k in range(count):
            px = 960 + (k - (count - 1) / 2) * size * 0.66 + (row % 2) * size * 0.2
            person(
                p,
                px,
                y,
                size,
                dresses[(k * 3 + row * 5) % len(dresses)],
                "clap" if (k + row) % 4 == 0 else "stand",
                back=True,
                shadow=False,
            )
            back = QRectF(px - size * 0.18, y - size * 0.56, size * 0.36, size * 0.6)
            shape = QPainterPath()
            shape.addRoundedRect(back, size * 0.05, size * 0.05)
            p.fillPath(shape, down(back.top(), back.bottom(), [(0, "#9a3a30"), (1, "#5a1c1a")]))
    return pic.finish()


def painting_show() -> Image.Image:
    """The children's painting show in the hall."""
    pic = Picture(seed=29)
    p = pic.p
    pic.wash(down(0, 1080, [(0, "#fbf4e6"), (0.7, "#f0e2c8"), (0.701, "#c99a64"), (1, "#a87644")]))
    for k in range(12):
        p.fillPath(
            closed_path(
                (960 + (k - 6) * 230, 757),
                (960 + (k - 5.97) * 230, 757),
                (960 + (k - 5.95) * 520, 1080),
                (960 + (k - 6) * 520, 1080),
            ),
            tint("#6a4020", 0.2),
        )
    p.fillRect(QRectF(0, 742, 1920, 16), QColor("#fffaf0"))
    write(p, (0, 26, 1920, 84), "我们一起画石榴 · 儿童画展", 62, "#b5322a", spacing_px=6)
    buildings.bunting(p, -20, 30, 480, 40, 60, 10, 34)
    buildings.bunting(p, 1440, 40, 1940, 30, 60, 10, 34)
    frames = [
        (90, 170, 330, 250),
        (480, 150, 400, 300),
        (940, 150, 400, 300),
        (1400, 170, 400, 260),
        (160, 470, 320, 240),
        (560, 490, 330, 230),
        (970, 490, 330, 230),
        (1390, 470, 340, 240),
    ]
    for (x, y, wide, tall), draw in zip(frames, childrens.PAINTINGS.values(), strict=False):
        p.fillRect(QRectF(x - 8, y - 2, wide + 30, tall + 34), tint("#5a3a20", 0.22))
        p.fillRect(QRectF(x - 16, y - 16, wide + 32, tall + 32), across(x, x + wide, [(0, "#d9a868"), (1, "#a8743a")]))
        p.fillRect(QRectF(x, y, wide, tall), QColor("#ffffff"))
        art = draw()
        art.p.end()
        p.drawImage(QRectF(x + 10, y + 10, wide - 20, tall - 20), art.image, QRectF(0, 0, art.width, art.height))

    def light(layer: Picture) -> None:
        for x in (250, 680, 1140, 1600):
            layer.p.fillPath(
                closed_path((x - 30, 100), (x + 30, 100), (x + 250, 760), (x - 250, 760)),
                down(100, 760, [(0, tint("#fff6d8", 0.7)), (1, tint("#fff6d8", 0))]),
            )

    pic.soft(28, light, 0.5)
    person(p, 330, 985, 340, "teacher", "point", back=True)
    person(p, 520, 1010, 230, "girl", "hold", child=True, back=True)
    person(p, 640, 1005, 222, "boy", "hold", child=True, back=True)
    person(p, 930, 1010, 240, "girl-yi", "up", child=True)
    person(p, 1080, 1030, 232, "boy", "wave", child=True)
    person(p, 1330, 990, 336, "bai", "stand", back=True)
    person(p, 1450, 1015, 226, "girl", "stand", child=True, back=True)
    person(p, 1660, 990, 340, "elder", "clap", mirror=True)
    person(p, 1790, 985, 330, "dai-green", "wave", mirror=True)
    return pic.finish()


def service_hall() -> Image.Image:
    """The one-window counter of the service hall."""
    pic = Picture(seed=41)
    p = pic.p
    pic.wash(down(0, 1080, [(0, "#eef4f6"), (0.66, "#dbe6ea"), (0.661, "#cdbfae"), (1, "#a8998a")]))
    for k in range(6):
        x = 160 + k * 320
        p.fillRect(QRectF(x - 110, 40, 220, 14), QColor("#ffffff"))
        dot(p, x, 60, 260, glow(x, 60, 260, [(0, tint("#ffffff", 0.9)), (1, tint("#ffffff", 0))]), 0.5)
    p.fillRect(QRectF(180, 120, 1560, 104), down(120, 224, [(0, "#d8392d"), (1, "#b02420")]))
    write(p, (180, 120, 1560, 104), "石榴里社区便民服务大厅", 66, "#fff2c4", spacing_px=10)
    windows = ("综合受理", "民生保障", "党群服务", "双语服务")
    for k, name in enumerate(windows):
        x = 240 + k * 372
        p.fillRect(QRectF(x, 280, 324, 330), down(280, 610, [(0, "#f7fbfc"), (1, "#dfe9ee")]))
        p.fillRect(QRectF(x + 12, 292, 300, 54), QColor(("#2f7fa8", "#3f9a6a", "#c8442f", "#a8703a")[k]))
        write(p, (x + 12, 292, 300, 54), name, 34, "#ffffff", spacing_px=4)
        person(
            p,
            x + 162,
            720,
            300,
            ("teacher", "hui-woman", "han-man", "yi")[k],
            ("stand", "wave", "clap", "stand")[k],
            shadow=False,
        )
    p.fillRect(QRectF(140, 590, 1640, 40), down(590, 630, [(0, "#fffaf0"), (1, "#dcccb0")]))
    p.fillRect(QRectF(160, 630, 1600, 190), down(630, 820, [(0, "#c08a52"), (1, "#946234")]))
    for k in range(9):
        p.fillRect(QRectF(190 + k * 176, 656, 150, 140), tint("#6a3f1c", 0.2))
    for k in range(4):
        x = 318 + k * 372
        p.fillRect(QRectF(x, 520, 96, 66), QColor("#2c3640"))
        p.fillRect(QRectF(x + 5, 525, 86, 56), down(525, 581, [(0, "#8fc8e8"), (1, "#4f8ab8")]))
        p.fillRect(QRectF(x + 38, 586, 20, 10), QColor("#2c3640"))
    for x, dress, pose in (
        (330, "granny", "stand"),
        (720, "dai", "stand"),
        (1050, "tibetan-man", "stand"),
        (1500, "miao", "wave"),
    ):
        nature.shade_on_ground(pic, x, 990, 120)
        person(p, x, 990, 360, dress, pose, back=True)
    person(p, 1240, 1010, 246, "boy", "wave", child=True)
    person(p, 1730, 1000, 350, "volunteer", "point", mirror=True)
    person(p, 150, 1000, 350, "elder", "wave")
    return pic.finish()

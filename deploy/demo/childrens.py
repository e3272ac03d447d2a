"""Naive paintings as the community's children might make them come out, in wobbly crayon."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from PySide6.QtGui import QColor, QPainterPath

from demo.paint import Picture, Point, smooth_path, stroke, tint

PAPER = (800, 600)


def _sheet(seed: int, paper: str) -> Picture:
    pic = Picture(*PAPER, seed=seed)
    pic.wash(QColor(paper))
    return pic


def _crayon(pic: Picture, path: QPainterPath, colour: str, width: float = 9.0) -> None:
    """Draw a line twice with a shaking hand."""
    for _ in range(3):
        count = max(6, int(path.length() / 26))
        points: list[Point] = []
        for k in range(count + 1):
            at = path.pointAtPercent(min(1.0, k / count))
            points.append((at.x() + pic.chance.gauss(0, 1.7), at.y() + pic.chance.gauss(0, 1.7)))
        stroke(pic.p, smooth_path(points), tint(colour, 0.6), width * pic.chance.uniform(0.7, 1.05))


def _scribble(pic: Picture, path: QPainterPath, colour: str, gap: float = 9.0) -> None:
    """Fill a shape with slanting crayon strokes that leave some paper."""
    box = path.boundingRect()
    pic.p.save()
    pic.p.setClipPath(path)
    pic.p.fillPath(path, tint(colour, 0.62))
    x = box.left() - box.height()
    while x < box.right():
        line = smooth_path(
            [
                (x + pic.chance.uniform(-4, 4), box.bottom() + 6),
                (x + box.height() * 0.5 + pic.chance.uniform(-6, 6), box.center().y()),
                (x + box.height() + pic.chance.uniform(-4, 4), box.top() - 6),
            ]
        )
        stroke(pic.p, line, tint(colour, 0.75), gap * pic.chance.uniform(0.5, 0.95))
        x += gap
    pic.p.restore()


def _shape(pic: Picture, points: list[Point], colour: str, outline: str = "", width: float = 7.0) -> None:
    path = smooth_path(points, True)
    _scribble(pic, path, colour)
    if outline:
        _crayon(pic, path, outline, width)


def _disc(pic: Picture, x: float, y: float, r: float, colour: str, outline: str = "") -> None:
    points = []
    for k in range(10):
        a = k * math.tau / 10
        reach = r * pic.chance.uniform(0.94, 1.07)
        points.append((x + math.cos(a) * reach, y + math.sin(a) * reach))
    _shape(pic, points, colour, outline, 6)


def _sun(pic: Picture, x: float, y: float, r: float) -> None:
    _disc(pic, x, y, r, "#f9b52a", "#e8742a")
    for k in range(11):
        a = k * math.tau / 11
        line = smooth_path(
            [
                (x + math.cos(a) * r * 1.25, y + math.sin(a) * r * 1.25),
                (x + math.cos(a) * r * 1.75, y + math.sin(a) * r * 1.75),
            ]
        )
        _crayon(pic, line, "#f28a2a", 8)
    for side in (-1, 1):
        _disc(pic, x + side * r * 0.35, y - r * 0.15, r * 0.09, "#5a3020")
    _crayon(
        pic, smooth_path([(x - r * 0.35, y + r * 0.25), (x, y + r * 0.5), (x + r * 0.35, y + r * 0.25)]), "#c8402a", 5
    )


def _child(pic: Picture, x: float, base: float, tall: float, dress: str, hat: str = "") -> None:
    """Draw a stick-like friend with a triangular dress."""
    for side in (-1, 1):
        _crayon(
            pic,
            smooth_path([(x + side * tall * 0.08, base - tall * 0.25), (x + side * tall * 0.1, base)]),
            "#5a3a2a",
            8,
        )
        _crayon(
            pic,
            smooth_path(
                [
                    (x, base - tall * 0.56),
                    (x + side * tall * 0.2, base - tall * 0.48),
                    (x + side * tall * 0.36, base - tall * 0.56),
                ]
            ),
            "#e0a070",
            8,
        )
    _shape(
        pic,
        [
            (x, base - tall * 0.66),
            (x + tall * 0.1, base - tall * 0.45),
            (x + tall * 0.22, base - tall * 0.2),
            (x, base - tall * 0.17),
            (x - tall * 0.22, base - tall * 0.2),
            (x - tall * 0.1, base - tall * 0.45),
        ],
        dress,
        "#4a3040",
        5,
    )
    _disc(pic, x, base - tall * 0.8, tall * 0.17, "#f6c8a0", "#4a3020")
    for side in (-1, 1):
        _disc(pic, x + side * tall * 0.06, base - tall * 0.82, tall * 0.018, "#2a1a14")
    _crayon(
        pic,
        smooth_path(
            [(x - tall * 0.06, base - tall * 0.75), (x, base - tall * 0.72), (x + tall * 0.06, base - tall * 0.75)]
        ),
        "#c8302a",
        4,
    )
    top = [
        (x - tall * 0.19, base - tall * 0.86),
        (x - tall * 0.1, base - tall * 1.0),
        (x + tall * 0.1, base - tall * 1.0),
        (x + tall * 0.19, base - tall * 0.86),
        (x, base - tall * 0.92),
    ]
    _shape(pic, top, hat or "#2f2420", "#2f2420", 4)


def _flower(pic: Picture, x: float, base: float, tall: float, colour: str) -> None:
    _crayon(pic, smooth_path([(x, base), (x + 4, base - tall)]), "#3f9a3a", 6)
    for k in range(5):
        a = k * math.tau / 5
        _disc(pic, x + 4 + math.cos(a) * tall * 0.22, base - tall + math.sin(a) * tall * 0.22, tall * 0.15, colour)
    _disc(pic, x + 4, base - tall, tall * 0.12, "#f8c832")


def hand_in_hand() -> Picture:
    """Friends of several peoples under a smiling sun."""
    pic = _sheet(101, "#fdf8ea")
    _shape(pic, [(-40, 440), (200, 400), (420, 430), (640, 396), (840, 430), (840, 640), (-40, 640)], "#7fc04a")
    _sun(pic, 660, 120, 58)
    for k, (dress, hat) in enumerate(
        (
            ("#d8322c", "#2a2a34"),
            ("#3f8fd0", "#ffffff"),
            ("#e85a9a", ""),
            ("#f0b02a", "#c8d0d8"),
            ("#6a4ab0", "#e07a2a"),
        )
    ):
        _child(pic, 110 + k * 145, 540, 250, dress, hat)
    return pic


def pomegranate() -> Picture:
    """A great pomegranate whose seeds are faces."""
    pic = _sheet(102, "#fff4dc")
    _disc(pic, 400, 330, 220, "#e0402f", "#9a1c1c")
    _shape(pic, [(340, 125), (310, 50), (370, 90), (400, 36), (430, 90), (490, 50), (460, 125)], "#f08a3a", "#9a1c1c")
    _disc(pic, 400, 345, 150, "#fde6c0", "#c8502f")
    for k in range(9):
        a, r = k * math.tau / 8, (94 if k else 0)
        x, y = 400 + math.cos(a) * r, 345 + math.sin(a) * r
        _disc(pic, x, y, 36, ("#f2607a", "#f0853a", "#e84a5a")[k % 3], "#a82038")
        for side in (-1, 1):
            _disc(pic, x + side * 11, y - 6, 4, "#3a1a1a")
        _crayon(pic, smooth_path([(x - 11, y + 9), (x, y + 17), (x + 11, y + 9)]), "#5a1420", 4)
    for x, colour in ((70, "#5aa0e0"), (150, "#f0b02a"), (660, "#8a5ad0"), (740, "#e85a9a")):
        _flower(pic, x, 590, 110, colour)
    return pic


def our_home() -> Picture:
    """The houses of the community and a rainbow."""
    pic = _sheet(103, "#eaf6fd")
    for k, colour in enumerate(("#e0402f", "#f08a2a", "#f4cc32", "#5ab04a", "#3f8fd0", "#7a54b8")):
        arc = smooth_path(
            [
                (
                    400 + math.cos(a / 10 * math.pi) * (370 - k * 20) * -1,
                    400 - math.sin(a / 10 * math.pi) * (330 - k * 20),
                )
                for a in range(11)
            ]
        )
        _crayon(pic, arc, colour, 17)
    _shape(pic, [(-40, 450), (400, 420), (840, 450), (840, 640), (-40, 640)], "#8fcc5a")
    for k, colour in enumerate(("#f6c890", "#f0a8a0", "#a8d0e8")):
        x = 120 + k * 220
        _shape(pic, [(x, 300), (x + 130, 300), (x + 132, 520), (x - 2, 520)], colour, "#6a4030", 6)
        _shape(pic, [(x - 20, 305), (x + 65, 220), (x + 150, 305)], "#c8402f", "#6a2018", 6)
        for row in range(2):
            for column in range(2):
                wx, wy = x + 22 + column * 56, 330 + row * 66
                _shape(pic, [(wx, wy), (wx + 34, wy), (wx + 34, wy + 36), (wx, wy + 36)], "#fdf0a0", "#4a6a9a", 4)
    for x, colour in ((60, "#e85a9a"), (300, "#f0b02a"), (520, "#8a5ad0"), (740, "#e0402f")):
        _flower(pic, x, 590, 90, colour)
    return pic


def torch_night() -> Picture:
    """Dancing round the fire on Torch Festival night."""
    pic = _sheet(104, "#26336e")
    for _ in range(26):
        _disc(pic, pic.chance.uniform(20, 780), pic.chance.uniform(20, 260), pic.chance.uniform(4, 8), "#fdf0a0")
    _disc(pic, 130, 110, 48, "#fde88a", "#f0c84a")
    _shape(pic, [(-40, 470), (400, 440), (840, 470), (840, 640), (-40, 640)], "#3f5a3a")
    _shape(
        pic,
        [(330, 500), (310, 400), (360, 350), (370, 260), (430, 340), (460, 300), (490, 420), (470, 500)],
        "#f0602a",
        "#d8302a",
    )
    _shape(pic, [(360, 500), (355, 430), (395, 360), (440, 430), (440, 500)], "#fdc832")
    for dx in (-70, 70):
        _crayon(pic, smooth_path([(400 - dx, 530), (400 + dx, 490)]), "#7a4a2a", 18)
    for x, dress, hat in (
        (110, "#d8322c", "#1e1e28"),
        (230, "#f0b02a", "#d8322c"),
        (570, "#3fa06a", "#1e1e28"),
        (700, "#e85a9a", "#d8322c"),
    ):
        _child(pic, x, 570, 200, dress, hat)
    return pic


def my_garden() -> Picture:
    """Grandmother's plot with carrots taller than people."""
    pic = _sheet(105, "#fdf6e4")
    _sun(pic, 120, 110, 52)
    _shape(pic, [(-40, 400), (400, 380), (840, 400), (840, 640), (-40, 640)], "#a8713f")
    for k in range(5):
        x = 240 + k * 125
        _shape(pic, [(x - 32, 400), (x + 32, 400), (x + 10, 540), (x, 565), (x - 10, 540)], "#f0802a", "#c8541c", 5)
        for d in (-30, -10, 12, 32):
            _crayon(pic, smooth_path([(x, 400), (x + d * 0.7, 340), (x + d * 1.4, 290)]), "#4aa03f", 9)
    _child(pic, 110, 570, 270, "#8a4ab0", "#d8d8dc")
    return pic


def gulls() -> Picture:
    """Gulls that come every winter."""
    pic = _sheet(106, "#d8eefb")
    _shape(pic, [(-40, 330), (200, 322), (500, 338), (840, 326), (840, 640), (-40, 640)], "#4a90d0")
    for y in (400, 470, 540):
        for x in range(20, 780, 130):
            _crayon(pic, smooth_path([(x, y), (x + 30, y - 16), (x + 60, y), (x + 90, y - 14)]), "#cfe6f8", 6)
    for x, y, s in ((170, 130, 1.2), (400, 90, 0.8), (600, 190, 1.4), (330, 260, 1.0), (720, 80, 0.7)):
        _shape(
            pic,
            [
                (x - 60 * s, y - 26 * s),
                (x - 20 * s, y - 6 * s),
                (x + 20 * s, y - 6 * s),
                (x + 60 * s, y - 26 * s),
                (x + 24 * s, y + 12 * s),
                (x - 24 * s, y + 12 * s),
            ],
            "#ffffff",
            "#5a6a7a",
            5,
        )
        _disc(pic, x + 30 * s, y - 8 * s, 13 * s, "#ffffff", "#5a6a7a")
        _crayon(pic, smooth_path([(x + 44 * s, y - 8 * s), (x + 60 * s, y - 5 * s)]), "#e0402f", 8)
    _shape(pic, [(250, 440), (560, 440), (510, 520), (300, 520)], "#d8402f", "#7a2018")
    _child(pic, 360, 445, 150, "#f0b02a", "#2f2420")
    _child(pic, 450, 445, 150, "#3fa06a", "#ffffff")
    return pic


PAINTINGS: Mapping[str, Callable[[], Picture]] = {
    "手拉手": hand_in_hand,
    "石榴娃娃": pomegranate,
    "我们的家": our_home,
    "火把节的夜晚": torch_night,
    "奶奶的菜园": my_garden,
    "海鸥来了": gulls,
}

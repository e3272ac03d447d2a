"""What a screen shows while it is being let in: a code to type or scan at the office, then its name and fingerprint.

Not for playlists: the fields come from `player.enrolment`, not from staff.
"""

from __future__ import annotations

import segno
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage

from signage.stage.canvas import Align, Canvas, colour
from signage.stage.templates.sheet import (
    Commission,
    Header,
    band_height,
    inside,
    paint_band,
    paint_ground,
    paint_head_band,
    set_head_band,
)
from signage.stage.typeset import Block, Face, Setting, set_block, shape

HEADER = Header("屏幕登记", "Screen enrolment")
HOW = ("在「屏幕总览」输入这组字母，或用手机扫码", "Type these letters in the console, or scan the code")
WAITS = ("正在联系办公室……", "Asking the office for a code")
AWAY = ("暂时联系不上办公室，会一直重试", "The office does not answer; trying again")
CHECK = ("请核对：管理台上显示的指纹应与这里相同", "Check that the console shows the same fingerprint")
_GROUP = 3
_QUIET_MODULES = 3
_LEAST_MODULE_PX = 2
_TILE_SHAPE = 1.3
_TILES_ACROSS = 6.9
_BELOW_EM = 0.3
_LITTLE_SMALLER = 0.8
_ROOM_FOR_FOOT_PX = 150
_PAPER = "#FBF6EA"


def compose_code(work: Commission) -> QImage:
    """Give the picture with the code. Fields: `code`, `link` (for the QR code), `address`, `is_away`, `fault`."""
    canvas = work.canvas()
    box = _paint_frame(canvas, work)
    measures, code = work.measures, work.line("code")
    is_upright = measures.is_upright
    side = min(box.height() * (0.4 if is_upright else 0.8), box.width() * (0.62 if is_upright else 0.3))
    scannable = _qr(work.line("link"), side) if code else None
    left = QRectF(box)
    if scannable is not None:
        if is_upright:
            panel = QRectF(box.center().x() - side / 2, box.bottom() - side, side, side)
            left.setBottom(panel.top() - measures.gap)
        else:
            panel = QRectF(box.right() - side, box.top() + (box.height() - side) / 2, side, side)
            left.setRight(panel.left() - measures.gap * 2)
        _paint_qr(canvas, work, scannable, panel)
    zh, en = HOW if code else AWAY if work.line("is_away") else WAITS
    _paint_code(canvas, work, left, code, zh, en)
    return canvas.finish()


def compose_welcome(work: Commission) -> QImage:
    """Give the picture for the moment after. Fields: `screen`, `title`, `fingerprint`."""
    canvas = work.canvas()
    box = _paint_frame(canvas, work)
    name = work.line("title") or work.line("screen")
    mood, face, width = work.mood, work.headline_face, box.width()
    unit = min(work.measures.reading_px, box.height() * 1.35)
    blocks = [
        (_fit(f"已登记：{name}", face, width, unit / 8), mood.text, 0.15),
        (_fit(f"Enrolled as {work.line('screen')}", work.sans, width, unit / 22), mood.quiet, 0.8),
        (_fit(work.line("fingerprint"), face, width, unit / 5), mood.accent, 0.1),
        (_fit(CHECK[0], work.sans, width, unit / 16), mood.text, 0.1),
        (_fit(CHECK[1], work.sans, width, unit / 24), mood.quiet, 0.0),
    ]
    top = box.top() + max(0.0, (box.height() - sum(block.height + block.size_px * gap for block, _, gap in blocks)) / 2)
    for block, ink, gap in blocks:
        canvas.text(block, QRectF(box.left(), top, width, block.height), colour(ink), Align.CENTRE)
        top += block.height + block.size_px * gap
    return canvas.finish()


def _paint_frame(canvas: Canvas, work: Commission) -> QRectF:
    """Paint ground, header and woven band; give the box between them."""
    head = set_head_band(work, HEADER)
    paint_ground(canvas, work, "lattice", 0.14)
    paint_head_band(canvas, work, head)
    paint_band(canvas, work, canvas.rect.height() - band_height(work))
    return inside(work, canvas.rect.adjusted(0, head.height, 0, 0))


def _paint_code(canvas: Canvas, work: Commission, box: QRectF, code: str, zh: str, en: str) -> None:
    """Paint the letters as tiles in two groups, what to do with them below, and the office's address at the foot.

    The letters come first: what does not fit below them becomes smaller, and then is left out.
    """
    foot = _paint_foot(canvas, work, box, bool(code)) if box.height() > _ROOM_FOR_FOOT_PX else box.bottom()
    room = QRectF(box.left(), box.top(), box.width(), max(0.0, foot - box.top()))
    tile = min(room.width() / _TILES_ACROSS, room.height() * 0.62 / _TILE_SHAPE) if code else 0.0
    high = tile * _TILE_SHAPE
    blocks, height = _set_below(work, room.width(), room.height() - high * 1.25, zh, en)
    top = room.top() + max(0.0, (room.height() - high * 1.25 - height) / 2)
    if code:
        _paint_tiles(canvas, work, code, room.left(), top, tile)
        top += high * 1.25
    for block, ink in blocks:
        canvas.text(block, QRectF(room.left(), top, room.width(), block.height), colour(ink))
        top += block.height + block.size_px * _BELOW_EM


def _set_below(
    work: Commission, width: float, height: float, zh: str, en: str
) -> tuple[list[tuple[Block, str]], float]:
    """Give what to do, in Chinese and English, as large as fits; only Chinese, or nothing, where there is no room."""
    for texts in ((zh, en), (zh,)):
        for factor in (1.35, 1.15, 1.0, 0.85, 0.7):
            inks = (work.mood.text, work.mood.quiet)
            blocks = [_phrase(work, text, width, factor * part) for text, part in zip(texts, (1.0, 0.72), strict=False)]
            needed = sum(block.height + block.size_px * _BELOW_EM for block in blocks)
            if needed <= height and all(len(block.lines) <= 2 for block in blocks):
                return list(zip(blocks, inks, strict=False)), needed
    return [], 0.0


def _paint_foot(canvas: Canvas, work: Commission, box: QRectF, has_code: bool) -> float:
    """Paint the office's address, and what keeps it from answering; give the y above."""
    lines = [(_small(work, f"办公室 Office  {work.line('address')}", box.width(), 0.82), work.mood.quiet)]
    if has_code and work.line("is_away"):
        away = [
            (_small(work, text, box.width(), part), work.mood.accent)
            for text, part in zip(AWAY, (0.9, 0.7), strict=True)
        ]
        lines = [*away, *lines]
    elif not has_code and work.line("fault"):
        lines.append((_small(work, work.line("fault"), box.width(), 0.7), work.mood.quiet))
    top = box.bottom()
    for block, ink in reversed(lines):
        top -= block.height
        canvas.text(block, QRectF(box.left(), top, box.width(), block.height), colour(ink))
        top -= block.size_px * _BELOW_EM
    return top


def _paint_tiles(canvas: Canvas, work: Commission, code: str, left: float, top: float, tile: float) -> None:
    """Paint each letter on a tile of its own, a wider gap between the groups."""
    gap = tile * 0.1
    face = Face(work.theme.sans, 1.0, is_bold=True)
    size = max(8, round(tile * 0.92))
    for place, letter in enumerate(code):
        x = left + place * (tile + gap) + (place // _GROUP) * tile * 0.38
        box = QRectF(round(x), round(top), round(tile), round(tile * _TILE_SHAPE))
        canvas.round_box(
            box, tile * 0.1, colour(work.mood.band), colour(work.mood.accent_soft), max(1, work.measures.hair)
        )
        line = shape(letter, face, size)
        capital = size * 0.733  # cap height of Noto Sans CJK
        canvas.line(line, box.center().x() - line.width / 2, box.center().y() + capital / 2, colour(work.mood.accent))


def _qr(link: str, side: float) -> QImage | None:
    """Give the QR code of a link with one pixel a module and quiet zone; None where it could not be scanned."""
    made = segno.make_qr(link, error="m")
    rows = list(made.matrix_iter(border=_QUIET_MODULES))
    if side / len(rows) < _LEAST_MODULE_PX:
        return None
    image = QImage(len(rows), len(rows), QImage.Format.Format_RGB32)
    image.fill(QColor(_PAPER))
    ink = QColor("#0A1A22")
    for y, row in enumerate(rows):
        for x, is_dark in enumerate(row):
            if is_dark:
                image.setPixelColor(x, y, ink)
    return image


def _paint_qr(canvas: Canvas, work: Commission, code: QImage, panel: QRectF) -> None:
    """Paint the code on its paper, each module a whole number of pixels."""
    module = int(panel.width() // code.width())
    side = module * code.width()
    canvas.round_box(panel, work.measures.corner, QColor(_PAPER))
    left, top = round(panel.center().x() - side / 2), round(panel.center().y() - side / 2)
    canvas.picture(QRectF(left, top, side, side), code.scaled(side, side))


def _fit(text: str, face: Face, width: float, most_px: float) -> Block:
    """Give one line, as large as `most_px` and the width let it be."""
    size = max(8, round(most_px))
    line = shape(text, face, size)
    if line.width > width:
        size = max(8, int(size * width / line.width))
    return set_block(text, Setting(face), size, width)


def _phrase(work: Commission, text: str, width: float, factor: float) -> Block:
    """Give a phrase on one line where that makes it little smaller, else broken after its comma, not within a word."""
    block = _small(work, text, width, factor)
    if len(block.lines) < 2:
        return block
    alone = _fit(text, work.sans, width, block.size_px)
    if alone.size_px >= block.size_px * _LITTLE_SMALLER:
        return alone
    return _small(work, text.replace("，", "，\n").replace(", ", ",\n"), width, factor)


def _small(work: Commission, text: str, width: float, factor: float) -> Block:
    """Give running text of the size of labels, times `factor`."""
    sizes = work.sizes(work.theme.label)
    size = max(8, round((sizes[-1] if work.measures.is_small else sizes[0]) * factor))
    return set_block(text, Setting(work.sans), size, width)

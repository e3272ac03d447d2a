"""What all cards share: the commission that a template works from, its ground, header, band, and its pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage

from signage.stage.canvas import Align, Canvas, colour
from signage.stage.motifs import BAND_STITCHES, RHOMBUS_STITCHES, ground_tile, rhombus, woven_band
from signage.stage.photos import Photos
from signage.stage.theme import Measures, Mood, Role, Theme
from signage.stage.typeset import Block, Face, Setting, clean, fit_headline, fit_pages, set_block

BREATH_EM = 0.55
FIRST_LINES = 2.8
"""Running text begins below a headline only where there is room for this many ems."""


class Unwanted(Exception):  # noqa: N818  it is not an error
    """The card is no longer wanted; its painting stops here."""


@dataclass(frozen=True)
class Commission:
    """One card to paint: its text, its photos, the day, the canvas, and the looks."""

    fields: Mapping[str, Any]
    photos: Photos
    today: date
    theme: Theme
    mood: Mood
    measures: Measures
    is_wanted: Callable[[], bool]
    make_canvas: Callable[[QSize], Canvas] = Canvas

    @cached_property
    def sans(self) -> Face:
        return Face(self.theme.sans, self.theme.body.leading)

    @cached_property
    def headline_face(self) -> Face:
        return Face(self.theme.sans, self.theme.headline.leading, is_bold=True)

    @cached_property
    def poster_face(self) -> Face:
        return Face(self.theme.serif, self.theme.headline.leading, is_bold=True)

    @cached_property
    def label_face(self) -> Face:
        return Face(self.theme.sans, self.theme.headline.leading, is_bold=True)

    def text(self, name: str) -> str:
        """Give a field's text, cleaned, with its line breaks; empty where it was left out."""
        return clean(str(self.fields.get(name) or ""), self.sans)

    def line(self, name: str) -> str:
        """Give a field's text on one line."""
        return self.text(name).replace("\n", " ")

    def day(self, name: str) -> str:
        """Give a date as people write it; free text stays as it is."""
        text = self.line(name)
        found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text)
        return f"{found[1]}年{int(found[2])}月{int(found[3])}日" if found else text

    def canvas(self) -> Canvas:
        """Give an empty page.

        Raises:
            Unwanted: nobody waits for the card any more.
        """
        self.check()
        return self.make_canvas(QSize(self.measures.width, self.measures.height))

    def check(self) -> None:
        """Raise Unwanted when nobody waits for the card any more."""
        if not self.is_wanted():
            raise Unwanted

    def sizes(self, role: Role, most_share: float | None = None) -> tuple[int, ...]:
        return self.measures.sizes(role, most_share)


def headline_block(
    work: Commission, text: str, box: QRectF, face: Face | None = None, role: Role | None = None
) -> Block:
    """Give a headline as large as fits the box; one too long for the sizes of a headline takes those of running text.

    What does not fit even so comes at the smallest size, higher than the box.
    """
    setting = Setting(face or work.headline_face, is_balanced=True)
    if not text:
        return Block()
    for sizes in (work.sizes(role or work.theme.headline), work.sizes(work.theme.body)):
        block = fit_headline(text, setting, sizes, box.width(), box.height())
        if block is not None:
            return block
    return set_block(text, setting, work.sizes(work.theme.body)[-1], box.width())


def room_below(work: Commission, box: QRectF, top: float) -> tuple[float, float]:
    """Give (width, height) of what is left of `box` below `top`; no height when that is not worth beginning on."""
    left = box.bottom() - top
    return box.width(), left if left >= FIRST_LINES * work.measures.least_px(work.theme.body) else 0.0


def pages_below(
    work: Commission, text: str, setting: Setting, sizes: tuple[int, ...], room: Callable[[int], tuple[float, float]]
) -> list[Block]:
    """Give running text that begins below other things on page 0 and goes on over whole sheets.

    Where too little would stand on page 0, or the canvas is small, it begins on page 1, as large as it can be there.
    """
    pages = fit_pages(text, setting, sizes, room)
    if len(pages) < 2 or (pages[0].lines and not work.measures.is_small):
        return pages
    return [Block(), *fit_pages(text, setting, work.sizes(work.theme.body), lambda page: room(page + 1))]


def paint_ground(canvas: Canvas, work: Commission, pattern: str | None = None, strength: float = 0.10) -> None:
    """Paint the sheet's gradient and, faintly, a pattern."""
    mood = work.mood
    canvas.gradient(canvas.rect, [(0.0, colour(mood.ground)), (1.0, colour(mood.ground_deep))])
    if pattern is not None and not work.measures.is_small:
        unit = round(work.measures.reading_px * 0.11)
        canvas.tile(canvas.rect, ground_tile(pattern, unit, colour(mood.accent_soft)), strength)


def band_height(work: Commission) -> int:
    """Give the height in px of the woven band along an edge."""
    if work.measures.is_small:
        return max(3, work.measures.hair * 3)
    return _stitch(work) * BAND_STITCHES


def _stitch(work: Commission) -> int:
    return max(1, round(work.measures.motif / BAND_STITCHES))


def paint_band(canvas: Canvas, work: Commission, top: float, left: float = 0.0, width: float | None = None) -> None:
    """Paint the woven band, a whole pattern at its middle; a plain line where there are too few pixels."""
    width = canvas.rect.width() - left if width is None else width
    box = QRectF(left, top, width, band_height(work))
    if work.measures.is_small:
        canvas.fill(box, colour(work.mood.accent))
        return
    mood = work.mood
    tile = woven_band(_stitch(work), mood.band, mood.accent, mood.accent_soft, mood.text)
    canvas.tile(box, tile, origin_x=left + (width - tile.width()) / 2)


@dataclass(frozen=True, slots=True)
class Header:
    """The line at the top of a card: what kind it is, in Chinese and English, and its date."""

    zh: str
    en: str
    right: str = ""


def header_blocks(work: Commission, header: Header, width: float) -> tuple[list[tuple[Block, Align, str]], float]:
    """Give what the header sets in `width` px, and its height: one line where that fits, else the date below."""
    face, sizes = work.label_face, work.sizes(work.theme.label)
    size = sizes[len(sizes) // 2] if not work.measures.is_small else sizes[-1]
    zh = set_block(header.zh, Setting(face), size, width)
    en = set_block(
        header.en.upper(), Setting(Face(work.theme.sans, face.leading)), max(sizes[-1], round(size * 0.72)), 1e6
    )
    right = set_block(header.right, Setting(Face(work.theme.sans, face.leading)), size, width) if header.right else None
    tick = size * BREATH_EM
    beside = width - tick - zh.width - (right.width + size if right else 0)
    parts: list[tuple[Block, Align, str]] = [(zh, Align.START, "zh")]
    if en.width + size * 0.5 <= beside and not work.measures.is_small:
        parts.append((en, Align.START, "en"))
    if right is not None:
        parts.append((right, Align.END if beside >= 0 else Align.START, "right"))
    stacked = right is not None and beside < 0
    height = zh.height + (right.height + size * 0.3 if stacked and right is not None else 0)
    return parts, height


def paint_header(canvas: Canvas, work: Commission, header: Header, box: QRectF) -> float:
    """Paint the header at the top of `box`; give the y below it."""
    parts, height = header_blocks(work, header, box.width())
    mood = work.mood
    zh = parts[0][0]
    tick = zh.size_px * BREATH_EM
    canvas.fill(
        QRectF(round(box.left()), round(box.top()), max(2, round(zh.size_px * 0.2)), round(zh.height)),
        colour(mood.accent),
    )
    base = box.top() + zh.lines[0].baseline
    for block, align, name in parts:
        line = block.lines[0]
        if name == "zh":
            canvas.line(line, box.left() + tick, base, colour(mood.accent))
        elif name == "en":
            canvas.line(line, box.left() + tick + zh.width + zh.size_px * 0.5, base, colour(mood.quiet))
        elif align is Align.END:
            canvas.line(line, box.right() - line.width, base, colour(mood.quiet))
        else:
            area = QRectF(box.left(), box.top() + zh.height + zh.size_px * 0.3, box.width(), block.height)
            canvas.text(block, area, colour(mood.quiet))
    return box.top() + height


def paint_emblem(
    canvas: Canvas, work: Commission, centre_x: float, centre_y: float, size: float, strength: float
) -> None:
    """Paint one large woven rhombus, faint, as the sheet's ornament."""
    tile = rhombus(max(1, round(size / RHOMBUS_STITCHES)), colour(work.mood.accent_soft))
    box = QRectF(round(centre_x - tile.width() / 2), round(centre_y - tile.height() / 2), tile.width(), tile.height())
    canvas.tile(box, tile, strength, origin_x=box.left())


def paint_pages_mark(canvas: Canvas, work: Commission, page: int, pages: int, bottom: float) -> None:
    """Paint which of the pages this is, as dots ending at the right margin; nothing for a single page."""
    if pages < 2:
        return
    measures = work.measures
    dot = max(2.0, measures.margin * 0.17)
    step = min(dot * 3, (measures.width - 2 * measures.margin) / pages)
    left = measures.width - measures.margin - step * (pages - 1) - dot
    for number in range(pages):
        is_here = number == page
        size = dot if is_here else min(dot * 0.7, step * 0.35)
        centre_x, centre_y = left + number * step + dot / 2, bottom - measures.margin / 2
        box = QRectF(centre_x - size, centre_y - size, 2 * size, 2 * size)
        canvas.round_box(box, size, colour(work.mood.accent if is_here else work.mood.accent_soft))


def paged(work: Commission, pages: int, paint: Callable[[Canvas, int], None]) -> list[QImage]:
    """Give `pages` pictures, each painted by `paint(canvas, page)`."""

    def one(page: int) -> QImage:
        canvas = work.canvas()
        try:
            paint(canvas, page)
        except BaseException:
            canvas.abandon()
            raise
        return canvas.finish()

    return [one(page) for page in range(max(1, pages))]


def inside(work: Commission, box: QRectF | None = None) -> QRectF:
    """Give `box`, or the whole sheet, without the margins and without the woven band at the sheet's foot."""
    margin = work.measures.margin
    box = QRectF(0, 0, work.measures.width, work.measures.height) if box is None else box
    return box.adjusted(margin, margin, -margin, -margin - band_height(work))


@dataclass(frozen=True, slots=True)
class HeadBand:
    """The header on a darker band across the sheet, `height` px high."""

    header: Header
    box: QRectF
    height: int


def set_head_band(work: Commission, header: Header) -> HeadBand:
    """Give the header set for a band across the whole sheet."""
    measures = work.measures
    pad = round(measures.margin * 0.5)
    box = QRectF(measures.margin, pad, measures.width - 2 * measures.margin, 1)
    _, height = header_blocks(work, header, box.width())
    return HeadBand(header, box, round(height + 2 * pad))


def paint_head_band(canvas: Canvas, work: Commission, head: HeadBand) -> None:
    """Paint the band with its header and a line of the accent colour below."""
    canvas.fill(QRectF(0, 0, canvas.rect.width(), head.height), colour(work.mood.band))
    if not work.measures.is_small:
        tile = ground_tile("lattice", round(head.height * 0.8), colour(work.mood.accent_soft))
        canvas.tile(QRectF(0, 0, canvas.rect.width(), head.height), tile, 0.22)
    rule = max(2, work.measures.hair)
    canvas.fill(QRectF(0, head.height - rule, canvas.rect.width(), rule), colour(work.mood.accent))
    paint_header(canvas, work, head.header, head.box)

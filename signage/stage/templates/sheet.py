"""What all cards share: the commission that a template works from, its ground, header, band, and its pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage

from signage.stage.canvas import Align, Canvas, colour
from signage.stage.motifs import BAND_STITCHES, ground_tile, woven_band
from signage.stage.photos import Photos
from signage.stage.theme import Measures, Mood, Role, Theme
from signage.stage.typeset import Block, Face, Setting, clean, fit_block, set_block

BREATH_EM = 0.55


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
        return Canvas(QSize(self.measures.width, self.measures.height))

    def check(self) -> None:
        """Raise Unwanted when nobody waits for the card any more."""
        if not self.is_wanted():
            raise Unwanted

    def sizes(self, role: Role, most_share: float | None = None) -> tuple[int, ...]:
        return self.measures.sizes(role, most_share)


def fit_or_least(text: str, setting: Setting, sizes: Sequence[int], width: float, height: float) -> Block:
    """Give `text` as large as fits; where nothing fits, at the smallest size, higher than the box."""
    return fit_block(text, setting, sizes, width, height) or set_block(text, setting, sizes[-1], width)


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
    en = set_block(header.en.upper(), Setting(Face(work.theme.sans, face.leading)), round(size * 0.72), 1e6)
    right = set_block(header.right, Setting(Face(work.theme.sans, face.leading)), size, width) if header.right else None
    tick = size * BREATH_EM
    beside = width - tick - zh.width - (right.width + size if right else 0)
    parts: list[tuple[Block, Align, str]] = [(zh, Align.START, "zh")]
    if en.width + size * 0.5 <= beside and en.size_px >= work.theme.glyph_min_px:
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


def content_box(work: Commission, *, has_band: bool = True) -> QRectF:
    """Give the area inside the margins, above the woven band at the foot."""
    measures = work.measures
    foot = band_height(work) if has_band else 0
    return QRectF(
        measures.margin,
        measures.margin,
        measures.width - 2 * measures.margin,
        measures.height - 2 * measures.margin - foot,
    )


def columns(box: QRectF, count: int, gap: float) -> Iterator[QRectF]:
    """Give `count` equal columns of `box`."""
    width = (box.width() - gap * (count - 1)) / count
    for number in range(count):
        yield QRectF(box.left() + number * (width + gap), box.top(), width, box.height())

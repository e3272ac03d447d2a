"""One headline in several scripts, Chinese first and largest, on a pattern or a picture, between woven bands.

Mongolian runs down the right side as it is written, in columns from left to right; where there is no height for
that it lies on its side like the other lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from signage.stage.canvas import Align, Canvas, colour
from signage.stage.templates.sheet import (
    Commission,
    band_height,
    headline_block,
    paged,
    paint_band,
    paint_ground,
    paint_pages_mark,
)
from signage.stage.typeset import Block, Face, Setting, set_block

SCRIPTS = ("yi", "tibetan", "uyghur", "mongolian", "english")
OTHERS_MAX_SHARE = 1 / 11
HEADLINE_PARTS = (0.62, 0.52, 0.44, 0.36)
HEADLINE_WORTH = 0.42
"""The size of the other scripts that goes well with a headline, as a part of its size."""
COLUMNS_MOST = 2
ABREAST_MOST = 2
ABREAST_WORTH = 1.2
"""So many of the other scripts stand beside each other where all are short and come out that much larger so."""
CLEAR_PART = 0.36
"""The part of the sheet's height that text leaves to the picture where it can."""


Rows = tuple[tuple[Block, ...], ...]
"""The other scripts, those of one row beside each other."""


@dataclass(frozen=True, slots=True)
class _Page:
    """One page: the headline, the rows below it, and the Mongolian columns."""

    headline: Block
    others: Rows
    columns: Block | None = None


def compose(work: Commission) -> list[QImage]:
    """Give one page; more, each with the Chinese headline, when the scripts do not fit below it together."""
    band, margin = band_height(work), work.measures.margin
    area = QRectF(0, 0, work.measures.width, work.measures.height).adjusted(
        margin, band + margin * 0.8, -margin, -band - margin * 0.8
    )
    backdrop = _backdrop(work)
    low = area.adjusted(0, area.height() * CLEAR_PART, 0, 0) if backdrop is not None else area
    pages = _plan(work, low)
    if len(pages) > 1:
        low, pages = area, _plan(work, area)

    def paint(canvas: Canvas, page: int) -> None:
        _paint_backdrop(canvas, work, backdrop)
        paint_band(canvas, work, 0)
        paint_band(canvas, work, canvas.rect.height() - band)
        _paint_page(canvas, work, pages[page], low, is_low=backdrop is not None)
        paint_pages_mark(canvas, work, page, len(pages), canvas.rect.height() - band)

    return paged(work, len(pages), paint)


def _backdrop(work: Commission) -> QImage | None:
    chosen = work.photos.usable([work.fields["picture"]] if work.fields.get("picture") else [])
    return work.photos.cover(chosen[0], work.measures.width, work.measures.height) if chosen else None


def _paint_backdrop(canvas: Canvas, work: Commission, backdrop: QImage | None) -> None:
    mood = work.mood
    if backdrop is None:
        paint_ground(canvas, work, str(work.fields.get("pattern") or "pomegranate"), 0.34)
        return
    canvas.picture(canvas.rect, backdrop)
    deep = mood.ground_deep
    veil = [(0.0, colour(deep, 0.10)), (0.28, colour(deep, 0.25)), (0.5, colour(deep, 0.84)), (1.0, colour(deep, 0.95))]
    canvas.gradient(canvas.rect, veil)


def _plan(work: Commission, area: QRectF) -> list[_Page]:
    texts = {name: work.line(name) for name in SCRIPTS if work.line(name)}
    columns = _columns(work, texts.get("mongolian", ""), area)
    box = QRectF(area)
    if columns is not None:
        del texts["mongolian"]
        box.setWidth(area.width() - columns.height - work.measures.margin)
    best, best_worth = None, 0.0
    for part in HEADLINE_PARTS if texts else (1.0,):
        headline = _headline(work, box, part)
        room = box.height() - headline.height - (_rule_height(work) if texts else 0.0)
        others = _fit_others(work, list(texts.values()), box.width(), room)
        if others is None:
            continue
        worth = min(headline.size_px * HEADLINE_WORTH, others[0][0].size_px if others else headline.size_px)
        if worth > best_worth:
            best, best_worth = _Page(headline, others, columns), worth
    if best is not None:
        return [best]
    return _spread(work, list(texts.values()), box, columns)


def _fit_others(work: Commission, texts: list[str], width: float, room: float) -> Rows | None:
    """Give the other scripts at the largest common size at which they fit, below each other or abreast."""
    best: Rows | None = None
    for abreast in range(1, ABREAST_MOST + 1 if len(texts) > ABREAST_MOST else 2):
        found = _fit_rows(work, texts, width, room, abreast)
        if found is not None and (best is None or (found and found[0][0].size_px > best[0][0].size_px * ABREAST_WORTH)):
            best = found
    return best


def _fit_rows(work: Commission, texts: list[str], width: float, room: float, abreast: int) -> Rows | None:
    sizes = work.sizes(work.theme.body, OTHERS_MAX_SHARE)
    each = width if abreast == 1 else width / abreast - work.measures.margin
    low, high, best = 0, len(sizes), None
    while low < high:
        middle = (low + high) // 2
        blocks = [_other(work, text, sizes[middle], each) for text in texts]
        rows = tuple(tuple(blocks[at : at + abreast]) for at in range(0, len(blocks), abreast))
        is_slim = abreast == 1 or all(len(block.lines) == 1 and block.width <= each for block in blocks)
        if is_slim and _height(work, rows) <= room:
            best, high = rows, middle
        else:
            low = middle + 1
    return best


def _spread(work: Commission, texts: list[str], box: QRectF, columns: Block | None) -> list[_Page]:
    """Give several pages, as many scripts on each as fit at the smallest size."""
    headline = _headline(work, box, HEADLINE_PARTS[-1])
    room = box.height() - headline.height - _rule_height(work)
    size = work.measures.least_px(work.theme.body)
    groups: list[list[tuple[Block, ...]]] = [[]]
    for text in texts:
        block = _other(work, text, size, box.width())
        if block.height > room:
            groups += [[(headline_block(work, text, box),)], []]
            continue
        if _height(work, [*groups[-1], (block,)]) > room:
            groups.append([])
        groups[-1].append((block,))
    pages = [
        _Page(headline if _height(work, group) <= room else Block(), tuple(group), columns) for group in groups if group
    ]
    if pages and pages[0].headline.lines:
        return pages
    return [_Page(_headline(work, box, 1.0), (), columns), *pages]


def _headline(work: Commission, box: QRectF, part: float) -> Block:
    room = QRectF(box.left(), box.top(), box.width(), box.height() * part)
    return headline_block(work, work.line("headline"), room, work.poster_face, work.theme.poster)


def _other(work: Commission, text: str, size: int, width: float) -> Block:
    face = Face(work.theme.sans, work.theme.headline.leading)
    return set_block(text, Setting(face, is_balanced=True), size, width)


def _columns(work: Commission, text: str, area: QRectF) -> Block | None:
    """Give Mongolian set for the height of the sheet, to be turned; None where it would need too many columns."""
    if not text or work.measures.is_small:
        return None
    for most_lines in range(1, COLUMNS_MOST + 1):
        for size in work.sizes(work.theme.body, OTHERS_MAX_SHARE):
            block = _other(work, text, size, area.height())
            is_slim = len(block.lines) <= most_lines and block.height <= area.width() * 0.2
            if is_slim and block.width <= area.height():
                return block
    return None


def _gap(work: Commission) -> float:
    return work.measures.gap * 0.9


def _rule_height(work: Commission) -> float:
    return work.measures.gap * 2.1


def _height(work: Commission, rows: Sequence[Sequence[Block]]) -> float:
    return sum(map(_row_height, rows)) + _gap(work) * max(0, len(rows) - 1)


def _row_height(row: Sequence[Block]) -> float:
    """Give the height of blocks whose first lines stand on one baseline."""
    baseline = max(map(_baseline, row))
    return max(block.height + baseline - _baseline(block) for block in row)


def _baseline(block: Block) -> float:
    return block.lines[0].baseline if block.lines else 0.0


def _paint_page(canvas: Canvas, work: Commission, page: _Page, area: QRectF, *, is_low: bool) -> None:
    mood, gap = work.mood, _gap(work)
    box = QRectF(area)
    if page.columns is not None:
        box.setWidth(area.width() - page.columns.height - work.measures.margin)
        _paint_columns(canvas, work, page.columns, area)
    has_rule = bool(page.headline.lines and page.others)
    rule = _rule_height(work) if has_rule else 0.0
    spare = box.height() - page.headline.height - rule - _height(work, page.others)
    y = box.top() + max(0.0, spare) * (0.92 if is_low else 0.5)
    canvas.text(page.headline, QRectF(box.left(), y, box.width(), 1), colour(mood.accent), Align.CENTRE)
    y += page.headline.height
    if has_rule:
        _paint_rule(canvas, work, box.center().x(), y + rule * 0.45, box.width() * 0.36)
        y += rule
    for row in page.others:
        each, baseline = box.width() / len(row), y + max(map(_baseline, row))
        for at, block in enumerate(row):
            place = QRectF(box.left() + at * each, baseline - _baseline(block), each, 1)
            canvas.text(block, place, colour(mood.text), Align.CENTRE)
        y += _row_height(row) + gap


def _paint_rule(canvas: Canvas, work: Commission, x: float, y: float, length: float) -> None:
    """Paint a thin line with a rhombus at its middle."""
    hair, ink = max(1, work.measures.hair), colour(work.mood.accent)
    reach = hair * 2.6
    for left in (x - length / 2, x + reach * 2):
        canvas.fill(QRectF(round(left), round(y), round(length / 2 - reach * 2), hair), ink)
    middle = y + hair / 2
    canvas.polygon([(x, middle - reach), (x + reach, middle), (x, middle + reach), (x - reach, middle)], ink)


def _paint_columns(canvas: Canvas, work: Commission, block: Block, area: QRectF) -> None:
    """Paint a block turned a quarter clockwise at the right side, its first line leftmost."""
    left = area.right() - block.height
    top = area.top() + (area.height() - block.width) / 2
    hair = max(1, work.measures.hair)
    rule = QRectF(round(left - work.measures.margin * 0.5), round(area.top()), hair, round(area.height()))
    canvas.fill(rule, colour(work.mood.accent_soft))
    for line in block.lines:
        middle = (line.above - line.below) / 2
        centre = left + line.baseline - middle
        with canvas.moved(centre - middle, top, 90):
            canvas.line(line, 0, 0, colour(work.mood.text))

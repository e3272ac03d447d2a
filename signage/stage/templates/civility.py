"""A short appeal, as large as the canvas allows, broken where a speaker would pause."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from signage.stage.canvas import Canvas, colour
from signage.stage.templates.sheet import (
    Commission,
    Header,
    band_height,
    header_blocks,
    inside,
    paged,
    paint_band,
    paint_emblem,
    paint_ground,
    paint_header,
    paint_pages_mark,
)
from signage.stage.typeset import Block, Setting, fit_block, fit_headline, fit_pages, set_block

HEADER = Header("文明倡议", "Good neighbours")
SIGNATURE_PART = 0.35
"""A signature that would take more of the sheet's height than this follows the appeal as its last line."""


def compose(work: Commission) -> list[QImage]:
    """Give the appeal on one page; on more when it is too long for the smallest headline."""
    box = inside(work)
    measures = work.measures
    _, header_height = header_blocks(work, HEADER, box.width())
    by, text = _signature(work, box.width()), work.text("text")
    if by is not None and by.height > (box.height() - header_height) * SIGNATURE_PART:
        by, text = None, f"{text}\n— {work.line('by')}"
    area = box.adjusted(0, header_height + measures.gap, 0, -(by.height + measures.gap if by else 0))
    pages = _fit_appeal(work, text, area)

    def paint(canvas: Canvas, page: int) -> None:
        paint_ground(canvas, work, None)
        size = measures.reading_px * 1.05
        paint_emblem(canvas, work, canvas.rect.width() - size * 0.12, canvas.rect.height() * 0.62, size, 0.30)
        paint_band(canvas, work, canvas.rect.height() - band_height(work))
        paint_header(canvas, work, HEADER, box)
        block = pages[page]
        top = area.top() + (area.height() - block.height) * 0.46
        canvas.text(block, QRectF(area.left(), top, area.width(), block.height), colour(work.mood.text))
        if by is not None:
            rule = QRectF(
                round(box.left()), round(box.bottom() - by.height / 2), measures.gap * 2, max(2, measures.hair)
            )
            canvas.fill(rule, colour(work.mood.accent))
            foot = QRectF(box.left() + measures.gap * 3, box.bottom() - by.height, by.width, by.height)
            canvas.text(by, foot, colour(work.mood.accent))
        paint_pages_mark(canvas, work, page, len(pages), canvas.rect.height() - band_height(work))

    return paged(work, len(pages), paint)


def _signature(work: Commission, width: float) -> Block | None:
    by = work.line("by")
    if not by:
        return None
    sizes = work.sizes(work.theme.label, work.theme.body.max_share)
    room = width - work.measures.gap * 3
    return fit_block(by, Setting(work.label_face), sizes, room, 1e6, most_lines=1) or set_block(
        by, Setting(work.label_face), sizes[-1], room
    )


def _fit_appeal(work: Commission, text: str, area: QRectF) -> list[Block]:
    sizes = work.sizes(work.theme.poster)
    setting = Setting(work.headline_face, is_balanced=True)
    block = fit_headline(text, setting, sizes, area.width(), area.height())
    return [block] if block else fit_pages(text, setting, sizes, lambda _: (area.width(), area.height()))

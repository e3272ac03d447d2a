"""An urgent notice: a warning or a takeover, in colours that nothing else has, as large as its text lets it stand."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from signage.stage.canvas import Align, Canvas, colour
from signage.stage.templates.notice import compose_text
from signage.stage.templates.sheet import (
    Commission,
    Header,
    band_height,
    headline_block,
    inside,
    paged,
    paint_ground,
    paint_head_band,
    set_head_band,
)

HEADER = Header("紧急通知", "Urgent notice")
MAX_SHARE = 1 / 5
"""The largest text: an alert of a few words below its title fills the sheet."""


def compose(work: Commission) -> list[QImage]:
    """Give as many pages as the text needs; there is most often one."""
    lines = [line for line in (work.line("office"), work.day("date")) if line]
    title, body = work.line("title"), work.text("body")
    alone = None if body or lines else _compose_alone(work, title)
    return alone or compose_text(work, HEADER, title, body, lines, largest=MAX_SHARE, paint_edge=_paint_stripes)


def _compose_alone(work: Commission, title: str) -> list[QImage] | None:
    """Give a title that stands alone, at the size of a poster, in the middle; None if it is too long for that."""
    head = set_head_band(work, HEADER)
    box = inside(work, QRectF(0, head.height, work.measures.width, work.measures.height - head.height))
    block = headline_block(work, title, box, role=work.theme.poster)
    if block.height > box.height():
        return None

    def paint(canvas: Canvas, _page: int) -> None:
        paint_ground(canvas, work)
        _paint_stripes(canvas, work, canvas.rect.height() - band_height(work))
        paint_head_band(canvas, work, head)
        top = box.top() + (box.height() - block.height) * 0.46
        canvas.text(block, QRectF(box.left(), top, box.width(), 1), colour(work.mood.text), Align.CENTRE)

    return paged(work, 1, paint)


def _paint_stripes(canvas: Canvas, work: Commission, top: float) -> None:
    """Paint slanting stripes along the foot, as on barriers."""
    height, width = band_height(work), canvas.rect.width()
    canvas.fill(QRectF(0, top, width, height), colour(work.mood.band))
    step = height * 2
    for left in range(-step, int(width) + step, step):
        corners = ((left, top + height), (left + height, top), (left + step, top), (left + height, top + height))
        canvas.polygon(corners, colour(work.mood.accent))

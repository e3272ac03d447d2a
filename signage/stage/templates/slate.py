"""The waiting picture: the community's name on a quiet pattern, between two woven bands."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from signage.stage.canvas import Align, Canvas, colour
from signage.stage.templates.sheet import Commission, band_height, headline_block, paged, paint_band, paint_ground
from signage.stage.theme import Role

SLATE_ROLE = Role(min_share=1 / 12, max_share=1 / 5, leading=1.22)


def compose(work: Commission) -> list[QImage]:
    """Give the one page of the slate."""
    title = work.line("title") or "欢迎来到社区"

    def paint(canvas: Canvas, _page: int) -> None:
        paint_ground(canvas, work, "lattice", 0.16)
        band, margin = band_height(work), work.measures.margin
        paint_band(canvas, work, 0)
        paint_band(canvas, work, canvas.rect.height() - band)
        inside = canvas.rect.adjusted(margin * 1.5, band + margin, -margin * 1.5, -band - margin)
        block = headline_block(work, title, inside, work.poster_face, SLATE_ROLE)
        top = inside.top() + (inside.height() - block.height) / 2
        canvas.text(
            block, QRectF(inside.left(), top, inside.width(), block.height), colour(work.mood.text), Align.CENTRE
        )
        rule = max(2, work.measures.hair)
        length = min(inside.width() * 0.5, block.width * 0.4)
        below = top + block.height + block.size_px * 0.42
        if below + rule < inside.bottom():
            left = (canvas.rect.width() - length) / 2
            canvas.fill(QRectF(round(left), round(below), round(length), rule), colour(work.mood.accent))

    return paged(work, 1, paint)

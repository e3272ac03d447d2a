"""A table for the disclosure of affairs and finance: figures aligned at the point, the head repeated on each page.

Where the columns are too many for the canvas, each row becomes a small record instead: column and value.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from signage.stage.canvas import Align, Canvas, colour
from signage.stage.templates.notice import compose_text
from signage.stage.templates.sheet import (
    Commission,
    HeadBand,
    Header,
    band_height,
    headline_block,
    inside,
    paged,
    paint_band,
    paint_ground,
    paint_head_band,
    paint_pages_mark,
    set_head_band,
)
from signage.stage.templates.tablegrid import (
    CELL_LEADING,
    PAD_EM,
    Grid,
    Row,
    Texts,
    after_point,
    choose_grid,
    is_number,
)
from signage.stage.typeset import Block, Face, Setting, clean, set_block

HEADER = Header("公开栏", "Public disclosure")
TITLE_PART = 0.18


def compose(work: Commission) -> list[QImage]:
    """Give as many pages as the rows need at a size that can be read."""
    texts = _texts(work)
    head = set_head_band(work, replace(HEADER, right=work.day("date")))
    box = inside(work, QRectF(0, head.height, work.measures.width, work.measures.height - head.height))
    title = headline_block(work, work.line("title"), QRectF(0, 0, box.width(), box.height() * TITLE_PART))
    note = _note(work, box.width())
    top = box.top() + title.height + work.measures.gap
    room = box.bottom() - top - (note.height + work.measures.gap if note.lines else 0.0)
    grid = choose_grid(work, texts, box.width(), room) if room > 0 else None
    if grid is None:
        return _as_text(work, texts)
    count = len(grid.pages)

    def paint(canvas: Canvas, page: int) -> None:
        _paint_sheet(canvas, work, head)
        canvas.text(title, QRectF(box.left(), box.top(), box.width(), 1), colour(work.mood.text), Align.CENTRE)
        bottom = _paint_rows(canvas, work, grid, page, QRectF(box.left(), top, box.width(), room))
        if note.lines:
            y = bottom + work.measures.gap
            canvas.text(note, QRectF(box.left(), y, box.width(), 1), colour(work.mood.quiet))
        paint_pages_mark(canvas, work, page, count, canvas.rect.height() - band_height(work))

    return paged(work, count, paint)


def _texts(work: Commission) -> Texts:
    def plain(cell: object) -> str:
        return clean(str(cell), work.sans).replace("\n", " ")

    columns = tuple(plain(cell) for cell in work.fields["columns"])
    return Texts(columns, tuple(tuple(plain(cell) for cell in row) for row in work.fields["rows"]))


def _note(work: Commission, width: float) -> Block:
    text = work.text("note")
    size = work.measures.least_px(work.theme.label)
    return set_block(text, Setting(Face(work.theme.sans, 1.35)), size, width) if text else Block()


def _paint_sheet(canvas: Canvas, work: Commission, head: HeadBand) -> None:
    paint_ground(canvas, work)
    paint_band(canvas, work, canvas.rect.height() - band_height(work))
    paint_head_band(canvas, work, head)


def _paint_rows(canvas: Canvas, work: Commission, grid: Grid, page: int, area: QRectF) -> float:
    """Paint head and rows of one page from the top of `area`; give the y below them."""
    mood, y = work.mood, area.top()
    left, width, hair = round(area.left()), round(area.width()), max(1, work.measures.hair)
    if grid.head is not None:
        canvas.fill(QRectF(left, round(y), width, round(grid.head.height)), colour(mood.accent))
        _paint_cells(canvas, grid, grid.head, area.left(), y, [mood.ground_deep] * len(grid.widths))
        y += grid.head.height
    else:
        canvas.fill(QRectF(left, round(y) - hair, width, hair), colour(mood.accent))
    for row in grid.pages[page]:
        stripe = QRectF(left, round(y), width, round(y + row.height) - round(y))
        if grid.head is not None and row.is_total:
            canvas.fill(stripe, colour(mood.band))
        elif row.stripe % 2 == 0:
            canvas.fill(stripe, colour(mood.panel))
        ink = mood.accent if row.is_total else mood.text
        label = mood.quiet if grid.head is None else ink
        _paint_cells(canvas, grid, row, area.left(), y, [label, *[ink] * (len(grid.widths) - 1)])
        y += row.height
    canvas.fill(QRectF(left, round(y), width, hair), colour(mood.accent))
    return y + hair


def _paint_cells(canvas: Canvas, grid: Grid, row: Row, x: float, y: float, inks: list[str]) -> None:
    pad = PAD_EM * grid.size_px
    for place, (block, ink) in enumerate(zip(row.cells, inks, strict=False)):
        width = grid.widths[place]
        box = QRectF(x + pad, y + (row.height - block.height) / 2, width - 2 * pad, 1)
        if grid.numeric[place] and row is not grid.head and len(block.lines) == 1 and is_number(block.text):
            line = block.lines[0]
            font = line.layout.font()
            after = after_point(line.text, Face(tuple(font.families()), CELL_LEADING, font.bold()), grid.size_px)
            box.setWidth(min(box.width(), box.width() - grid.points[place] + after))
        canvas.text(block, box, colour(ink), Align.END if grid.numeric[place] else Align.START)
        x += width


def _as_text(work: Commission, texts: Texts) -> list[QImage]:
    """Give each row as a paragraph, for a canvas with no room for rows."""
    told = [
        "；".join(f"{name}：{cell}" for name, cell in zip(texts.columns, row, strict=False) if cell)
        for row in texts.rows
    ]
    text = "\n".join(part for part in (*told, work.text("note")) if part)
    return compose_text(work, replace(HEADER, right=work.day("date")), work.line("title"), text)

"""A table for the disclosure of affairs and finance: figures aligned at the point, the head repeated on each page.

Where the columns are too many for the canvas, each row becomes a small list instead: column: value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
from signage.stage.typeset import Block, Face, Setting, clean, set_block, shape

HEADER = Header("公开栏", "Public disclosure")
TITLE_PART = 0.18
TEXT_LEAST_EM = 3.5
PAD_EM = 0.42
CELL_LEADING = 1.3
_NUMBER = re.compile(r"[+\-−—–]?\s*[¥￥$]?\s*\d[\d,，  ]*(\.\d+)?\s*(%|％|元|万元|人|次|户|件|个)?|[-—–/]")
_TOTAL = re.compile(r"^(合计|总计|小计|总额|共计|结余|Total)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Row:
    cells: tuple[Block, ...]
    height: float
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class _Grid:
    """The table set at one size, cut into pages of rows."""

    size_px: int
    widths: tuple[float, ...]
    points: tuple[float, ...]
    numeric: tuple[bool, ...]
    head: _Row
    pages: tuple[tuple[_Row, ...], ...]


def compose(work: Commission) -> list[QImage]:
    """Give as many pages as the rows need at a size that can be read."""
    head = set_head_band(work, replace(HEADER, right=work.day("date")))
    box = inside(work, QRectF(0, head.height, work.measures.width, work.measures.height - head.height))
    title = headline_block(work, work.line("title"), QRectF(0, 0, box.width(), box.height() * TITLE_PART))
    note = _note(work, box.width())
    top = box.top() + title.height + work.measures.gap
    room = box.bottom() - top - (note.height + work.measures.gap if note.lines else 0.0)
    grid = _choose_grid(work, box.width(), room) if room > 0 else None
    if grid is None:
        return _as_list(work)
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


def _texts(work: Commission) -> tuple[list[str], list[list[str]]]:
    def plain(cell: object) -> str:
        return clean(str(cell), work.sans).replace("\n", " ")

    columns = [plain(cell) for cell in work.fields.get("columns") or []]
    return columns, [[plain(cell) for cell in row] for row in work.fields.get("rows") or []]


def _note(work: Commission, width: float) -> Block:
    text = work.text("note")
    size = work.measures.least_px(work.theme.label)
    return set_block(text, Setting(Face(work.theme.sans, 1.35)), size, width) if text else Block()


def _choose_grid(work: Commission, width: float, room: float) -> _Grid | None:
    """Give the table on as few pages as its smallest size needs, then as large as that many pages allow."""
    sizes = work.sizes(work.theme.label, 1 / 16)
    best = _grid(work, sizes[-1], width, room)
    if best is None:
        return None
    for size in sizes[:-1]:
        grid = _grid(work, size, width, room)
        if grid is not None and len(grid.pages) <= len(best.pages):
            return grid
    return best


def _grid(work: Commission, size: int, width: float, room: float) -> _Grid | None:
    """Give the table at one size; None if a column would be too narrow or a row too high."""
    columns, rows = _texts(work)
    cell_face, head_face = Face(work.theme.sans, CELL_LEADING), Face(work.theme.sans, CELL_LEADING, is_bold=True)
    numeric = tuple(_is_numeric([row[place] for row in rows]) for place in range(len(columns)))
    widths = _widths(columns, rows, numeric, size, width, head_face)
    if widths is None:
        return None
    pad = PAD_EM * size

    def row_of(cells: Sequence[str], face: Face, *, is_total: bool = False) -> _Row:
        blocks = tuple(
            set_block(cell, Setting(face), size, widths[place] - 2 * pad) if cell else Block()
            for place, cell in enumerate(cells)
        )
        return _Row(blocks, max((block.height for block in blocks), default=size) + 1.2 * pad, is_total)

    head = row_of(columns, head_face)
    made = []
    for row in rows:
        is_total = bool(row and _TOTAL.match(row[0]))
        made.append(row_of(row, head_face if is_total else cell_face, is_total=is_total))
    pages = _paged_rows(made, room - head.height)
    if pages is None:
        return None
    points = tuple(
        max((_after_point(row[place], cell_face, size) for row in rows), default=0.0) if numeric[place] else 0.0
        for place in range(len(columns))
    )
    return _Grid(size, widths, points, numeric, head, pages)


def _paged_rows(rows: Sequence[_Row], room: float) -> tuple[tuple[_Row, ...], ...] | None:
    pages: list[list[_Row]] = [[]]
    used = 0.0
    for row in rows:
        if row.height > room:
            return None
        if used + row.height > room:
            pages.append([])
            used = 0.0
        pages[-1].append(row)
        used += row.height
    return tuple(tuple(page) for page in pages)


def _is_numeric(cells: Sequence[str]) -> bool:
    told = [cell for cell in cells if cell]
    numbers = sum(1 for cell in told if _NUMBER.fullmatch(cell))
    return bool(told) and numbers * 5 >= len(told) * 4


def _widths(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    numeric: Sequence[bool],
    size: int,
    width: float,
    face: Face,
) -> tuple[float, ...] | None:
    """Give the columns' widths in px: figures keep theirs, texts share the rest; None if that is too little."""
    pad = 2 * PAD_EM * size
    wanted, least = [], []
    for place, name in enumerate(columns):
        heading = shape(name, face, size).width
        cells = max((shape(row[place], face, size).width for row in rows if row[place]), default=0.0)
        wanted.append(max(heading, cells) + pad + 1)
        shortest = cells if numeric[place] else min(cells, TEXT_LEAST_EM * size)
        least.append(max(shortest, min(heading, 3 * size)) + pad + 1)
    if sum(least) > width:
        return None
    spare = width - sum(least)
    asked = [want - little for want, little in zip(wanted, least, strict=True)]
    if sum(asked) > spare:
        return tuple(little + spare * ask / sum(asked) for little, ask in zip(least, asked, strict=True))
    extra = (width - sum(wanted)) / len(columns)
    return tuple(want + extra for want in wanted)


def _after_point(cell: str, face: Face, size: int) -> float:
    """Give the width in px of what stands after the whole number: its decimals and unit."""
    found = re.fullmatch(r"(.*?\d)((?:\.\d+)?[^\d.]*)", cell)
    return shape(found[2], face, size).width if found and found[2] else 0.0


def _paint_sheet(canvas: Canvas, work: Commission, head: HeadBand) -> None:
    paint_ground(canvas, work)
    paint_band(canvas, work, canvas.rect.height() - band_height(work))
    paint_head_band(canvas, work, head)


def _paint_rows(canvas: Canvas, work: Commission, grid: _Grid, page: int, area: QRectF) -> float:
    """Paint head and rows of one page from the top of `area`; give the y below them."""
    mood, y = work.mood, area.top()
    hair = max(1, work.measures.hair)
    canvas.fill(QRectF(round(area.left()), round(y), round(area.width()), round(grid.head.height)), colour(mood.accent))
    _paint_cells(canvas, grid, grid.head, area.left(), y, mood.ground_deep, is_head=True)
    y += grid.head.height
    for number, row in enumerate(grid.pages[page]):
        stripe = QRectF(round(area.left()), round(y), round(area.width()), round(y + row.height) - round(y))
        if row.is_total:
            canvas.fill(stripe, colour(mood.band))
        elif number % 2 == 0:
            canvas.fill(stripe, colour(mood.panel))
        _paint_cells(canvas, grid, row, area.left(), y, mood.accent if row.is_total else mood.text)
        y += row.height
    canvas.fill(QRectF(round(area.left()), round(y), round(area.width()), hair), colour(mood.accent))
    return y + hair


def _paint_cells(
    canvas: Canvas, grid: _Grid, row: _Row, x: float, y: float, ink: str, *, is_head: bool = False
) -> None:
    pad = PAD_EM * grid.size_px
    for place, block in enumerate(row.cells):
        width = grid.widths[place]
        box = QRectF(x + pad, y + (row.height - block.height) / 2, width - 2 * pad, 1)
        if grid.numeric[place] and not is_head and len(block.lines) == 1:
            line = block.lines[0]
            face = Face(tuple(line.layout.font().families()), CELL_LEADING, line.layout.font().bold())
            after = _after_point(line.text, face, grid.size_px)
            box.setWidth(min(box.width(), box.width() - grid.points[place] + after))
            canvas.text(block, box, colour(ink), Align.END)
        else:
            canvas.text(block, box, colour(ink), Align.END if grid.numeric[place] else Align.START)
        x += width


def _as_list(work: Commission) -> list[QImage]:
    """Give each row as `column: value` lines, for a canvas too narrow for the columns."""
    columns, rows = _texts(work)
    told = ["；".join(f"{name}：{cell}" for name, cell in zip(columns, row, strict=False) if cell) for row in rows]
    text = "\n".join(part for part in (*told, work.text("note")) if part)
    return compose_text(work, replace(HEADER, right=work.day("date")), work.line("title"), text)

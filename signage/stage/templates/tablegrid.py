"""The texts of a table, a width and a height go in; out come its cells set at the largest size, cut into pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from signage.stage.templates.sheet import Commission
from signage.stage.typeset import Block, Face, Setting, set_block, shape

TEXT_LEAST_EM = 3.5
PAD_EM = 0.42
CELL_LEADING = 1.3
LABEL_PART = 0.42
_NUMBER = re.compile(r"[+\-−—–]?\s*[¥￥$]?\s*\d[\d,，]*(\.\d+)?\s*(%|％|元|万元|人|次|户|件|个)?|[-—–/]")
_TOTAL = re.compile(r"(合计|总计|小计|总额|共计|结余|Total)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """Cells beside each other. `stripe` counts the rows, or records, whose ground alternates."""

    cells: tuple[Block, ...]
    height: float
    stripe: int = 0
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table set at one size. `points` is how far from a numeric column's right side its decimal points stand."""

    size_px: int
    widths: tuple[float, ...]
    points: tuple[float, ...]
    numeric: tuple[bool, ...]
    head: Row | None
    pages: tuple[tuple[Row, ...], ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """What the table says, cleaned."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def choose_grid(work: Commission, texts: Texts, width: float, room: float) -> Grid | None:
    """Give the table on as few pages as its smallest size needs, then as large as that many pages allow.

    Where the columns do not fit beside each other, each row becomes a record of `column  value` lines; None where
    that does not fit either, or would take too many pages of a small canvas.
    """
    sizes = work.sizes(work.theme.label, 1 / 16)
    for setting in (_set_table,) if work.measures.is_small else (_set_table, _set_records):
        best = setting(work, texts, sizes[-1], width, room)
        if best is not None:
            larger = (setting(work, texts, size, width, room) for size in sizes[:-1])
            pages = len(best.pages)
            return next((grid for grid in larger if grid is not None and len(grid.pages) <= pages), best)
    return None


def _faces(work: Commission) -> tuple[Face, Face]:
    return Face(work.theme.sans, CELL_LEADING), Face(work.theme.sans, CELL_LEADING, is_bold=True)


def _row(cells: Sequence[str], widths: Sequence[float], faces: Sequence[Face], size: int) -> tuple[Block, ...]:
    pad = 2 * PAD_EM * size
    return tuple(
        set_block(cell, Setting(face), size, width - pad) if cell else Block()
        for cell, width, face in zip(cells, widths, faces, strict=False)
    )


def _height(cells: Sequence[Block], size: int) -> float:
    return max((block.height for block in cells), default=size) + 1.2 * PAD_EM * size


def _set_table(work: Commission, texts: Texts, size: int, width: float, room: float) -> Grid | None:
    """Give the table at one size; None if a column would be too narrow or a row too high."""
    plain, bold = _faces(work)
    count = len(texts.columns)
    numeric = tuple(_is_numeric([row[place] for row in texts.rows]) for place in range(count))
    widths = _widths(texts, numeric, size, width, bold)
    if widths is None:
        return None
    cells = _row(texts.columns, widths, [bold] * count, size)
    head = Row(cells, _height(cells, size))
    rows = []
    for number, told in enumerate(texts.rows):
        is_total = bool(_TOTAL.match(told[0]))
        cells = _row(told, widths, [bold if is_total else plain] * count, size)
        rows.append((Row(cells, _height(cells, size), number, is_total),))
    pages = _paged(rows, room - head.height)
    if pages is None:
        return None
    points = tuple(
        max((after_point(row[place], plain, size) for row in texts.rows), default=0.0) if numeric[place] else 0.0
        for place in range(count)
    )
    return Grid(size, widths, points, numeric, head, pages)


def _set_records(work: Commission, texts: Texts, size: int, width: float, room: float) -> Grid | None:
    """Give each row as a record of its own, one line to a column.

    None if a line is higher than the room, or a figure would be torn.
    """
    plain, bold = _faces(work)
    pad = 2 * PAD_EM * size + 1
    longest = max(shape(name, plain, size).width for name in texts.columns)
    label = min(longest + pad, width * LABEL_PART)
    widths = (label, width - label)
    records = []
    for number, told in enumerate(texts.rows):
        lines: list[Row] = []
        for name, cell in zip(texts.columns, told, strict=False):
            if cell:
                cells = _row((name, cell), widths, (plain, plain if lines else bold), size)
                if is_number(cell) and len(cells[1].lines) > 1:
                    return None
                lines.append(Row(cells, _height(cells, size), number, is_total=not lines))
        records.append(tuple(lines))
    pages = _paged(records, room)
    return Grid(size, widths, (0.0, 0.0), (False, False), None, pages) if pages is not None else None


def _paged(groups: Sequence[tuple[Row, ...]], room: float) -> tuple[tuple[Row, ...], ...] | None:
    """Cut the rows into pages; a group stays together where it fits a page. None if a row is too high for one."""
    pages: list[list[Row]] = [[]]
    used = 0.0
    for group in groups:
        whole = sum(row.height for row in group)
        if whole <= room < used + whole:
            pages.append([])
            used = 0.0
        for row in group:
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
    return bool(told) and sum(map(is_number, told)) * 5 >= len(told) * 4


def _widths(texts: Texts, numeric: Sequence[bool], size: int, width: float, face: Face) -> tuple[float, ...] | None:
    """Give the columns' widths in px: figures keep theirs, texts share the rest; None if that is too little."""
    pad = 2 * PAD_EM * size + 1
    wanted, least = [], []
    for place, name in enumerate(texts.columns):
        heading = shape(name, face, size).width
        told = [row[place] for row in texts.rows if row[place]]
        cells = max((shape(cell, face, size).width for cell in told), default=0.0)
        if numeric[place]:
            after = [after_point(cell, face, size) for cell in told]
            whole = [shape(cell, face, size).width - part for cell, part in zip(told, after, strict=True)]
            cells = max(cells, max(whole) + max(after))
        wanted.append(max(heading, cells) + pad)
        shortest = cells if numeric[place] else min(cells, TEXT_LEAST_EM * size)
        least.append(max(shortest, min(heading, 3 * size)) + pad)
    if sum(least) > width:
        return None
    spare = width - sum(least)
    asked = [want - little for want, little in zip(wanted, least, strict=True)]
    if sum(asked) > spare:
        return tuple(little + spare * ask / sum(asked) for little, ask in zip(least, asked, strict=True))
    extra = (width - sum(wanted)) / len(texts.columns)
    return tuple(want + extra for want in wanted)


def after_point(cell: str, face: Face, size: int) -> float:
    """Give the width in px of what stands after the whole number: its decimals and unit; 0 for what is no number."""
    found = re.fullmatch(r"(.*?\d)((?:\.\d+)?[^\d.]*)", cell) if is_number(cell) else None
    return shape(found[2], face, size).width if found and found[2] else 0.0


def is_number(cell: str) -> bool:
    """Tell whether a cell is a figure, or the dash that stands for none."""
    return _NUMBER.fullmatch(cell) is not None

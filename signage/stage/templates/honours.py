"""People who are honoured: portraits in gold frames with names and reasons, on as many pages as it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from signage.stage.canvas import Align, Canvas, colour
from signage.stage.templates.sheet import (
    Commission,
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
from signage.stage.typeset import Block, Face, Setting, clean, fit_pages, set_block

TITLE_PART = 0.24
PORTRAIT_LEAST_SHARE = 0.16
GRIDS = tuple((columns, rows) for columns in range(1, 7) for rows in range(1, 5))


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    reason: str
    photo: str | None


@dataclass(frozen=True, slots=True)
class _Look:
    """How people stand on a page: a grid of cells, text below the portrait or beside it."""

    columns: int
    rows: int
    cell: tuple[float, float]
    portrait: int
    is_beside: bool
    texts: tuple[tuple[Block, Block], ...]

    @property
    def capacity(self) -> int:
        return self.columns * self.rows


def compose(work: Commission) -> list[QImage]:
    """Give pages of portraits; where a reason is too long for any grid, pages of text."""
    head = set_head_band(work, Header("光荣榜", "Roll of honour"))
    box = inside(work, QRectF(0, head.height, work.measures.width, work.measures.height - head.height))
    people = _people(work)
    title = headline_block(
        work, work.line("title"), QRectF(0, 0, box.width(), box.height() * TITLE_PART), work.poster_face
    )
    why = _why(work, box)
    top = box.top() + title.height + work.measures.gap * (0.7 if why.lines else 1.2)
    stage = box.adjusted(0, top - box.top() + (why.height + work.measures.gap if why.lines else 0), 0, 0)
    look = _choose_look(work, people, stage)
    if look is None:
        return _as_text(work, people, box)
    groups = list(_groups(people, look.capacity))
    portraits = {person: _portrait(work, person, look.portrait) for person in people} if look.portrait else {}

    def paint(canvas: Canvas, page: int) -> None:
        _paint_sheet(canvas, work)
        paint_head_band(canvas, work, head)
        canvas.text(title, QRectF(box.left(), box.top(), box.width(), 1), colour(work.mood.accent), Align.CENTRE)
        canvas.text(why, QRectF(box.left(), top, box.width(), 1), colour(work.mood.quiet), Align.CENTRE)
        first = sum(len(group) for group in groups[:page])
        _paint_people(canvas, work, groups[page], look, look.texts[first:], stage, portraits)
        paint_pages_mark(canvas, work, page, len(groups), canvas.rect.height() - band_height(work))

    return paged(work, len(groups), paint)


def _people(work: Commission) -> list[_Person]:
    told = work.fields.get("people") or []
    there = set(work.photos.usable(person["photo"] for person in told if person.get("photo")))
    return [
        _Person(
            clean(str(person.get("name", "")), work.sans).replace("\n", " "),
            clean(str(person.get("reason") or ""), work.sans).replace("\n", " "),
            person.get("photo") if person.get("photo") in there else None,
        )
        for person in told
    ]


def _why(work: Commission, box: QRectF) -> Block:
    """Give the common reason in a few lines; none where it would take too much of the sheet."""
    text = work.text("reason")
    if not text:
        return Block()
    return set_block(text, Setting(work.sans, is_balanced=True), work.measures.least_px(work.theme.body), box.width())


def _choose_look(work: Commission, people: Sequence[_Person], stage: QRectF) -> _Look | None:
    """Give the grid that shows everybody at once, as large as can be; else the one that takes the fewest pages."""
    if stage.height() <= 0:
        return None
    has_photos = any(person.photo for person in people)
    looks = [
        look
        for columns, rows in GRIDS
        for is_beside in (False, True)
        if (look := _look(work, people, stage, columns, rows, is_beside, has_photos)) is not None
    ]
    if not looks:
        return None
    enough = [look for look in looks if look.capacity >= len(people)]

    def worth(look: _Look) -> tuple[float, float, float]:
        size = look.texts[0][0].size_px if look.texts else 0
        return -look.capacity, look.portrait, size

    if enough:
        return max(enough, key=worth)
    pages = -(-len(people) // max(look.capacity for look in looks))
    fewest = [look for look in looks if -(-len(people) // look.capacity) == pages]
    return max(fewest, key=worth)


def _look(
    work: Commission,
    people: Sequence[_Person],
    stage: QRectF,
    columns: int,
    rows: int,
    is_beside: bool,
    has_photos: bool,
) -> _Look | None:
    gap = work.measures.gap * 1.2
    width = (stage.width() - gap * (columns - 1)) / columns
    height = (stage.height() - gap * (rows - 1)) / rows
    least = round(work.measures.reading_px * PORTRAIT_LEAST_SHARE) if has_photos else 0
    pad = work.measures.gap * 0.6
    if width < least + pad or height < least:
        return None
    portrait = 0
    if has_photos and is_beside:
        portrait = round(min(height, width * 0.42))
    for size in work.sizes(work.theme.body, 1 / 15):
        room = width - portrait - pad if is_beside and has_photos else width
        texts = [_text(work, person, size, room) for person in people]
        if any(block.width > room + 0.5 or len(name.lines) > 2 for name, why in texts for block in (name, why)):
            continue
        highest = max(_text_height(work, pair) for pair in texts)
        if is_beside or not has_photos:
            if highest <= height and (not has_photos or portrait >= least):
                return _Look(columns, rows, (width, height), portrait, is_beside, tuple(texts))
        elif height - highest - pad >= least:
            side = round(min(width, height - highest - pad))
            return _Look(columns, rows, (width, height), side, False, tuple(texts))
    return None


def _text(work: Commission, person: _Person, size: int, width: float) -> tuple[Block, Block]:
    name = set_block(person.name, Setting(Face(work.theme.sans, 1.25, is_bold=True), is_balanced=True), size, width)
    least = work.measures.least_px(work.theme.body)
    reason_px = max(least, round(size * 0.8))
    setting = Setting(Face(work.theme.sans, 1.3), is_balanced=True)
    return name, set_block(person.reason, setting, reason_px, width) if person.reason else Block()


def _text_height(work: Commission, pair: tuple[Block, Block]) -> float:
    name, reason = pair
    return name.height + (reason.height + work.measures.gap * 0.35 if reason.lines else 0.0)


def _groups(people: Sequence[_Person], capacity: int) -> Iterator[Sequence[_Person]]:
    """Give the people page by page, about as many on each."""
    pages = -(-len(people) // capacity)
    start = 0
    for page in range(pages):
        end = start + -(-(len(people) - start) // (pages - page))
        yield people[start:end]
        start = end


def _portrait(work: Commission, person: _Person, side: int) -> QImage | None:
    work.check()
    return work.photos.cover(person.photo, side, side) if person.photo else None


def _paint_sheet(canvas: Canvas, work: Commission) -> None:
    paint_ground(canvas, work, "cloud", 0.16)
    paint_band(canvas, work, canvas.rect.height() - band_height(work))


def _paint_people(
    canvas: Canvas,
    work: Commission,
    people: Sequence[_Person],
    look: _Look,
    texts: Sequence[tuple[Block, Block]],
    stage: QRectF,
    portraits: dict[_Person, QImage | None],
) -> None:
    gap = work.measures.gap * 1.2
    width, height = look.cell
    rows = -(-len(people) // look.columns)
    top = stage.top() + (stage.height() - rows * height - (rows - 1) * gap) / 2
    for number, (person, pair) in enumerate(zip(people, texts, strict=False)):
        row, column = divmod(number, look.columns)
        in_row = min(look.columns, len(people) - row * look.columns)
        left = stage.left() + (stage.width() - in_row * width - (in_row - 1) * gap) / 2
        cell = QRectF(left + column * (width + gap), top + row * (height + gap), width, height)
        _paint_person(canvas, work, person, pair, cell, look, portraits.get(person))


def _paint_person(
    canvas: Canvas,
    work: Commission,
    person: _Person,
    pair: tuple[Block, Block],
    cell: QRectF,
    look: _Look,
    portrait: QImage | None,
) -> None:
    pad, side = work.measures.gap * 0.6, look.portrait
    text_height = _text_height(work, pair)
    if look.is_beside and side:
        frame = QRectF(round(cell.left()), round(cell.center().y() - side / 2), side, side)
        box = QRectF(cell.left() + side + pad, cell.center().y() - text_height / 2, cell.width() - side - pad, 1)
        align = Align.START
    else:
        whole = side + (pad if side else 0) + text_height
        y = cell.top() + (cell.height() - whole) / 2
        frame = QRectF(round(cell.center().x() - side / 2), round(y), side, side)
        box = QRectF(cell.left(), y + side + (pad if side else 0), cell.width(), 1)
        align = Align.CENTRE
    if side:
        _paint_portrait(canvas, work, person, portrait, frame)
    name, reason = pair
    canvas.text(name, box, colour(work.mood.text), align)
    if reason.lines:
        box.moveTop(box.top() + name.height + work.measures.gap * 0.35)
        canvas.text(reason, box, colour(work.mood.quiet), align)


def _paint_portrait(canvas: Canvas, work: Commission, person: _Person, portrait: QImage | None, frame: QRectF) -> None:
    """Paint the photo in a gold frame; without one, the first character of the name on a medallion."""
    mood, corner = work.mood, frame.width() * 0.06
    if portrait is not None:
        canvas.picture(frame, portrait, corner)
    else:
        canvas.round_box(frame, corner, colour(mood.panel))
        initial = set_block(person.name[:1] or "·", Setting(work.poster_face), max(8, round(frame.width() * 0.5)), 1e6)
        y = frame.center().y() - initial.height / 2
        canvas.text(initial, QRectF(frame.left(), y, frame.width(), 1), colour(mood.accent), Align.CENTRE)
    canvas.round_box(frame, corner, line=colour(mood.accent), line_px=max(1.5, work.measures.hair * 1.4))


def _as_text(work: Commission, people: Sequence[_Person], box: QRectF) -> list[QImage]:
    """Give the same as running text, for canvases on which no portrait has room."""
    told = [person.name + (f"：{person.reason}" if person.reason else "") for person in people]
    text = "\n".join(part for part in (work.line("title"), work.text("reason"), *told) if part)
    head = set_head_band(work, Header("光荣榜", "Roll of honour"))
    pages = fit_pages(text, Setting(work.sans), work.sizes(work.theme.body), lambda _: (box.width(), box.height()))

    def paint(canvas: Canvas, page: int) -> None:
        _paint_sheet(canvas, work)
        paint_head_band(canvas, work, head)
        canvas.text(pages[page], box, colour(work.mood.text))
        paint_pages_mark(canvas, work, page, len(pages), canvas.rect.height() - band_height(work))

    return paged(work, len(pages), paint)

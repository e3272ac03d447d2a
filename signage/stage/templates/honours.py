"""People who are honoured: portraits in gold frames with names and reasons, on as many pages as it takes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
    paint_band,
    paint_ground,
    paint_head_band,
    paint_pages_mark,
    set_head_band,
)
from signage.stage.typeset import Block, Face, Setting, clean, fit_block, set_block, shape

HEADER = Header("光荣榜", "Roll of honour")
TITLE_PART = 0.24
PORTRAIT_LEAST_SHARE = 0.16


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
    head = set_head_band(work, HEADER)
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
        return _as_text(work, people)
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
    """Give the grid that shows everybody at once, as large as can be; else the one that takes the fewest pages.

    Grids are weighed by estimate, and only the best of them is set: setting each would take seconds.
    """
    if stage.height() <= 0 or not people:
        return None
    has_photos = any(person.photo for person in people)
    lengths = [_lengths(work, person) for person in people]
    guesses = [
        guess
        for columns in range(1, 7)
        for rows in range(1, 5 if has_photos else 9)
        for is_beside in ((False, True) if has_photos else (False,))
        for guess in _guesses(work, lengths, stage, (columns, rows), is_beside, has_photos)
    ]

    def worth(guess: _Guess) -> tuple[float, float, float]:
        pages = -(-len(people) // (guess.columns * guess.rows))
        return -pages, guess.size_px * max(1.0, guess.portrait) ** 0.5, -guess.columns * guess.rows

    for guess in sorted(guesses, key=worth, reverse=True):
        look = _set_look(work, people, stage, guess)
        if look is not None:
            return look
    return None


@dataclass(frozen=True, slots=True)
class _Guess:
    columns: int
    rows: int
    size_px: int
    portrait: int
    is_beside: bool


def _lengths(work: Commission, person: _Person) -> tuple[float, float]:
    """Give the lengths of name and reason in em."""
    bold, plain = Face(work.theme.sans, 1.25, is_bold=True), Face(work.theme.sans, 1.3)
    return shape(person.name, bold, 64).width / 64, shape(person.reason, plain, 64).width / 64


def _cell(work: Commission, stage: QRectF, columns: int, rows: int) -> tuple[float, float]:
    gap = work.measures.gap * 1.2
    return (stage.width() - gap * (columns - 1)) / columns, (stage.height() - gap * (rows - 1)) / rows


def _guesses(
    work: Commission,
    lengths: Sequence[tuple[float, float]],
    stage: QRectF,
    grid: tuple[int, int],
    is_beside: bool,
    has_photos: bool,
) -> Iterator[_Guess]:
    """Give the sizes at which everybody's text should fit such a cell, and the portrait that it leaves room for."""
    width, height = _cell(work, stage, *grid)
    least = round(work.measures.reading_px * PORTRAIT_LEAST_SHARE) if has_photos else 0
    pad, body_px = work.measures.gap * 0.6, work.measures.least_px(work.theme.body)
    beside = round(min(height, width * 0.42)) if is_beside else 0
    if width < least + pad or height < least or beside < least * is_beside:
        return
    room = width - beside - pad if is_beside else width
    for size in work.sizes(work.theme.body):
        reason_px = max(body_px, round(size * 0.8))
        highest = 0.0
        for name_em, reason_em in lengths:
            name_lines = math.ceil(name_em * size / room)
            reason_lines = math.ceil(reason_em * reason_px / room * 1.04)
            gap = work.measures.gap * 0.35 if reason_lines else 0.0
            highest = max(highest, name_lines * size * 1.25 + reason_lines * reason_px * 1.3 + gap)
        left = height if is_beside or not has_photos else height - highest - pad
        if highest <= height and left >= least:
            yield _Guess(*grid, size, beside or (round(min(width, left)) if has_photos else 0), is_beside)


def _set_look(work: Commission, people: Sequence[_Person], stage: QRectF, guess: _Guess) -> _Look | None:
    """Set everybody's text as guessed; None where it does not fit after all."""
    work.check()
    width, height = _cell(work, stage, guess.columns, guess.rows)
    pad = work.measures.gap * 0.6
    room = width - guess.portrait - pad if guess.is_beside else width
    texts = tuple(_text(work, person, guess.size_px, room) for person in people)
    if any(block.width > room + 0.5 or len(name.lines) > 2 for name, why in texts for block in (name, why)):
        return None
    highest = max(_text_height(work, pair) for pair in texts)
    used = 0.0 if guess.is_beside or not guess.portrait else guess.portrait * 0.94 + pad
    if highest + used > height:
        return None
    portrait = guess.portrait if guess.is_beside else min(guess.portrait, int(height - highest - pad))
    return _Look(guess.columns, guess.rows, (width, height), max(0, portrait), guess.is_beside, texts)


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
        highest = max(_text_height(work, each) for each in look.texts)
        whole = side + (pad if side else 0) + (highest if side else text_height)
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
        sizes = range(round(frame.width() * 0.5), work.measures.least_px(work.theme.label) - 1, -2)
        initial = fit_block(person.name[:1], Setting(work.poster_face), sizes, frame.width(), frame.height())
        if initial is not None:
            y = frame.center().y() - initial.height / 2
            canvas.text(initial, QRectF(frame.left(), y, frame.width(), 1), colour(mood.accent), Align.CENTRE)
    canvas.round_box(frame, corner, line=colour(mood.accent), line_px=max(1.5, work.measures.hair * 1.4))


def _as_text(work: Commission, people: Sequence[_Person]) -> list[QImage]:
    """Give the same as running text, for canvases on which no portrait has room."""
    told = [person.name + (f"：{person.reason}" if person.reason else "") for person in people]
    text = "\n".join(part for part in (work.text("reason"), *told) if part)
    return compose_text(work, HEADER, work.line("title"), text)

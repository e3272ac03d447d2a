"""What the community office did: headline, date, text, and one to four photos that reach the edges of the sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from signage.stage.canvas import Canvas, colour
from signage.stage.templates.notice import compose_text
from signage.stage.templates.sheet import (
    Commission,
    Header,
    band_height,
    header_blocks,
    headline_block,
    inside,
    paged,
    pages_below,
    paint_band,
    paint_emblem,
    paint_ground,
    paint_header,
    paint_pages_mark,
    room_below,
)
from signage.stage.typeset import Block, Setting, fit_block

PARTS_WIDE, PARTS_HIGH = (0.54, 0.46, 0.38), (0.44, 0.36, 0.28)
"""Parts of the sheet that the photos take, tried in turn until the text fits beside them."""
LOWERED_PART = 0.38
"""How much of the empty height below a short text goes above it instead."""
HEADLINE_PART = 0.52
"""The most of the text's height that the headline takes."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where things go on the first page."""

    photo_area: QRectF
    text_box: QRectF
    headline: Block
    headline_top: float
    body_top: float


def compose(work: Commission) -> list[QImage]:
    """Give one page where all fits beside the photos; else the text goes on without them, on the whole sheet."""
    photos = work.photos.usable(work.fields.get("photos") or [])[:4]
    header = Header("工作动态", "Community news", work.day("date"))
    body, setting, sizes = work.text("body"), Setting(work.sans), work.sizes(work.theme.body)
    plan = _choose_plan(work, header, bool(photos), body)
    if plan.headline_top + plan.headline.height > plan.text_box.bottom() + 0.5:
        return compose_text(work, header, work.line("headline"), body)
    whole = inside(work)
    again_top = whole.top() + header_blocks(work, header, whole.width())[1] + work.measures.gap

    def room(page: int) -> tuple[float, float]:
        return room_below(work, plan.text_box, plan.body_top) if page == 0 else room_below(work, whole, again_top)

    pages = pages_below(work, body, setting, sizes, room)
    if pages and not pages[0].lines:
        plan = _choose_plan(work, header, bool(photos), "")
    if len(pages) < 2 or not pages[0].lines:
        plan = _lowered(plan, pages[0].height if pages else 0.0)
    boxes = grid(work, photos, plan.photo_area)
    pictures = [work.photos.cover(path, round(box.width()), round(box.height())) for path, box in boxes]

    def paint(canvas: Canvas, page: int) -> None:
        paint_ground(canvas, work)
        foot = canvas.rect.height() - band_height(work)
        if not photos or page:
            paint_emblem(canvas, work, canvas.rect.width(), foot, work.measures.reading_px * 0.9, 0.16)
        paint_band(canvas, work, foot)
        if page == 0:
            for (_, box), picture in zip(boxes, pictures, strict=True):
                if picture is None:
                    canvas.fill(box, colour(work.mood.panel))
                else:
                    canvas.picture(box, picture)
            paint_header(canvas, work, header, plan.text_box)
            left, width = plan.text_box.left(), plan.text_box.width()
            canvas.text(plan.headline, QRectF(left, plan.headline_top, width, 1), colour(work.mood.text))
            body_box = QRectF(left, plan.body_top, width, 1)
        else:
            paint_header(canvas, work, header, whole)
            body_box = QRectF(whole.left(), again_top, whole.width(), 1)
        if pages:
            canvas.text(pages[page], body_box, colour(work.mood.quiet if page == 0 else work.mood.text))
        paint_pages_mark(canvas, work, page, len(pages), foot)

    return paged(work, len(pages), paint)


def _choose_plan(work: Commission, header: Header, has_photos: bool, body: str) -> _Plan:
    """Give the plan with the largest photos beside which everything fits, else that with the smallest."""
    if not has_photos:
        return _plan(work, header, 0.0, body)
    parts = PARTS_HIGH if work.measures.is_upright else PARTS_WIDE
    for part in parts:
        plan = _plan(work, header, part, body)
        fits = plan.headline_top + plan.headline.height <= plan.text_box.bottom()
        room = room_below(work, plan.text_box, plan.body_top)
        if fits and (not body or fit_block(body, Setting(work.sans), work.sizes(work.theme.body), *room)):
            return plan
    return plan if fits else _plan(work, header, 0.0, body)


def _plan(work: Commission, header: Header, part: float, body: str) -> _Plan:
    measures = work.measures
    foot = measures.height - band_height(work)
    area, free = QRectF(), QRectF(0, 0, measures.width, measures.height)
    if part and measures.is_upright:
        edge = round(foot * part)
        area, free = QRectF(0, 0, measures.width, edge), QRectF(0, edge, measures.width, measures.height - edge)
    elif part:
        edge = round(measures.width * (1 - part))
        area, free = QRectF(edge, 0, measures.width - edge, foot), QRectF(0, 0, edge, measures.height)
    box = inside(work, free)
    top = box.top() + header_blocks(work, header, box.width())[1] + measures.gap
    room = box.adjusted(0, top - box.top(), 0, 0)
    if body:
        room.setHeight(room.height() * HEADLINE_PART)
    headline = headline_block(work, work.line("headline"), room)
    body_top = _below(work, top, headline)
    if headline.height > room.height() or not room_below(work, box, body_top)[1]:
        headline = headline_block(work, work.line("headline"), box.adjusted(0, top - box.top(), 0, 0))
        body_top = _below(work, top, headline)
    return _Plan(area, box, headline, top, body_top)


def _lowered(plan: _Plan, body_height: float) -> _Plan:
    """Give the plan with headline and text nearer to the middle of their box."""
    bottom = plan.body_top + body_height if body_height else plan.headline_top + plan.headline.height
    shift = max(0.0, plan.text_box.bottom() - bottom) * LOWERED_PART
    return replace(plan, headline_top=plan.headline_top + shift, body_top=plan.body_top + shift)


def _below(work: Commission, top: float, headline: Block) -> float:
    return top + headline.height + max(work.measures.gap, headline.size_px * 0.45)


def grid(work: Commission, photos: Sequence[str], area: QRectF) -> list[tuple[str, QRectF]]:
    """Give each photo its box: one alone, two halved, three with the first large, four in two rows. Whole pixels."""
    seam = max(2, round(work.measures.hair * 1.5))
    is_wide = area.width() >= area.height()
    if area.isEmpty():
        return []
    if len(photos) == 3:
        first, rest = _halves(area, is_wide, seam, 0.58)
        boxes = [first, *_halves(rest, not is_wide, seam)]
    elif len(photos) == 4:
        boxes = [box for row in _halves(area, False, seam) for box in _halves(row, True, seam)]
    elif len(photos) == 2:
        flat = all(work.photos.aspect(path) > 1.2 for path in photos)
        boxes = list(_halves(area, is_wide and not (flat and area.width() < area.height() * 1.6), seam))
    else:
        boxes = [area][: len(photos)]
    return list(zip(photos, boxes, strict=True))


def _halves(box: QRectF, is_across: bool, seam: int, part: float = 0.5) -> tuple[QRectF, QRectF]:
    if is_across:
        first = round((box.width() - seam) * part)
        left = QRectF(box.left(), box.top(), first, box.height())
        return left, QRectF(box.left() + first + seam, box.top(), box.width() - first - seam, box.height())
    first = round((box.height() - seam) * part)
    upper = QRectF(box.left(), box.top(), box.width(), first)
    return upper, QRectF(box.left(), box.top() + first + seam, box.width(), box.height() - first - seam)

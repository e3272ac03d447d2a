"""What will happen, when and where, with the days that are left in large figures beside it or on its photo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from signage.stage.canvas import Align, Canvas, colour
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
from signage.stage.typeset import Block, Face, Setting, fit_block, set_block

PANEL_WIDE, PANEL_HIGH = 0.38, 0.30
TITLE_PART = 0.42


@dataclass(frozen=True, slots=True)
class _Fact:
    """A label and what it says: 时间, 地点."""

    label: Block
    value: Block

    @property
    def height(self) -> float:
        return max(self.label.height, self.value.height)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where things go on the first page."""

    panel: QRectF
    box: QRectF
    title: Block
    title_top: float
    facts: tuple[_Fact, ...]
    facts_top: float
    text_top: float


def compose(work: Commission) -> list[QImage]:
    """Give the first page with title, countdown, time and place; a long text goes on over the whole sheet."""
    header = Header("活动预告", "Coming event")
    days = _days_left(work)
    photos = work.photos.usable([work.fields["photo"]] if work.fields.get("photo") else [])
    setting = Setting(work.sans)
    plan = _choose_plan(work, header, has_panel=bool(photos) or days is not None)
    told = [] if plan.facts else [f"{label}：{value}" for label, value in _told(work)]
    text = "\n".join([*told, work.text("text")]).strip()
    if plan.title_top + plan.title.height > plan.box.bottom() + 0.5:
        return compose_text(work, header, work.line("title"), text)
    photo = None
    if photos and not plan.panel.isEmpty():
        photo = work.photos.cover(photos[0], round(plan.panel.width()), round(plan.panel.height()))
    whole = inside(work)
    again_top = whole.top() + header_blocks(work, header, whole.width())[1] + work.measures.gap

    def room(page: int) -> tuple[float, float]:
        return room_below(work, plan.box, plan.text_top) if page == 0 else room_below(work, whole, again_top)

    sizes = work.sizes(work.theme.body)
    if plan.facts:
        sizes = tuple(size for size in sizes if size <= plan.facts[0].value.size_px) or sizes[-1:]
    pages = pages_below(work, text, setting, sizes, room)

    def paint(canvas: Canvas, page: int) -> None:
        paint_ground(canvas, work)
        foot = canvas.rect.height() - band_height(work)
        if page or plan.panel.isEmpty():
            paint_emblem(canvas, work, canvas.rect.width(), foot, work.measures.reading_px * 0.9, 0.22)
        if page == 0:
            _paint_panel(canvas, work, plan.panel, photo, days)
        paint_band(canvas, work, foot)
        box, top = (plan.box, plan.text_top) if page == 0 else (whole, again_top)
        paint_header(canvas, work, header, box)
        if page == 0:
            canvas.text(plan.title, QRectF(box.left(), plan.title_top, box.width(), 1), colour(work.mood.text))
            _paint_facts(canvas, work, plan)
        if pages:
            canvas.text(pages[page], QRectF(box.left(), top, box.width(), 1), colour(work.mood.quiet))
        paint_pages_mark(canvas, work, page, len(pages), foot)

    return paged(work, len(pages), paint)


def _days_left(work: Commission) -> int | None:
    """Give the days until the event, 0 on its day; None without a date or once it is over."""
    try:
        days = (date.fromisoformat(work.line("date")) - work.today).days
    except ValueError:
        return None
    return days if days >= 0 else None


def _choose_plan(work: Commission, header: Header, *, has_panel: bool) -> _Plan:
    """Give the plan with the panel if its facts fit beside it, else without; without its facts where nothing fits."""
    part = PANEL_HIGH if work.measures.is_upright else PANEL_WIDE
    for tried in (part, 0.0) if has_panel else (0.0,):
        plan = _plan(work, header, tried)
        if plan.text_top - work.measures.gap * 1.5 <= plan.box.bottom() + 0.5:
            return plan
    return replace(plan, facts=(), text_top=plan.facts_top)


def _plan(work: Commission, header: Header, part: float) -> _Plan:
    measures = work.measures
    foot = measures.height - band_height(work)
    panel, free = QRectF(), QRectF(0, 0, measures.width, measures.height)
    if part and measures.is_upright:
        edge = round(foot * part)
        panel, free = QRectF(0, 0, measures.width, edge), QRectF(0, edge, measures.width, measures.height - edge)
    elif part:
        edge = round(measures.width * part)
        panel, free = QRectF(0, 0, edge, foot), QRectF(edge, 0, measures.width - edge, measures.height)
    box = inside(work, free)
    title_top = box.top() + header_blocks(work, header, box.width())[1] + measures.gap
    room = QRectF(0, 0, box.width(), box.bottom() - title_top)
    told = _told(work)
    is_alone = not told and not work.text("text")
    if not is_alone:
        room.setHeight(room.height() * TITLE_PART)
    title = headline_block(work, work.line("title"), room, role=work.theme.poster if is_alone else None)
    if title.height > room.height():
        title = headline_block(work, work.line("title"), QRectF(0, 0, box.width(), box.bottom() - title_top))
    if is_alone:
        title_top += max(0.0, room.height() - title.height) * 0.45
    facts_top = title_top + title.height + max(measures.gap, title.size_px * 0.45)
    facts = _facts(work, told, box.width(), box.bottom() - facts_top, has_text=bool(work.text("text")))
    facts_bottom = facts_top + sum(fact.height for fact in facts) + _fact_gap(work) * max(0, len(facts) - 1)
    return _Plan(panel, box, title, title_top, facts, facts_top, facts_bottom + (measures.gap * 1.5 if facts else 0.0))


def _fact_gap(work: Commission) -> float:
    return work.measures.gap * 0.7


def _told(work: Commission) -> list[tuple[str, str]]:
    return [(label, value) for label, value in (("时间", _when(work)), ("地点", work.line("where"))) if value]


def _facts(
    work: Commission, told: list[tuple[str, str]], width: float, height: float, *, has_text: bool
) -> tuple[_Fact, ...]:
    facts: tuple[_Fact, ...] = ()
    for size in work.sizes(work.theme.body, 1 / 12):
        facts = tuple(_fact(work, label, value, size, width) for label, value in told)
        needed = sum(fact.height for fact in facts) + _fact_gap(work) * max(0, len(facts) - 1)
        if needed <= height * (0.55 if has_text else 1.0):
            break
    return facts


def _when(work: Commission) -> str:
    return work.line("when") or (work.day("date") if _days_left(work) is not None else "")


def _fact(work: Commission, label: str, value: str, size: int, width: float) -> _Fact:
    tag = set_block(label, Setting(Face(work.theme.sans, 1.35, is_bold=True)), size, width)
    room = width - tag.width - size * 0.8
    setting = Setting(Face(work.theme.sans, 1.35, is_bold=True), is_balanced=True)
    return _Fact(tag, set_block(value, setting, size, max(room, size * 3)))


def _paint_facts(canvas: Canvas, work: Commission, plan: _Plan) -> None:
    y = plan.facts_top
    for fact in plan.facts:
        indent = fact.label.width + fact.label.size_px * 0.8
        canvas.text(fact.label, QRectF(plan.box.left(), y, fact.label.width, 1), colour(work.mood.accent))
        room = QRectF(plan.box.left() + indent, y, plan.box.width() - indent, 1)
        canvas.text(fact.value, room, colour(work.mood.text))
        y += fact.height + _fact_gap(work)


def _paint_panel(canvas: Canvas, work: Commission, panel: QRectF, photo: QImage | None, days: int | None) -> None:
    if panel.isEmpty():
        return
    mood = work.mood
    if photo is not None:
        canvas.picture(panel, photo)
    else:
        canvas.fill(panel, colour(mood.panel))
        if not work.measures.is_small:
            size = min(panel.width(), panel.height()) * 0.96
            paint_emblem(canvas, work, panel.center().x(), panel.center().y(), size, 0.35)
    if days is None:
        return
    if photo is None:
        _paint_countdown(canvas, work, panel, days)
        return
    room = panel.width() - 2 * work.measures.margin * 0.6
    sizes = work.sizes(work.theme.body, 1 / 9)
    words = _words(days)
    line = fit_block(words, Setting(work.headline_face), sizes, room, panel.height() / 3, most_lines=1)
    line = line or set_block(words, Setting(work.headline_face), sizes[-1], room)
    height = round(line.height + work.measures.margin * 0.7)
    strip = QRectF(panel.left(), panel.bottom() - height, panel.width(), height)
    canvas.fill(strip, colour(mood.accent))
    top = strip.top() + (height - line.height) / 2
    canvas.text(line, QRectF(strip.left(), top, strip.width(), 1), colour(mood.ground_deep), Align.CENTRE)


def _words(days: int) -> str:
    return "就在今天" if days == 0 else f"还有 {days} 天"


def _paint_countdown(canvas: Canvas, work: Commission, box: QRectF, days: int) -> None:
    """Paint 还有 / 12 / 天 in the middle of `box`, or 就在今天."""
    pad = work.measures.margin * 0.6
    room = box.adjusted(pad, pad, -pad, -pad)
    figure_face = Face(work.theme.sans, 1.0, is_bold=True)
    label_px = max(work.measures.least_px(work.theme.label), round(min(room.height() * 0.13, room.width() * 0.12)))
    words = ("活动", "今天", "举行") if days == 0 else ("还有", str(days), "天")
    above, below = (set_block(word, Setting(figure_face), label_px, room.width()) for word in (words[0], words[2]))
    sizes = work.sizes(work.theme.headline, 0.5)
    figure_room = room.height() - above.height - below.height - label_px * 0.7
    figure = fit_block(words[1], Setting(figure_face), sizes, room.width(), figure_room, most_lines=1)
    if figure is None:
        figure = set_block(_words(days), Setting(figure_face), work.measures.least_px(work.theme.label), room.width())
        top = room.center().y() - figure.height / 2
        canvas.text(figure, QRectF(room.left(), top, room.width(), 1), colour(work.mood.accent), Align.CENTRE)
        return
    total = above.height + figure.height + below.height + label_px * 0.7
    y = room.top() + (room.height() - total) / 2
    for block, ink, after in (
        (above, work.mood.text, label_px * 0.45),
        (figure, work.mood.accent, label_px * 0.25),
        (below, work.mood.text, 0.0),
    ):
        canvas.text(block, QRectF(room.left(), y, room.width(), 1), colour(ink), Align.CENTRE)
        y += block.height + after

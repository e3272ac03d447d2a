"""A public notice: title, text with its paragraphs, then the office and the date at the right, as notices end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from signage.stage.canvas import Align, Canvas, colour
from signage.stage.qrcode import qr_image
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
    room_below,
    set_head_band,
)
from signage.stage.typeset import Block, Setting, fit_block, fit_pages, set_block

TITLE_PARTS = (0.36, 0.26, 0.18)
"""The most of the sheet below the header that the title takes, tried in turn."""
MAX_SHARE = 1 / 10
"""The largest text, for a notice of a few short lines."""

CODE_SHARE = 0.22
"""The side of a QR code, of the reading height."""
LEAST_MODULE_PX = 3
SCAN = "扫码查看\nScan"

PaintEdge = Callable[[Canvas, Commission, float], None]


def compose(work: Commission) -> list[QImage]:
    """Give as many pages as the text needs at a size that can be read; the title stands on the first."""
    lines = [line for line in (work.line("office"), work.day("date")) if line]
    header = Header("通知公告", "Public notice")
    return compose_text(work, header, work.line("title"), work.text("body"), lines, link=work.line("link"))


def compose_text(
    work: Commission,
    header: Header,
    heading: str,
    text: str,
    signed: Sequence[str] = (),
    *,
    link: str = "",
    largest: float = MAX_SHARE,
    paint_edge: PaintEdge = paint_band,
) -> list[QImage]:
    """Give pages of running text under a heading, for any card whose own form has no room on the canvas.

    `link` is drawn as a QR code at the foot of the last page, where there is room to read one.
    `largest` is the largest text as a part of the reading height; `paint_edge` paints the strip along the foot.
    """
    sizes = work.sizes(work.theme.body, largest)
    measures = work.measures
    head = set_head_band(work, header)
    box = inside(work, QRectF(0, head.height, measures.width, measures.height - head.height))
    code = _code(work, link)
    sign = _signature(work, signed, box.width())
    sign_box, foot_height = _foot(work, sign, code, box)
    sign_height = foot_height + measures.gap if foot_height else 0.0
    is_chinese = sum("\u3400" <= char <= "\u9fff" for char in text) * 2 > len(text)
    setting = Setting(work.sans, indent_em=2.0 if is_chinese and signed and not measures.is_small else 0.0)
    title = _title(work, heading, text, setting, box, sign_height, sizes)
    if title.height > box.height():
        title, text = Block(), "\n".join(part for part in (heading, text) if part)
    title_bottom = _below(work, box, title)

    def room(page: int) -> tuple[float, float]:
        return room_below(work, box, title_bottom) if page == 0 else (box.width(), box.height())

    pages = _paginate(text, setting, sizes, room, sign_height)
    last = len(pages) - 1
    has_room = pages[last].height + sign_height <= room(last)[1] + 0.5
    count = len(pages) if has_room or not foot_height else len(pages) + 1

    def paint(canvas: Canvas, page: int) -> None:
        paint_ground(canvas, work)
        foot = canvas.rect.height() - band_height(work)
        paint_edge(canvas, work, foot)
        paint_head_band(canvas, work, head)
        top = box.top()
        if page == 0:
            canvas.text(title, QRectF(box.left(), top, box.width(), 1), colour(work.mood.text), Align.CENTRE)
            top = title_bottom
        if page <= last:
            canvas.text(pages[page], QRectF(box.left(), top, box.width(), 1), colour(work.mood.text))
        above = top + pages[last].height if page == last else top
        if code is not None and page == count - 1:
            _paint_code(canvas, work, code, box, sign.width if sign else 0.0)
            above = max(above, sign_box.bottom() - (sign.height if sign else 0.0) - measures.gap)
        if sign is not None and page == count - 1:
            _paint_signature(canvas, work, sign, sign_box, above)
        paint_pages_mark(canvas, work, page, count, foot)

    return paged(work, count, paint)


def _title(
    work: Commission,
    heading: str,
    text: str,
    setting: Setting,
    box: QRectF,
    sign_height: float,
    sizes: tuple[int, ...],
) -> Block:
    """Give the title as large as lets everything stand on one page; else at its largest, or alone on its page."""
    titles = [headline_block(work, heading, QRectF(0, 0, box.width(), box.height() * part)) for part in TITLE_PARTS]
    for title in titles:
        width, height = room_below(work, box, _below(work, box, title))
        if not text or fit_block(text, setting, sizes, width, height - sign_height) is not None:
            return title
    for title in titles:
        if title.height <= box.height() and room_below(work, box, _below(work, box, title))[1]:
            return title
    return headline_block(work, heading, QRectF(0, 0, box.width(), box.height()))


def _paginate(
    text: str,
    setting: Setting,
    sizes: tuple[int, ...],
    room: Callable[[int], tuple[float, float]],
    sign_height: float,
) -> list[Block]:
    """Give the pages of the text, with room for the signature below the last one where that can be."""
    width, height = room(0)
    together = fit_block(text, setting, sizes, width, height - sign_height)
    if together is not None:
        return [together]
    pages = fit_pages(text, setting, sizes, room) or [Block()]
    if pages[-1].height + sign_height <= room(len(pages) - 1)[1] + 0.5:
        return pages
    for last in (max(1, len(pages) - 1), max(2, len(pages))):

        def room_above_sign(page: int, last: int = last) -> tuple[float, float]:
            width, height = room(page)
            return width, height if page < last else max(height / 2, height - sign_height)

        pages = fit_pages(text, setting, sizes, room_above_sign, last + 1) or [Block()]
        if len(pages) <= last + 1:
            break
    return pages


def _below(work: Commission, box: QRectF, title: Block) -> float:
    return box.top() + title.height + max(work.measures.gap, title.size_px * 0.5)


def _signature(work: Commission, lines: Sequence[str], width: float) -> Block | None:
    if not lines:
        return None
    sizes = work.sizes(work.theme.label)
    size = sizes[-1] if work.measures.is_small else sizes[len(sizes) // 2]
    beside = set_block("　".join(lines), Setting(work.label_face), size, width)
    if work.measures.is_small and len(beside.lines) == 1:
        return beside
    return set_block("\n".join(lines), Setting(work.label_face), size, width)


def _foot(work: Commission, sign: Block | None, code: QImage | None, box: QRectF) -> tuple[QRectF, float]:
    """Give where the signature stands and the height of all that stands at the foot: beside the code, else above it."""
    sign_height = sign.height if sign else 0.0
    if code is None:
        return box, sign_height
    gap = work.measures.gap
    if sign is None or sign.width + code.width() + gap <= box.width():
        return box, max(sign_height, code.height())
    return box.adjusted(0, 0, 0, -code.height() - gap), sign_height + gap + code.height()


def _paint_signature(canvas: Canvas, work: Commission, sign: Block, box: QRectF, above: float) -> None:
    """Paint office and date below each other at the right, at the foot of the sheet or right below a short text."""
    top = max(above + work.measures.gap, min(box.bottom() - sign.height, above + box.height() * 0.3))
    canvas.text(sign, QRectF(box.left(), top, box.width(), 1), colour(work.mood.accent), Align.END)


def _code(work: Commission, link: str) -> QImage | None:
    """Give the QR code of a link; none on a canvas with too few pixels to scan it from."""
    if not link or work.measures.is_small:
        return None
    return qr_image(link, work.measures.reading_px * CODE_SHARE, LEAST_MODULE_PX)


def _paint_code(canvas: Canvas, work: Commission, code: QImage, box: QRectF, taken_px: float) -> None:
    """Paint the code at the left of the foot, and what it is for between it and the signature if there is room."""
    place = QRectF(round(box.left()), round(box.bottom() - code.height()), code.width(), code.height())
    canvas.picture(place, code)
    words = set_block(SCAN, Setting(work.label_face), work.sizes(work.theme.label)[-1], box.width())
    beside = QRectF(place.right() + work.measures.gap * 0.7, place.bottom() - words.height, words.width, words.height)
    if beside.right() + 2 * work.measures.gap <= box.right() - taken_px:
        canvas.text(words, beside, colour(work.mood.quiet))

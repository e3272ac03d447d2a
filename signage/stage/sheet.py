"""Slots of a screen come in; a contact sheet goes out: what the stage will show, with times, as one PNG."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter

from signage.base.errors import SignageError
from signage.base.moments import to_datetime
from signage.content.values import ZONES_OF_LAYOUT, Fit, Screen, Store
from signage.schedule.programme import Programme
from signage.schedule.slots import Slot
from signage.stage.fitting import Size, canvas_size, place
from signage.stage.studio import USUAL_OUTPUT_PX, Studio, open_application

Progress = Callable[[int, int], None]

MOST_PICTURES = 240
_SHEET_PX = 1920
_GAP_PX = 24
_CAPTION_PX = 58
_TITLE_PX = 76
_LOOK_IN_MS = 1_500
_PAPER, _INK, _QUIET, _RULE = QColor("#f4f2ee"), QColor("#22252b"), QColor("#6b7078"), QColor("#d9d5cd")
_FAMILIES = ["Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "sans-serif"]


def write_sheet(
    path: Path, store: Store, screen: Screen, slots: Iterable[Slot], progress: Progress | None = None
) -> None:
    """Write the sheet: one picture for each instant at which something new is on screen, at most `MOST_PICTURES`.

    Each shows the whole canvas, all its zones, a moment after the slot's start (when its change is over).

    Raises:
        SignageError: the file cannot be written.
    """
    application = open_application()
    wanted = list(itertools.islice(slots, MOST_PICTURES))
    sheet = _Sheet(canvas_size(screen, USUAL_OUTPUT_PX), len(wanted))
    sheet.title(screen, wanted)
    studio = Studio(store.path_of, screen)
    programmes = [Programme(store, screen, zone) for zone in ZONES_OF_LAYOUT.get(screen.layout, ("main",))]
    try:
        for index, slot in enumerate(wanted):
            at_ms = min(slot.start_ms + _LOOK_IN_MS, (slot.start_ms + slot.end_ms) // 2)
            picture = studio.picture(at_ms, [programme.slot_at(at_ms) for programme in programmes])
            sheet.add(index, picture, slot, screen)
            if progress is not None:
                progress(index + 1, len(wanted))
    finally:
        studio.close()
        application.processEvents()
    if not sheet.finish().save(str(path)):
        raise SignageError(f"{path}: cannot be written; is the folder there, and does the name end in .png?")


class _Sheet:
    """The paper: a title, and pictures in rows with captions."""

    def __init__(self, canvas: Size, count: int) -> None:
        width, height = canvas
        self._columns = 4 if width >= height else 6
        cell = (_SHEET_PX - _GAP_PX) // self._columns - _GAP_PX
        self._picture: Size = place(canvas, (cell, cell * 2), Fit.CONTAIN).size
        self._cell_width = cell
        self._row_height = self._picture[1] + _CAPTION_PX + _GAP_PX
        rows = max(1, -(-count // self._columns))
        self._image = QImage(_SHEET_PX, _TITLE_PX + rows * self._row_height + _GAP_PX, QImage.Format.Format_RGB32)
        self._image.fill(_PAPER)
        self._painter = QPainter(self._image)
        self._painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)

    def title(self, screen: Screen, slots: Sequence[Slot]) -> None:
        """Write whose programme this is, and when."""
        name = f"{screen.title} ({screen.name})" if screen.title else screen.name
        span = ""
        if slots:
            first = to_datetime(slots[0].start_ms, screen.timezone)
            span = f"{first:%Y-%m-%d %H:%M} – {to_datetime(slots[-1].end_ms, screen.timezone):%H:%M}"
        self._text(QRect(_GAP_PX, 14, _SHEET_PX - 2 * _GAP_PX, 34), f"节目样张  {name}", 26, _INK, is_bold=True)
        self._text(QRect(_GAP_PX, 46, _SHEET_PX - 2 * _GAP_PX, 24), f"{span}  {screen.timezone.key}", 16, _QUIET)

    def add(self, index: int, picture: QImage, slot: Slot, screen: Screen) -> None:
        """Put a picture in the place of that index."""
        row, column = divmod(index, self._columns)
        left = _GAP_PX + column * (self._cell_width + _GAP_PX)
        top = _TITLE_PX + row * self._row_height
        width, height = self._picture
        small = picture.scaled(
            width, height, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        self._painter.fillRect(left - 1, top - 1, width + 2, height + 2, _RULE)
        self._painter.drawImage(left, top, small)
        start = to_datetime(slot.start_ms, screen.timezone)
        zone = "" if slot.zone == "main" else f"{slot.zone}  "
        line = f"{start:%H:%M:%S}  {zone}{(slot.end_ms - slot.start_ms) / 1000:g} s  {slot.playlist or ''}"
        self._text(QRect(left, top + height + 6, self._cell_width, 22), line, 15, _INK, is_bold=True)
        self._text(QRect(left, top + height + 29, self._cell_width, 22), slot.item.name, 15, _QUIET)

    def finish(self) -> QImage:
        self._painter.end()
        return self._image

    def _text(self, box: QRect, text: str, size_px: int, colour: QColor, *, is_bold: bool = False) -> None:
        font = QFont(_FAMILIES)
        font.setPixelSize(size_px)
        font.setBold(is_bold)
        self._painter.setFont(font)
        self._painter.setPen(colour)
        fitted = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideMiddle, box.width())
        self._painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fitted)

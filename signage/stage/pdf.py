"""A page of a PDF comes in; an image of the zone's size goes out. The only door to pypdfium2."""

from __future__ import annotations

from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
from PySide6.QtGui import QImage

from signage.content.pages import ONE_DOCUMENT
from signage.content.values import Fit
from signage.stage.fitting import Size, afford, place
from signage.stage.pictures import PictureError, compose

_LONGEST_WAIT_S = 8.0
"""How long a page waits for another document. Its thread is one of two that load pictures, and a heavy document that
is being checked may take minutes."""


def load_page(path: Path, page: int, zone: Size, fit: Fit) -> QImage:
    """Give that page (counted from 1) composed for a zone of that size.

    Raises:
        PictureError: the file is missing, damaged or locked, or has no such page, or another document takes too
            long. Show something else.
    """
    if not ONE_DOCUMENT.acquire(timeout=_LONGEST_WAIT_S):
        raise PictureError(f"{path.name}: another document has been drawn for {_LONGEST_WAIT_S:g} s and still is")
    try:
        return _load_page(path, page, zone, fit)
    finally:
        ONE_DOCUMENT.release()


def _load_page(path: Path, page: int, zone: Size, fit: Fit) -> QImage:
    try:
        document = pypdfium2.PdfDocument(path)
    except (pypdfium2.PdfiumError, OSError) as error:
        raise PictureError(f"{path.name}: cannot be opened ({error})") from error
    try:
        if not 1 <= page <= len(document):
            raise PictureError(f"{path.name}: has {len(document)} pages, no page {page}")
        return _render(document[page - 1], zone, fit)
    except pypdfium2.PdfiumError as error:
        raise PictureError(f"{path.name}: page {page} cannot be drawn ({error})") from error
    finally:
        document.close()


def _render(page: pypdfium2.PdfPage, zone: Size, fit: Fit) -> QImage:
    width_pt, height_pt = page.get_size()
    placement = place((round(width_pt), round(height_pt)), zone, fit)
    scale = max(placement.size[0] / width_pt, placement.size[1] / height_pt)
    scale *= afford((width_pt * scale, height_pt * scale), zone)
    bitmap = page.render(scale=scale, rev_byteorder=False, prefer_bgrx=True)
    try:
        image = QImage(
            memoryview(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_RGB32
        ).copy()
    finally:
        bitmap.close()
        page.close()
    return compose(image, zone, fit)

"""A link in, its QR code as a picture out: every module a whole number of pixels, on its own paper; or None."""

from __future__ import annotations

import segno
from PySide6.QtGui import QColor, QImage

PAPER = "#FFFFFF"
INK = "#0A1A22"
QUIET_MODULES = 3
"""Source: ISO/IEC 18004 asks for 4; phones read 3, and what is saved makes the modules larger."""


def qr_image(link: str, side_px: float, least_module_px: int) -> QImage | None:
    """Give the code at most `side_px` wide; None where a phone could not read it, or the link is too long for one."""
    try:
        made = segno.make_qr(link, error="m")
    except ValueError:
        return None
    rows = list(made.matrix_iter(border=QUIET_MODULES))
    module = int(side_px // len(rows))
    if module < least_module_px:
        return None
    image = QImage(len(rows), len(rows), QImage.Format.Format_RGB32)
    image.fill(QColor(PAPER))
    ink = QColor(INK)
    for y, row in enumerate(rows):
        for x, is_dark in enumerate(row):
            if is_dark:
                image.setPixelColor(x, y, ink)
    return image.scaled(module * len(rows), module * len(rows))

"""A picture in the inks of a press (CMYK) that does not say which press, in; how it will look on a screen out."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from PIL import Image, ImageCms

PROFILES = (
    Path("/usr/share/color/icc/colord/FOGRA39L_coated.icc"),
    Path("/usr/share/color/icc/ghostscript/default_cmyk.icc"),
    Path(os.environ.get("SYSTEMROOT", "C:/Windows"), "System32/spool/drivers/color/RSWOP.icm"),
)
"""Profiles of coated paper that systems have, best first: colord's, Ghostscript's (Debian's libgs-common), Windows'."""


def from_press(picture: Image.Image) -> Image.Image:
    """Give the picture in sRGB as a press would print it on coated paper.

    Where this machine has no profile of a press, the plain sum of the inks: far too bright, yet every part is seen.
    """
    profile = next((path for path in PROFILES if path.is_file()), None)
    turn = _turn(profile) if profile else None
    return picture.convert("RGB") if turn is None else ImageCms.applyTransform(picture, turn) or picture.convert("RGB")


@cache
def _turn(profile: Path) -> ImageCms.ImageCmsTransform | None:
    """Give the way from this profile to sRGB, with the darkest ink as black; None where it is of no use."""
    try:
        return ImageCms.buildTransform(
            str(profile),
            ImageCms.createProfile("sRGB"),
            "CMYK",
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError):
        return None

"""What became of one file: the values that a conversion hands on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from signage.content.values import MediaFile

Report = Callable[[float], None]
"""Called with the percentage that is done, now and then."""

THUMBNAIL_PX = 480


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that can be shown. `rendition` is a new file to show in its place, None where it is good as it is.

    `facts` are of what is shown; its path, sha256 and length are filled in later. `look` is a small picture of it.
    `original_px` is the size of the file itself, as a viewer sees it, where it has one in pixels.
    """

    facts: MediaFile
    rendition: Path | None = None
    look: Image.Image | None = None
    original_px: tuple[int, int] | None = None


def small(picture: Image.Image) -> Image.Image:
    """Give a copy for a thumbnail: 480 pixels at most, in a mode that WebP takes."""
    copy = picture.copy()
    copy.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), reducing_gap=3.0)
    has_alpha = copy.mode in ("RGBA", "LA", "PA") or "transparency" in copy.info
    return copy.convert("RGBA" if has_alpha else "RGB")

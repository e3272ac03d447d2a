"""A card's photos go in; out come pictures cropped to the boxes that a template has for them. Any thread.

A photo that is gone or cannot be decoded is left out of its card and named in `faults`; it never fails the card.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtGui import QImage

from signage.content.values import Fit, MediaFile
from signage.stage.pictures import PictureError, load_picture

Locate = Callable[[MediaFile], Path]


class Photos:
    """The photos of one card."""

    def __init__(self, files: Iterable[MediaFile], locate: Locate) -> None:
        self._files = {file.path: file for file in files}
        self._locate = locate
        self._broken: dict[str, str] = {}

    @property
    def faults(self) -> tuple[str, ...]:
        """Say which photos were left out and why, for the log."""
        return tuple(f"{path}: {reason}" for path, reason in self._broken.items())

    def usable(self, paths: Iterable[str]) -> list[str]:
        """Give those of `paths` that are known and there; the others are noted as faults."""
        return [path for path in paths if self._is_there(path)]

    def aspect(self, path: str) -> float:
        """Give width by height as a viewer sees the photo."""
        width, height = self._files[path].size_px
        return width / height if width and height else 1.0

    def cover(self, path: str, width: int, height: int) -> QImage | None:
        """Give the photo in the given px, cut at its longer sides; None where it cannot be decoded."""
        try:
            return load_picture(self._locate(self._files[path]), (max(1, width), max(1, height)), Fit.COVER)
        except PictureError as error:
            self._broken[path] = str(error)
            return None

    def _is_there(self, path: str) -> bool:
        if path not in self._files:
            self._broken[path] = "is not among the checked media"
        elif not self._locate(self._files[path]).is_file():
            self._broken[path] = "the file is gone"
        else:
            return True
        return False

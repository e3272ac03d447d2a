"""A card's photos go in; out come pictures cropped to the boxes that a template has for them. Any thread.

A photo that is gone or cannot be decoded is left out of its card and named in `faults`; it never fails the card.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PIL import Image, ImageOps
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColorSpace, QImage, QImageIOHandler, QImageReader

from signage.content.values import MediaFile

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
        size = QSize(max(1, width), max(1, height))
        source = self._locate(self._files[path])
        try:
            image = _read_with_qt(source, size) or _read_with_pillow(source, size)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            self._broken[path] = str(error)
            return None
        left, top = (image.width() - size.width()) // 2, round((image.height() - size.height()) * 0.42)
        return image.copy(left, top, size.width(), size.height())

    def _is_there(self, path: str) -> bool:
        if path not in self._files:
            self._broken[path] = "is not among the checked media"
        elif not self._locate(self._files[path]).is_file():
            self._broken[path] = "the file is gone"
        else:
            return True
        return False


def _covering(seen: QSize, box: QSize) -> QSize:
    return seen.scaled(box, Qt.AspectRatioMode.KeepAspectRatioByExpanding).expandedTo(box)


def _read_with_qt(source: Path, box: QSize) -> QImage | None:
    """Decode scaled, orientation applied, in sRGB; None where Qt does not know the format."""
    reader = QImageReader(str(source))
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    stored = reader.size()
    if not reader.canRead() or not stored.isValid():
        return None
    is_turned = bool(reader.transformation() & QImageIOHandler.Transformation.TransformationRotate90)
    seen = stored.transposed() if is_turned else stored
    scaled = _covering(seen, box)
    reader.setScaledSize(scaled.transposed() if is_turned else scaled)
    image = reader.read()
    if image.isNull():
        raise ValueError(reader.errorString())
    if image.colorSpace().isValid() and image.colorSpace() != QColorSpace(QColorSpace.NamedColorSpace.SRgb):
        image.convertToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    return image.convertToFormat(QImage.Format.Format_RGB32)


def _read_with_pillow(source: Path, box: QSize) -> QImage:
    with Image.open(source) as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    scaled = _covering(QSize(*upright.size), box)
    upright = upright.resize((scaled.width(), scaled.height()), Image.Resampling.LANCZOS)
    data = upright.tobytes()
    return QImage(data, upright.width, upright.height, upright.width * 3, QImage.Format.Format_RGB888).convertToFormat(
        QImage.Format.Format_RGB32
    )

"""A picture file comes in; an image of exactly the zone's size goes out, upright, in sRGB, on a backdrop of its own.

Everything here may run on any thread. Qt decodes what it can, scaling while it decodes; Pillow the rest.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QColorSpace, QImage, QImageIOHandler, QImageReader, QPainter

from signage.base.errors import SignageError
from signage.content.values import Fit
from signage.stage.fitting import Placement, Size, place

if TYPE_CHECKING:
    from PIL import Image

LARGEST_DECODED_MB = 1024
"""What one picture may take while it is decoded: 24 megapixels at 16 bits are 192 MB, a 200 megapixel photo 800 MB.
Qt's own limit, 256 MB, refuses pictures that today's phones take."""

_TIFF_PACKINGS_OF_QT = (
    "raw",
    "tiff_ccitt",
    "group3",
    "group4",
    "tiff_lzw",
    "tiff_adobe_deflate",
    "tiff_deflate",
    "packbits",
)
_BACKDROP_SHADE = QColor(0, 0, 0, 150)
_BACKDROP_SAMPLE_PX = 24


class PictureError(SignageError):
    """The picture cannot be shown; the message says why, for the log."""


def load_picture(path: Path, zone: Size, fit: Fit) -> QImage:
    """Give the picture composed for a zone of that size, ready to be drawn as it is.

    Raises:
        PictureError: the file is missing, damaged, too large or of an unknown kind. Show something else.
    """
    return compose(_decode(path, zone, fit), zone, fit)


def compose(picture: QImage, zone: Size, fit: Fit) -> QImage:
    """Give an opaque image of the zone's size with the picture in its place and, where it leaves borders, its own
    blurred and darkened likeness behind it."""
    placement = place((picture.width(), picture.height()), zone, fit)
    if placement.size == zone and (picture.width(), picture.height()) == zone and not picture.hasAlphaChannel():
        return picture.convertToFormat(QImage.Format.Format_RGB32)
    if placement.size[0] >= zone[0] and placement.size[1] >= zone[1]:
        canvas = QImage(*zone, QImage.Format.Format_RGB32)
        canvas.fill(Qt.GlobalColor.black)
    else:
        canvas = backdrop(picture, zone)
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRect(placement.x, placement.y, *placement.size), picture)
    painter.end()
    return canvas


def backdrop(picture: QImage, zone: Size) -> QImage:
    """Give an opaque image of the zone's size: the picture's colours, blurred until nothing can be made out, dark."""
    small = picture.scaled(
        _BACKDROP_SAMPLE_PX,
        _BACKDROP_SAMPLE_PX,
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    ).convertToFormat(QImage.Format.Format_RGB32)
    smoother = small.scaled(6, 6, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    canvas = smoother.scaled(*zone, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    painter = QPainter(canvas)
    painter.fillRect(canvas.rect(), _BACKDROP_SHADE)
    painter.end()
    return canvas


def _decode(path: Path, zone: Size, fit: Fit) -> QImage:
    reader = QImageReader(str(path))
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    reader.setAllocationLimit(LARGEST_DECODED_MB)
    if not path.is_file():
        raise PictureError(f"{path.name}: there is no such file any more")
    kind = bytes(reader.format().data()) if reader.canRead() else b""
    if kind in (b"", b"svg", b"svgz") or _says_how_to_turn(path, kind) or (kind == b"tiff" and _is_packed_oddly(path)):
        return _decode_by_pillow(path, zone, fit)
    stored = reader.size()
    if stored.isValid():
        _refuse_too_large(path, (stored.width(), stored.height()))
        is_turned = bool(reader.transformation() & QImageIOHandler.Transformation.TransformationRotate90)
        wanted = place((stored.height(), stored.width()) if is_turned else _pair(stored), zone, fit)
        scaled = QSize(*wanted.size).transposed() if is_turned else QSize(*wanted.size)
        if scaled.width() < stored.width() or scaled.height() < stored.height():
            reader.setScaledSize(scaled)
    image = reader.read()
    if image.isNull():
        raise PictureError(f"{path.name}: {reader.errorString()}")
    return _in_srgb(image)


def _says_how_to_turn(path: Path, kind: bytes) -> bool:
    """Tell whether the file has EXIF data that Qt does not read: it reads that of JPEG and TIFF only.

    Source: W3C, PNG third edition, 11.3.4.5; RFC 9649 (WebP), 2.7.
    """
    with path.open("rb") as file:
        if kind == b"webp":
            head = file.read(21)
            return head[12:16] == b"VP8X" and bool(head[20] & 0x08)
        file.seek(8)
        while kind == b"png" and len(head := file.read(8)) == 8:
            length, name = int.from_bytes(head[:4], "big"), head[4:]
            if name in (b"eXIf", b"IEND"):
                return name == b"eXIf"
            file.seek(length + 4, 1)
    return False


def _is_packed_oddly(path: Path) -> bool:
    """Tell whether a TIFF is packed in a way that Qt is built without (JPEG, as scanners do, LZMA, Zstandard),
    or has 32 bits a sample."""
    from PIL import Image

    try:
        with Image.open(path, formats=("TIFF",)) as opened:
            return opened.mode == "I" or opened.info.get("compression") not in _TIFF_PACKINGS_OF_QT
    except (OSError, SyntaxError, ValueError):
        return False


def _pair(size: QSize) -> Size:
    return size.width(), size.height()


def _refuse_too_large(path: Path, size: Size) -> None:
    megabytes = size[0] * size[1] * 4 // 1_000_000
    if megabytes > LARGEST_DECODED_MB:
        raise PictureError(
            f"{path.name}: {size[0]}x{size[1]} pixels need {megabytes} MB decoded, more than {LARGEST_DECODED_MB} MB"
        )


def _in_srgb(image: QImage) -> QImage:
    """Give the image in sRGB at 8 bits a channel. A picture without a profile is taken for sRGB, as browsers do."""
    has_alpha = image.hasAlphaChannel()
    target = QImage.Format.Format_ARGB32_Premultiplied if has_alpha else QImage.Format.Format_RGB32
    space = image.colorSpace()
    srgb = QColorSpace(QColorSpace.NamedColorSpace.SRgb)
    if space.isValid() and space != srgb:
        converted = image.convertedToColorSpace(srgb, target)
        if not converted.isNull():
            return converted
    return image.convertToFormat(target)


def _decode_by_pillow(path: Path, zone: Size, fit: Fit) -> QImage:
    from PIL import Image, ImageOps
    from pillow_heif import register_heif_opener

    register_heif_opener()
    try:
        with Image.open(path) as opened:
            _refuse_too_large(path, opened.size)
            placement: Placement = place(opened.size, zone, fit)
            opened.draft(None, (max(placement.size), max(placement.size)))
            picture = ImageOps.exif_transpose(opened)
            placement = place(picture.size, zone, fit)
            if placement.size < picture.size:
                picture.thumbnail((placement.size[0], placement.size[1]), Image.Resampling.LANCZOS, reducing_gap=2.0)
            return image_of(picture)
    except (OSError, SyntaxError, ValueError, RuntimeError, Image.DecompressionBombError) as error:
        raise PictureError(f"{path.name}: cannot be decoded ({error})") from error


def image_of(picture: Image.Image) -> QImage:
    """Give Pillow's picture as Qt's, in sRGB."""
    profile = picture.info.get("icc_profile")
    if picture.mode == "I":
        # Pillow's own conversion would clip more than 8 bits to a white page.
        high = float(picture.getextrema()[1])  # type: ignore[arg-type]
        top = next((top for top in (255.0, 65_535.0) if high <= top), high)
        picture = picture.point(lambda value: value * (255.0 / top)).convert("L")
    if picture.mode not in ("RGB", "RGBA"):
        picture = picture.convert("RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB")
    has_alpha = picture.mode == "RGBA"
    width, height = picture.size
    if has_alpha:
        raw = picture.tobytes("raw", "BGRA")
        image = QImage(raw, width, height, width * 4, QImage.Format.Format_ARGB32).copy()
    else:  # not BGRX: its empty fourth byte is a hole in pictures of the window
        raw = picture.tobytes("raw", "RGB")
        image = QImage(raw, width, height, width * 3, QImage.Format.Format_RGB888).copy()
    if profile:
        space = QColorSpace.fromIccProfile(profile)
        if space.isValid():
            image.setColorSpace(space)
    return _in_srgb(image)

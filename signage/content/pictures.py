"""The bytes of a picture in, its size, time and kind out, after decoding all of it. The only door to Pillow here."""

from __future__ import annotations

import io
import re
import struct
import threading
from dataclasses import dataclass
from typing import IO

import pillow_heif
from PIL import Image, ImageFile, ImageSequence, UnidentifiedImageError

from signage.content.refusal import NOT_DECODABLE_ZH, TRUNCATED_ZH, RefusalError
from signage.content.values import Kind

PIXEL_LIMIT = 200_000_000
"""The most pixels of one picture: a phone's largest photo; a larger one needs more memory than a screen has."""

ANIMATION_PIXEL_LIMIT = 1_000_000_000
"""The most pixels of all frames together: checking so many takes up to half a minute, for which others wait."""

ANIMATION_FRAME_LIMIT = 3_000

# Our own limit is checked as soon as the header is read; Pillow's would warn at 89 megapixels and stop at 179.
Image.MAX_IMAGE_PIXELS = None

_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
_TURNED = (5, 6, 7, 8)
_ORIENTATION = 0x0112
_LARGE_PIXELS = 40_000_000
_DEFAULT_FRAME_MS = 100

MOST_SCANS = 200
_MOST_LOOKED_AT_BYTES = 200_000_000
_JPEG = b"\xff\xd8"
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_WITHOUT_LENGTH = frozenset({0x01, 0xD8})

_one_large_picture = threading.Lock()


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """`size_px` is (width, height) with the orientation applied; `duration_ms` is of an animation."""

    kind: Kind
    size_px: tuple[int, int]
    duration_ms: int | None = None


def examine_picture(stream: IO[bytes]) -> PictureFacts:
    """Give the facts of a JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF, decoded whole: `verify()` accepts truncated files.

    Raises:
        RefusalError: it cannot be decoded whole, or is too large.
    """
    Image.init()
    try:
        refuse_many_scans(stream)
        with Image.open(stream, formats=_FORMATS) as picture:
            refuse_large(picture.size)
            if picture.width * picture.height > _LARGE_PIXELS:
                with _one_large_picture:
                    return _decoded(picture)
            return _decoded(picture)
    except RefusalError:
        raise
    except UnidentifiedImageError as error:
        raise RefusalError("cannot be decoded: its header is damaged", NOT_DECODABLE_ZH) from error
    except Exception as error:
        raise undecodable(error) from error


def examine_heif(content: bytes) -> PictureFacts:
    """Give the facts of a HEIC picture, decoded whole.

    Raises:
        RefusalError: it cannot be decoded whole, or is too large.
    """
    try:
        heif = pillow_heif.open_heif(io.BytesIO(content), convert_hdr_to_8bit=True)
        refuse_large(heif.size)
        with _one_large_picture:
            decoded = heif.to_pillow()
    except RefusalError:
        raise
    except Exception as error:
        raise undecodable(error) from error
    return PictureFacts(Kind.PICTURE, decoded.size)


def refuse_large(size: tuple[int, int]) -> None:
    """Raise a RefusalError where a picture of this size is too large to be decoded, or empty."""
    width, height = size
    if width * height > PIXEL_LIMIT:
        raise RefusalError(
            f"is too large ({width}x{height} is {width * height // 1_000_000} megapixels; "
            f"at most {PIXEL_LIMIT // 1_000_000})",
            f"图片过大（{width}x{height}，{width * height // 1_000_000} 百万像素，"
            f"最多 {PIXEL_LIMIT // 1_000_000} 百万），请缩小",
        )
    if width < 1 or height < 1:
        raise RefusalError("has no pixels", NOT_DECODABLE_ZH)


def refuse_many_scans(stream: IO[bytes]) -> None:
    """Raise a RefusalError where a JPEG is drawn over and over: 500 kB of it can take minutes. The place stays.

    A camera makes one scan, a progressive picture about ten. Source: ITU-T T.81, B.1.1 and B.2.1.
    """
    place = stream.tell()
    content = b""
    if stream.read(2) == _JPEG:
        left = stream.seek(0, io.SEEK_END) - place
        stream.seek(place)
        # As much as there is: a stream takes memory for all that it is asked for, before it reads.
        content = stream.read(min(left, _MOST_LOOKED_AT_BYTES))
    stream.seek(place)
    scans, at = 0, 2
    while content and (found := _MARKER.search(content, at)) is not None:
        at, marker = found.end(), content[found.end() - 1]
        scans += marker == _START_OF_SCAN
        if scans > MOST_SCANS:
            raise RefusalError(
                f"is drawn in more than {MOST_SCANS} passes; save it as a usual JPEG",
                f"图片分成了 {MOST_SCANS} 层以上，请另存为普通 JPEG",
            )
        if marker == _END_OF_IMAGE:
            return
        if marker not in _WITHOUT_LENGTH:
            at += int.from_bytes(content[at : at + 2], "big")


def _decoded(picture: ImageFile.ImageFile) -> PictureFacts:
    if getattr(picture, "is_animated", False) and picture.format in ("GIF", "WEBP", "PNG", "AVIF"):
        return _animation(picture)
    width, height = picture.size
    turned = _orientation(picture) in _TURNED
    if picture.format in ("JPEG", "MPO"):
        # An eighth of the size still reads every byte of the file, at a quarter of the cost.
        picture.draft(picture.mode, (max(1, width // 8), max(1, height // 8)))
    picture.load()
    return PictureFacts(Kind.PICTURE, (height, width) if turned else (width, height))


def _orientation(picture: ImageFile.ImageFile) -> int:
    """Give the EXIF orientation; a picture with damaged EXIF is still a picture."""
    try:
        return int(picture.getexif().get(_ORIENTATION) or 1)
    except (SyntaxError, ValueError, TypeError, OSError, struct.error, Warning):
        return 1


def _animation(picture: ImageFile.ImageFile) -> PictureFacts:
    frames = getattr(picture, "n_frames", 1)
    if frames > ANIMATION_FRAME_LIMIT or frames * picture.width * picture.height > ANIMATION_PIXEL_LIMIT:
        raise RefusalError(
            f"is an animation that is too long "
            f"({frames} frames of {picture.width}x{picture.height}); make it a film (MP4)",
            f"动图过长（{frames} 帧，{picture.width}x{picture.height}），请改为 MP4 视频",
        )
    duration_ms = 0.0
    for frame in ImageSequence.Iterator(picture):
        frame.load()
        # Browsers show frames of 10 ms or less for 100 ms, and makers of GIFs rely on it.
        frame_ms = float(frame.info.get("duration", 0) or 0)
        duration_ms += frame_ms if frame_ms > 10 else _DEFAULT_FRAME_MS
    return PictureFacts(Kind.ANIMATION, picture.size, round(duration_ms))


def undecodable(error: Exception) -> RefusalError:
    """Give the refusal for what a decoder raised."""
    words = str(error).lower()
    if "truncated" in words or "unexpected end" in words or isinstance(error, EOFError):
        return RefusalError("is truncated; copy it again", TRUNCATED_ZH)
    return RefusalError(f"cannot be decoded ({_one_line(error)})", NOT_DECODABLE_ZH)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__

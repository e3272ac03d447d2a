"""A picture in any colours and any size in, one in sRGB and upright that fits the screens out, decoded whole."""

from __future__ import annotations

import io
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pillow_heif
from PIL import Image, ImageCms, ImageFile, ImageFilter, ImageSequence

from signage.content.pictures import examine_picture, refuse_large, refuse_many_scans, undecodable
from signage.content.refusal import RefusalError
from signage.content.signatures import Family, Format
from signage.content.values import Kind, MediaFile
from signage.office.ingest.hdr import POINTS, Colours, table_of
from signage.office.ingest.printing import from_press
from signage.office.ingest.recipe import Recipe, Size
from signage.office.ingest.taken import Taken, small

if sys.platform != "win32":
    import fcntl

_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
_KEPT = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_KEPT_MODES = ("RGB", "RGBA", "L", "LA", "P", "1")
_LOSSLESS = ("PNG", "BMP", "TIFF", "GIF")
_ORIENTATION = 0x0112
_LARGE_PIXELS = 40_000_000
_MOST_SHRUNK_BYTES = 400_000_000
_SRGB = ImageCms.createProfile("sRGB")
_RGB_MODES = ("RGB", "RGBA", "CMYK", "L", "LAB")


def take_picture(path: Path, found: Format, recipe: Recipe, work: Path) -> Taken:
    """Give what is to be shown of a picture. Every byte of it is decoded.

    Raises:
        RefusalError: it cannot be decoded whole, or is too large.
    """
    Image.init()
    try:
        if found.family is Family.HEIF:
            return _take_heif(path, recipe, work)
        with path.open("rb") as stream:
            refuse_many_scans(stream)
        with Image.open(path, formats=_FORMATS) as picture:
            refuse_large(picture.size)
            if getattr(picture, "is_animated", False) and picture.format in ("GIF", "WEBP", "PNG", "AVIF"):
                return _take_animation(path, picture, found, recipe, work)
            with _alone(work, picture.size):
                return _take_still(path, picture, recipe, work)
    except (RefusalError, MemoryError):
        raise
    except Exception as error:
        raise undecodable(error) from error


def _take_still(path: Path, picture: ImageFile.ImageFile, recipe: Recipe, work: Path) -> Taken:
    file_format, mode = picture.format or "", picture.mode
    is_deep = _is_deep(picture)  # before EXIF is asked for: of a PNG that loads the picture
    turn = _orientation(picture)
    seen = (picture.height, picture.width) if turn >= 5 else picture.size
    size = recipe.size_for(seen)
    profile = _profile(picture.info.get("icc_profile"))
    colours = _colours_of(pillow_heif.open_heif(path)) if file_format == "AVIF" and profile is None else Colours()
    is_plain = file_format in _KEPT and mode in _KEPT_MODES and not is_deep
    if is_plain and turn == 1 and profile is None and size == seen:
        picture.load()
        return Taken(_facts(_KEPT[file_format], size, Kind.PICTURE), look=small(picture), original_px=seen)
    upright = size if turn < 5 else (size[1], size[0])
    if file_format in ("JPEG", "MPO"):
        # The decoder halves as it goes and still reads every byte; the next step never has to enlarge.
        picture.draft(mode, upright)
    picture.load()
    shown = _upright(_in_srgb(_resized(_in_eight_bits(picture), upright), profile), turn)
    return _saved(_toned(shown, colours), work, seen, is_lossless=file_format in _LOSSLESS)


def _take_heif(path: Path, recipe: Recipe, work: Path) -> Taken:
    heif = pillow_heif.open_heif(path, convert_hdr_to_8bit=True)
    refuse_large(heif.size)
    with _alone(work, heif.size):
        picture = heif.to_pillow()
    said = heif.info.get("icc_profile")
    shown = _resized(picture, recipe.size_for(picture.size))
    shown = _in_srgb(shown, _profile(said)) if said else _toned(_in_srgb(shown, None), _colours_of(heif))
    return _saved(shown, work, picture.size, is_lossless=False)


def _colours_of(heif: pillow_heif.HeifFile) -> Colours:
    """Give what a HEIC or AVIF says of its colours by numbers, where it has no profile."""
    said = heif.info.get("nclx_profile") or {}
    return Colours(int(said.get("transfer_characteristics", 2)), int(said.get("color_primaries", 2)))


def _toned(picture: Image.Image, colours: Colours) -> Image.Image:
    """Give a photo in HLG, PQ or a wider range of colours as a wall shows it."""
    if not colours.is_foreign or picture.mode not in ("RGB", "RGBA"):
        return picture
    return picture.filter(ImageFilter.Color3DLUT(POINTS, table_of(colours)))


def _take_animation(path: Path, picture: ImageFile.ImageFile, found: Format, recipe: Recipe, work: Path) -> Taken:
    with path.open("rb") as stream:
        examined = examine_picture(stream)
    size = recipe.size_for(picture.size)
    picture.seek(0)
    look = small(picture)
    frames = getattr(picture, "n_frames", 1)
    if size == picture.size or frames * size[0] * size[1] * 4 > _MOST_SHRUNK_BYTES:
        facts = _facts(found.mime, picture.size, Kind.ANIMATION, examined.duration_ms)
        return Taken(facts, look=look, original_px=picture.size)
    shrunk, times = [], []
    for frame in ImageSequence.Iterator(picture):
        shrunk.append(frame.convert("RGBA").resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0))
        frame_ms = float(frame.info.get("duration", 0) or 0)
        times.append(round(frame_ms) if frame_ms > 10 else 100)
    rendition = work / "rendition.webp"
    shrunk[0].save(rendition, "WEBP", save_all=True, append_images=shrunk[1:], duration=times, loop=0, quality=80)
    facts = _facts("image/webp", size, Kind.ANIMATION, examined.duration_ms)
    return Taken(facts, rendition, look, picture.size)


def _facts(mime: str, size: Size, kind: Kind, duration_ms: int | None = None) -> MediaFile:
    return MediaFile("", kind, "", 0, 0, size, duration_ms, mime=mime)


def _saved(picture: Image.Image, work: Path, original_px: Size, *, is_lossless: bool) -> Taken:
    """Write the rendition: PNG where something shines through, else JPEG. Nothing of the camera's notes is in it."""
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")
    if picture.mode == "RGBA":
        rendition, mime = work / "rendition.png", "image/png"
        picture.save(rendition, "PNG", icc_profile=None)
    else:
        rendition, mime = work / "rendition.jpg", "image/jpeg"
        quality, subsampling = (93, 0) if is_lossless else (90, 2)
        picture.save(rendition, "JPEG", quality=quality, subsampling=subsampling, icc_profile=None, exif=b"")
    return Taken(_facts(mime, picture.size, Kind.PICTURE), rendition, small(picture), original_px)


def _orientation(picture: Image.Image) -> int:
    """Give the EXIF orientation; a picture with damaged EXIF is still a picture."""
    try:
        turn = int(picture.getexif().get(_ORIENTATION) or 1)
    except (SyntaxError, ValueError, TypeError, OSError, struct.error, Warning):
        return 1
    return turn if 1 <= turn <= 8 else 1


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _upright(picture: Image.Image, turn: int) -> Image.Image:
    return picture.transpose(_TURNS[turn]) if turn in _TURNS else picture


def _is_deep(picture: ImageFile.ImageFile) -> bool:
    """Tell whether it has 16 bits a colour, which Pillow cuts to 8 as it reads."""
    return any("16" in str(part) for tile in picture.tile for part in tile[3:] if isinstance(part, str | tuple))


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """Give the picture in a mode of 8 bits; Pillow's own conversion would clip 16 bits to a white page."""
    mode = picture.mode
    if mode.startswith("I;16"):
        return picture.convert("I").point([value >> 8 for value in range(65_536)], "L")
    if mode in ("I", "F"):
        low, high = (float(end) for end in picture.getextrema())  # type: ignore[arg-type]
        top = next((top for top in (1.0, 255.0, 65_535.0) if high <= top and low >= 0), high) or 1.0
        return picture.point(lambda value: value * (255.0 / top)).convert("L")
    if mode in ("P", "PA", "LA") or "transparency" in picture.info:
        return picture.convert("RGBA" if mode in ("PA", "LA") or "transparency" in picture.info else "RGB")
    return picture if mode in _RGB_MODES else picture.convert("L" if mode == "1" else "RGB")


def _resized(picture: Image.Image, size: Size) -> Image.Image:
    if picture.size == size:
        return picture
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _profile(said: bytes | None) -> ImageCms.ImageCmsProfile | None:
    """Give the picture's colour profile; None where it is sRGB, has none, or one that cannot be understood."""
    if not said:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(said))
        return None if "srgb" in ImageCms.getProfileDescription(profile).lower() else profile
    except (ImageCms.PyCMSError, OSError):
        return None


def _in_srgb(picture: Image.Image, profile: ImageCms.ImageCmsProfile | None) -> Image.Image:
    wanted = "RGBA" if picture.mode in ("RGBA", "LA") else "RGB"
    if picture.mode == "LAB" and profile is None:
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    if profile is not None:
        try:
            converted = ImageCms.profileToProfile(picture, profile, _SRGB, outputMode=wanted)
        except (ImageCms.PyCMSError, ValueError):
            converted = None  # a profile that does not fit the picture says nothing about its colours
        if converted is not None:
            return converted
    if picture.mode == "CMYK":
        return from_press(picture)
    return picture if picture.mode in ("RGB", "RGBA", "L") else picture.convert(wanted)


@contextmanager
def _alone(work: Path, size: Size) -> Iterator[None]:
    """Let one picture of more than 40 megapixels be decoded at a time on this machine: each takes up to 2 GB."""
    if size[0] * size[1] <= _LARGE_PIXELS or sys.platform == "win32":
        yield
        return
    fd = os.open(work.parent / "one-large-picture.lock", os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)

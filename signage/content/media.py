"""The path of a file of `media/` in, a MediaFile or NoticeText out, or the reason why it cannot be used."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from signage.base.clock import Clock, SystemClock
from signage.base.files import open_plain
from signage.content.endings import TAIL_BYTES, is_cut, is_shorter_than_stated
from signage.content.films import examine_film
from signage.content.notices import TEXT_BYTES, NoticeText, as_named, is_named_as_text, read_notice
from signage.content.pages import examine_pdf
from signage.content.pictures import examine_heif, examine_picture
from signage.content.refusal import NOT_DECODABLE_ZH, TRUNCATED_ZH, Refusal, RefusalError
from signage.content.settled import is_being_written, is_young
from signage.content.signatures import HEAD_BYTES, UNKNOWN, Family, Format, recognise
from signage.content.values import Kind, MediaFile

_BLOCK_BYTES = 1 << 20
_WHOLE_BYTES = 256 << 20
_CHANGED = Refusal(
    "changed while it was read; it is taken when it is complete", "读取时文件有变动，写完后会自动采用", True
)
_WRITING = Refusal("is still being written; it is taken when it is complete", "文件还在写入，写完后会自动采用", True)


def probe(path: Path, name: str | None = None, clock: Clock | None = None) -> MediaFile | NoticeText | Refusal:
    """Give the facts of a file by its content and, of a text, its name; see `examine`."""
    return as_named(examine(path, name, clock), name or path.name)


def examine(path: Path, name: str | None = None, clock: Clock | None = None) -> MediaFile | NoticeText | Refusal:
    """Recognise the file by its content, decode it, and give its facts. `name` is its path below `media/`.

    Never raises for any file: what cannot be used comes back as a Refusal. Takes from a millisecond (a small
    picture) to seconds (a long film); may be called from several threads at once.
    """
    try:
        with open_plain(path) as stream:
            return _probe_open(stream, path, name or path.name, clock or SystemClock())
    except RefusalError as error:
        return error.refusal
    except FileNotFoundError:
        return Refusal("does not exist", "文件不存在")
    except PermissionError:
        return Refusal("cannot be read: permission denied", "没有读取权限", True)
    except IsADirectoryError:
        return Refusal("is a folder", "这是文件夹")
    except OSError as error:
        if error.errno == errno.EINVAL:
            return Refusal("is not a plain file", "不是普通文件")
        return Refusal(f"cannot be read ({error.strerror or error})", "读取失败，请检查磁盘或网络", True)


def _probe_open(stream: BinaryIO, path: Path, name: str, clock: Clock) -> MediaFile | NoticeText | Refusal:
    before = os.fstat(stream.fileno())
    is_held = is_being_written(stream.fileno())
    if is_held:
        return _WRITING
    if before.st_size == 0:
        return Refusal("is empty", "文件是空的（0 字节）")
    head = stream.read(HEAD_BYTES)
    found = recognise(head)
    is_text = found.family is Family.TEXT or (found is UNKNOWN and is_named_as_text(name))
    if found.family in (Family.REFUSED, Family.OFFICE) and not is_text:
        return Refusal(f"is {found.name}", found.zh)
    if is_held is None and (is_text or found.family in (Family.FILM, Family.PDF)) and is_young(before, clock):
        # A picture is decoded whole, which shows whether it is complete; of these only a part is.
        return _WRITING
    if is_text:
        stream.seek(0)
        notice = read_notice(stream.read(TEXT_BYTES + 1), name, before.st_mtime_ns)
        return notice if _state(before) == _state(os.fstat(stream.fileno())) else _CHANGED
    stream.seek(max(0, before.st_size - TAIL_BYTES))
    if is_cut(found.name, stream.read(TAIL_BYTES)):
        return Refusal("is truncated: its end is missing; copy it again", TRUNCATED_ZH)
    stream.seek(0)
    try:
        media = _examined(stream, path, found, before)
    except RefusalError as error:
        is_half = error.refusal.zh == NOT_DECODABLE_ZH and is_shorter_than_stated(found.name, stream, before.st_size)
        return Refusal("is truncated; copy it again", TRUNCATED_ZH) if is_half else error.refusal
    return replace(media, path=name) if _state(before) == _state(os.fstat(stream.fileno())) else _CHANGED


def _state(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns


def _examined(stream: BinaryIO, path: Path, found: Format, status: os.stat_result) -> MediaFile:
    blank = MediaFile("", Kind.PICTURE, "", status.st_size, status.st_mtime_ns, (0, 0), mime=found.mime)
    if found.family in (Family.PICTURE, Family.HEIF):
        if status.st_size > _WHOLE_BYTES:
            raise RefusalError("is too large a file for a picture (over 256 MB)", "图片文件过大（超过 256 MB）")
        content = stream.read()
        picture = examine_heif(content) if found.family is Family.HEIF else examine_picture(io.BytesIO(content))
        sha256 = hashlib.sha256(content).hexdigest()
        return replace(
            blank, kind=picture.kind, sha256=sha256, size_px=picture.size_px, duration_ms=picture.duration_ms
        )
    sha256 = _sha256(stream)
    if found.family is Family.PDF:
        pdf = examine_pdf(path)
        return replace(blank, kind=Kind.PAGE, sha256=sha256, size_px=pdf.size_pt, pages=pdf.pages)
    film = examine_film(path, found.mime)
    return replace(
        blank,
        kind=Kind.VIDEO,
        sha256=sha256,
        size_px=film.size_px,
        duration_ms=film.duration_ms,
        has_sound=film.has_sound,
    )


def _sha256(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := stream.read(_BLOCK_BYTES):
        digest.update(block)
    return digest.hexdigest()

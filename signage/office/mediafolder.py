"""Uploads, new names and removals of files in `media/` in; files in their places out: whole, and never over another."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.base.unseen import without_unseen
from signage.content.mediapath import PathError, clean_path, is_junk, is_readable
from signage.office.ingest.uploads import MOST_BYTES, Upload

_PICTURES = ("jpg", "jpeg", "jfif", "mpo", "png", "webp", "bmp", "tif", "tiff", "heic", "heif", "avif", "gif")
_FILMS = ("mp4", "m4v", "mov", "mkv", "webm", "avi", "wmv", "mpg", "mpeg", "ts", "m2ts", "mts", "flv", "3gp")
_DOCUMENTS = ("pdf", "ppt", "pptx", "doc", "docx", "txt")
ENDINGS = frozenset({*_PICTURES, *_FILMS, *_DOCUMENTS})
_LONGEST_NAME_BYTES = 200
_SPARE_BYTES = 500_000_000
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')


class MediaFolderError(SignageError):
    """It was not done; `zh` says why, to staff."""

    def __init__(self, zh: str, message: str) -> None:
        super().__init__(message)
        self.zh = zh


class NameTakenError(MediaFolderError):
    """There is a file of that name; `free` is a name that is not taken."""

    def __init__(self, path: str, free: str) -> None:
        super().__init__(f"已经有一个“{path}”", f"there is a file '{path}' already")
        self.free = free


@dataclass(frozen=True, slots=True)
class Thrown:
    """A file in the trash: its mark, when it was thrown away, and the path that it had."""

    mark: str
    at_ms: int
    path: str
    length_bytes: int


class MediaFolder:
    """Changes `media/`. From any thread: the disk itself decides who gets a name."""

    def __init__(self, media: Path, folder: Path, clock: Clock) -> None:
        self._media = media
        self._trash = folder / "trash" / "media"
        self._clock = clock

    def place(self, topic: str, name: str) -> str:
        """Give the path that a file of that name gets in a topic, both made safe.

        Raises:
            MediaFolderError: the name or topic cannot be used, or it is no kind of file that screens show.
        """
        safe = safe_name(name)
        stem, _, ending = safe.rpartition(".")
        if not stem or ending.lower() not in ENDINGS:
            raise MediaFolderError(
                f"“{safe}”不是能上屏的文件；请用图片、视频、PDF、PPT、Word 或 TXT",
                f"'{safe}' is no kind of file that screens show; use pictures, films, PDF, PPT, Word or TXT",
            )
        topic = self.topic(topic)
        return f"{topic}/{safe}" if topic else safe

    def topic(self, topic: str) -> str:
        """Give a topic's folder made safe; "" for `media/` itself.

        Raises:
            MediaFolderError: it leads out of `media/` or is passed over by every reader.
        """
        try:
            clean = clean_path(topic, is_folder=True)
        except PathError as error:
            raise MediaFolderError(f"主题名：{error.zh}", f"topic: {error}") from error
        parts = [safe_name(part) for part in clean.split("/") if part]
        if any(is_junk(part) for part in parts):
            raise MediaFolderError("主题名不能用，请换一个", "this topic's name cannot be used; choose another")
        return "/".join(parts)

    def is_taken(self, path: str) -> bool:
        return (self._media / path).exists()

    def free_name(self, path: str) -> str:
        """Give the path, or the first like it with a number that no file has."""
        stem, dot, ending = path.rpartition(".")
        number, free = 2, path
        while self.is_taken(free):
            free = f"{stem} ({number}){dot}{ending}"
            number += 1
        return free

    def begin(self, path: str, length_bytes: int, *, is_replacing: bool) -> Upload:
        """Begin to write a file that comes in parts; nobody sees it before it is complete.

        Where the name is taken by then, the new file gets a number, or with `is_replacing` its place.

        Raises:
            MediaFolderError: it is too large, or there is no room for it.
        """
        if length_bytes > MOST_BYTES:
            raise MediaFolderError("文件超过 8 GB，请先压缩", "the file is over 8 GB; make it smaller first")
        folder, _, name = path.rpartition("/")
        try:
            if shutil.disk_usage(self._media).free < length_bytes + _SPARE_BYTES:
                raise MediaFolderError("磁盘空间不够，请先清理", "the disk is too full for it")
            return Upload(self._media, folder, name, replaces=is_replacing, most_bytes=length_bytes)
        except OSError as error:
            raise _failed(error) from error
        except PathError as error:
            raise MediaFolderError(error.zh, str(error)) from error

    def keep_old(self, path: str) -> None:
        """Put a copy of what an upload is about to replace into the trash; nothing where there is no such file.

        Raises:
            MediaFolderError: the disk does not take it.
        """
        if self.is_taken(path):
            try:
                self._trash.mkdir(parents=True, exist_ok=True)
                old, kept = self._inside(path), self._trash / self._mark(path)
                try:
                    os.link(old, kept)
                except OSError:  # another disk, or one without links
                    shutil.copy2(old, kept)
            except OSError as error:
                raise _failed(error) from error

    def move(self, path: str, topic: str, name: str) -> str:
        """Give a file another name or topic; give its path then.

        Raises:
            MediaFolderError: it is not there, the name is taken, or the disk does not take it.
        """
        new = self.place(topic, name)
        if new == path:
            return path
        old = self._inside(path)
        try:
            (self._media / new).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _failed(error) from error
        self._claim(old, new)
        sidecar = old.with_name(old.name + ".yaml")
        if sidecar.is_file():
            with suppress(OSError):
                sidecar.rename(self._media / f"{new}.yaml")
        return new

    def throw_away(self, path: str) -> None:
        """Take a file out of `media/`; it is kept in the trash.

        Raises:
            MediaFolderError: it is not there, or the disk does not take it.
        """
        old = self._inside(path)
        try:
            self._trash.mkdir(parents=True, exist_ok=True)
            shutil.move(old, self._trash / self._mark(path))
        except OSError as error:
            raise _failed(error) from error

    def thrown_away(self) -> list[Thrown]:
        """Give what is in the trash, the newest first."""
        found = []
        with suppress(OSError):
            for path in self._trash.iterdir():
                head, _, name = path.name.partition("@")
                at_ms = head.partition("-")[0]
                if at_ms.isdigit() and name:
                    found.append(Thrown(path.name, int(at_ms), name.replace("∕", "/"), path.stat().st_size))
        return sorted(found, key=lambda one: -one.at_ms)

    def restore(self, mark: str) -> str:
        """Put a file from the trash back; give its path, which has a number if the name is taken.

        Raises:
            MediaFolderError: it is not in the trash, or the disk does not take it.
        """
        thrown = next((one for one in self.thrown_away() if one.mark == mark), None)
        if thrown is None:
            raise MediaFolderError("回收站里已经没有它了", "it is not in the trash any more")
        path = self.free_name(thrown.path)
        try:
            (self._media / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(self._trash / mark, self._media / path)
        except OSError as error:
            raise _failed(error) from error
        return path

    def _mark(self, path: str) -> str:
        return f"{self._clock.now_ms()}-{secrets.token_hex(3)}@{path.replace('/', '∕')}"

    def _claim(self, source: Path, path: str) -> None:
        """Rename, never over another file: a link fails where the name is taken, a rename would not."""
        target = self._media / path
        try:
            try:
                os.link(source, target)
            except OSError as error:
                if isinstance(error, FileExistsError) or target.exists():
                    raise FileExistsError(error.errno, "taken", str(target)) from error
                source.rename(target)  # a share without links
            else:
                source.unlink()
        except FileExistsError as error:
            raise NameTakenError(path, self.free_name(path).rpartition("/")[2]) from error
        except OSError as error:
            raise _failed(error) from error

    def _inside(self, path: str) -> Path:
        try:
            place = self._media / clean_path(path)
        except PathError as error:
            raise MediaFolderError(error.zh, str(error)) from error
        if not place.is_file() or is_junk(place.name):
            raise MediaFolderError(f"“{path}”已经不在了", f"'{path}' is not there any more")
        return place


def safe_name(name: str) -> str:
    """Give a file name that every system takes; Chinese stays, signs that nobody sees go.

    Raises:
        MediaFolderError: nothing of it can stay, or it would be taken for a temporary file.
    """
    name = without_unseen(name)
    text = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    text = _UNSAFE.sub("-", "".join(one for one in text if is_readable(one))).strip().lstrip(".~ ").rstrip(". ")
    stem, dot, ending = text.rpartition(".")
    while len(text.encode()) > _LONGEST_NAME_BYTES and stem:
        stem = stem[:-1]
        text = f"{stem}{dot}{ending}"
    if not text or is_junk(text):
        raise MediaFolderError(
            f"文件名“{name}”不能用，请改名再传", f"the name '{name}' cannot be used; rename the file"
        )
    return text


def _failed(error: OSError) -> MediaFolderError:
    said = error.strerror or str(error)
    return MediaFolderError(f"写不进素材文件夹（{said}）", f"the media folder cannot be written ({said})")

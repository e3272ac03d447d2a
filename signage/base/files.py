"""Durable files: bytes in, a file that holds the old content or the new after any crash; and safe opening."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from signage.base.errors import SignageError

NO_ROOM_ZH = "写不进硬盘，请看看是不是满了"


Walked = tuple[str, list[str], list[str]]


def open_plain(path: Path) -> BinaryIO:
    """Open a plain file for reading, without waiting for ever where it is a pipe.

    Raises:
        OSError: it cannot be opened; `IsADirectoryError` for a folder, errno EINVAL for another thing that is no file.
    """
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.ELOOP):
            raise OSError(errno.EINVAL, "a socket or a link to itself", str(path)) from error
        raise
    try:
        mode = os.fstat(fd).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "not a plain file", str(path))
    except OSError:
        os.close(fd)
        raise
    return os.fdopen(fd, "rb")


def walk_folders(folder: Path, on_error: Callable[[OSError], None] = lambda _: None) -> Iterator[Walked]:
    """Give each folder's path, the names of folders and those of files in it, from the top.

    Folders taken out of their list are not entered, nor are links.

    As os.walk, which up to Python 3.11 calls itself, and fails where a thousand folders lie in one another.
    """
    todo = [str(folder)]
    while todo:
        place = todo.pop()
        try:
            with os.scandir(place) as entries:
                found = {entry.name: (_leads_to_folder(entry), entry.is_symlink()) for entry in entries}
        except OSError as error:
            on_error(error)
            continue
        inner = [name for name, (is_folder, _) in found.items() if is_folder]
        yield place, inner, [name for name, (is_folder, _) in found.items() if not is_folder]
        todo += [f"{place}{os.sep}{name}" for name in inner if not found[name][1]]


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


class DiskCalls(Protocol):
    """The calls to the operating system that a durable write makes, in this order; a test lets each fail in turn."""

    def open(self, path: Path, flags: int) -> int: ...
    def write(self, fd: int, content: bytes) -> int: ...
    def fsync(self, fd: int) -> None: ...
    def close(self, fd: int) -> None: ...
    def replace(self, source: Path, target: Path) -> None: ...


class SystemDisk:
    """The machine's own disk."""

    def open(self, path: Path, flags: int) -> int:
        return os.open(path, flags, 0o644)

    def write(self, fd: int, content: bytes) -> int:
        return os.write(fd, content)

    def fsync(self, fd: int) -> None:
        os.fsync(fd)

    def close(self, fd: int) -> None:
        os.close(fd)

    def replace(self, source: Path, target: Path) -> None:
        source.replace(target)


_SYSTEM_DISK = SystemDisk()


def write_durably(path: Path, content: bytes, disk: DiskCalls = _SYSTEM_DISK) -> None:
    """Make `path` hold `content`: whole and on the disk when this returns; otherwise what was there before.

    Writes a hidden temporary file beside it, syncs, renames over it and syncs the folder. When only that last sync
    fails the new content may already be in place, still whole.

    Raises:
        SignageError: the disk is full, read-only or gone, or the folder is missing; free space and try again.

    Source: rename(2), fsync(2): a rename is atomic, and durable only after fsync of the folder.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            _write_and_sync(temporary, content, disk)
            disk.replace(temporary, path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        _sync_folder(path.parent, disk)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SignageError(
            f"{path}: cannot be written ({reason}); check that the disk has space ({NO_ROOM_ZH})"
        ) from error


def make_folder(folder: Path) -> None:
    """Make the folder and those above it, durably.

    Raises:
        SignageError: the disk does not take it.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent, _SYSTEM_DISK)
    except OSError as error:
        raise SignageError(f"{folder}: cannot be made ({error.strerror}) ({NO_ROOM_ZH})") from error


def _write_and_sync(path: Path, content: bytes, disk: DiskCalls) -> None:
    fd = disk.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[disk.write(fd, bytes(rest)) :]
        disk.fsync(fd)
    finally:
        disk.close(fd)


def _sync_folder(folder: Path, disk: DiskCalls) -> None:
    fd = disk.open(folder, os.O_RDONLY)
    try:
        disk.fsync(fd)
    finally:
        disk.close(fd)

"""The folder `media/` in, what lies in it at one moment out: files, folders, sidecars, and names that are no use."""

from __future__ import annotations

import contextlib
import errno
import os
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from signage.base.errors import Problem, SignageError
from signage.content.mediapath import (
    REASON_ENDING,
    UNREADABLE_NAME,
    UNREADABLE_NAME_ZH,
    is_junk,
    is_readable,
    spell_out,
)

FileKey = tuple[int, int, int]
"""What tells one state of a file from another: inode, size in bytes, mtime in ns."""

_SHOWN_LETTERS = 80

SIDECAR_ENDINGS = (".yaml", ".yml")
_SIDECAR_ENDINGS = (*SIDECAR_ENDINGS, *(ending + ".txt" for ending in SIDECAR_ENDINGS))


@dataclass(frozen=True, slots=True)
class Scan:
    """What lies in `media/` at one moment: files by path (NFC, forward slashes), and the names in each folder.

    `spelled` gives the path as the disk spells it where that differs from NFC. `sidecars` are by the path of the file
    that they are of: their own name on the disk and their state. `reasons` are the files that say why another was
    refused, as the disk spells them; `unreadable` the folders of which nothing is known.
    """

    files: dict[str, FileKey] = field(default_factory=dict)
    folders: dict[str, tuple[str, ...]] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)
    outside: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    sidecars: dict[str, tuple[str, FileKey]] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    unreadable: frozenset[str] = frozenset()


def scan_media(media: Path) -> Scan:
    """Walk `media/` once. Junk is passed over; links to folders are not followed.

    Raises:
        SignageError: `media/` is not there or cannot be read; keep what you had, it is not empty.
    """
    walk = _Walk(media)
    walk.run()
    return Scan(
        walk.files,
        walk.folders,
        walk.spelled,
        frozenset(walk.outside),
        tuple(walk.problems),
        walk.sidecars,
        tuple(walk.reasons),
        frozenset(walk.unreadable),
    )


class _Walk:
    def __init__(self, media: Path) -> None:
        self.files: dict[str, FileKey] = {}
        self.folders: dict[str, tuple[str, ...]] = {}
        self.spelled: dict[str, str] = {}
        self.outside: set[str] = set()
        self.problems: list[Problem] = []
        self.sidecars: dict[str, tuple[str, FileKey]] = {}
        self.reasons: list[str] = []
        self.unreadable: set[str] = set()
        self._media = media
        self._real = os.path.realpath(media)

    def run(self) -> None:
        todo = [("", str(self._media))]
        while todo:
            folder, place = todo.pop()
            try:
                with os.scandir(place) as entries:
                    todo += self._folder(folder, sorted(entries, key=lambda entry: entry.name))
            except PermissionError as error:
                if not folder:
                    raise SignageError(f"{place}: cannot be read ({error.strerror})") from error
                self.unreadable.add(folder)
                self.problems.append(
                    Problem(f"media/{folder}", 0, "cannot be read: permission denied", message_zh="没有读取权限")
                )
            except (FileNotFoundError, NotADirectoryError) as error:  # it went, or a file took its place
                if not folder:
                    raise SignageError(
                        f"{place}: there is no such folder; a store has media/ and playlists/"
                    ) from error
            except OSError as error:
                if error.errno != errno.ENAMETOOLONG:
                    raise SignageError(f"{place}: cannot be read ({error.strerror})") from error
                # Folders within folders without end must not make the whole share unreadable.
                self.unreadable.add(folder)
                shown = f"media/{folder[:_SHOWN_LETTERS]}…"
                self.problems.append(Problem(shown, 0, "lies too deep", message_zh="文件夹套得太深，请移到上层"))

    def _folder(self, folder: str, entries: list[os.DirEntry[str]]) -> list[tuple[str, str]]:
        inner = []
        names: list[str] = []
        notes: list[os.DirEntry[str]] = []
        for entry in entries:
            if is_junk(entry.name):
                if entry.name.endswith(REASON_ENDING):
                    self.reasons.append(self._on_disk(entry))
                continue
            if not is_readable(entry.name):
                self._leave_out(folder, entry.name)
                continue
            name = unicodedata.normalize("NFC", entry.name)
            path = f"{folder}/{name}" if folder else name
            if entry.is_dir(follow_symlinks=False):
                inner.append((path, entry.path))
            elif entry.name.lower().endswith(_SIDECAR_ENDINGS):
                notes.append(entry)
            elif entry.is_symlink():
                names += self._link(path, entry)
            elif entry.is_file(follow_symlinks=False):
                names += self._file(path, entry)
        self.folders[folder] = tuple(names)
        for note in notes:
            self._sidecar(folder, note)
        return inner

    def _sidecar(self, folder: str, entry: os.DirEntry[str]) -> None:
        """Take a `.yaml` for the sidecar of the file whose name it continues; it is never a medium itself."""
        name = unicodedata.normalize("NFC", entry.name)
        path = f"{folder}/{name.rpartition('.')[0]}" if folder else name.rpartition(".")[0]
        if not name.lower().endswith(SIDECAR_ENDINGS):
            right = name[: -len(".txt")]
            what = f"is not read; rename it to {right}", f"不会被读取，请改名为 {right}（Windows 可能隐藏了 .txt）"
        elif path not in self.files:
            what = (
                "belongs to no file; call it as the file with .yaml behind, such as photo.jpg.yaml",
                "找不到它要说明的文件；名称应是文件全名加 .yaml，如 photo.jpg.yaml",
            )
        elif path in self.sidecars:
            what = f"is not read; media/{self.sidecars[path][0]} is there", f"不会被读取：已有 {self.sidecars[path][0]}"
        elif entry.is_file(follow_symlinks=False):
            status = entry.stat()
            self.sidecars[path] = self._on_disk(entry), (status.st_ino, status.st_size, status.st_mtime_ns)
            return
        else:
            what = "is not a plain file", "不是普通文件"
        place = f"media/{folder}/{name}" if folder else f"media/{name}"
        self.problems.append(Problem(place, 0, what[0], "warning", what[1]))

    def _on_disk(self, entry: os.DirEntry[str]) -> str:
        return os.path.relpath(entry.path, self._media).replace(os.sep, "/")

    def _link(self, path: str, entry: os.DirEntry[str]) -> list[str]:
        real = os.path.realpath(entry.path)
        if not real.startswith(self._real + os.sep):
            self.outside.add(path)
            return [path]
        # A link that leads to itself is an OSError here; it must not take all that lies beside it along.
        with contextlib.suppress(OSError):
            if entry.is_file():
                return self._file(path, entry)
        return []

    def _file(self, path: str, entry: os.DirEntry[str]) -> list[str]:
        try:
            status = entry.stat()
        except FileNotFoundError:
            return []
        self.files[path] = (status.st_ino, status.st_size, status.st_mtime_ns)
        if not entry.path.endswith(path):
            self.spelled[path] = self._on_disk(entry)
        return [path]

    def _leave_out(self, folder: str, name: str) -> None:
        shown = "/".join(part for part in ("media", folder, spell_out(name)) if part)
        self.problems.append(Problem(shown, 0, UNREADABLE_NAME, message_zh=UNREADABLE_NAME_ZH))

"""The folder `media/` in, its files, what probing found of them, and what changed since the last look out."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from signage.base.clock import Clock
from signage.base.errors import Problem, SignageError
from signage.content.media import probe
from signage.content.mediapath import UNREADABLE_NAME, UNREADABLE_NAME_ZH, is_junk, is_readable, spell_out
from signage.content.probecache import FileKey, Finding, ProbeCache
from signage.content.refusal import Refusal
from signage.content.values import MediaFile

Progress = Callable[[int, int], None]

_MOST_SEARCHES = 100
_NICENESS = 10

_OUTSIDE = Refusal("is a link that leads out of media/", "是指向 media/ 之外的链接")


@dataclass(frozen=True, slots=True)
class Scan:
    """What lies in `media/` at one moment: files by path (NFC, forward slashes), and the names in each folder.

    `names` gives the path as the disk spells it where that differs from NFC.
    """

    files: dict[str, FileKey] = field(default_factory=dict)
    folders: dict[str, tuple[str, ...]] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)
    outside: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()


def scan_media(media: Path) -> Scan:
    """Walk `media/` once. Junk is passed over; links to folders are not followed.

    Raises:
        SignageError: `media/` is not there or cannot be read; keep what you had, it is not empty.
    """
    walk = _Walk(media)
    walk.run()
    return Scan(walk.files, walk.folders, walk.spelled, frozenset(walk.outside), tuple(walk.problems))


class _Walk:
    def __init__(self, media: Path) -> None:
        self.files: dict[str, FileKey] = {}
        self.folders: dict[str, tuple[str, ...]] = {}
        self.spelled: dict[str, str] = {}
        self.outside: set[str] = set()
        self.problems: list[Problem] = []
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
                self.problems.append(
                    Problem(f"media/{folder}", 0, "cannot be read: permission denied", message_zh="没有读取权限")
                )
            except FileNotFoundError as error:
                if not folder:
                    raise SignageError(
                        f"{place}: there is no such folder; a store has media/ and playlists/"
                    ) from error
            except OSError as error:
                raise SignageError(f"{place}: cannot be read ({error.strerror})") from error

    def _folder(self, folder: str, entries: list[os.DirEntry[str]]) -> list[tuple[str, str]]:
        inner = []
        names = []
        for entry in entries:
            if is_junk(entry.name):
                continue
            if not is_readable(entry.name):
                self._leave_out(folder, entry.name)
                continue
            name = unicodedata.normalize("NFC", entry.name)
            path = f"{folder}/{name}" if folder else name
            if entry.is_dir(follow_symlinks=False):
                inner.append((path, entry.path))
            elif entry.is_symlink():
                names += self._link(path, entry)
            elif entry.is_file(follow_symlinks=False):
                names += self._file(path, entry)
        self.folders[folder] = tuple(names)
        return inner

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
            self.spelled[path] = os.path.relpath(entry.path, self._media).replace(os.sep, "/")
        return [path]

    def _leave_out(self, folder: str, name: str) -> None:
        shown = "/".join(part for part in ("media", folder, spell_out(name)) if part)
        self.problems.append(Problem(shown, 0, UNREADABLE_NAME, message_zh=UNREADABLE_NAME_ZH))


class Library:
    """The files of `media/` with what probing found. One thread at a time."""

    def __init__(self, media: Path, cache: ProbeCache, clock: Clock) -> None:
        self._media = media
        self._cache = cache
        self._clock = clock
        self._found: dict[str, tuple[FileKey, Finding]] = {}
        self._searches = 0
        self.scan = Scan()

    def may_search(self) -> bool:
        """Tell whether one more missing name may be looked for among all files: a lost folder misses thousands."""
        self._searches += 1
        return self._searches <= _MOST_SEARCHES

    def rescan(self) -> frozenset[str]:
        """Look at the folder again and give every path, of files and of folders, for which something is different.

        Raises:
            SignageError: `media/` cannot be read.
        """
        before, now = self.scan, scan_media(self._media)
        self.scan = now
        self._searches = 0
        self._cache.forget_others(now.files.values())
        changed = {path for path, key in now.files.items() if before.files.get(path) != key}
        changed |= before.files.keys() - now.files.keys()
        changed |= before.outside ^ now.outside
        unsettled = {
            path for path, (_, finding) in self._found.items() if isinstance(finding, Refusal) and finding.is_unsettled
        }
        changed |= unsettled
        for path in changed:
            self._found.pop(path, None)
        folders = {folder for path in changed for folder in _folders_above(path)}
        return frozenset(changed | folders | (before.folders.keys() ^ now.folders.keys()))

    @property
    def has_unsettled(self) -> bool:
        """Tell whether a file that is wanted was still being written at the last look: look again in 2 seconds."""
        return any(isinstance(found, Refusal) and found.is_unsettled for _, found in self._found.values())

    def has_folder(self, path: str) -> bool:
        return path in self.scan.folders

    def files_in(self, folder: str) -> tuple[str, ...]:
        """Give the files of the folder and of all folders below it."""
        below = folder + "/" if folder else ""
        return tuple(
            name
            for place, names in self.scan.folders.items()
            if place == folder or place.startswith(below)
            for name in names
        )

    def mtime_ns(self, path: str) -> int:
        return self.scan.files.get(path, (0, 0, 0))[2]

    def finding(self, path: str) -> Finding | None:
        """Give what probing found; None when there is no such file, or when it was not probed yet."""
        if path in self.scan.outside:
            return _OUTSIDE
        found = self._found.get(path)
        return found[1] if found else None

    def exists(self, path: str) -> bool:
        return path in self.scan.files or path in self.scan.outside

    def probe(self, paths: Iterable[str], progress: Progress | None = None) -> None:
        """Probe each of these files that is there and not known yet, several at once.

        `progress` is called on the caller's thread with the number done and the number of all.
        """
        todo: list[tuple[str, FileKey]] = []
        for path in dict.fromkeys(paths):
            key = self.scan.files.get(path)
            if key is None or path in self._found:
                continue
            known = self._cache.get(key, self.scan.spelled.get(path, path))
            if known is not None:
                self._found[path] = (key, known)
            else:
                todo.append((path, key))
        if todo:
            self._probe_files(todo, progress)

    def _probe_files(self, todo: list[tuple[str, FileKey]], progress: Progress | None) -> None:
        fresh: list[tuple[FileKey, Finding]] = []
        workers = min(4, os.cpu_count() or 1)
        with ThreadPoolExecutor(workers, "probe", _give_way) as pool:
            pending = {pool.submit(self._probe_one, path): (path, key) for path, key in todo}
            try:
                for done, future in enumerate(as_completed(pending), start=1):
                    path, key = pending[future]
                    finding = future.result()
                    self._found[path] = (key, finding)
                    if not isinstance(finding, MediaFile) or _key_of(finding) == key[1:]:
                        fresh.append((key, finding))
                    if progress:
                        progress(done, len(todo))
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
                self._cache.put(fresh)

    def _probe_one(self, path: str) -> Finding:
        name = self.scan.spelled.get(path, path)
        return probe(self._media / name, name, self._clock)


def _give_way() -> None:
    """Let the thread that shows pictures go first: on Linux niceness belongs to the thread."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def _key_of(media: MediaFile) -> tuple[int, int]:
    return media.length_bytes, media.mtime_ns


def _folders_above(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:depth]) for depth in range(len(parts) + 1)]

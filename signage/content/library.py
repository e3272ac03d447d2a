"""The folder `media/` in, its files, what probing found of them, and what changed since the last look out."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from signage.base.clock import Clock
from signage.base.errors import Problem
from signage.base.files import open_plain
from signage.base.yaml import MAX_BYTES
from signage.content.media import examine
from signage.content.notices import NoticeText, as_named, is_named_as_text
from signage.content.probecache import Finding, ProbeCache, renamed
from signage.content.refusal import Refusal
from signage.content.renditions import Renditions
from signage.content.scan import FileKey, Scan, scan_media
from signage.content.settled import is_being_written
from signage.content.sidecars import Sidecar, read_sidecar
from signage.content.values import MediaFile

Progress = Callable[[int, int], None]

_MOST_SEARCHES = 100
_NICENESS = 10

_OUTSIDE = Refusal("is a link that leads out of media/", "是指向 media/ 之外的链接")


class Library:
    """The files of `media/` with what probing found. One thread at a time.

    With `renditions`, that says what became of each file, and nothing is probed here. `files` are where the bytes to
    show lie, by the path of a medium, where that is not the original.
    """

    def __init__(self, media: Path, cache: ProbeCache, clock: Clock, renditions: Renditions | None = None) -> None:
        self._media = media
        self._cache = cache
        self._clock = clock
        self._renditions = renditions
        self._sidecars: dict[str, tuple[FileKey, Sidecar]] = {}
        self._is_note_unsettled = False
        self._found: dict[str, tuple[FileKey, Finding]] = {}
        self._searches = 0
        self.scan = Scan()
        self.files: dict[str, Path] = {}

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
        changed |= {
            path
            for path in before.sidecars.keys() | now.sidecars.keys()
            if before.sidecars.get(path) != now.sidecars.get(path)
        }
        if self._is_note_unsettled:
            changed |= now.sidecars.keys()
            self._is_note_unsettled = False
        if self._renditions:
            changed |= {path for path, known in self._found.items() if self._has_become_other(path, known)}
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
        return self._is_note_unsettled or any(
            isinstance(found, Refusal) and found.is_unsettled for _, found in self._found.values()
        )

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

    @property
    def findings(self) -> dict[str, Finding]:
        """Give what probing found of the files that are there, by path: of those that were asked for."""
        return {path: finding for path, (_, finding) in self._found.items()}

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
            name = self.scan.spelled.get(path, path)
            known = self._rendered(path, name, key) if self._renditions else self._cache.get(key, name)
            if known is not None:
                self._found[path] = (key, as_named(known, name))
            else:
                todo.append((path, key))
        if todo:
            self._probe_files(todo, progress)

    def forget(self, digest: str) -> None:
        """Have files that were found with this sha256 probed anew."""
        self._cache.forget(digest)
        found = self._found.items()
        self._found = {
            path: known for path, known in found if not (isinstance(known[1], MediaFile) and known[1].sha256 == digest)
        }

    def _probe_files(self, todo: list[tuple[str, FileKey]], progress: Progress | None) -> None:
        fresh: list[tuple[FileKey, Finding]] = []
        workers = min(4, os.cpu_count() or 1)
        with ThreadPoolExecutor(workers, "probe", _give_way) as pool:
            pending = {pool.submit(self._probe_one, path): (path, key) for path, key in todo}
            try:
                for done, future in enumerate(as_completed(pending), start=1):
                    path, key = pending[future]
                    finding = future.result()
                    self._found[path] = (key, as_named(finding, path))
                    if isinstance(finding, Refusal) or _key_of(finding) == key[1:]:
                        fresh.append((key, finding))
                    if progress:
                        progress(done, len(todo))
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
                self._cache.put(fresh)

    def sidecar(self, path: str) -> Sidecar | None:
        """Give what the sidecar of the file says; None where there is none."""
        place = self.scan.sidecars.get(path)
        if place is None:
            return None
        name, key = place
        known = self._sidecars.get(path)
        if known is None or known[0] != key:
            read = self._read_sidecar(path, name)
            if read is None:
                return known[1] if known else None
            known = self._sidecars[path] = (key, read)
        return known[1]

    def _read_sidecar(self, path: str, name: str) -> Sidecar | None:
        """Give what it says; None while somebody writes it, or when it went away this instant."""
        file = f"media/{name}"
        try:
            with open_plain(self._media / name) as stream:
                if is_being_written(stream.fileno()):
                    self._is_note_unsettled = True
                    return None
                return read_sidecar(stream.read(MAX_BYTES + 1), file, is_of_text=is_named_as_text(path))
        except FileNotFoundError:
            return None
        except OSError as error:
            message = f"cannot be read ({error.strerror})"
            return Sidecar(problems=(Problem(file, 0, message, message_zh="读取失败，请检查权限、磁盘或网络"),))

    def _rendered(self, path: str, name: str, key: FileKey) -> Finding:
        assert self._renditions is not None
        rendition = self._renditions.rendition_of(path, key)
        if rendition.file is None:
            self.files.pop(name, None)
        else:
            self.files[name] = rendition.file
        return renamed(rendition.finding, name)

    def _has_become_other(self, path: str, known: tuple[FileKey, Finding]) -> bool:
        assert self._renditions is not None
        name = self.scan.spelled.get(path, path)
        rendition = self._renditions.rendition_of(path, known[0])
        return as_named(renamed(rendition.finding, name), name) != known[1] or rendition.file != self.files.get(name)

    def _probe_one(self, path: str) -> Finding:
        name = self.scan.spelled.get(path, path)
        return examine(self._media / name, name, self._clock)


def _give_way() -> None:
    """Let the thread that shows pictures go first: on Linux niceness belongs to the thread."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def _key_of(media: MediaFile | NoticeText) -> tuple[int, int]:
    return media.length_bytes, media.mtime_ns


def _folders_above(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:depth]) for depth in range(len(parts) + 1)]

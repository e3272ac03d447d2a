"""The folder of a store in; hints that something in it may have changed, and a cheap mark of its state, out.

The one door to watchdog. Events are hints only: some are lost (a full queue, no more watches, a network share that
sends none), so that the scan decides. See `scan_mark`.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.content.mediapath import is_junk

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver

_log = logging.getLogger(__name__)

WATCHED = ("playlists", "media")
_REARM_S = 600.0
_Identity = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ScanMark:
    """The state of a store's folders at one scan: equal marks, nothing changed. Of this process only."""

    files: int
    digest: int


_OF_ONE_FOLDER = (errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
"""What is wrong with a folder that cannot be read so; anything else is wrong with the whole disk or share."""


def scan_mark(root: Path) -> ScanMark:
    """Walk `playlists/` and `media/` once, reading no file; 100,000 files take about half a second.

    Raises:
        SignageError: one of the two folders is not there, or the disk fails; that is not an empty store, so keep
            what you have.
    """
    files = digest = 0
    for name in WATCHED:
        folders = [str(root / name)]
        while folders:
            folder = folders.pop()
            try:
                files, digest = _mark_folder(folder, folders, files, digest)
            except OSError as error:
                if error.errno not in _OF_ONE_FOLDER or folder == str(root / name):
                    raise _unreadable(folder, error) from error
                digest ^= hash((folder, error.errno))
    return ScanMark(files, digest)


def _unreadable(folder: str, error: OSError) -> SignageError:
    return SignageError(f"{folder}: cannot be read ({error.strerror}); is the disk or share there?")


def _mark_folder(folder: str, folders: list[str], files: int, digest: int) -> tuple[int, int]:
    """Add a folder's files to the mark and its folders to the list of those to come."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if is_junk(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
                continue
            with contextlib.suppress(FileNotFoundError):
                stat = entry.stat(follow_symlinks=False)
                state = (entry.path, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
                digest = (digest + hash(state)) & 0xFFFF_FFFF_FFFF_FFFF
                files += 1
    return files, digest


class StoreWatch:
    """Calls `on_hint`, on a thread of watchdog's, when something in the store may have changed. Never raises.

    `check` is to be called at every scan: it begins to watch, and begins again when the folders went away and came
    back. Where watching is impossible it says so once, tries again every 10 minutes, and the scan alone decides.
    """

    def __init__(self, root: Path, on_hint: Callable[[], None], clock: Clock) -> None:
        self._folders = [root / name for name in WATCHED]
        self._handler = _Hint(on_hint)
        self._clock = clock
        self._observer: BaseObserver | None = None
        self._watched: tuple[_Identity | None, ...] = ()
        self._retry_at_s = 0.0
        self._has_complained = False

    @property
    def is_watching(self) -> bool:
        """Whether the folders are watched now, as far as can be known."""
        observer = self._observer
        return observer is not None and observer.is_alive() and all(emitter.is_alive() for emitter in observer.emitters)

    def check(self) -> None:
        """Watch the folders that are there, if they are not watched yet or are others by now."""
        found = tuple(_identity(folder) for folder in self._folders)
        if (self.is_watching and found == self._watched) or self._clock.monotonic_s() < self._retry_at_s:
            return
        self.close()
        if not any(found):
            return
        # Watchdog raises what the system gives it, and RuntimeError where no thread can be started.
        try:
            self._watch([folder for folder, identity in zip(self._folders, found, strict=True) if identity])
        except (OSError, RuntimeError) as error:
            self.close()
            self._retry_at_s = self._clock.monotonic_s() + _REARM_S
            if not self._has_complained:
                _log.warning("%s cannot be watched (%s); changes are found by the scan", self._folders[0].parent, error)
            self._has_complained = True
        else:
            self._watched = found
            self._has_complained = False

    def close(self) -> None:
        """Watch no more."""
        observer, self._observer, self._watched = self._observer, None, ()
        if observer is None:
            return
        with contextlib.suppress(OSError, RuntimeError):
            observer.unschedule_all()
            observer.stop()
            if observer.is_alive():
                observer.join(5.0)

    def _watch(self, folders: list[Path]) -> None:
        # Here, because a start to the first picture is to take a fifth of a second, and these cost a tenth of that.
        from watchdog import events
        from watchdog.observers import Observer

        logging.getLogger("watchdog.observers.inotify").addFilter(_is_no_race_of_the_end)
        # Watchdog 7.1 says this of a folder made within a new folder that it was just walking; it means nothing, but
        # each is a line in the journal and another entry in Python's register of warnings, for months.
        warnings.filterwarnings("ignore", "Callback with id .* already exists", RuntimeWarning)
        # Not "opened" or "modified": our own reading would set off the first, one long copy thousands of the second.
        wanted: list[type[FileSystemEvent]] = [
            events.FileCreatedEvent,
            events.FileMovedEvent,
            events.FileDeletedEvent,
            events.FileClosedEvent,
            events.DirCreatedEvent,
            events.DirMovedEvent,
            events.DirDeletedEvent,
        ]
        self._observer = Observer()
        self._observer.name = "store-watch"
        self._observer.start()
        handler = cast("events.FileSystemEventHandler", self._handler)
        for folder in folders:
            self._observer.schedule(handler, str(folder), recursive=True, event_filter=wanted)


def _is_no_race_of_the_end(record: logging.LogRecord) -> bool:
    """Leave out the error that watchdog 7.1 logs when an event comes while its thread is being stopped."""
    return "called when the thread is inactive" not in record.getMessage()


class _Hint:
    """What watchdog takes for a handler: passes on that something happened; what and where is not to be relied on."""

    def __init__(self, on_hint: Callable[[], None]) -> None:
        self._on_hint = on_hint

    def dispatch(self, event: FileSystemEvent) -> None:  # noqa: ARG002 - watchdog's signature
        self._on_hint()


def _identity(folder: Path) -> _Identity | None:
    """Give what tells this folder from another at the same place; None where there is none."""
    try:
        stat = folder.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino

"""The store's folder in, one shared reading of it out: for every page and thread, and read again only on a change."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from signage.base.clock import Clock
from signage.base.errors import Problem, SignageError
from signage.base.moments import to_datetime
from signage.content.media import probe
from signage.content.probecache import Finding
from signage.content.refusal import Refusal
from signage.content.renditions import Renditions
from signage.content.scan import FileKey
from signage.content.sidecars import Sidecar
from signage.content.store import StoreReader
from signage.content.values import MediaFile, Screen, Store
from signage.content.watch import ScanMark, StoreWatch, scan_mark
from signage.schedule.warnings import store_warnings

_log = logging.getLogger(__name__)

SCAN_S = 60.0
_QUIET_S = 0.3
_UNSETTLED_S = 2.0
_FIRST_READ_S = 60.0
_MOST_PROBED = 20_000


@dataclass(frozen=True, slots=True)
class StoreView:
    """A store as it was read at one moment, with what the office shows besides.

    `problems` are the store's, and the warnings of the next 60 days. `unused` are the files that no playlist uses;
    `files` are all of `media/`: inode, bytes and time of change (ns) by path; `folders` its folders, with "" for
    `media/` itself; `findings` what checking found of those that playlists use; `sidecars` what is said beside files.
    `fault` says why the folder cannot be read now: the rest is then as it was read last.
    """

    store: Store
    problems: tuple[Problem, ...] = ()
    unused: tuple[str, ...] = ()
    files: Mapping[str, FileKey] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    findings: Mapping[str, Finding] = field(default_factory=dict)
    sidecars: Mapping[str, Sidecar] = field(default_factory=dict)
    fault: str = ""
    read_ms: int = 0

    def problems_of(self, file: str) -> tuple[Problem, ...]:
        """Give what is wrong in one file, such as `playlists/news.yaml` or `media/views/lake.jpg`."""
        return tuple(problem for problem in self.problems if problem.file == file)


class StoreKeeper:
    """Keeps the newest view of a store. `start` makes it follow the folder; without, each `view` looks for itself.

    `renditions` are those that the reader uses.
    Callbacks of `on_change` run on the thread that read, one after the other, and must be short.
    """

    def __init__(self, root: Path, reader: StoreReader, clock: Clock, renditions: Renditions | None = None) -> None:
        self._root = root
        self._reader = reader
        self._clock = clock
        self._renditions = renditions
        self._reading = threading.Lock()
        self._view: StoreView | None = None
        self._mark: ScanMark | None = None
        self._listeners: list[Callable[[StoreView], None]] = []
        self._probed: dict[FileKey, Finding] = {}
        self._wakened = threading.Event()
        self._is_ending = self._is_stale = False
        self._thread: threading.Thread | None = None

    @property
    def store(self) -> Store:
        """Give the store as of now; see `view`."""
        return self.view().store

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.view().problems

    @property
    def unused(self) -> tuple[str, ...]:
        return self.view().unused

    @property
    def has_unsettled(self) -> bool:
        """Tell whether a file was still being written when the folder was read last."""
        return self._reader.has_unsettled

    def view(self) -> StoreView:
        """Give the newest view. The first one waits until the folder has been read.

        Raises:
            SignageError: the folder could never be read yet.
        """
        view = self._view
        if view is not None and self._thread is not None:
            return view
        return self.refresh()

    def refresh(self) -> StoreView:
        """Look at the folder now and give what it says: for whoever has just written to it.

        Raises:
            SignageError: it cannot be read, nor ever was.
        """
        if not self._reading.acquire(timeout=_FIRST_READ_S):
            raise SignageError(f"{self._root}: is still being read; try again in a minute")
        try:
            before, now = self._view, self._looked()
        finally:
            self._reading.release()
        if before is None or now is not before:
            self._tell(now)
        return now

    def on_change(self, listener: Callable[[StoreView], None]) -> None:
        """Have it called with every new view from now on."""
        self._listeners.append(listener)

    def finding(self, path: str) -> Finding | None:
        """Give what a file of `media/` is, or why it cannot be used, also where no playlist uses it; None: no file.

        A file that nobody asked for yet is decoded here and now: a millisecond for a picture, longer for a film.
        """
        view = self.view()
        key = view.files.get(path)
        if key is None:
            return None
        found = view.findings.get(path) or self._probed.get(key)
        if self._renditions is not None and found is None:
            return self._renditions.rendition_of(path, key).finding
        if found is None or (isinstance(found, Refusal) and found.is_unsettled):
            found = probe(self._root / "media" / path, path, self._clock)
            if len(self._probed) > _MOST_PROBED:
                self._probed.clear()
            self._probed[key] = found
        return found

    def path_of(self, media: MediaFile) -> Path:
        """Give where the bytes to show of a file lie, also where no playlist uses it: its rendition, or itself."""
        view = self.view()
        key = view.files.get(media.path)
        if self._renditions is not None and key is not None and media.path not in view.store.files:
            return self._renditions.rendition_of(media.path, key).file or view.store.path_of(media)
        return view.store.path_of(media)

    def start(self) -> None:
        """Follow the folder from now on, on a thread of its own."""
        if self._thread is None:
            self._is_ending = False
            self._thread = threading.Thread(target=self._follow, name="storefront", daemon=True)
            self._thread.start()

    def hint(self) -> None:
        """Read again soon: what is shown in place of a file has changed, which the folder itself does not tell."""
        self._is_stale = True
        self._wakened.set()

    def close(self) -> None:
        """Follow no more."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._is_ending = True
            self._wakened.set()
            thread.join(_FIRST_READ_S)

    def _follow(self) -> None:
        watch = StoreWatch(self._root, self._wakened.set, self._clock)
        try:
            while not self._is_ending:
                watch.check()
                with suppress(SignageError):
                    self.refresh()
                wait_s = _UNSETTLED_S if self._reader.has_unsettled else SCAN_S
                self._wakened.wait(wait_s)
                if not self._is_ending:
                    # Hints come in flocks: a copied folder is read once, not once for each file.
                    threading.Event().wait(_QUIET_S)
                    self._wakened.clear()
        finally:
            watch.close()

    def _looked(self) -> StoreView:
        """Give the view of now: the one there is, where nothing changed. Called by one thread at a time."""
        try:
            is_stale, self._is_stale = self._is_stale, False
            is_stale = is_stale or self._reader.has_unsettled
            mark = scan_mark(self._root)
            if self._view and not self._view.fault and mark == self._mark and not is_stale:
                return self._view
            view = self._read()
        except SignageError as error:
            if self._view is None:
                raise
            if self._view.fault != str(error):
                _log.warning("the store cannot be read: %s", error)
                self._view = replace(self._view, fault=str(error))
            return self._view
        if self._view and self._view.fault:
            _log.warning("the store can be read again")
        is_same = self._view is not None and not self._view.fault and _says_the_same(self._view, view)
        self._mark = mark
        self._view = self._view if is_same else view
        assert self._view is not None
        return self._view

    def _read(self) -> StoreView:
        store = self._reader.read()
        now_ms = self._clock.now_ms()
        today = to_datetime(now_ms, Screen().timezone).date()
        problems = tuple(dict.fromkeys((*store.problems, *store_warnings(store, today))))
        return StoreView(
            store,
            problems,
            self._reader.unused_media,
            self._reader.files,
            self._reader.folders,
            self._reader.findings,
            self._reader.sidecars,
            "",
            now_ms,
        )

    def _tell(self, view: StoreView) -> None:
        for listener in tuple(self._listeners):
            listener(view)


def _says_the_same(old: StoreView, new: StoreView) -> bool:
    return (
        old.store.revision == new.store.revision
        and old.problems == new.problems
        and old.files == new.files
        and old.folders == new.folders
        and old.findings == new.findings
        and old.sidecars == new.sidecars
    )

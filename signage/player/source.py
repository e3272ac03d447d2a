"""A store's folder comes in; each new reading of it goes out, and the last good one stays when it breaks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from signage.base.clock import Clock
from signage.base.errors import Problem, SignageError
from signage.content.values import Store
from signage.content.watch import ScanMark, StoreWatch, scan_mark

_log = logging.getLogger(__name__)

SCAN_S = 60.0
_UNSETTLED_S = 2.0
_LOOK_AGAIN_S = 3.0
_BROKEN_S = 5.0
_QUIET_S = 0.3
_LONGEST_DEBOUNCE_S = 3.0
_REST_PER_LOOK = 5
_SLOW_S = 120.0
_MOST_PROBLEMS_LOGGED = 20
_CLOSE_LIMIT_S = 2.0


def _is_of_media(problem: Problem) -> bool:
    """Tell whether it names a file or folder of `media/`, not a slip in a playlist that says nothing of the disk."""
    return problem.file.startswith("media/") or "media/" in problem.message


class Reader(Protocol):
    """What reads a store again and again (`content.store.StoreReader`)."""

    @property
    def has_unsettled(self) -> bool:
        """Whether a file was still being written at the last read."""
        ...

    def read(self) -> Store:
        """Give the store as it is now.

        Raises:
            SignageError: its folder cannot be read.
        """
        ...


class Hints(Protocol):
    """What hints at changes (`content.watch.StoreWatch`)."""

    def check(self) -> None: ...
    def close(self) -> None: ...


class StoreSource:
    """Reads the store on a thread of its own: at the start, on a hint, and when the scan every 60 s finds a change.

    `on_store` is called on that thread for the first store and for every one that says something else. A store that
    vanishes, breaks or has lost all of its media at once (a mount point without its disk looks like that) is logged
    once when it begins and once when it ends, and tried again every 5 s; nothing is handed on meanwhile. While a file
    is still being written, the store is read again every 2 s until it is whole.
    """

    def __init__(
        self,
        root: Path,
        reader: Reader,
        clock: Clock,
        *,
        watch: Callable[[Path, Callable[[], None], Clock], Hints] = StoreWatch,
        mark: Callable[[Path], ScanMark] = scan_mark,
    ) -> None:
        self._root = root
        self._reader = reader
        self._clock = clock
        self._mark = mark
        self._watch = watch(root, self.rescan, clock)
        self._on_store: Callable[[Store], None] = lambda _store: None
        self._changed = threading.Condition()
        self._is_hinted = self._is_closing = False
        self._seen: ScanMark | None = None
        self._revision: str | None = None
        self._media_count = 0
        self._problems: frozenset[str] = frozenset()
        self._fault = ""
        self._busy_since_s: float | None = None
        self._thread = threading.Thread(target=self._run, name="store-source", daemon=True)

    @property
    def fault(self) -> str:
        """Why the store cannot be read now; empty when it can."""
        since_s = self._busy_since_s
        if not self._fault and since_s is not None and self._revision is not None:
            waited_s = self._clock.monotonic_s() - since_s
            if waited_s > _SLOW_S:
                return f"{self._root}: reading has taken {waited_s:.0f} s; is the disk or share there?"
        return self._fault

    def start(self, on_store: Callable[[Store], None]) -> None:
        """Begin; `on_store` is called on the source's thread."""
        self._on_store = on_store
        self._thread.start()

    def rescan(self) -> None:
        """Look soon whether something changed. From any thread; returns at once."""
        with self._changed:
            self._is_hinted = True
            self._changed.notify_all()

    def close(self) -> None:
        """End the thread; one that hangs in a dead share is left behind."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(_CLOSE_LIMIT_S)
        self._watch.close()

    def look(self) -> float:
        """Scan once, read if something changed, hand on what is new; give the seconds until the next look is due.

        The first look only reads, so that the first picture comes soon; the second follows within seconds.
        """
        began_s = self._busy_since_s = self._clock.monotonic_s()
        try:
            if self._seen is not None:
                self._watch.check()
            has_news = self._read_changes()
        except SignageError as error:
            self._begin_fault(str(error))
            return _BROKEN_S
        except Exception as error:  # noqa: BLE001 - the boundary of one reading: what is on air must not end with it
            self._begin_fault(f"{self._root}: reading failed ({error!r})", error)
            return SCAN_S
        finally:
            self._busy_since_s = None
        self._end_fault()
        if self._reader.has_unsettled:
            return _UNSETTLED_S
        if has_news:
            return _LOOK_AGAIN_S
        return max(SCAN_S, _REST_PER_LOOK * (self._clock.monotonic_s() - began_s))

    def _read_changes(self) -> bool:
        """Read if the scan differs from the last; tell whether there was something new.

        The mark is taken before the reading: what changes meanwhile differs at the next look.
        """
        mark = self._mark(self._root)
        if mark == self._seen and not self._reader.has_unsettled:
            return False
        store = self._reader.read()
        self._log_problems(store)
        if self._media_count > 1 and not store.media and any(map(_is_of_media, store.problems)):
            raise SignageError(
                f"{self._root}: no file of media/ can be used any more, all at once; is the disk or share there?"
            )
        self._media_count = len(store.media)
        has_news = store.revision != self._revision
        if has_news:
            self._on_store(store)
        self._seen, self._revision = mark, store.revision
        return has_news

    def _run(self) -> None:
        """Look when due or hinted; after each look rest five times as long as it took, lest a slow share be stormed."""
        while not self._is_closing:
            began_s = self._clock.monotonic_s()
            wait_s = self.look()
            rest_s = min(SCAN_S, _REST_PER_LOOK * (self._clock.monotonic_s() - began_s))
            with self._changed:
                self._changed.wait_for(lambda: self._is_closing, min(rest_s, wait_s))
                self._changed.wait_for(lambda: self._is_hinted or self._is_closing, max(0.0, wait_s - rest_s))
                self._debounce()

    def _debounce(self) -> None:
        """After a hint wait until it is quiet, at most 3 s: a copy of many files is one change."""
        for _ in range(round(_LONGEST_DEBOUNCE_S / _QUIET_S)):
            if not self._is_hinted or self._is_closing:
                break
            self._is_hinted = False
            self._changed.wait_for(lambda: self._is_hinted or self._is_closing, _QUIET_S)
        self._is_hinted = False

    def _begin_fault(self, fault: str, error: Exception | None = None) -> None:
        if not self._fault:
            kept = "; what was read last stays on air" if self._revision is not None else ""
            _log.error("%s%s", fault, kept, exc_info=error)
        self._fault = fault

    def _end_fault(self) -> None:
        if self._fault:
            _log.info("%s: the store can be read again", self._root)
        self._fault = ""

    def _log_problems(self, store: Store) -> None:
        """Name the problems that are new since the last reading, the first twenty of them."""
        problems = [str(problem) for problem in store.problems]
        new = [problem for problem in problems if problem not in self._problems]
        for problem in new[:_MOST_PROBLEMS_LOGGED]:
            _log.warning("%s", problem)
        if len(new) > _MOST_PROBLEMS_LOGGED:
            _log.warning("and %d problems more; 'signage check' shows all", len(new) - _MOST_PROBLEMS_LOGGED)
        self._problems = frozenset(problems)

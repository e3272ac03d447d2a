"""The store's folder in, what lies in it out: when it is due to be looked at, and whether it is there at all."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.base.files import open_plain
from signage.base.yaml import MAX_BYTES
from signage.content.scan import Scan, scan_media
from signage.content.screens import read_screens_file
from signage.content.watch import StoreWatch
from signage.office.ingest.recipe import Recipe, recipe_for

_log = logging.getLogger(__name__)

SCAN_S = 60.0
_SHORTEST_GAP_S = 0.2
_GAP_TIMES = 4


class Lookout:
    """Looks at `media/` and `playlists/screens.yaml` of a store. One thread looks; `hint` is for any.

    `on_event` is called on a thread of its own when something may have changed.
    """

    def __init__(self, store: Path, clock: Clock, on_event: Callable[[], None]) -> None:
        self._store = store
        self._media = store / "media"
        self._clock = clock
        self._watch = StoreWatch(store, on_event, clock)
        self._screens: bytes | None = None
        self._next_s = 0.0
        self.scan = Scan()
        self.recipe = Recipe()
        self.is_hinted = True
        self.is_away = False
        self.looked_s: float | None = None

    def hint(self) -> None:
        """Be due soon: something may have changed."""
        self.is_hinted = True

    @property
    def due_s(self) -> float:
        """When to look again, by the clock's monotonic seconds; a slow folder is not looked at without a pause."""
        return self._next_s - SCAN_S if self.is_hinted else self._next_s

    def look(self, is_empty_odd: bool) -> Scan | None:
        """Give what lies in the folder; None where it is away: not readable, or empty though that is odd."""
        self.is_hinted = False
        begun_s = self.looked_s = self._clock.monotonic_s()
        self._watch.check()
        try:
            scan = scan_media(self._media)
            is_away = not scan.files and is_empty_odd
            why = "holds no file any more; is the disk or share there?"
        except SignageError as error:
            scan, is_away, why = self.scan, True, str(error)
        took_s = self._clock.monotonic_s() - begun_s
        self._next_s = begun_s + took_s + SCAN_S + max(_SHORTEST_GAP_S, _GAP_TIMES * took_s)
        self._note_away(is_away, why)
        if is_away:
            return None
        self.scan = scan
        self._read_recipe()
        return scan

    def note_reasons(self, reasons: tuple[str, ...]) -> None:
        """Take note of which files of reasons lie in the folder now."""
        self.scan = replace(self.scan, reasons=reasons)

    def close(self) -> None:
        self._watch.close()

    def _note_away(self, is_away: bool, why: str) -> None:
        if is_away and not self.is_away:
            _log.warning("%s: %s; nothing is taken out", self._media, why)
        elif self.is_away and not is_away:
            _log.info("%s: can be read again", self._media)
        self.is_away = is_away

    def _read_recipe(self) -> None:
        """Read how large the screens are. A file that is being saved, or broken, changes nothing: all would be
        converted anew for it."""
        try:
            with open_plain(self._store / "playlists" / "screens.yaml") as stream:
                raw = stream.read(MAX_BYTES + 1)
        except OSError:
            return
        if raw == self._screens:
            return
        self._screens = raw
        read = read_screens_file(raw, "playlists/screens.yaml")
        if not read.is_lost:
            self.recipe = recipe_for(read.screens.values())

"""A Sync and hints come in; each release that is whole, and each order, goes out as a store for the station."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.content.values import Store
from signage.player.hints import HintsPort
from signage.player.overriding import screen_under
from signage.player.sync import Sync

_log = logging.getLogger(__name__)

POLL_S = 60.0
_FIRST_RETRY_S = 2.0
_FETCH_RETRY_S = 10.0
_LEAST_BETWEEN_LOOKS_S = 0.1
_STICK_S = 5.0
_SCRUB_S = 0.3
_CLOSE_LIMIT_S = 5.0


class ReleaseSource:
    """Follows an office for the station: looks on a hint and every minute on one thread, fetches files on another.

    So a takeover is on screen at once, however long a film takes to come. The release on this disk comes first, without
    the network. `on_store` is called on either thread, never on both at the same time.
    """

    def __init__(
        self,
        sync: Sync,
        clock: Clock,
        *,
        hints: Callable[[Callable[[Mapping[str, bytes]], None]], HintsPort] | None = None,
        dice: random.Random | None = None,
        close: Callable[[], None] = lambda: None,
        on_news: Callable[[], None] = lambda: None,
    ) -> None:
        """`hints` makes what hears hints, given what to call with one. `close` ends the network at the end.

        `on_news` is called when another release is on air, and when orders are noted, come in force or end.
        """
        self._on_news = on_news
        self._told: object = None
        self._sync = sync
        self._clock = clock
        self._dice = dice or random.Random()
        self._close_network = close
        self._on_store: Callable[[Store], None] = lambda _store: None
        self._changed = threading.Condition()
        self._giving = threading.Lock()
        self._is_closing = self._is_hinted = self._must_fetch = False
        self._offered: dict[str, bytes] = {}
        self._given: object = None
        self._broken: set[str] = set()
        self._failures = 0
        self._hints = hints(self._take_hint) if hints else None
        self._looker = threading.Thread(target=self._look_on, name="release-look", daemon=True)
        self._fetcher = threading.Thread(target=self._fetch_on, name="release-fetch", daemon=True)

    @property
    def sync(self) -> Sync:
        return self._sync

    @property
    def fault(self) -> str:
        """Why the office's newest release is not on air; empty when it is."""
        return self._sync.fault

    def start(self, on_store: Callable[[Store], None]) -> None:
        """Begin; `on_store` is called on threads of this source."""
        self._on_store = on_store
        self._looker.start()
        self._fetcher.start()

    def rescan(self) -> None:
        """The station's own minute: nothing to do, since the source keeps its own, with jitter."""

    def close(self) -> None:
        """End the threads and whatever they wait for."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._sync.downloader.close()
        self._close_network()
        if self._hints is not None:
            self._hints.close()
        for thread in (self._looker, self._fetcher):
            if thread.is_alive():
                thread.join(_CLOSE_LIMIT_S)

    def _take_hint(self, offered: Mapping[str, bytes]) -> None:
        """Look at once; from any thread."""
        with self._changed:
            self._is_hinted = True
            self._offered = dict(offered)
            self._changed.notify_all()

    def _look_on(self) -> None:
        self._guarded("restore", self._sync.restore)
        self._guarded("give", self._give)
        if self._hints is not None:
            self._hints.start()
        while not self._is_closing:
            with self._changed:
                offered, self._offered, self._is_hinted = self._offered, {}, False
            was_heard = self._guarded("look", partial(self._sync.look, offered))
            self._failures = 0 if was_heard else self._failures + 1
            self._guarded("give", self._give)
            self._wake_fetcher()
            self._wait_for_next_look()

    def _wait_for_next_look(self) -> None:
        """Wait for a hint or the next poll; meanwhile see to orders that end and to files not yet read."""
        until_s = self._clock.monotonic_s() + self._pause_s()
        with self._changed:
            self._changed.wait_for(lambda: self._is_closing, _LEAST_BETWEEN_LOOKS_S)
        while not self._is_closing and not self._is_hinted and (left_s := until_s - self._clock.monotonic_s()) > 0:
            if not self._guarded("scrub", partial(self._sync.scrub, _SCRUB_S)):
                return
            self._guarded("stick", self._sync.take_from_sticks)
            self._guarded("give", self._give)
            self._wake_fetcher()
            with self._changed:
                self._changed.wait_for(lambda: self._is_closing or self._is_hinted, min(left_s, self._until_change_s()))

    def _until_change_s(self) -> float:
        """Give how long until an order ends or a stick is to be looked at."""
        standing = self._sync.in_force
        if standing is None or standing.until_ms is None:
            return _STICK_S
        return min(_STICK_S, max(0.01, (standing.until_ms - self._clock.now_ms()) / 1000))

    def _pause_s(self) -> float:
        pause_s = POLL_S if not self._failures else min(POLL_S, _FIRST_RETRY_S * 2 ** min(10, self._failures - 1))
        return pause_s * self._dice.uniform(0.75, 1.25)

    def _fetch_on(self) -> None:
        while not self._is_closing:
            with self._changed:
                self._changed.wait_for(lambda: self._must_fetch or self._is_closing)
                self._must_fetch = False
            while not self._is_closing and self._sync.has_work:
                is_done = self._guarded("fetch", self._sync.fetch)
                self._guarded("give", self._give)
                if not is_done:
                    with self._changed:
                        self._changed.wait_for(
                            lambda: self._must_fetch or self._is_closing, _FETCH_RETRY_S * self._dice.uniform(0.5, 1.5)
                        )
                        self._must_fetch = False

    def _wake_fetcher(self) -> None:
        if self._sync.has_work:
            with self._changed:
                self._must_fetch = True
                self._changed.notify_all()

    def _give(self) -> None:
        """Hand the station the store on air, laid out for the order in force, if either is another than it has."""
        with self._giving:
            store, standing = self._sync.store, self._sync.in_force
            self._tell_news((store.revision if store else "", standing, self._sync.orders.noted))
            if store is None and standing is None:
                return
            said = (store.revision if store else "", standing)
            if said == self._given:
                return
            self._on_store(_laid_out(store, self._sync, standing))
            self._given = said

    def _tell_news(self, now: object) -> None:
        if now != self._told:
            self._told = now
            self._on_news()

    def _guarded(self, name: str, step: Callable[[], object]) -> bool:
        """Take a step; False where it failed. A fault must not end what follows the office; a bug is logged once."""
        try:
            has_worked = step() is not False
        except SignageError as error:
            _log.debug("%s", error)
            has_worked = False
        except Exception:  # noqa: BLE001 - the boundary of one step: what is on air must not end with it
            if self._is_turn(name, to_broken=True):
                _log.exception("following the office failed (%s); it goes on with the next look", name)
            return False
        if self._is_turn(name, to_broken=False):
            _log.info("following the office works again (%s)", name)
        return has_worked

    def _is_turn(self, name: str, *, to_broken: bool) -> bool:
        """Note whether a step is broken, and tell whether it was otherwise before; two threads take the same steps."""
        with self._changed:
            is_turn = (name in self._broken) is not to_broken
            (self._broken.add if to_broken else self._broken.discard)(name)
        return is_turn


def _laid_out(store: Store | None, sync: Sync, standing: object) -> Store:
    """Give the store with this screen as the order in force wants it; an empty one before the first release."""
    screen = screen_under(sync.screen, sync.in_force if standing else None)
    if store is None:
        return Store(sync.cache.folder, (), {screen.name: screen}, revision="none")
    return replace(store, screens={**store.screens, screen.name: screen})

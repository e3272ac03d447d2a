"""An office's addresses and the enrolled root come in; the verified release that is whole on this disk goes out.

Single steps, each with an end: `restore` at the start, `look` at the office, `fetch` what a look found.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from tuf.api.exceptions import DownloadError

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.content.values import Screen, Store
from signage.player.answers import Limits
from signage.player.cache import Blob, Cache, CacheError, Switch
from signage.player.contact import Contact, SyncStatus
from signage.player.download import Downloader, HttpPort
from signage.player.fetcher import METADATA_LIMITS, Fetcher
from signage.player.mirrors import Mirrors
from signage.player.orderbook import OrderBook, Standing, orders_in
from signage.player.releasefiles import blobs_of, first_things_first, in_cache, release_name
from signage.player.stick import folder_of, keys_on_disk
from signage.release.errors import Reason, ReleaseError
from signage.release.orders import UrgentKeys
from signage.release.verify import Accepted, Refused, TrustedRelease, verify_from_disk

_log = logging.getLogger(__name__)

FULL_LOOK_S = 600.0
_TIMESTAMP = "metadata/timestamp.json"
_MOST_TIMESTAMP_BYTES = 16_384
_HASH_AT_START_S = 1.5


class Sync:
    """Keeps one screen's release. `look` is for one thread, `fetch` for another; the rest may be asked from any."""

    def __init__(
        self,
        folder: Path,
        base_urls: Sequence[str],
        root_bytes: bytes,
        screen: str,
        clock: Clock,
        http: HttpPort,
        *,
        cache: Cache | None = None,
        metadata_limits: Limits = METADATA_LIMITS,
        downloader: Downloader | None = None,
    ) -> None:
        """`folder` is the player's own; it makes it.

        Raises:
            CacheError: the folder cannot be made.
        """
        self.cache = cache or Cache(folder)
        self.orders = OrderBook(folder / "orders", clock)
        self._trusted_folder = folder / "trusted"
        self._root_bytes = root_bytes
        self._screen_name = screen
        self._clock = clock
        self._mirrors = Mirrors(base_urls, clock)
        self._fetcher = Fetcher(http, metadata_limits)
        self._trusted = TrustedRelease(self._trusted_folder, root_bytes, screen, clock)
        self.downloader = downloader or Downloader(http, self.cache, clock)
        self._on_air: Accepted | None = None
        self._wanted: Accepted | None = None
        self._kept: dict[str, frozenset[str]] = {}
        self._unchecked: list[Blob] = []
        self._keys: UrgentKeys | None = None
        self._contact = Contact(clock)
        self._full_look_s: float | None = None

    @property
    def status(self) -> SyncStatus:
        """Give how this screen stands with its office now; looks for every file that is still to come."""
        wanted = self._wanted
        missing = self.cache.missing(blobs_of(wanted.manifest.store.media.values())) if wanted else []
        number = self._on_air.manifest.number if self._on_air else 0
        return self._contact.status(number, sum(blob.length_bytes for blob in missing))

    @property
    def fault(self) -> str:
        """Why the office's newest is not on air, though no file is on its way; empty when it is. Quick to ask."""
        status = self._contact.status(0, 0)
        return status.message if status.reason or status.is_stale else ""

    @property
    def screen(self) -> Screen:
        """Give the screen as the release on air describes it."""
        manifest = self._on_air.manifest if self._on_air else None
        return manifest.store.screens[self._screen_name] if manifest else Screen(name=self._screen_name)

    @property
    def store(self) -> Store | None:
        """Give the store of the release on air; None before the first."""
        return None if self._on_air is None else in_cache(self._on_air.manifest.store, self.cache.folder)

    @property
    def in_force(self) -> Standing | None:
        """Give the order that this screen must show now, once the files that it shows are here."""
        standing = self.orders.standing
        if standing is None or self.cache.missing(blobs_of(standing.files)):
            return None
        return standing

    @property
    def noted_orders(self) -> tuple[str, ...]:
        """Give the ids of the orders that this screen has taken note of, the newest last."""
        return self.orders.noted

    def restore(self) -> bool:
        """Take up the release on this disk, verified again from the enrolled root, whatever the time; else the one
        before. Tell whether there is one.
        """
        self.cache.keep_ballast()
        switch = self.cache.current()
        for name in (switch.now, switch.previous) if switch else ():
            if name is None:
                continue
            try:
                accepted = verify_from_disk(self.cache.release_folder(name), self._root_bytes, self._screen_name)
                blobs = blobs_of(accepted.manifest.store.media.values())
                self._kept[name] = frozenset(blob.sha256 for blob in blobs)
                if self._on_air is None:
                    self._check_files(blobs)
                    self._on_air = accepted
            except (SignageError, OSError) as error:
                _log.error("release %s on this disk cannot be used: %s", name, error)
        self._keys = keys_on_disk(self._trusted_folder / "metadata", self._root_bytes)
        if self._keys is None and self._on_air:
            self._keys = self._on_air.news.order_keys
        self.orders.restore(self._keys)
        self._check_ordered()
        return self._on_air is not None

    def look(self, offered: dict[str, bytes] | None = None) -> bool:
        """Ask the office, and its mirrors if it does not answer well; tell whether all of it could be heard.

        Orders are taken at once. `offered` are bytes of the published folder that a hint brought, by path.
        """
        before = self._on_air
        at_least = before.manifest.number if before else 0
        if not offered and self._is_unchanged():
            self._take_orders(())
            self._contact.note_heard()
            return True
        found = self._ask(at_least, offered or {})
        if isinstance(found, Refused) and found.reason is Reason.DISK:
            self.cache.give_way()
            found = self._ask(at_least, {})
        news = found.news
        self._keys = news.order_keys or self._keys
        self._take_orders(news.envelopes)
        self._contact.note_clock(news.clock_fault)
        self._contact.note_orders(news.order_fault)
        if isinstance(found, Refused):
            self._full_look_s = None
            self._contact.note_refusal(found.reason, found.message)
            return False
        self._contact.note_heard()
        # Orders that could not be had are asked for again soon, though the timestamp is known by then.
        has_all = not news.order_fault
        self._full_look_s = self._clock.monotonic_s() if has_all else None
        self.cache.keep_ballast()
        if self._is_on_air(found):
            self._wanted = None
            self._contact.note_accepted()
        else:
            self._wanted = found
        return has_all

    def take_from_sticks(self) -> None:
        """Take the orders that lie on a stick now; on the thread of `look`."""
        self._take_orders(())

    def _is_unchanged(self) -> bool:
        """Tell by one short request whether the office signed nothing since the last full look, not long ago.

        A full look every ten minutes asks for new keys and sees what has expired.
        """
        looked_s, on_air = self._full_look_s, self._on_air
        if looked_s is None or self._clock.monotonic_s() - looked_s > FULL_LOOK_S:
            return False
        if self._wanted is not None or on_air is None or not self._is_on_air(on_air):
            return False
        try:
            kept = (self._trusted_folder / "metadata" / "timestamp.json").read_bytes()
            self._fetcher.offer({})
            return self._fetcher.download_bytes(f"{self._mirrors.best_first()[0]}{_TIMESTAMP}", 2 * len(kept)) == kept
        except (DownloadError, OSError):
            return False

    def _take_orders(self, envelopes: Sequence[bytes]) -> None:
        """Take the office's orders, and those on a stick."""
        if self._keys is not None:
            sticks = orders_in([folder for url in self._mirrors.urls if (folder := folder_of(url))])
            self.orders.take([*envelopes, *sticks], self._keys, self.screen)

    @property
    def has_work(self) -> bool:
        """Whether `fetch` has something to do."""
        standing = self.orders.standing
        return self._wanted is not None or bool(standing and self.cache.missing(blobs_of(standing.files)))

    def fetch(self) -> bool:
        """Get what is missing, what an order shows first, and switch to the release; tell whether something changed.

        Raises:
            SignageError: not all is here yet; what came is kept. Call again later.
        """
        has_changed = False
        standing = self.orders.standing
        ordered = blobs_of(standing.files) if standing else []
        if self.cache.missing(ordered):
            self._get(ordered)
            has_changed = True
        wanted = self._wanted
        if wanted is not None and self._is_on_air(wanted):
            self._wanted = None if self._wanted is wanted else self._wanted
        elif wanted is not None:
            try:
                self._get(first_things_first(wanted.manifest.store, self._screen_name, self._clock.now_ms()))
                self._switch(wanted)
            except SignageError as error:
                self._contact.note_still_to_come(str(error))
                raise
            has_changed = True
        return has_changed

    def _ask(self, at_least: int, offered: dict[str, bytes]) -> Accepted | Refused:
        """Ask each address until one has a release to take; else give the first refusal that is not silence."""
        refusals: list[Refused] = []
        for base_url in self._mirrors.best_first() if offered else self._mirrors.newest_first(self._timestamp_of):
            self._fetcher.offer(offered)
            found = self._trusted.refresh(self._fetcher, base_url, at_least)
            if offered and isinstance(found, Refused):
                self._fetcher.offer({})
                found = self._trusted.refresh(self._fetcher, base_url, at_least)
            if isinstance(found, Accepted):
                self._mirrors.praise(base_url)
                return found
            self._mirrors.blame(base_url)
            refusals.append(found)
        return next((one for one in refusals if one.reason is not Reason.UNREACHABLE), refusals[0])

    def _timestamp_of(self, url: str) -> bytes:
        self._fetcher.offer({})
        return self._fetcher.download_bytes(url + _TIMESTAMP, _MOST_TIMESTAMP_BYTES)

    def _get(self, blobs: Sequence[Blob]) -> None:
        self.cache.make_room(blobs, self._hashes_of(self.cache.current()))
        self.downloader.fetch(blobs, self._mirrors.best_first())

    def _is_on_air(self, accepted: Accepted) -> bool:
        """Tell whether this very release is on air, and whole."""
        on_air = self._on_air
        if on_air is None or release_name(on_air.manifest) != release_name(accepted.manifest):
            return False
        return not self.cache.missing(blobs_of(accepted.manifest.store.media.values()))

    def _is_on_disk(self, name: str) -> bool:
        """Tell whether what signed the release is here already, and good."""
        try:
            verify_from_disk(self.cache.release_folder(name), self._root_bytes, self._screen_name)
        except (ReleaseError, OSError):
            return False
        return True

    def _switch(self, accepted: Accepted) -> None:
        name = release_name(accepted.manifest)
        blobs = blobs_of(accepted.manifest.store.media.values())
        if not self._is_on_disk(name):
            self.cache.add_release(name, accepted.files)
        before = self.cache.current()
        switch = self.cache.switch(name, blobs)
        self._kept[name] = frozenset(blob.sha256 for blob in blobs)
        # What was on air may be on screen until its slot ends, so that one release more than the switch names stays.
        self.cache.collect(self._hashes_of(switch) | self._hashes_of(before))
        self._kept = {name: self._kept[name] for name in self._kept if name in (switch.now, switch.previous)}
        self._on_air = accepted
        if self._wanted is accepted:
            self._wanted = None
        self._contact.note_accepted()
        _log.info("release %d is here whole: %d files", accepted.manifest.number, len(blobs))

    def _hashes_of(self, switch: Switch | None) -> frozenset[str]:
        """Give the files of the releases that the switch names, and of the order in force."""
        names = (switch.now, switch.previous) if switch else ()
        none: frozenset[str] = frozenset()
        return none.union(*(self._kept.get(name or "", none) for name in names), self._ordered_hashes())

    def _ordered_hashes(self) -> set[str]:
        standing = self.orders.standing
        return {blob.sha256 for blob in blobs_of(standing.files)} if standing else set()

    def _check_files(self, blobs: Sequence[Blob]) -> None:
        """See that every file is here, and as many as the start has time for have their very bytes.

        Raises:
            SignageError: one is missing or damaged; a damaged one is dropped, so that it is fetched again.
        """
        if missing := self.cache.missing(blobs):
            raise CacheError(f"{len(missing)} of its files are missing")
        left = self._unchecked
        self._unchecked = sorted(blobs, key=lambda blob: -blob.length_bytes)
        try:
            self.scrub(_HASH_AT_START_S)
        finally:  # a damaged release is on air again once it is mended: the rest of it is read, too
            self._unchecked = [*left, *self._unchecked]

    def _check_ordered(self) -> None:
        """See that what the order in force shows has its very bytes; what has not is dropped, and fetched again."""
        standing = self.orders.standing
        for blob in blobs_of(standing.files) if standing else ():
            try:
                if self.cache.has(blob):
                    self.cache.check(blob)
            except CacheError as error:
                _log.error("%s", error)

    def scrub(self, seconds: float) -> None:
        """Read files of the release on air that were not read since the start, for about this time.

        Raises:
            CacheError: some were damaged; they are dropped, and the next `look` has them fetched again.
        """
        fault: CacheError | None = None
        until_s = self._clock.monotonic_s() + seconds
        while self._unchecked and self._clock.monotonic_s() < until_s:
            blob = self._unchecked.pop()
            try:
                if self.cache.has(blob):
                    self.cache.check(blob)
            except CacheError as error:
                fault = fault or error
        if fault is not None:
            raise fault

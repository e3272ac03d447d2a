"""Signed urgent orders come in; the one that counts for this screen goes out, also after a restart without office."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.base.files import open_plain, write_durably
from signage.content.values import MediaFile, Screen
from signage.release.errors import ReleaseError
from signage.release.orders import FILE_ENDING, MOST_ENVELOPE_BYTES, Order, OrderKind, UrgentKeys, verify_order

_log = logging.getLogger(__name__)

_MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """An order that counts for this screen, and since when it does here."""

    order: Order
    since_ms: int

    @property
    def until_ms(self) -> int | None:
        return self.order.until_ms

    @property
    def files(self) -> tuple[MediaFile, ...]:
        """Give the files that a takeover shows."""
        item = self.order.item
        if item is None:
            return ()
        return (*([item.media] if item.media else []), *(item.card.photos if item.card else ()))


class OrderBook:
    """Keeps the order with the highest sequence that names this screen; a lower one never counts again.

    One thread at a time. What it keeps is verified again at every start.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path = folder / "order.json"
        self._clock = clock
        self._sequence = 0
        self._envelope = b""
        self._standing: Standing | None = None
        self._is_saved = True
        self._refused: set[str] = set()

    @property
    def standing(self) -> Standing | None:
        """The takeover or blackout in force now; None when there is none, or it is over."""
        standing = self._standing
        if standing is None or standing.order.kind is OrderKind.RESUME:
            return None
        return None if standing.order.is_over(self._clock.now_ms()) else standing

    def restore(self, keys: UrgentKeys | None) -> None:
        """Take up what was kept before a restart, if these keys have signed it."""
        try:
            with open_plain(self._path) as file:
                said = json.loads(file.read(2 * MOST_ENVELOPE_BYTES))
            self._sequence, since_ms = int(said["sequence"]), int(said["since_ms"])
            self._envelope = str(said["envelope"]).encode()
            if keys is None:
                raise ReleaseError("no verified metadata is here to check it by")
            self._standing = Standing(verify_order(self._envelope, keys), since_ms)
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, ReleaseError) as error:
            _log.warning("%s: the order that was kept cannot be used (%s)", self._path, error)

    def take(self, envelopes: Iterable[bytes], keys: UrgentKeys, screen: Screen) -> bool:
        """Take orders from the office or a stick; tell whether another one counts now.

        What is not signed by enough of `keys` is refused and logged once.
        """
        newest, kept, highest = None, b"", self._sequence
        for envelope in envelopes:
            order = self._verified(envelope, keys)
            if order and order.is_for(screen) and order.sequence > highest:
                newest, kept, highest = order, envelope, order.sequence
        if newest is None:
            if not self._is_saved:
                self._save()
            return False
        now_ms = self._clock.now_ms()
        _log.warning("order %s: %s from now on", newest.id, newest.kind.value)
        self._sequence, self._envelope = newest.sequence, kept
        self._standing = Standing(newest, min(newest.issued_ms, now_ms))
        self._save()
        return True

    def _verified(self, envelope: bytes, keys: UrgentKeys) -> Order | None:
        try:
            return verify_order(envelope, keys)
        except ReleaseError as error:
            if str(error) not in self._refused:
                self._refused = {*list(self._refused)[:_MOST_FILES], str(error)}
                _log.warning("an order is refused: %s", error)
            return None

    def _save(self) -> None:
        """Keep it durably; a full disk must not keep it from the screen, so that it is tried again later."""
        standing = self._standing
        if standing is None:
            return
        said = {"sequence": self._sequence, "since_ms": standing.since_ms, "envelope": self._envelope.decode()}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(self._path, json.dumps(said).encode())
            self._is_saved = True
        except (OSError, SignageError) as error:
            if self._is_saved:
                _log.error("order %s is in force, but would be lost by a restart: %s", standing.order.id, error)
            self._is_saved = False


def orders_in(folders: Sequence[Path]) -> list[bytes]:
    """Give the content of every `*.order.json` that lies in one of these folders; what cannot be read is left out."""
    found = []
    for folder in folders:
        try:
            paths = sorted(path for path in folder.iterdir() if path.name.endswith(FILE_ENDING))[:_MOST_FILES]
        except OSError:
            continue
        for path in paths:
            try:
                with open_plain(path) as file:
                    found.append(file.read(MOST_ENVELOPE_BYTES + 1))
            except OSError as error:
                _log.debug("%s: %s", path, error)
    return found

"""Signed urgent orders come in; the one that counts for this screen goes out, also after a restart without office."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.base.files import open_plain, write_durably
from signage.content.values import MediaFile, Screen
from signage.release.errors import ReleaseError
from signage.release.orders import (
    FILE_ENDING,
    MOST_ENVELOPE_BYTES,
    Order,
    OrderKind,
    UrgentKeys,
    order_in_force,
    verify_order,
)

_log = logging.getLogger(__name__)

_MOST_FILES = 20
_MOST_KEPT = 50
_MOST_RESUMES = 10


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


@dataclass(frozen=True, slots=True)
class _Kept:
    """An order that names this screen, as it was signed. `is_over` stays: a clock that falls back revives nothing."""

    order: Order
    envelope: bytes
    since_ms: int
    is_over: bool = False

    @property
    def is_resume(self) -> bool:
        return self.order.kind is OrderKind.RESUME


class OrderBook:
    """Keeps the orders that name this screen since the last resume; none from before it ever counts again.

    One thread at a time takes orders, any may ask. What it keeps is verified again at every start, and when other
    people may give orders: what a stolen key has signed, a resume of the highest sequence too, counts only until that
    key is revoked.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path = folder / "order.json"
        self._clock = clock
        # Never changed in place: other threads look at it while one takes orders.
        self._kept: Mapping[int, _Kept] = {}
        self._keys: UrgentKeys | None = None
        self._is_saved = True
        self._refused: set[str] = set()

    @property
    def standing(self) -> Standing | None:
        """The takeover or blackout in force now; None when there is none, or it is over."""
        open_now = {sequence: kept for sequence, kept in self._kept.items() if not kept.is_over}
        order = order_in_force([kept.order for kept in open_now.values()], self._clock.now_ms())
        return Standing(order, open_now[order.sequence].since_ms) if order else None

    @property
    def noted(self) -> tuple[str, ...]:
        """Give the ids of the orders that this screen keeps, the newest last: what it has taken note of. Any thread."""
        return tuple(kept.order.id for kept in sorted(self._kept.values(), key=lambda one: one.order.sequence))

    def restore(self, keys: UrgentKeys | None) -> None:
        """Take up what was kept before a restart, as far as these keys have signed it."""
        try:
            with open_plain(self._path) as file:
                said = json.loads(file.read(2 * _MOST_KEPT * MOST_ENVELOPE_BYTES))["orders"]
            if keys is None:
                raise ReleaseError("no verified metadata is here to check it by")
            restored = [self._restored(one, keys) for one in said]
            self._kept = {kept.order.sequence: kept for kept in restored if kept}
            self._keys = keys
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, RecursionError, ReleaseError) as error:
            _log.warning("%s: an order that was kept cannot be used (%s)", self._path, error)

    def _restored(self, said: dict[str, object], keys: UrgentKeys) -> _Kept | None:
        try:
            envelope = str(said["envelope"]).encode()
            order = verify_order(envelope, keys)
            return _Kept(order, envelope, int(str(said["since_ms"])), bool(said["is_over"]))
        except (ValueError, TypeError, KeyError, ReleaseError) as error:
            _log.warning("%s: an order that was kept cannot be used (%s)", self._path, error)
            return None

    def take(self, envelopes: Iterable[bytes], keys: UrgentKeys, screen: Screen) -> bool:
        """Take orders from the office or a stick; tell whether another one counts now.

        What is not signed by enough of `keys` is refused and logged once.
        """
        before, now_ms = self.standing, self._clock.now_ms()
        known, open_now = self._kept, dict(self._kept)
        if keys != self._keys:
            self._keys = keys
            open_now = {sequence: kept for sequence, kept in known.items() if self._verified(kept.envelope, keys)}
        for envelope in envelopes:
            order = self._verified(envelope, keys)
            if order is None or order.sequence <= _resumed(open_now) or order.sequence in open_now:
                continue
            if order.is_for(screen):
                _add(open_now, _Kept(order, envelope, min(order.issued_ms, now_ms)))
        for sequence, kept in open_now.items():
            if kept.order.is_over(now_ms) and not kept.is_over:
                open_now[sequence] = replace(kept, is_over=True)
        self._kept = open_now
        if open_now != known or not self._is_saved:
            self._save()
        return self.standing != before

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
        orders = [
            {"since_ms": kept.since_ms, "is_over": kept.is_over, "envelope": kept.envelope.decode()}
            for kept in self._kept.values()
        ]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(self._path, json.dumps({"orders": orders}).encode())
            self._is_saved = True
        except (OSError, SignageError) as error:
            if self._is_saved:
                _log.error("the orders in force would be lost by a restart: %s", error)
            self._is_saved = False


def _resumed(orders: Mapping[int, _Kept]) -> int:
    """Give the sequence of the last resume, 0 without one: nothing up to it counts any more."""
    return max((sequence for sequence, kept in orders.items() if kept.is_resume), default=0)


def _add(orders: dict[int, _Kept], new: _Kept) -> None:
    """Add it to `orders`. Resumes stay: should the key of the last one be revoked, the one before counts again."""
    order = new.order
    _log.warning("order %s: %s from now on", order.id, order.kind.value)
    orders[order.sequence] = new
    if new.is_resume:
        ended = [sequence for sequence, kept in orders.items() if sequence < order.sequence and not kept.is_resume]
        resumes = sorted(sequence for sequence, kept in orders.items() if kept.is_resume)
        for sequence in (*ended, *resumes[:-_MOST_RESUMES]):
            del orders[sequence]
    worthless_first = sorted(orders, key=lambda one: (orders[one].is_resume or not orders[one].is_over, one))
    for sequence in worthless_first[:-_MOST_KEPT]:
        del orders[sequence]


def orders_in(folders: Sequence[Path]) -> list[bytes]:
    """Give the content of the newest `*.order.json` in these folders; what cannot be read is left out.

    Of each folder only the last 20 by date: a stick gathers orders over the years, and other systems' `._` files.
    """
    found = []
    for folder in folders:
        for path in _newest(folder):
            try:
                with open_plain(path) as file:
                    found.append(file.read(MOST_ENVELOPE_BYTES + 1))
            except OSError as error:
                _log.debug("%s: %s", path, error)
    return found


def _newest(folder: Path) -> list[Path]:
    dated = []
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            if entry.name.endswith(FILE_ENDING) and not entry.name.startswith("."):
                with contextlib.suppress(OSError):
                    dated.append((entry.stat().st_mtime_ns, entry.name))
    return [folder / name for _, name in sorted(dated)[-_MOST_FILES:]]

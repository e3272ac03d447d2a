"""The office's published folder in; what each screen should show out: read again only when something was published."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from signage.base.errors import SignageError
from signage.content.values import Screen
from signage.office.database.tables import OnAirRow
from signage.office.desk import Desk
from signage.office.drafts import decode_once
from signage.office.publish import number_on_air, on_air
from signage.office.screens.states import Wanted
from signage.office.urgent import orders_out
from signage.release.manifest import Manifest
from signage.release.orders import Order, order_for

Mark = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Aired:
    """What is published: the manifest of each screen, since when each release has been on air, and the orders out."""

    number: int = 0
    manifests: Mapping[str, Manifest] = field(default_factory=dict)
    since_ms: Mapping[int, int] = field(default_factory=dict)
    orders: tuple[Order, ...] = ()

    def screen(self, name: str) -> Screen | None:
        """Give the screen as it was published."""
        manifest = self.manifests.get(name)
        return manifest.store.screens.get(name) if manifest else None

    def wanted(self, name: str, now_ms: int) -> Wanted:
        """Give what a screen should show now."""
        manifest, screen = self.manifests.get(name), self.screen(name)
        order = order_for(screen or Screen(name), self.orders, now_ms)
        if manifest is None:
            return Wanted(order=order)
        return Wanted(manifest.number, self.since_ms.get(manifest.number, manifest.made_ms), order)


class OnAirBook:
    """Keeps what is published at hand for many readers, and remembers when each release went on air."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._mark: Mark | None = None
        self._aired = Aired()

    def now(self) -> Aired:
        """Give what is published now; what was, where the folder cannot be read."""
        with self._lock:
            mark = self._look()
            if mark is not None and mark != self._mark:
                try:
                    self._aired = self._read()
                    self._mark = mark
                except SignageError:
                    return self._aired
            return self._aired

    def _look(self) -> Mark | None:
        """Give what changes with every publishing: the timestamp is written last."""
        try:
            status = (self._desk.published / "metadata" / "timestamp.json").stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino

    def _read(self) -> Aired:
        office = self._desk.office()
        number = number_on_air(office)
        if number == self._aired.number:
            manifests = self._aired.manifests
        else:
            decoded = [decode_once(data) for data in on_air(office).values()]
            manifests = {name: manifest for manifest in decoded for name in manifest.store.screens}
        return Aired(number, manifests, self._note(number), tuple(orders_out(office)))

    def _note(self, number: int) -> Mapping[int, int]:
        with self._desk.database.reading() as session:
            known = {row.number: row.since_ms for row in session.scalars(select(OnAirRow))}
        if number and number not in known:
            known[number] = self._desk.clock.now_ms()
            with self._desk.database.writing() as session:
                if session.get(OnAirRow, number) is None:
                    session.add(OnAirRow(number=number, since_ms=known[number]))
        return known

"""A programme and the order in force come in; what plays goes out: blackout and takeover before everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from signage.content.values import Item, Screen, Store
from signage.player.orderbook import Standing
from signage.player.plan import ChangingProgramme, MakeProgramme
from signage.release.orders import OrderKind
from signage.schedule.day import OFF_ITEM
from signage.schedule.slots import Slot

_DAY_MS = 86_400_000


def overriding(make_programme: MakeProgramme, in_force: Callable[[], Standing | None]) -> MakeProgramme:
    """Give what makes programmes that obey the order in force when they are made."""

    def make(store: Store, screen: Screen, zone: str) -> ChangingProgramme:
        programme, standing = make_programme(store, screen, zone), in_force()
        return programme if standing is None else OverridingProgramme(programme, standing, screen.name, zone)

    return make


def screen_under(screen: Screen, standing: Standing | None) -> Screen:
    """Give how the screen is laid out: an order takes all of it."""
    return screen if standing is None else replace(screen, layout="full")


class OverridingProgramme:
    """A programme that shows an order from its beginning to its end, if it has one, in slots of at most a day.

    Of a PDF all pages are shown in turn, by the clock: on all screens the same.
    The slot that plays when the order ends is the programme's own, whole: it is joined midway, as the clock says.
    """

    def __init__(self, programme: ChangingProgramme, standing: Standing, screen: str, zone: str) -> None:
        self._programme = programme
        self._order = standing.order
        self._since_ms = standing.since_ms
        self._until_ms = standing.until_ms
        self._screen = screen
        self._zone = zone

    def slot_at(self, instant_ms: int) -> Slot:
        if self._covers(instant_ms):
            return self._order_slot(instant_ms)
        slot = self._programme.slot_at(instant_ms)
        if instant_ms < self._since_ms < slot.end_ms:
            return replace(slot, end_ms=self._since_ms)
        return slot

    def slots(self, start_ms: int, end_ms: int) -> Iterator[Slot]:
        while start_ms < end_ms:
            slot = self.slot_at(start_ms)
            yield slot
            start_ms = slot.end_ms

    def next_change(self, after_ms: int) -> int | None:
        instants = [self._programme.next_change(after_ms), self._since_ms, self._until_ms]
        return min((instant for instant in instants if instant is not None and instant > after_ms), default=None)

    def _covers(self, instant_ms: int) -> bool:
        return self._since_ms <= instant_ms and (self._until_ms is None or instant_ms < self._until_ms)

    def _order_slot(self, instant_ms: int) -> Slot:
        kind, item = self._order.kind, self._order.item
        shown = OFF_ITEM if kind is OrderKind.BLACKOUT or item is None or self._zone != "main" else item
        pages = shown.media.pages if shown.media else 1
        length_ms = shown.duration_ms if pages > 1 else _DAY_MS
        turn = (instant_ms - self._since_ms) // length_ms
        start_ms = self._since_ms + turn * length_ms
        end_ms = start_ms + length_ms if self._until_ms is None else min(start_ms + length_ms, self._until_ms)
        if pages > 1:
            shown = _page_of(shown, turn % pages + 1)
        return Slot(start_ms, end_ms, self._screen, self._zone, None, shown, order=f"{kind.value} {self._order.id}")


def _page_of(item: Item, page: int) -> Item:
    return replace(item, name=f"{item.name.rpartition('#page=')[0] or item.name}#page={page}", page=page)

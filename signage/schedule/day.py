"""One local day of one zone: in go the day's stretches of constant active set, out come its slots."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import lcm

from signage.content.values import Card, Item, Kind, Playlist, Screen
from signage.schedule.order import DayItems, Identity, RunningOrder, identity_of, start_position
from signage.schedule.slots import Slot
from signage.schedule.voices import Voices

_WHOLE_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a day in which the same playlists are on air; none of them and `is_open`: the slate."""

    start_ms: int
    end_ms: int
    is_open: bool
    playlists: tuple[Playlist, ...]

    def is_like(self, other: Segment) -> bool:
        """Tell whether the same is on air in both."""
        return self.is_open == other.is_open and [p.name for p in self.playlists] == [p.name for p in other.playlists]


Showing = tuple[int, str | None, Item]
"""When a slot starts (ms), its playlist, and its item."""


class DayPlan:
    """The slots of one local day, in order and without gap, worked out from its start as far as anyone asked.

    So midnight costs a screen no more than any other slot; the first question at noon costs half a day's slots.
    """

    def __init__(self, screen: str, zone: str, start_ms: int, end_ms: int, showings: Iterator[Showing]) -> None:
        """Take the day's bounds and its showings, the first at `start_ms`; each lasts until the next."""
        self.start_ms = start_ms
        self.end_ms = end_ms
        self._screen = screen
        self._zone = zone
        self._showings = showings
        self._starts: list[int] = []
        self._shown: list[tuple[str | None, Item]] = []

    def slot_at(self, instant_ms: int) -> Slot:
        """Give the slot on air at the instant, which must lie in this day."""
        return self._slot(self._index_at(instant_ms))

    def slots(self, start_ms: int, end_ms: int) -> Iterator[Slot]:
        """Give the day's slots that overlap [start_ms, end_ms), whole; `start_ms` must lie in this day."""
        index = self._index_at(start_ms)
        while index < len(self._starts) and self._starts[index] < end_ms:
            yield self._slot(index)
            index += 1

    def _index_at(self, instant_ms: int) -> int:
        while not self._starts or self._starts[-1] <= instant_ms:
            if not self._work_out_one():
                return len(self._starts) - 1
        return bisect_right(self._starts, instant_ms) - 1

    def _slot(self, index: int) -> Slot:
        is_known = index + 1 < len(self._starts) or self._work_out_one()
        end_ms = self._starts[index + 1] if is_known else self.end_ms
        playlist, item = self._shown[index]
        return Slot(self._starts[index], end_ms, self._screen, self._zone, playlist, item)

    def _work_out_one(self) -> bool:
        showing = next(self._showings, None)
        if showing is None:
            return False
        self._starts.append(showing[0])
        self._shown.append(showing[1:])
        return True


def slate_item(screen: Screen) -> Item:
    """Give the item for when nothing is scheduled."""
    return _card_item("slate", Kind.SLATE, {"title": screen.title or screen.name})


OFF_ITEM = Item(name="off", kind=Kind.OFF, sha256="", duration_ms=_WHOLE_DAY_MS)
"""What fills the time outside the screen's hours."""


def plan_day(
    day: date, segments: list[Segment], screen: Screen, zone: str, items_of: Callable[[Playlist], DayItems]
) -> DayPlan:
    """Give the slots of the day. The segments tile it; `items_of` gives what a playlist has to show on that day.

    Every playlist keeps its place in its running order from one segment to the next.
    """
    builder = _Builder(day, screen, items_of, segments)
    fill = builder.texts if zone == "ticker" else builder.slots
    showings = (showing for segment in segments for showing in fill(segment))
    return DayPlan(screen.name, zone, segments[0].start_ms, segments[-1].end_ms, showings)


class _Builder:
    """What lasts over the segments of one day: running orders, what is on screen, and who is owed time."""

    def __init__(
        self, day: date, screen: Screen, items_of: Callable[[Playlist], DayItems], segments: list[Segment]
    ) -> None:
        self._day = day
        self._slate = slate_item(screen)
        self._items: dict[str, DayItems] = {}
        self._offered_ms: dict[str, int] = {}
        self._orders: dict[str, RunningOrder] = {}
        self._owed_ms: dict[str, int] = {}
        self._last: Identity | None = None
        all_day = {playlist.name: playlist for segment in segments for playlist in segment.playlists}
        scale = lcm(*(playlist.weight.denominator for playlist in all_day.values()))
        self._weights = {name: int(playlist.weight * scale) for name, playlist in all_day.items()}
        for name, playlist in all_day.items():
            self._items[name] = items_of(playlist)
        for segment in segments:
            for playlist, due_ms in zip(segment.playlists, self._due_ms(segment, segment.playlists), strict=True):
                self._offered_ms[playlist.name] = self._offered_ms.get(playlist.name, 0) + due_ms

    def slots(self, segment: Segment) -> Iterator[Showing]:
        """Give (start, playlist, item) of the segment's slots in a zone of pictures."""
        playlists = list(segment.playlists)
        if not playlists:
            self._last = None
            yield segment.start_ms, None, self._slate if segment.is_open else OFF_ITEM
            return
        playlists.sort(key=lambda playlist: (-self._owed_ms.get(playlist.name, 0), playlist.name))
        names = [playlist.name for playlist in playlists]
        voices = Voices(
            [self._weights[name] for name in names],
            [self._order(playlist) for playlist in playlists],
            max(self._items[name].longest_ms for name in names),
            [self._owed_ms.get(name, 0) for name in names],
        )
        item: Item | None = None
        for offset_ms, voice, item in voices.turns(segment.end_ms - segment.start_ms, self._last):
            yield segment.start_ms + offset_ms, names[voice], item
        self._last = identity_of(item) if item else None
        self._settle(segment, playlists, voices.shown_ms)

    def _due_ms(self, segment: Segment, playlists: Sequence[Playlist]) -> list[int]:
        """Give what each playlist's weight asks for of the segment, to the millisecond below."""
        length_ms = segment.end_ms - segment.start_ms
        total = sum(self._weights[playlist.name] for playlist in playlists)
        return [length_ms * self._weights[playlist.name] // total for playlist in playlists]

    def _settle(self, segment: Segment, playlists: list[Playlist], shown_ms: list[int]) -> None:
        """Note what each playlist was left owed, or got too much, so that the next segment can make up for it."""
        for playlist, had_ms, due_ms in zip(playlists, shown_ms, self._due_ms(segment, playlists), strict=True):
            self._owed_ms[playlist.name] = self._owed_ms.get(playlist.name, 0) + due_ms - had_ms

    def texts(self, segment: Segment) -> Iterator[Showing]:
        """Give the segment's one slot in a zone of scrolling text: all its texts, each once."""
        texts: dict[str, None] = {}
        for playlist in segment.playlists:
            order = RunningOrder(self._items[playlist.name], self._day)
            for _ in range(self._items[playlist.name].count):
                item = order.head()
                order.take()
                if item.card is not None and isinstance(text := item.card.fields.get("text"), str):
                    texts[text] = None
        if texts:
            names = ",".join(playlist.name for playlist in segment.playlists)
            yield segment.start_ms, names, _card_item("ticker", Kind.TICKER, {"texts": list(texts)})
        else:
            yield segment.start_ms, None, self._slate if segment.is_open else OFF_ITEM

    def _order(self, playlist: Playlist) -> RunningOrder:
        order = self._orders.get(playlist.name)
        if order is None:
            items = self._items[playlist.name]
            start = start_position(items.count, items.pass_ms, self._offered_ms[playlist.name], self._day)
            order = self._orders[playlist.name] = RunningOrder(items, self._day, start)
        return order


def _card_item(template: str, kind: Kind, fields: dict[str, object]) -> Item:
    fields_json = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    card = Card(template, fields_json)
    return Item(name=template, kind=kind, sha256=card.sha256, duration_ms=_WHOLE_DAY_MS, card=card)

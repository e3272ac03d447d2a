"""The running order of one playlist over one day: in go its entries and a date, out come its items one after another.

Entries follow each other as written; a shuffled entry is shuffled anew for each pass. Everything is a pure function
of (playlist, date), the same on every machine and Python version.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from itertools import islice

from signage.content.values import Entry, Item, Playlist

Identity = tuple[str, int]

LOOK_AHEAD = 64
"""How far ahead in its pass an order looks for an item that differs from the one on screen."""

_DRAWN_AT_ONCE = 16
_GOLDEN_64 = 11_400_714_819_323_198_485  # 2**64 / golden ratio, odd
_MASK_64 = (1 << 64) - 1


def identity_of(item: Item) -> Identity:
    """Give what makes two items the same picture to a passer-by: content and page."""
    return (item.sha256, item.page)


@dataclass(frozen=True, slots=True)
class DayItems:
    """What a playlist has to show on one day: entries with only that day's items, and their sums over one pass."""

    name: str
    entries: tuple[Entry, ...]
    count: int
    pass_ms: int
    longest_ms: int


def items_of_day(playlist: Playlist, day: date | None) -> DayItems:
    """Give the playlist's items for the date, those outside their own from/until dates left out (None: no dates)."""
    entries: list[Entry] = []
    count = pass_ms = longest_ms = 0
    for written in playlist.entries:
        items = written.items if day is None else tuple(item for item in written.items if _plays_on(item, day))
        items = items if all(item.duration_ms > 0 for item in items) else tuple(i for i in items if i.duration_ms > 0)
        if not items:
            continue
        entry = Entry(items, written.shuffled, written.limit)
        shown = shown_of(entry)
        total_ms = sum(item.duration_ms for item in items)
        entries.append(entry)
        count += shown
        pass_ms += total_ms * shown // len(items)
        longest_ms = max(longest_ms, max(item.duration_ms for item in items))
    return DayItems(playlist.name, tuple(entries), count, pass_ms, longest_ms)


def shown_of(entry: Entry) -> int:
    """Give how many of the entry's items one pass shows."""
    if entry.shuffled and entry.limit is not None:
        return min(entry.limit, len(entry.items))
    return len(entry.items)


def has_dated_items(playlist: Playlist) -> bool:
    """Tell whether the playlist's items differ from day to day."""
    return any(item.from_date or item.until_date for entry in playlist.entries for item in entry.items)


def _plays_on(item: Item, day: date) -> bool:
    return (item.from_date is None or item.from_date <= day) and (item.until_date is None or day <= item.until_date)


def start_position(count: int, pass_ms: int, offered_ms: int, day: date) -> int:
    """Give the place in the pass at which the day starts: 0 if the day has time for the whole pass.

    Otherwise the start moves each day by the golden section of the pass, so that over the days every item comes up,
    evenly, however much time each day offers.

    Source: D. Knuth, The Art of Computer Programming 3, 6.4, theorem S (three-distance theorem).
    """
    if offered_ms >= pass_ms or count == 0:
        return 0
    return ((day.toordinal() * _GOLDEN_64) & _MASK_64) * count >> 64


class RunningOrder:
    """The items of one playlist on one day, taken one by one. Holds at most a little more than it gave out."""

    def __init__(self, items: DayItems, day: date, start: int = 0) -> None:
        self._items = items
        self._day = day
        self._pass_number = 0
        self._last: Item | None = None
        self._pass: Iterator[Item] = self._walk_pass(start)
        self._ahead: deque[Item] = deque()

    def head(self) -> Item:
        """Give the item whose turn it is, and leave it there."""
        if not self._ahead:
            self._fill(_DRAWN_AT_ONCE)
        if not self._ahead:
            self._pass_number += 1
            self._pass = self._walk_pass(0)
            self._fill(_DRAWN_AT_ONCE)
        return self._ahead[0]

    def find_other(self, than: Identity) -> int | None:
        """Give how many places ahead in this pass the first item with another identity lies, or None."""
        self._fill(LOOK_AHEAD)
        for place, item in enumerate(self._ahead):
            if identity_of(item) != than:
                return place
        return None

    def peek(self, place: int) -> Item:
        """Give the item that `find_other` found."""
        return self._ahead[place]

    def take(self, place: int = 0) -> None:
        """Remove the item at `place`; those before it keep their turn."""
        self._last = self._ahead[place]
        del self._ahead[place]

    def _fill(self, length: int) -> None:
        if len(self._ahead) < length:
            self._ahead.extend(islice(self._pass, length - len(self._ahead)))

    def _walk_pass(self, skip: int) -> Iterator[Item]:
        """Give the pass without its first `skip` items; of a shuffled entry any that many stay away."""
        for index, entry in enumerate(self._items.entries):
            shown = shown_of(entry)
            if skip >= shown:
                skip -= shown
            elif entry.shuffled:
                seed = f"{self._items.name}\0{self._day.isoformat()}\0{self._pass_number}\0{index}"
                avoid = identity_of(self._last) if self._last is not None and index == 0 else None
                yield from islice(_shuffle(entry.items, seed, avoid), shown - skip)
                skip = 0
            else:
                yield from islice(entry.items, skip, None)
                skip = 0


def _shuffle(items: tuple[Item, ...], seed: str, avoid: Identity | None) -> Iterator[Item]:
    """Give the items in a random order fixed by the seed, each drawn when asked for; not `avoid` first, if possible.

    Source: Fisher and Yates 1938, with only the moved places kept; numbers are BLAKE2b of seed and place.
    """
    base = blake2b(seed.encode(), digest_size=8)
    moved: dict[int, int] = {}
    held: list[Item] = []
    for place in range(len(items)):
        draw = base.copy()
        draw.update(place.to_bytes(8, "big"))
        other = place + int.from_bytes(draw.digest(), "big") % (len(items) - place)
        item = items[moved.get(other, other)]
        moved[other] = moved.pop(place, place)
        if avoid is not None:
            if identity_of(item) == avoid:
                held.append(item)
                continue
            avoid = None
        yield item
        if held:
            yield from held
            held = []
    yield from held

"""Share of voice: in go weighted playlists and a length of time, out comes who is on screen from when to when.

Stride scheduling in screen time with eligibility. Let a playlist of weight w out of W have had S ms of t ms:

- its virtual start is S/w, its virtual finish (S + next item)/w, and the virtual time is t/W;
- it is *eligible* when its virtual start is not after the virtual time: when it has not had more than its share;
- the eligible one with the earliest virtual finish is next.

Then at every moment of a segment S is less than one item of its own above its target t*w/W, and at most the longest
item of the segment below it. All of it is exact integer arithmetic; a turn costs O(log playlists).

Source: Stoica and Abdel-Wahab, "Earliest Eligible Virtual Deadline First", 1995, theorem 1 (with requests that are
served whole); Bennett and Zhang, "WF2Q", 1996. Why turns may be passed on: `deploy/decisions/share-of-voice.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from heapq import heapify, heappop, heappush
from math import lcm

from signage.content.values import Item
from signage.schedule.order import Identity, RunningOrder, identity_of

SHORTEST_MS = 3000
"""What is left of a segment is not given to a new item if it is shorter than this (and than the item)."""

Turn = tuple[int, int, Item]
"""When a turn starts (ms after the segment's start), which voice has it, and its item."""


class Voices:
    """The playlists that share the screen over one segment, numbered in the order in which ties are broken."""

    def __init__(
        self,
        weights: Sequence[Fraction | int],
        orders: Sequence[RunningOrder],
        longest_ms: int,
        owed_ms: Sequence[int] | None = None,
    ) -> None:
        """Take the voices' weights (above 0), their running orders, the length of the longest item of all, and what
        earlier segments left each of them owed.
        """
        scale = lcm(*(weight.denominator for weight in weights))
        self._weight = [int(weight * scale) for weight in weights]
        self._total = sum(self._weight)
        self._unit = lcm(*self._weight)
        self._stride = [self._unit // weight for weight in self._weight]
        self._orders = orders
        self._longest = longest_ms
        self._owed_ms = owed_ms or [0] * len(weights)
        self.shown_ms = [0] * len(weights)
        self._finish = [order.head().duration_ms * stride for order, stride in zip(orders, self._stride, strict=True)]
        self._waiting: list[tuple[int, int]] = []
        self._ready = [(finish, voice) for voice, finish in enumerate(self._finish)]
        heapify(self._ready)
        self._overdue = [voice for voice, owed in enumerate(self._owed_ms) if owed >= orders[voice].head().duration_ms]
        self._overdue.sort(key=lambda voice: -self._owed_ms[voice])

    def turns(self, length_ms: int, last: Identity | None) -> Iterator[Turn]:
        """Give the turns that fill `length_ms`, the last one cut or drawn out to its end. To be called once.

        `last` is what is on screen before, so that it need not come twice. `shown_ms` is right when all are taken.
        """
        now = 0
        owner = -1
        waiting, ready, finish, shown_ms = self._waiting, self._ready, self._finish, self.shown_ms
        while now < length_ms:
            virtual_now = now * self._unit // self._total
            while waiting and waiting[0][0] <= virtual_now:
                voice = heappop(waiting)[1]
                heappush(ready, (finish[voice], voice))
            voice, place, item = (self._overdue and self._choose_overdue(now, last)) or self._choose(now, last)
            left = length_ms - now
            if owner >= 0 and left < SHORTEST_MS and left < item.duration_ms:
                shown_ms[owner] += left
                return
            yield now, voice, item
            order = self._orders[voice]
            order.take(place)
            shown = item.duration_ms if item.duration_ms < left else left
            shown_ms[voice] += shown
            start = shown_ms[voice] * self._stride[voice]
            finish[voice] = start + order.head().duration_ms * self._stride[voice]
            heappush(waiting, (start, voice))
            now += shown
            owner = voice
            last = identity_of(item)

    def _choose_overdue(self, now: int, last: Identity | None) -> tuple[int, int, Item] | None:
        """Take out of the ready voices one that earlier segments left an item behind and that had no turn in this one.

        Each gets one such turn, the one that is owed most first, as soon as the shares allow.
        """
        self._overdue = [voice for voice in self._overdue if not self.shown_ms[voice]]
        for voice in self._overdue:
            item = self._orders[voice].head()
            if identity_of(item) != last:
                if not self._may_pass(now, voice, item, self._finish[voice]):
                    return None
                self._ready.remove((self._finish[voice], voice))
                heapify(self._ready)
                return voice, 0, item
        return None

    def _choose(self, now: int, last: Identity | None) -> tuple[int, int, Item]:
        """Take out of the ready voices the one whose turn it is; give it with the item and its place in the order.

        If that would repeat what is on screen: the next eligible voice with another item, else another item of the
        same pass, else the repetition. Each only as far as the shares allow.
        """
        finish, first = heappop(self._ready)
        item = self._orders[first].head()
        if identity_of(item) != last:
            return first, 0, item
        passed = [(finish, first)]
        chosen = None
        while self._ready and chosen is None:
            finish, voice = heappop(self._ready)
            other = self._orders[voice].head()
            if identity_of(other) == last:
                passed.append((finish, voice))
            elif self._may_pass(now, voice, other, finish):
                chosen = (voice, 0, other)
            else:
                heappush(self._ready, (finish, voice))
                break
        if chosen is None:
            chosen = self._choose_among(now, [voice for _, voice in passed], last)
            passed = [entry for entry in passed if entry[1] != chosen[0]]
        for entry in passed:
            heappush(self._ready, entry)
        return chosen

    def _choose_among(self, now: int, voices: list[int], last: Identity) -> tuple[int, int, Item]:
        """Give the first of the voices that has anything but what is on screen, else the first all the same."""
        for voice in voices:
            place = self._orders[voice].find_other(last)
            if place is not None:
                item = self._orders[voice].peek(place)
                finish = (self.shown_ms[voice] + item.duration_ms) * self._stride[voice]
                if self._may_pass(now, voice, item, finish):
                    return voice, place, item
        return voices[0], 0, self._orders[voices[0]].head()

    def _may_pass(self, now: int, chosen: int, item: Item, finish: int) -> bool:
        """Tell whether giving the screen to `item` keeps every voice that it passes within its bound.

        It does if, for each virtual finish d before that of `item`, all that is due by d still fits in by the time
        that d allows, which is the longest item after the fluid ideal (the bound that unpassed turns keep, too).
        """
        due = sorted((self._finish[voice], voice) for voice in range(len(self._weight)) if voice != chosen)
        allowed = (self._longest - item.duration_ms - now) * self._unit
        weight = work = 0
        for deadline, voice in due:
            if deadline >= finish:
                break
            weight += self._weight[voice]
            work += self.shown_ms[voice] * self._unit
            if weight * deadline - work > self._total * deadline + allowed:
                return False
        return True

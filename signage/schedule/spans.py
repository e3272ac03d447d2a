"""Which of many date spans hold a day: in go (first, last, thing), out come the things, without looking at the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Spans(Generic[T]):
    """A centred interval tree over inclusive spans of day numbers; a question costs O(log spans + answers).

    Source: de Berg et al., Computational Geometry, 10.1.
    """

    def __init__(self, spans: Sequence[tuple[int, int, T]]) -> None:
        kept = [span for span in spans if span[0] <= span[1]]
        self._centre = 0
        self._by_first: list[tuple[int, int, T]] = []
        self._by_last: list[tuple[int, int, T]] = []
        self._before: Spans[T] | None = None
        self._after: Spans[T] | None = None
        if not kept:
            return
        ends = sorted(end for first, last, _ in kept for end in (first, last))
        self._centre = ends[len(ends) // 2]
        here = [span for span in kept if span[0] <= self._centre <= span[1]]
        self._by_first = sorted(here, key=lambda span: span[0])
        self._by_last = sorted(here, key=lambda span: -span[1])
        before = [span for span in kept if span[1] < self._centre]
        after = [span for span in kept if span[0] > self._centre]
        self._before = Spans(before) if before else None
        self._after = Spans(after) if after else None

    def at(self, day: int) -> Iterator[T]:
        """Give the things whose span holds the day, in no order that matters."""
        node: Spans[T] | None = self
        while node is not None:
            is_left = day <= node._centre
            for first, last, thing in node._by_first if is_left else node._by_last:
                if (first > day) if is_left else (last < day):
                    break
                yield thing
            node = node._before if is_left else node._after

"""The tree of date spans gives exactly the spans that hold a day, and looks at few others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signage.schedule.spans import Spans

DAYS = st.integers(-40, 40)


@given(st.lists(st.tuples(DAYS, DAYS), max_size=30), DAYS)
def test_a_day_gets_the_spans_that_hold_it(ends: list[tuple[int, int]], day: int) -> None:
    spans = [(first, last, number) for number, (first, last) in enumerate(ends)]

    found = sorted(Spans(spans).at(day))

    assert found == [number for first, last, number in spans if first <= day <= last]


def test_past_spans_cost_next_to_nothing() -> None:
    class Counted(int):
        compared = 0

        def __lt__(self, other: int) -> bool:
            Counted.compared += 1
            return int(self) < int(other)

        def __gt__(self, other: int) -> bool:
            Counted.compared += 1
            return int(self) > int(other)

    past = [(Counted(day), Counted(day + 6), day) for day in range(10_000)]
    spans = Spans([*past, (Counted(0), Counted(30_000), -1)])
    Counted.compared = 0

    found = list(spans.at(20_000))

    assert found == [-1]
    assert Counted.compared < 200

"""The share of voice: bounds, the choice where a picture would repeat, and the naive twin."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from signage.content.values import Item
from signage.schedule.order import RunningOrder, identity_of, items_of_day
from signage.schedule.voices import SHORTEST_MS, Turn, Voices
from tests.schedule import naive
from tests.schedule.stores import ITEMS, WEIGHTS, item, playlist

DAY = date(2026, 11, 23)
PASSES = st.lists(ITEMS, min_size=1, max_size=6)
GROUPS = st.lists(st.tuples(WEIGHTS, PASSES), min_size=1, max_size=8)
OWED = st.lists(st.just(0) | st.integers(-60_000, 60_000), min_size=8, max_size=8)
LENGTHS = st.integers(1, 5_000_000)


def fill(
    groups: list[tuple[Fraction, list[Item]]], length_ms: int, owed: list[int] | None = None
) -> tuple[list[Turn], Voices]:
    """Give the turns of a segment shared by playlists of these weights and items."""
    orders = [
        RunningOrder(items_of_day(playlist(str(number), items), None), DAY) for number, (_, items) in enumerate(groups)
    ]
    voices = Voices([weight for weight, _ in groups], orders, longest_of(groups), owed and owed[: len(groups)])
    return list(voices.turns(length_ms, None)), voices


def longest_of(groups: list[tuple[Fraction, list[Item]]]) -> int:
    return max(one.duration_ms for _, items in groups for one in items)


def ends_of(turns: list[Turn], length_ms: int) -> list[int]:
    return [start for start, _, _ in turns[1:]] + [length_ms]


@given(GROUPS, LENGTHS, OWED)
@settings(max_examples=150)
def test_every_playlist_stays_within_one_item_of_its_share_at_every_moment(
    groups: list[tuple[Fraction, list[Item]]], length_ms: int, owed: list[int]
) -> None:
    turns, _ = fill(groups, length_ms, owed)

    total = sum(weight for weight, _ in groups)
    longest_ms = longest_of(groups)
    had = [0] * len(groups)
    for (start, owner, shown), end in zip(turns, ends_of(turns, length_ms), strict=True):
        had[owner] += end - start
        drawn_out = max(0, end - start - shown.duration_ms)
        for voice, (weight, items) in enumerate(groups):
            behind = end * weight / total - had[voice]
            assert behind <= longest_ms + drawn_out
            assert -behind < max(one.duration_ms for one in items) + drawn_out
        assert drawn_out < SHORTEST_MS
        assert not drawn_out or end == length_ms


@given(GROUPS, LENGTHS, OWED)
@example([(Fraction(1), [item("a"), item("a")]), (Fraction(1), [item("a"), item("b", 3)])], 300_000, [0, 0])
@settings(max_examples=150)
def test_turns_equal_those_of_the_naive_twin(
    groups: list[tuple[Fraction, list[Item]]], length_ms: int, owed: list[int]
) -> None:
    turns, _ = fill(groups, length_ms, owed)

    weights, passes = [weight for weight, _ in groups], [items for _, items in groups]
    assert turns == list(naive.rotate(weights, passes, length_ms, longest_of(groups), owed))


@given(GROUPS, LENGTHS)
def test_shown_time_adds_up_to_the_segment(groups: list[tuple[Fraction, list[Item]]], length_ms: int) -> None:
    turns, voices = fill(groups, length_ms)

    had = [0] * len(groups)
    for (start, owner, _), end in zip(turns, ends_of(turns, length_ms), strict=True):
        had[owner] += end - start
    assert had == voices.shown_ms
    assert sum(had) == length_ms


@given(GROUPS, LENGTHS)
def test_no_turn_is_a_flash_unless_the_item_or_the_segment_is_that_short(
    groups: list[tuple[Fraction, list[Item]]], length_ms: int
) -> None:
    turns, _ = fill(groups, length_ms)

    for (start, _, shown), end in zip(turns, ends_of(turns, length_ms), strict=True):
        assert end - start >= min(SHORTEST_MS, shown.duration_ms, length_ms)


@given(st.lists(st.tuples(WEIGHTS, st.integers(2, 5)), min_size=1, max_size=6), st.integers(1, 2_000_000))
def test_playlists_with_two_or_more_pictures_of_their_own_never_repeat_one(
    shapes: list[tuple[Fraction, int]], length_ms: int
) -> None:
    groups = [
        (weight, [item(f"{number}-{place}") for place in range(size)]) for number, (weight, size) in enumerate(shapes)
    ]

    turns, _ = fill(groups, length_ms)

    assert all(before[2].sha256 != after[2].sha256 for before, after in pairwise(turns))


def test_a_picture_that_two_playlists_share_is_not_shown_twice_running() -> None:
    groups = [
        (Fraction(1), [item("shared"), item("a"), item("b")]),
        (Fraction(1), [item("shared"), item("c"), item("d")]),
    ]

    turns, _ = fill(groups, 3_600_000)

    assert all(identity_of(before[2]) != identity_of(after[2]) for before, after in pairwise(turns))


def test_single_pictures_of_unlike_weight_repeat_only_as_often_as_their_shares_demand() -> None:
    groups = [(Fraction(3), [item("a")]), (Fraction(1), [item("b")])]

    turns, _ = fill(groups, 400_000)

    assert "".join(shown.name for _, _, shown in turns).count("b") == 10
    assert "bb" not in "".join(shown.name for _, _, shown in turns)


def test_a_picture_doubled_in_a_row_of_its_own_playlist_is_parted() -> None:
    groups = [(Fraction(1), [item("a"), item("a"), item("b")])]

    turns, _ = fill(groups, 30_000)

    assert [shown.name for _, _, shown in turns] == ["a", "b", "a"]


def test_every_item_comes_once_in_each_pass_however_turns_are_moved() -> None:
    items = [item(name) for name in "aabac"]

    turns, _ = fill([(Fraction(1), items), (Fraction(2), [item("a")])], 3_000_000)

    own = [shown.name for _, owner, shown in turns if owner == 0]
    for start in range(0, len(own) - len(items), len(items)):
        assert sorted(own[start : start + len(items)]) == sorted("aabac")


def test_a_remnant_shorter_than_three_seconds_is_given_to_the_turn_before() -> None:
    turns, _ = fill([(Fraction(1), [item("a", 10), item("b", 10)])], 22_999)

    assert [(start, shown.name) for start, _, shown in turns] == [(0, "a"), (10_000, "b")]


def test_a_remnant_of_three_seconds_is_shown_as_a_cut_item() -> None:
    turns, _ = fill([(Fraction(1), [item("a", 10), item("b", 10)])], 23_000)

    assert [(start, shown.name) for start, _, shown in turns] == [(0, "a"), (10_000, "b"), (20_000, "a")]


def test_an_item_shorter_than_three_seconds_may_end_a_segment_whole() -> None:
    turns, _ = fill([(Fraction(1), [item("a", 1)])], 3_000)

    assert [start for start, _, _ in turns] == [0, 1000, 2000]


def test_a_segment_shorter_than_a_flash_is_one_turn() -> None:
    turns, _ = fill([(Fraction(1), [item("a")]), (Fraction(2), [item("b")])], 700)

    assert len(turns) == 1


def test_a_playlist_left_an_item_behind_comes_first() -> None:
    groups = [(Fraction(9), [item("heavy"), item("heavier")]), (Fraction(1), [item("light")])]

    turns, _ = fill(groups, 60_000, [0, 10_000])

    assert [shown.name for _, _, shown in turns[:2]] == ["light", "heavy"]

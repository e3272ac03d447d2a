"""The running order of one playlist: passes, shuffles, seams, and where a day starts."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from signage.content.values import Entry, Playlist
from signage.schedule.order import RunningOrder, identity_of, items_of_day, start_position
from tests.schedule.stores import item

DAY = date(2026, 11, 23)


def take(entries: tuple[Entry, ...], count: int, *, start: int = 0, day: date = DAY) -> list[str]:
    """Give the names of the first `count` items of the order."""
    order = RunningOrder(items_of_day(Playlist("p", "p", entries), day), day, start)
    names = []
    for _ in range(count):
        names.append(order.head().name)
        order.take()
    return names


def letters(text: str) -> tuple[Entry, ...]:
    return (Entry(tuple(item(letter) for letter in text)),)


def shuffled(count: int, limit: int | None = None) -> tuple[Entry, ...]:
    return (Entry(tuple(item(str(number)) for number in range(count)), True, limit),)


def test_items_follow_each_other_as_written_and_begin_again() -> None:
    assert take(letters("abc"), 7) == list("abcabca")


@given(st.integers(2, 30), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_each_pass_of_a_shuffle_holds_every_item_once_and_seams_do_not_repeat(count: int, day: date) -> None:
    names = take(shuffled(count), count * 6, day=day)

    for start in range(0, len(names), count):
        assert sorted(names[start : start + count]) == sorted(str(number) for number in range(count))
    assert all(before != after for before, after in pairwise(names))


def test_a_shuffle_differs_from_pass_to_pass_and_from_day_to_day() -> None:
    names = take(shuffled(12), 24)

    assert names[:12] != names[12:]
    assert names[:12] != take(shuffled(12), 12, day=DAY + timedelta(days=1))
    assert names[:12] == take(shuffled(12), 12)


def test_a_shuffle_is_fair_to_every_place() -> None:
    firsts = [take(shuffled(5), 1, day=DAY + timedelta(days=number))[0] for number in range(1000)]

    assert all(140 < firsts.count(str(number)) < 260 for number in range(5))


def test_a_limit_takes_the_first_of_each_shuffle() -> None:
    names = take(shuffled(10, limit=3), 300)

    assert all(len(set(names[start : start + 3])) == 3 for start in range(0, 300, 3))
    assert len(set(names)) == 10


def test_shuffled_and_ordered_entries_alternate_in_one_playlist() -> None:
    entries = (*letters("ab"), *shuffled(3))

    names = take(entries, 10)

    assert (names[:2], names[5:7]) == (["a", "b"], ["a", "b"])
    assert sorted(names[2:5]) == sorted(names[7:10]) == ["0", "1", "2"]


def test_an_order_may_start_in_the_middle_and_then_begins_with_the_first() -> None:
    assert take(letters("abcd"), 6, start=2) == list("cdabcd")


@given(st.integers(1, 5000), st.integers(1, 60))
def test_starts_of_long_playlists_leave_no_item_out_over_the_days(count: int, per_day: int) -> None:
    days = 3 * count // per_day + 3
    seen = set()
    for number in range(min(days, 400)):
        start = start_position(count, count, per_day, DAY + timedelta(days=number)) if per_day < count else 0
        seen.update((start + place) % count for place in range(per_day))

    assert len(seen) == count or days > 400


def test_items_without_a_length_are_left_out() -> None:
    assert take((Entry((item("a", 0), item("b", 5))),), 3) == ["b", "b", "b"]


def test_an_item_moved_forward_leaves_the_others_in_their_order() -> None:
    order = RunningOrder(items_of_day(Playlist("p", "p", letters("aabc")), DAY), DAY)
    assert order.head().name == "a"
    order.take()

    place = order.find_other(identity_of(item("a")))
    assert place == 1
    order.take(place)

    assert order.head().name == "a"

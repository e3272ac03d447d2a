"""The programme: it tiles time, does not depend on how it is asked, and equals the minute-by-minute twin."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signage.base.moments import to_datetime
from signage.content.values import CalendarData, DayClass, Kind, Playlist, Priority, Screen, Window
from signage.schedule.days import day_of, day_start_ms
from signage.schedule.programme import Programme
from signage.schedule.share import planned_shares
from signage.schedule.slots import Slot
from tests.schedule import naive
from tests.schedule.stores import SHANGHAI, ZONES, at, hours, item, line, playlist, playlists, screens, store

HOUR_MS = 3_600_000
DAYS = st.dates(date(2026, 3, 27), date(2026, 4, 5))


def slots_of(programme: Programme, start: str, end: str, zone: ZoneInfo = SHANGHAI) -> list[Slot]:
    return list(programme.slots(at(start, zone), at(end, zone)))


def names_between(programme: Programme, start: str, end: str, zone: ZoneInfo = SHANGHAI) -> list[str | None]:
    """Give the playlists on air in the window, each run once."""
    names = [slot.playlist for slot in slots_of(programme, start, end, zone)]
    return [name for index, name in enumerate(names) if index == 0 or names[index - 1] != name]


def half_hour(hour: int) -> Window:
    return Window(hours=(hours(f"{hour:02}:00", f"{hour:02}:30"),))


@given(playlists(), screens(), DAYS, st.integers(1, 40 * HOUR_MS), st.sampled_from(["main", "ticker"]))
def test_slots_tile_any_window(
    lists: tuple[Playlist, ...], screen: Screen, day: date, length_ms: int, zone: str
) -> None:
    start_ms = day_start_ms(day, screen.timezone) + length_ms // 7

    slots = list(Programme(store(*lists), screen, zone).slots(start_ms, start_ms + length_ms))

    assert slots[0].start_ms <= start_ms < slots[0].end_ms
    assert slots[-1].start_ms < start_ms + length_ms <= slots[-1].end_ms
    assert all(before.end_ms == after.start_ms for before, after in pairwise(slots))
    assert all(slot.start_ms < slot.end_ms for slot in slots)


@given(playlists(), screens(), DAYS, st.lists(st.integers(0, 50 * HOUR_MS), min_size=2, max_size=6, unique=True))
def test_slots_do_not_depend_on_how_the_window_is_cut(
    lists: tuple[Playlist, ...], screen: Screen, day: date, cuts: list[int]
) -> None:
    day_ms = day_start_ms(day, screen.timezone)
    edges = [day_ms + cut for cut in sorted(cuts)]
    whole = list(Programme(store(*lists), screen).slots(edges[0], edges[-1]))

    programme = Programme(store(*lists), screen)
    parts = [slot for left, right in reversed(list(pairwise(edges))) for slot in programme.slots(left, right)]

    assert sorted(set(parts), key=lambda slot: slot.start_ms) == whole


@given(playlists(), screens(), DAYS, st.lists(st.integers(0, 30 * HOUR_MS), min_size=1, max_size=30))
def test_slot_at_an_instant_is_the_slot_of_the_window_around_it(
    lists: tuple[Playlist, ...], screen: Screen, day: date, instants: list[int]
) -> None:
    day_ms = day_start_ms(day, screen.timezone)
    slots = list(Programme(store(*lists), screen).slots(day_ms, day_ms + 31 * HOUR_MS))
    programme = Programme(store(*lists), screen)

    found = [programme.slot_at(day_ms + instant) for instant in instants]

    expected = [next(slot for slot in slots if slot.start_ms <= day_ms + instant < slot.end_ms) for instant in instants]
    assert found == expected


@given(playlists(), screens(), DAYS)
@settings(max_examples=40)
def test_who_is_on_air_equals_the_minute_by_minute_twin(lists: tuple[Playlist, ...], screen: Screen, day: date) -> None:
    zone = screen.timezone
    start_ms, end_ms = day_start_ms(day, zone), day_start_ms(day + timedelta(days=1), zone)
    programme = Programme(store(*lists), screen)
    segments = list(programme.segments(start_ms, end_ms))

    for instant in range(start_ms, end_ms, 7 * naive.MINUTE_MS):
        segment = next(one for one in segments if one.start_ms <= instant < one.end_ms)
        assert (segment.is_open, [one.name for one in segment.playlists]) == naive.on_air(instant, day, lists, screen)


@given(playlists(), screens(), DAYS)
def test_slots_respect_the_active_set_and_end_where_it_changes(
    lists: tuple[Playlist, ...], screen: Screen, day: date
) -> None:
    zone = screen.timezone
    start_ms, end_ms = day_start_ms(day, zone), day_start_ms(day + timedelta(days=1), zone)
    programme = Programme(store(*lists), screen)

    slots = list(programme.slots(start_ms, end_ms))

    for segment in programme.segments(start_ms, end_ms):
        inside = [slot for slot in slots if slot.end_ms > segment.start_ms and slot.start_ms < segment.end_ms]
        assert inside[0].start_ms == segment.start_ms
        assert inside[-1].end_ms == segment.end_ms
        assert {slot.playlist for slot in inside} <= ({one.name for one in segment.playlists} or {None})


@given(playlists(), screens(), DAYS, st.integers(0, 26 * HOUR_MS))
@settings(max_examples=40)
def test_next_change_is_the_first_instant_with_others_on_air(
    lists: tuple[Playlist, ...], screen: Screen, day: date, offset_ms: int
) -> None:
    after_ms = day_start_ms(day, screen.timezone) + offset_ms
    programme = Programme(store(*lists), screen)

    change_ms = programme.next_change(after_ms)

    segments = list(programme.segments(after_ms, after_ms + 20 * 24 * HOUR_MS))
    changed = [one.start_ms for one in segments[1:] if not one.is_like(segments[0])]
    assert change_ms == changed[0] if changed else change_ms is None or change_ms > segments[-1].start_ms


def test_next_change_finds_a_date_far_away_and_gives_up_when_there_is_none() -> None:
    later = Window(from_date=date(2027, 9, 1))
    programme = Programme(store(playlist("now"), playlist("later", windows=(later,))), Screen())

    assert programme.next_change(at("2026-11-23 08:00")) == at("2027-09-01")
    assert programme.next_change(at("2027-09-01")) is None


def test_two_processes_with_other_hash_seeds_give_the_same_slots() -> None:
    program = """
import json, sys
from tests.schedule.stores import *
from signage.schedule.programme import Programme
lists = [playlist(n, [item(n + str(k), 7 + k) for k in range(9)], shuffled=True, where=frozenset(["a", "b", "c"]))
         for n in "qwertyuiop"]
screen = Screen(tags=frozenset(["c", "b"]))
slots = Programme(store(*lists), screen).slots(at("2026-11-23 09:00"), at("2026-11-23 12:00"))
json.dump([[s.start_ms, s.end_ms, s.playlist, s.item.name] for s in slots], sys.stdout)
"""
    root = str(Path(__file__).parents[2])

    answers = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    ]

    assert answers[0] == answers[1]
    assert len(json.loads(answers[0])) > 500


def test_shuffles_are_the_same_on_every_machine_and_python_version() -> None:
    items = [item(str(number)) for number in range(8)]

    slots = slots_of(
        Programme(store(playlist("p", items, shuffled=True)), Screen()), "2026-11-23", "2026-11-23 00:02:40"
    )

    assert "".join(slot.item.name for slot in slots) == "3407152656427301"


def test_a_playlist_cut_off_at_noon_goes_on_where_it_was() -> None:
    lists = (
        playlist("news", [item(f"n{number}", 60) for number in range(100)]),
        playlist("noon", windows=(Window(hours=(hours("12:00", "12:30"),)),), priority=Priority.SPECIAL),
    )
    programme = Programme(store(*lists), Screen())

    before = programme.slot_at(at("2026-11-23 11:59:30"))
    after = programme.slot_at(at("2026-11-23 12:30"))

    assert (before.item.name, after.item.name) == ("n19", "n20")


def test_a_picture_is_not_repeated_where_one_segment_meets_the_next() -> None:
    shared = item("shared", 30)
    lists = (
        playlist("news", [shared]),
        playlist("noon", [shared, item("other", 30)], windows=(half_hour(12),), priority=Priority.SPECIAL),
    )

    slots = slots_of(Programme(store(*lists), Screen()), "2026-11-23 11:59:30", "2026-11-23 12:01")

    assert [slot.item.name for slot in slots] == ["shared", "other", "shared"]


def test_a_playlist_too_long_for_a_day_shows_all_its_items_over_the_days() -> None:
    items = [item(f"{number}", 600) for number in range(500)]
    programme = Programme(store(playlist("long", items)), Screen())

    seen = {slot.item.name for slot in slots_of(programme, "2026-11-01", "2026-11-11")}

    assert len(seen) == 500


def test_a_playlist_that_fits_in_a_day_starts_each_day_at_its_first_item() -> None:
    programme = Programme(store(playlist("short", [item("a"), item("b"), item("c")])), Screen())

    first = [programme.slot_at(at(f"2026-11-{day:02}")).item.name for day in range(1, 20)]

    assert set(first) == {"a"}


def test_only_the_highest_active_priority_is_on_air() -> None:
    programme = Programme(
        store(
            playlist("filler", priority=Priority.FILLER),
            playlist("normal", windows=(Window(hours=(hours("08:00", "20:00"),)),)),
            playlist("urgent", windows=(Window(hours=(hours("10:00", "11:00"),)),), priority=Priority.URGENT),
        ),
        Screen(),
    )

    names = names_between(programme, "2026-11-23", "2026-11-24")

    assert names == ["filler", "normal", "urgent", "normal", "filler"]


def test_nothing_scheduled_is_the_slate_and_outside_the_hours_is_off() -> None:
    screen = Screen(title="南门大屏", hours=(hours("07:00", "22:00"),))
    programme = Programme(store(playlist("p", windows=(Window(hours=(hours("06:00", "12:00"),)),))), screen)

    slots = slots_of(programme, "2026-11-23", "2026-11-24")

    assert slots[0].item.kind is Kind.OFF
    assert (slots[0].end_ms, slots[0].playlist) == (at("2026-11-23 07:00"), None)
    assert [slot.item.kind for slot in slots[-2:]] == [Kind.SLATE, Kind.OFF]
    assert slots[-2].item.card is not None
    assert slots[-2].item.card.fields == {"title": "南门大屏"}
    assert (slots[-2].start_ms, slots[-1].start_ms) == (at("2026-11-23 12:00"), at("2026-11-23 22:00"))


def test_an_empty_store_is_one_slate_slot_a_day() -> None:
    slots = slots_of(Programme(store(), Screen()), "2026-11-23 10:00", "2026-11-25 10:00")

    assert [slot.item.kind for slot in slots] == [Kind.SLATE] * 3
    assert slots[0].start_ms == at("2026-11-23")


def test_items_play_only_between_their_dates() -> None:
    items = [item("old", until_date=date(2026, 11, 22)), item("now"), item("next", from_date=date(2026, 11, 24))]
    programme = Programme(store(playlist("p", items)), Screen())

    shown = [
        {slot.item.name for slot in slots_of(programme, f"2026-11-{day}", f"2026-11-{day} 23:00")}
        for day in (22, 23, 24)
    ]

    assert shown == [{"old", "now"}, {"now"}, {"now", "next"}]


def test_a_playlist_without_items_today_hides_nothing() -> None:
    empty = playlist("empty", [item("old", until_date=date(2026, 1, 1))], priority=Priority.URGENT)
    programme = Programme(store(empty, playlist("normal")), Screen())

    assert programme.slot_at(at("2026-11-23 10:00")).playlist == "normal"


def test_expiry_ends_with_its_local_day_even_in_hours_over_midnight() -> None:
    over_midnight = Window(hours=(hours("22:00", "02:00"),))
    programme = Programme(store(playlist("p", windows=(over_midnight,), expires=date(2026, 11, 23))), Screen())

    assert names_between(programme, "2026-11-23", "2026-11-25") == ["p", None, "p", None]
    assert programme.slot_at(at("2026-11-23 23:59")).playlist == "p"
    assert programme.slot_at(at("2026-11-24 00:00")).playlist is None


@pytest.mark.parametrize(("where", "is_shown"), [([], True), (["default"], True), (["lobby"], True), (["gate"], False)])
def test_where_names_screens_or_tags(where: list[str], is_shown: bool) -> None:
    programme = Programme(store(playlist("p", where=frozenset(where))), Screen(tags=frozenset(["lobby"])))

    assert (programme.slot_at(at("2026-11-23 10:00")).playlist == "p") == is_shown


def test_each_zone_plays_its_own_playlists() -> None:
    content = store(playlist("p"), playlist("q", zone="side"))

    assert Programme(content, Screen(), "side").slot_at(at("2026-11-23")).playlist == "q"
    assert Programme(content, Screen(), "main").slot_at(at("2026-11-23")).playlist == "p"


def test_the_ticker_is_one_slot_of_all_texts_as_long_as_nothing_changes() -> None:
    lists = (
        playlist("a", [line("甲"), line("乙")], zone="ticker"),
        playlist("b", [line("丙"), line("甲")], zone="ticker", windows=(Window(hours=(hours("09:00", "10:00"),)),)),
    )

    slots = slots_of(Programme(store(*lists), Screen(), "ticker"), "2026-11-23", "2026-11-24")

    assert [slot.start_ms for slot in slots] == [at("2026-11-23"), at("2026-11-23 09:00"), at("2026-11-23 10:00")]
    assert [slot.item.card.fields["texts"] for slot in slots if slot.item.card] == [
        ["甲", "乙"],
        ["甲", "乙", "丙"],
        ["甲", "乙"],
    ]
    assert slots[0].item == slots[2].item
    assert slots[1].item.kind is Kind.TICKER


def test_screen_time_follows_the_weights_over_a_day() -> None:
    lists = [
        playlist(name, [item(name, 5 + index * 7)], weight=Fraction(index + 1)) for index, name in enumerate("abc")
    ]
    programme = Programme(store(*lists), Screen())

    shown = dict.fromkeys("abc", 0)
    for slot in slots_of(programme, "2026-11-23", "2026-11-24"):
        shown[slot.playlist or ""] += slot.end_ms - slot.start_ms

    for index, name in enumerate("abc"):
        assert abs(shown[name] - 86_400_000 * (index + 1) // 6) <= 22_000


def test_no_playlist_is_starved_by_segments_shorter_than_its_turn() -> None:
    """A light playlist's share of each half hour is less than one item, and heavy ones come before it each time."""
    lists = [
        playlist(
            f"{number:02}",
            [item(f"{number}-{place}", (8, 10, 15, 30, 60)[(number + place) % 5]) for place in range(4)],
            weight=Fraction((1, 1, 2, 3, 5, 10, 20)[number % 7]),
        )
        for number in range(28)
    ]
    cuts = [playlist(f"cut-{hour:02}", windows=(half_hour(hour),)) for hour in range(24)]
    programme = Programme(store(*lists, *cuts), Screen())

    shares = planned_shares(programme, at("2026-11-23"), at("2026-11-24"))

    assert all(share.shown_ms > 0.6 * share.target_ms for share in shares)


def test_unknown_years_match_neither_workday_nor_holiday() -> None:
    both = (Window(day_classes=frozenset(DayClass)),)
    content = store(playlist("p", windows=both))

    assert Programme(content, Screen()).slot_at(at("2026-12-31 10:00")).playlist == "p"
    assert Programme(content, Screen()).slot_at(at("2031-01-04 10:00")).playlist is None


def test_calendar_yaml_extends_and_overrides_the_published_calendar() -> None:
    calendar = CalendarData(
        years=frozenset([2031]), holidays=frozenset([date(2031, 1, 1)]), workdays=frozenset([date(2026, 11, 22)])
    )
    content = store(playlist("p", windows=(Window(day_classes=frozenset([DayClass.WORKDAY])),)), calendar=calendar)
    programme = Programme(content, Screen())

    days = ["2026-11-22", "2026-11-21", "2031-01-01", "2031-01-02", "2031-01-04"]

    assert [programme.slot_at(at(day)).playlist for day in days] == ["p", None, None, "p", None]


@pytest.mark.parametrize("zone_name", ZONES)
def test_a_year_of_days_tiles_and_each_day_begins_on_its_date(zone_name: str) -> None:
    zone = ZoneInfo(zone_name)
    edges = [day_start_ms(date(2026, 1, 1) + timedelta(days=number), zone) for number in range(366)]

    for left, right in pairwise(edges):
        assert 23 * HOUR_MS <= right - left <= 25 * HOUR_MS
        assert day_of(left, zone) == day_of(right - 1, zone) == to_datetime(left, zone).date()


def test_a_programme_keeps_few_days() -> None:
    programme = Programme(store(playlist("p")), Screen())

    for _ in programme.slots(at("2026-01-01"), at("2026-02-01")):
        pass

    assert len(programme._plans) <= 4
    assert len(programme._segments) <= 4

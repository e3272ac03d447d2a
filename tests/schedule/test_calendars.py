"""The Chinese calendars: days off and the warnings about unknown years, lunar text, planned shares."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from signage.content.values import CalendarData, DayClass, Edge, Hours, SunEvent, Window
from signage.schedule.calendar import class_of, unknown_years
from signage.schedule.lunar import festival_of, lunar_month_day, lunar_text
from signage.schedule.programme import Programme
from signage.schedule.share import planned_shares
from signage.schedule.warnings import calendar_warnings, store_warnings
from tests.schedule.stores import Screen, at, hours, item, playlist, store

WORKDAYS = Window(day_classes=frozenset([DayClass.WORKDAY]))
DAYLIGHT = Window(hours=(Hours(Edge(0, SunEvent.SUNRISE), Edge(0, SunEvent.SUNSET)),))
WHOLE_2027 = CalendarData(years=frozenset([2027]), holidays=frozenset([date(2027, 1, 1)]))


def test_a_day_off_in_an_unknown_year_is_known_if_calendar_yaml_names_it() -> None:
    calendar = CalendarData(holidays=frozenset([date(2031, 1, 1)]))

    assert class_of(date(2031, 1, 1), calendar) is DayClass.HOLIDAY
    assert class_of(date(2031, 1, 2), calendar) is None


def test_unknown_years_are_those_that_nobody_published() -> None:
    assert unknown_years([2031, 2026, 2003, 2031], CalendarData()) == (2003, 2031)
    assert unknown_years([2027], WHOLE_2027) == ()


def test_a_workday_rule_in_an_unknown_year_warns_with_year_and_file() -> None:
    content = store(playlist("news/a", windows=(WORKDAYS,)), playlist("b"))

    [problem] = calendar_warnings(content, Screen(), date(2031, 1, 20), since=date(2031, 1, 1))

    assert (problem.file, problem.severity) == ("playlists/news/a.yaml", "warning")
    assert "2031" in problem.message
    assert "calendar.yaml" in problem.message
    assert "2031" in problem.message_zh


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"windows": ()}, id="no-day-class"),
        pytest.param({"windows": (WORKDAYS,), "expires": date(2026, 12, 31)}, id="expired-before"),
        pytest.param({"windows": (WORKDAYS,), "where": frozenset(["elsewhere"])}, id="another-screen"),
    ],
)
def test_no_warning_where_the_unknown_year_does_not_matter(more: dict[str, object]) -> None:
    assert calendar_warnings(store(playlist("a", **more)), Screen(), date(2031, 1, 20), since=date(2031, 1, 1)) == ()


def test_no_warning_once_calendar_yaml_covers_the_year() -> None:
    content = store(playlist("a", windows=(WORKDAYS,)), calendar=WHOLE_2027)

    assert calendar_warnings(content, Screen(), date(2027, 12, 31)) == ()


def test_sun_hours_without_a_place_warn_for_playlist_and_screen() -> None:
    content = store(playlist("a", windows=(DAYLIGHT,)))

    problems = calendar_warnings(content, Screen(hours=DAYLIGHT.hours), date(2026, 11, 23))

    assert [problem.file for problem in problems] == ["playlists/screens.yaml", "playlists/a.yaml"]
    assert calendar_warnings(content, Screen(hours=DAYLIGHT.hours, place=(25.0, 102.5)), date(2026, 11, 23)) == ()


@pytest.mark.parametrize(
    ("day", "text"),
    [
        ("2026-11-23", "农历十月十五"),
        ("2026-11-22", "农历十月十四 小雪"),
        ("2026-02-16", "农历腊月廿九 除夕"),
        ("2026-02-17", "农历正月初一 春节"),
        ("2026-08-06", "农历六月廿四 火把节"),
        ("2025-07-25", "农历闰六月初一"),
        ("2026-06-19", "农历五月初五 端午节"),
        ("2026-09-25", "农历八月十五 中秋节"),
        ("1899-01-01", ""),
        ("2101-02-01", ""),
    ],
)
def test_the_clock_bar_shows_lunar_date_solar_term_and_festival(day: str, text: str) -> None:
    assert lunar_text(date.fromisoformat(day)) == text


def test_each_lunar_year_has_one_spring_festival_the_day_after_new_years_eve() -> None:
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(365 * 20)]

    first_days = [day for day in days if festival_of(day) == "春节"]

    assert len(first_days) == 20
    assert all(festival_of(day - timedelta(days=1)) == "除夕" for day in first_days)
    assert all(lunar_month_day(day) == (1, 1) for day in first_days)


def test_planned_shares_add_up_to_the_window_and_name_what_was_asked_for() -> None:
    lists = (
        playlist("a", [item("a1"), item("a2")], weight=Fraction(3)),
        playlist("b", windows=(Window(hours=(hours("08:00", "09:00"),)),)),
    )
    screen = Screen(hours=(hours("07:00", "10:00"),))
    start_ms, end_ms = at("2026-11-23 06:00:05"), at("2026-11-23 09:30:05")

    shares = planned_shares(Programme(store(*lists), screen), start_ms, end_ms)

    assert sum(share.shown_ms for share in shares) == end_ms - start_ms
    assert {share.playlist: share.target_ms for share in shares} == {
        "a": Fraction(1_805_000 + 2_700_000 + 3_600_000),
        "b": Fraction(900_000),
        None: Fraction(3_595_000),
    }
    assert all(abs(share.shown_ms - share.target_ms) <= 10_000 for share in shares)


def test_all_screens_together_warn_once_of_the_days_ahead() -> None:
    content = store(playlist("a", windows=(WORKDAYS,)))

    assert store_warnings(content, date(2031, 1, 1)) == calendar_warnings(
        content, Screen(), date(2031, 3, 2), since=date(2031, 1, 1)
    )
    assert store_warnings(content, date(2026, 6, 1)) == ()

"""Windows: hours over midnight, clock changes, days that are skipped, lunar dates and the sun."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.base.moments import to_text
from signage.content.values import DayClass, Edge, Hours, SunEvent, Window
from signage.schedule.days import clock_ms, day_of, day_start_ms
from signage.schedule.sun import sun_ms
from signage.schedule.windows import WindowRules, date_span
from tests.schedule.stores import SHANGHAI, WINDOWS, hours

KUNMING = (24.92, 102.48)
TROMSO = (69.65, 18.96)
SUNRISE, SUNSET = SunEvent.SUNRISE, SunEvent.SUNSET
DAYLIGHT = Hours(Edge(0, SUNRISE), Edge(0, SUNSET))
NIGHT = Hours(Edge(0, SUNSET), Edge(0, SUNRISE))


def stretches(day: str, *windows: Window, zone: str = "Asia/Shanghai", **more: object) -> list[str]:
    """Give the day's stretches as local text, `2026-11-23T07:00+08:00~...`."""
    rules = WindowRules(ZoneInfo(zone), **more)  # type: ignore[arg-type]
    return [
        "~".join(to_text(edge, ZoneInfo(zone)).replace(":00.000", "") for edge in pair)
        for pair in rules.active(windows, date.fromisoformat(day))
    ]


def open_on(day: str, window: Window, **more: object) -> bool:
    return bool(stretches(day, window, **more))


def test_hours_over_midnight_are_decided_by_the_day_on_which_they_start() -> None:
    friday_night = Window(weekdays=frozenset([5]), hours=(hours("22:00", "02:00"),))

    assert stretches("2026-11-20", friday_night) == ["2026-11-20T22:00+08:00~2026-11-21T00:00+08:00"]
    assert stretches("2026-11-21", friday_night) == ["2026-11-21T00:00+08:00~2026-11-21T02:00+08:00"]
    assert stretches("2026-11-22", friday_night) == []


def test_hours_may_run_to_24_00_and_may_fill_a_day_and_more() -> None:
    assert stretches("2026-11-20", Window(hours=(hours("18:00", "24:00"),))) == [
        "2026-11-20T18:00+08:00~2026-11-21T00:00+08:00"
    ]
    once = Window(from_date=date(2026, 11, 20), until_date=date(2026, 11, 20), hours=(hours("10:00", "10:00"),))
    assert stretches("2026-11-21", once) == ["2026-11-21T00:00+08:00~2026-11-21T10:00+08:00"]
    assert stretches("2026-11-20", Window(hours=(hours("00:00", "24:00"),))) == stretches("2026-11-20")


def test_the_last_date_of_a_window_lets_its_hours_run_out_after_midnight() -> None:
    window = Window(until_date=date(2026, 11, 20), hours=(hours("22:00", "02:00"),))

    assert [open_on(f"2026-11-{day}", window) for day in (20, 21, 22)] == [True, True, False]


def test_windows_that_overlap_or_touch_are_one_stretch() -> None:
    window = Window(hours=(hours("08:00", "10:00"), hours("10:00", "12:00"), hours("09:00", "11:00")))

    assert stretches("2026-11-20", window) == ["2026-11-20T08:00+08:00~2026-11-20T12:00+08:00"]


@pytest.mark.parametrize(
    ("zone", "day", "start", "end", "expected"),
    [
        pytest.param(
            "Europe/London",
            "2026-03-29",
            "01:30",
            "03:00",
            "2026-03-29T02:30+01:00~2026-03-29T03:00+01:00",
            id="skipped",
        ),
        pytest.param(
            "Europe/London",
            "2026-10-25",
            "01:30",
            "03:00",
            "2026-10-25T01:30+01:00~2026-10-25T03:00+00:00",
            id="doubled",
        ),
        pytest.param(
            "America/New_York",
            "2026-03-08",
            "02:30",
            "04:00",
            "2026-03-08T03:30-04:00~2026-03-08T04:00-04:00",
            id="new-york",
        ),
        pytest.param(
            "Australia/Lord_Howe",
            "2026-10-04",
            "02:15",
            "04:00",
            "2026-10-04T02:45+11:00~2026-10-04T04:00+11:00",
            id="half-an-hour",
        ),
        pytest.param(
            "America/Sao_Paulo",
            "2018-11-04",
            "00:00",
            "06:00",
            "2018-11-04T01:00-02:00~2018-11-04T06:00-02:00",
            id="no-midnight",
        ),
        pytest.param(
            "Asia/Kathmandu", "2026-05-01", "07:00", "08:00", "2026-05-01T07:00+05:45~2026-05-01T08:00+05:45", id="5:45"
        ),
    ],
)
def test_clock_changes_shift_hours_as_promised(zone: str, day: str, start: str, end: str, expected: str) -> None:
    assert stretches(day, Window(hours=(hours(start, end),)), zone=zone) == [expected]


def test_a_day_that_the_zone_skips_is_empty_and_starts_nothing() -> None:
    apia = ZoneInfo("Pacific/Apia")
    skipped = date(2011, 12, 30)
    nightly = Window(hours=(hours("22:00", "02:00"),))

    assert day_start_ms(skipped, apia) == day_start_ms(skipped + timedelta(days=1), apia)
    assert stretches("2011-12-30", zone="Pacific/Apia") == []
    assert stretches("2011-12-31", nightly, zone="Pacific/Apia")[0] == "2011-12-31T00:00+14:00~2011-12-31T02:00+14:00"
    only_skipped = Window(from_date=skipped, until_date=skipped, hours=(hours("08:00", "10:00"),))
    assert stretches("2011-12-31", only_skipped, zone="Pacific/Apia") == []


def test_the_day_of_an_instant_never_runs_backwards() -> None:
    """Goose Bay set its clocks back at 00:01, so that 23:01 to 24:00 came again after midnight."""
    zone = ZoneInfo("America/Goose_Bay")
    first = clock_ms(date(2010, 11, 6), 12 * 3600, zone)

    days = [day_of(first + minute * 60_000, zone) for minute in range(24 * 60)]

    assert days == sorted(days)
    assert day_start_ms(date(2010, 11, 7), zone) == clock_ms(date(2010, 11, 7), 0, zone)


def test_lunar_dates_match_their_month_and_not_its_leap_month() -> None:
    sixth = Window(lunar=frozenset([(6, 24)]))
    leap_sixth = Window(lunar=frozenset([(-6, 24)]))

    assert [open_on(day, sixth) for day in ("2026-08-06", "2025-07-18", "2025-08-17")] == [True, True, False]
    assert [open_on(day, leap_sixth) for day in ("2025-07-18", "2025-08-17")] == [False, True]


def test_lunar_day_30_is_the_last_day_of_a_month_of_29() -> None:
    new_years_eve = Window(lunar=frozenset([(12, 30)]))

    assert [open_on(day, new_years_eve) for day in ("2026-02-15", "2026-02-16", "2026-02-17")] == [False, True, False]
    assert [open_on(day, new_years_eve) for day in ("2024-02-08", "2024-02-09", "2024-02-10")] == [False, True, False]


def test_lunar_dates_outside_the_tables_match_nothing() -> None:
    assert not open_on("2120-08-06", Window(lunar=frozenset((month, 1) for month in range(1, 13))))


@pytest.mark.parametrize(("day", "is_workday"), [("2026-02-14", True), ("2026-02-16", False), ("2026-11-23", True)])
def test_adjusted_workdays_and_holidays_follow_the_published_calendar(day: str, is_workday: bool) -> None:
    assert open_on(day, Window(day_classes=frozenset([DayClass.WORKDAY]))) == is_workday
    assert open_on(day, Window(day_classes=frozenset([DayClass.HOLIDAY]))) != is_workday


def test_sunrise_and_sunset_are_those_of_the_place() -> None:
    [stretch] = stretches("2026-11-23", Window(hours=(DAYLIGHT,)), place=KUNMING)

    opens, closes = stretch.split("~")
    assert "2026-11-23T07:3" in opens
    assert "2026-11-23T18:2" in closes


@pytest.mark.parametrize("place", [(30.6, 104.1), (25.6, 100.2), (29.65, 91.1), (43.8, 87.6), (39.47, 75.99)])
def test_the_sun_rises_every_day_also_where_it_passes_midnight_utc(place: tuple[float, float]) -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]

    rises = [sun_ms(SunEvent.SUNRISE, day, place, SHANGHAI) - clock_ms(day, 0, SHANGHAI) for day in days]

    assert max(abs(later - earlier) for earlier, later in pairwise(rises)) < 3 * 60_000


def test_a_sunset_that_moves_past_midnight_is_the_end_of_the_day() -> None:
    day, reykjavik, zone = date(2026, 6, 18), (64.1, -21.9), ZoneInfo("Atlantic/Reykjavik")

    assert sun_ms(SunEvent.SUNSET, day, reykjavik, zone) == clock_ms(day, 86_400, zone)


def test_an_offset_moves_a_sun_event() -> None:
    plain = WindowRules(SHANGHAI, KUNMING).active((Window(hours=(DAYLIGHT,)),), date(2026, 11, 23))
    later = Hours(Edge(1800, SUNRISE), Edge(-1800, SUNSET))
    moved = WindowRules(SHANGHAI, KUNMING).active((Window(hours=(later,)),), date(2026, 11, 23))

    assert moved == [(plain[0][0] + 1_800_000, plain[0][1] - 1_800_000)]


def test_without_a_place_the_sun_keeps_office_hours() -> None:
    assert stretches("2026-11-23", Window(hours=(DAYLIGHT,))) == ["2026-11-23T06:00+08:00~2026-11-23T18:00+08:00"]


@pytest.mark.parametrize(
    ("day", "hours_of_light"), [("2026-06-21", 24), ("2026-12-21", 0), ("2026-05-20", 24), ("2026-11-28", 0)]
)
def test_polar_day_is_all_light_and_polar_night_is_none(day: str, hours_of_light: int) -> None:
    rules = WindowRules(ZoneInfo("Europe/Oslo"), TROMSO)

    light = rules.active((Window(hours=(DAYLIGHT,)),), date.fromisoformat(day))
    dark = rules.active((Window(hours=(NIGHT,)),), date.fromisoformat(day))

    assert sum(end - start for start, end in light) == hours_of_light * 3_600_000
    assert sum(end - start for start, end in dark) == (24 - hours_of_light) * 3_600_000


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.floats(-89, 89), st.floats(-179, 179))
def test_day_and_night_never_overlap_anywhere(day: date, latitude: float, longitude: float) -> None:
    rules = WindowRules(ZoneInfo("UTC"), (latitude, longitude))

    stretched = [rules.active((Window(hours=(pair,)),), day) for pair in (DAYLIGHT, NIGHT)]

    assert all(start < end for one in stretched for start, end in one)


@pytest.mark.parametrize("day", ["2026-06-21", "2026-12-21"])
def test_hours_that_mix_clock_and_sun_are_empty_rather_than_a_day_too_long(day: str) -> None:
    rules = WindowRules(ZoneInfo("Europe/London"), (51.5, -0.1))
    evening = Window(hours=(Hours(Edge(18 * 3600), Edge(0, SUNSET)),))
    night = Window(hours=(Hours(Edge(0, SUNSET), Edge(6 * 3600)),))

    light_evening = rules.active((evening,), date.fromisoformat(day))

    assert bool(light_evening) == (day == "2026-06-21")
    assert len(rules.active((night,), date.fromisoformat(day))) == 2


@given(WINDOWS, st.dates(date(2026, 3, 20), date(2026, 4, 12)))
def test_no_stretch_lies_outside_the_dates_of_its_window(window: Window, day: date) -> None:
    first, last = date_span((window,), None)

    active = WindowRules(SHANGHAI).active((window,), day)

    assert not active or first <= day.toordinal() <= last

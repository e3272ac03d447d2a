"""What staff may write for times, days, dates and sizes, and what is refused."""

from __future__ import annotations

import contextlib
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.content import notation, whenwords
from signage.content.notation import NotationError
from signage.content.values import DayClass, Edge, Hours, SunEvent


def clock(hour: int, minute: int = 0) -> Edge:
    return Edge(hour * 3600 + minute * 60)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("12", 12_000), ("12s", 12_000), ("1.5", 1_500), ("1m30s", 90_000), ("1m 30s", 90_000), ("2h", 7_200_000),
     ("12秒", 12_000), ("1分30秒", 90_000), ("2分钟", 120_000), ("0.5", 500)],
)  # fmt: skip
def test_a_length_is_seconds_or_has_units(text, milliseconds):
    assert notation.parse_seconds(text) == milliseconds


@pytest.mark.parametrize("text", ["0", "-3", "0.1", "soon", "12 apples", "1e3", "nan", "inf", "99999999", "s", "25h"])
def test_a_length_that_is_none_is_refused(text):
    with pytest.raises(NotationError) as refused:
        notation.parse_seconds(text)

    assert refused.value.zh


def test_a_negative_length_says_what_would_be_right():
    with pytest.raises(NotationError, match=r"must be > 0 \(got -3\)"):
        notation.parse_seconds("-3")


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("07:00-22:00", Hours(clock(7), clock(22))),
        ("7:00 - 22:30", Hours(clock(7), clock(22, 30))),
        ("07：00～22：00", Hours(clock(7), clock(22))),
        ("22:00-06:00", Hours(clock(22), clock(6))),
        ("00:00-24:00", Hours(clock(0), clock(24))),
        ("sunrise-sunset", Hours(Edge(0, SunEvent.SUNRISE), Edge(0, SunEvent.SUNSET))),
        ("sunrise+0:30-sunset", Hours(Edge(1800, SunEvent.SUNRISE), Edge(0, SunEvent.SUNSET))),
        ("sunrise-0:30-sunset-1:00", Hours(Edge(-1800, SunEvent.SUNRISE), Edge(-3600, SunEvent.SUNSET))),
        ("sunset+20m-23:00", Hours(Edge(1200, SunEvent.SUNSET), clock(23))),
        ("日落-23:00", Hours(Edge(0, SunEvent.SUNSET), clock(23))),
    ],
)
def test_hours_are_two_ends(text, hours):
    assert whenwords.parse_hours(text) == hours


@pytest.mark.parametrize(
    ("parse", "wide", "plain"),
    [
        (whenwords.parse_hours, "０７：００－２２：００", "07:00-22:00"),
        (whenwords.parse_hours, "07：00－22：00", "07:00-22:00"),
        (whenwords.parse_hours, "日出＋0：30－日落", "sunrise+0:30-sunset"),
        (whenwords.parse_days, "ｍｏｎ－ｆｒｉ", "mon-fri"),
        (whenwords.parse_lunar_span, "６－２４", "6-24"),
        (whenwords.parse_lunar_span, "农历六月廿四日", "6-24"),
        (notation.parse_date, "２０２６－１２－３１", "2026-12-31"),
        (notation.parse_date, "2026年12月31号", "2026-12-31"),
        (notation.parse_date_span, "2027－01－01～2027－01－03", "2027-01-01~2027-01-03"),
        (notation.parse_seconds, "１ｍ３０ｓ", "1m30s"),
        (notation.parse_weight, "１．５", "1.5"),
        (notation.parse_size, "９６０ｘ５４０", "960x540"),
        (notation.parse_position, "－１０，０", "-10,0"),
        (notation.parse_place, "２４．９２，１０２．４８", "24.92, 102.48"),
    ],
)
def test_what_a_chinese_keyboard_writes_wide_means_the_same(parse, wide, plain):
    assert parse(wide) == parse(plain)


@pytest.mark.parametrize(
    "text",
    ["07:00", "7-22", "25:00-26:00", "07:60-08:00", "24:00-06:00", "07:00-07:00", "sunrize-sunset", "-", "", "a-b-c"],
)
def test_hours_that_are_none_are_refused(text):
    with pytest.raises(NotationError):
        whenwords.parse_hours(text)


@pytest.mark.parametrize(
    ("text", "weekdays", "day_class"),
    [
        ("mon", {1}, None),
        ("Monday", {1}, None),
        ("周一", {1}, None),
        ("星期天", {7}, None),
        ("3", {3}, None),
        ("mon-fri", {1, 2, 3, 4, 5}, None),
        ("1-5", {1, 2, 3, 4, 5}, None),
        ("周六至周日", {6, 7}, None),
        ("fri-mon", {5, 6, 7, 1}, None),
        ("weekend", {6, 7}, None),
        ("workday", set(), DayClass.WORKDAY),
        ("节假日", set(), DayClass.HOLIDAY),
    ],
)
def test_days_are_weekdays_or_a_class(text, weekdays, day_class):
    assert whenwords.parse_days(text) == (frozenset(weekdays), day_class)


@pytest.mark.parametrize("text", ["0", "8", "mondy", "1-9", "mon-", "1-3-5", "workdya"])
def test_days_that_are_none_are_refused(text):
    with pytest.raises(NotationError):
        whenwords.parse_days(text)


def test_a_misspelt_day_is_asked_about():
    with pytest.raises(NotationError, match="did you mean 'workday'"):
        whenwords.parse_days("workdya")


@pytest.mark.parametrize(
    ("text", "lunar"),
    [("6-24", (6, 24)), ("闰6-24", (-6, 24)), ("六月廿四", (6, 24)), ("腊月三十", (12, 30)), ("正月初一", (1, 1)),
     ("农历八月十五", (8, 15)), ("闰四月初八", (-4, 8)), ("十二月二十三", (12, 23)), ("冬月二十", (11, 20)),
     ("6月24日", (6, 24))],
)  # fmt: skip
def test_a_lunar_day_is_month_and_day(text, lunar):
    assert whenwords.parse_lunar(text) == lunar


@pytest.mark.parametrize("text", ["13-1", "6-31", "0-1", "6", "六月", "六月卅", "火把节"])
def test_a_lunar_day_that_is_none_is_refused(text):
    with pytest.raises(NotationError):
        whenwords.parse_lunar(text)


def test_lunar_days_may_be_a_span_of_one_month():
    assert whenwords.parse_lunar_span("6-24~6-26") == {(6, 24), (6, 25), (6, 26)}
    assert whenwords.parse_lunar_span("六月廿四至六月廿五") == {(6, 24), (6, 25)}
    assert whenwords.parse_lunar_span("6-24") == {(6, 24)}


@pytest.mark.parametrize("text", ["6-26~6-24", "6-24~7-1", "6-24~", "6-24~闰6-26", "1-1~1-2~1-3"])
def test_a_span_of_lunar_days_that_is_none_is_refused(text):
    with pytest.raises(NotationError):
        whenwords.parse_lunar_span(text)


@pytest.mark.parametrize("text", ["2026-12-31", "2026/12/31", "2026.12.31", "2026年12月31日"])
def test_a_date_may_be_written_in_several_ways(text):
    assert notation.parse_date(text) == date(2026, 12, 31)


@pytest.mark.parametrize("text", ["2026-02-30", "31-12-2026", "2026", "tomorrow", "2026-13-01", "0000-01-01"])
def test_a_date_that_is_none_is_refused(text):
    with pytest.raises(NotationError):
        notation.parse_date(text)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("2027-01-30", 30, 30), ("2027-01-01~2027-01-03", 1, 3), ("2027-01-01 - 2027-01-03", 1, 3),
     ("2027-01-01至2027-01-03", 1, 3)],
)  # fmt: skip
def test_a_span_of_dates_has_both_ends(text, first, last):
    assert notation.parse_date_span(text) == (date(2027, 1, first), date(2027, 1, last))


@pytest.mark.parametrize("text", ["2027-01-03~2027-01-01", "2027-01-01~", "2026-01-01~2028-01-01", "a~b~c"])
def test_a_span_of_dates_that_is_none_is_refused(text):
    with pytest.raises(NotationError):
        notation.parse_date_span(text)


def test_sizes_positions_and_places_are_pairs():
    assert notation.parse_size("960x540") == (960, 540)
    assert notation.parse_size("960 × 540") == (960, 540)
    assert notation.parse_position("0,0") == (0, 0)
    assert notation.parse_place("24.92, 102.48") == (24.92, 102.48)
    assert notation.parse_weight("2.5") == Fraction(5, 2)


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (notation.parse_size, "960"),
        (notation.parse_size, "0x0"),
        (notation.parse_size, "99999x540"),
        (notation.parse_position, "left"),
        (notation.parse_place, "102.48, 24.92"),
        (notation.parse_place, "24.92"),
        (notation.parse_weight, "0"),
        (notation.parse_weight, "-1"),
        (notation.parse_weight, "9999999"),
        (notation.parse_weight, "many"),
        (notation.parse_switch, "maybe"),
    ],
)
def test_other_values_that_say_nothing_are_refused(parse, text):
    with pytest.raises(NotationError):
        parse(text)


PARSERS = (
    notation.parse_seconds, notation.parse_date, notation.parse_date_span, whenwords.parse_days, whenwords.parse_hours,
    whenwords.parse_lunar, notation.parse_size, notation.parse_position, notation.parse_place, notation.parse_weight,
    notation.parse_switch,
)  # fmt: skip
LETTERS = st.sampled_from("0123456789:-+.,~x年月日周一六闰初十sunriset mon至 ²٣")


@given(st.one_of(st.text(max_size=30), st.text(LETTERS, max_size=16)))
def test_no_text_makes_a_parser_fail_in_another_way(text):
    for parse in PARSERS:
        with contextlib.suppress(NotationError):
            parse(text)

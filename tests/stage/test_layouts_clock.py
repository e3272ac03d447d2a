"""What the clock of a layout says, when it changes, and that its words fit."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject

from signage.base.clock import ManualClock
from signage.base.moments import to_ms
from signage.content.layouts import TEXT_MIN_PX
from signage.stage.clockface import ClockFace, Placed, Role, face_at, place_bar, place_block
from signage.stage.layoutclock import LayoutClock

SHANGHAI = ZoneInfo("Asia/Shanghai")
FACE = ClockFace("18:03", "11月22日", "星期日", "农历十月十四", "小雪", "Sunday, 22 Nov")
DULL = ClockFace("08:00", "2月6日", "星期六", "", "", "Saturday, 6 Feb")


def at(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))


def wide(text: str, size_px: int, is_bold: bool) -> float:
    """A font with Chinese characters of full width and others of a bit more than half."""
    return sum(size_px if ord(char) > 0x2E80 else size_px * 0.56 for char in text)


def roles(placed: tuple[Placed, ...]) -> set[Role]:
    return {word.role for word in placed}


def make_clock(clock: ManualClock, zone: ZoneInfo = SHANGHAI) -> tuple[LayoutClock, list[str], QObject]:
    owner = QObject()
    shown = LayoutClock(clock, zone, "连然新村社区", (1920, 90), False, "Noto Sans CJK SC", owner)
    told: list[str] = []
    shown.changed.connect(lambda: told.append(shown.face.time))
    return shown, told, owner


def test_the_face_is_chinese_with_english_beside_it():
    assert face_at(at("2026-11-22T18:03:59+08:00"), SHANGHAI) == FACE


def test_a_festival_is_told_apart_from_the_lunar_date():
    face = face_at(at("2027-02-06T08:00:00+08:00"), SHANGHAI)

    assert (face.lunar, face.festival) == ("农历正月初一", "春节")


def test_an_ordinary_day_has_no_festival():
    assert face_at(at("2026-11-24T08:00:00+08:00"), SHANGHAI).festival == ""


@pytest.mark.parametrize(
    ("zone", "time", "date"),
    [("Asia/Shanghai", "00:30", "11月23日"), ("Asia/Urumqi", "22:30", "11月22日"), ("UTC", "16:30", "11月22日")],
)
def test_the_screens_timezone_decides_time_and_date(zone, time, date):
    face = face_at(at("2026-11-22T16:30:00+00:00"), ZoneInfo(zone))

    assert (face.time, face.date) == (time, date)


def test_the_hour_that_a_clock_change_skips_is_never_shown():
    before, after = (
        face_at(at(text), ZoneInfo("Europe/Berlin")) for text in ("2026-03-29T00:59Z", "2026-03-29T01:00Z")
    )

    assert (before.time, after.time) == ("01:59", "03:00")


@given(
    st.integers(24, 8000), st.integers(16, 400), st.sampled_from([FACE, DULL]), st.sampled_from(["", "连然新村社区"])
)
def test_words_of_a_bar_never_overlap_and_only_the_time_may_want_more_room_than_there_is(width, height, face, title):
    placed = place_bar(face, title, (width, height), wide)

    for one, other in combinations(placed, 2):
        apart = one.x + one.width <= other.x or other.x + other.width <= one.x
        above = abs(one.baseline - other.baseline) >= min(one.size_px, other.size_px) * 0.9
        assert apart or above
    assert all(word.x >= 0 and word.x + word.width <= width for word in placed if word.role is not Role.TIME)
    assert all(word.size_px >= TEXT_MIN_PX for word in placed)


@pytest.mark.parametrize("size", [(960, 44), (1920, 90), (3840, 182), (384, 22), (1080, 156)])
def test_bars_of_the_canvases_in_use_say_time_date_weekday_lunar_date_and_festival(size):
    placed = place_bar(FACE, "连然新村社区", size, wide)

    assert roles(placed) >= {Role.TIME, Role.DATE, Role.WEEKDAY, Role.LUNAR, Role.FESTIVAL}
    assert all(word.x >= 0 and word.x + word.width <= size[0] for word in placed)


@pytest.mark.parametrize("size", [(520, 312), (260, 156), (1038, 622)])
def test_blocks_on_a_column_say_all_of_it_inside_themselves(size):
    placed = place_block(FACE, size, wide)

    assert roles(placed) >= {Role.TIME, Role.DATE, Role.WEEKDAY, Role.LUNAR, Role.FESTIVAL}
    assert all(word.x >= 0 and word.x + word.width <= size[0] for word in placed)
    assert all(word.size_px * 0.7 <= word.baseline <= size[1] - 2 for word in placed)


def test_what_does_not_fit_is_left_out_from_the_end():
    assert roles(place_block(FACE, (128, 76), wide)) == {Role.TIME, Role.DATE, Role.WEEKDAY}
    assert roles(place_bar(FACE, "", (180, 16), wide)) == {Role.TIME, Role.DATE}


def test_words_of_one_line_stand_on_one_baseline_for_their_size():
    placed = place_bar(FACE, "连然新村社区", (1920, 90), wide)

    same_size = [word.baseline for word in placed if word.role in (Role.DATE, Role.WEEKDAY, Role.LUNAR, Role.TITLE)]
    assert len(set(same_size)) == 1


def test_the_minute_changes_at_its_boundary_and_not_before(qtbot):
    clock = ManualClock(datetime(2026, 11, 22, 10, 3, 58, 700_000, tzinfo=UTC))
    shown, told, owner = make_clock(clock)

    clock.advance(1_299)
    shown.look()
    before = list(told)
    clock.advance(1)
    shown.look()
    shown.stop()

    assert (before, told) == ([], ["18:04"])
    owner.deleteLater()


def test_the_next_look_is_at_the_next_full_second(qtbot):
    clock = ManualClock(datetime(2026, 11, 22, 10, 3, 58, 700_000, tzinfo=UTC))
    shown, _, owner = make_clock(clock)

    assert shown.wait_ms == 300
    shown.stop()
    owner.deleteLater()


def test_nothing_is_told_while_nothing_changes(qtbot):
    clock = ManualClock(datetime(2026, 11, 22, 10, 3, tzinfo=UTC))
    shown, told, owner = make_clock(clock)

    for _ in range(59):
        clock.advance(1_000)
        shown.look()
    shown.stop()

    assert told == []
    owner.deleteLater()


def test_a_clock_set_back_is_followed(qtbot):
    clock = ManualClock(datetime(2026, 11, 22, 10, 3, tzinfo=UTC))
    shown, told, owner = make_clock(clock)

    clock.jump(-3_600_000)
    shown.look()
    shown.stop()

    assert told == ["17:03"]
    owner.deleteLater()


def test_qml_is_given_the_words_one_by_one(qtbot):
    shown, _, owner = make_clock(ManualClock(datetime(2026, 11, 22, 10, 3, tzinfo=UTC)))

    given = [shown.property(name) for name in ("clockText", "dateText", "weekdayText", "lunarText", "festivalText")]
    shown.stop()

    assert given == ["18:03", "11月22日", "星期日", "农历十月十四", "小雪"]
    owner.deleteLater()

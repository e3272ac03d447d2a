"""Times and lengths as people type them."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.base.moments import to_ms, to_text
from signage.base.timetext import length_text, read_instant, read_length

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
NOW_MS = to_ms(datetime(2026, 11, 23, 20, 30, tzinfo=UTC))  # already the 24th in Shanghai


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-23T18:03:20", "2026-11-23T18:03:20.000+08:00"),
        ("2026-11-23 18:03", "2026-11-23T18:03:00.000+08:00"),
        ("2026-11-23 18:03:20.250", "2026-11-23T18:03:20.250+08:00"),
        ("2026-11-23", "2026-11-23T00:00:00.000+08:00"),
        ("18:03:20", "2026-11-24T18:03:20.000+08:00"),
        ("7:05", "2026-11-24T07:05:00.000+08:00"),
        ("now", "2026-11-24T04:30:00.000+08:00"),
        ("2026-11-23T18:03:20Z", "2026-11-24T02:03:20.000+08:00"),
        ("2026-11-23T18:03:20-05:00", "2026-11-24T07:03:20.000+08:00"),
        ("18:03Z", "2026-11-24T02:03:00.000+08:00"),
    ],
)
def test_a_time_is_local_to_the_screen_unless_it_has_an_offset(text: str, instant: str) -> None:
    assert to_text(read_instant(text, SHANGHAI, NOW_MS), SHANGHAI) == instant


def test_a_local_time_that_a_clock_change_skips_keeps_the_offset_from_before() -> None:
    skipped = read_instant("2026-03-08 02:30", NEW_YORK, NOW_MS)

    assert to_text(skipped, NEW_YORK) == "2026-03-08T03:30:00.000-04:00"


@pytest.mark.parametrize("text", ["", "soon", "25:00", "2026-13-01", "18", "18:3", "1:", "2026-11-23T", "-1:00"])
def test_what_is_not_a_time_is_refused_and_the_forms_are_named(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time; write 2026-11-23T18:03:20"):
        read_instant(text, SHANGHAI, NOW_MS)


@pytest.mark.parametrize(
    ("text", "length_ms"),
    [
        ("90s", 90_000),
        ("30m", 1_800_000),
        ("1h", 3_600_000),
        ("2d", 172_800_000),
        ("1h30m", 5_400_000),
        ("60", 60_000),
        ("0.5s", 500),
        ("1.5h", 5_400_000),
        (" 1H 30M ", 5_400_000),
    ],
)
def test_a_length_has_units_and_a_bare_number_counts_seconds(text: str, length_ms: int) -> None:
    assert read_length(text) == length_ms


@pytest.mark.parametrize("text", ["", "0", "0s", "-5s", "1w", "h", "ten", "1m1h", "1e9"])
def test_what_is_not_a_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a length of time; write 90s"):
        read_length(text)


@given(st.text(max_size=30))
def test_no_text_raises_anything_but_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(read_instant(text, SHANGHAI, NOW_MS), int)
    with contextlib.suppress(ValueError):
        assert read_length(text) > 0


@pytest.mark.parametrize(
    ("length_ms", "text"),
    [(500, "0.5 s"), (12_000, "12 s"), (90_000, "1 min 30 s"), (7_500_000, "2 h 5 min"), (259_200_000, "3 d")],
)
def test_a_length_reads_as_people_write_it(length_ms: int, text: str) -> None:
    assert length_text(length_ms) == text

"""The zones of a layout on canvases of every shape."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.content.layouts import CLOCK, Rect, reading_height, zone_rects
from signage.content.values import ZONES_OF_LAYOUT

SIZES = [(960, 540), (1920, 1080), (3840, 2160), (1080, 1920), (384, 192), (1024, 1024), (1366, 768), (512, 64)]

layouts = st.sampled_from(sorted(ZONES_OF_LAYOUT))
sizes = st.tuples(st.integers(16, 8000), st.integers(16, 8000))


def overlap(one: Rect, other: Rect) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


@given(layouts, sizes)
def test_the_parts_cover_the_canvas_without_gap_or_overlap(layout, size):
    rects = zone_rects(layout, size)

    assert not any(overlap(one, other) for one, other in combinations(rects.values(), 2))
    assert sum(rect.width * rect.height for rect in rects.values()) == size[0] * size[1]
    assert all(rect.x >= 0 and rect.y >= 0 for rect in rects.values())
    assert all(rect.right <= size[0] and rect.bottom <= size[1] for rect in rects.values())


@given(layouts, sizes)
def test_every_zone_of_the_layout_is_there_on_every_canvas(layout, size):
    rects = zone_rects(layout, size)

    assert set(rects) - {CLOCK} == set(ZONES_OF_LAYOUT[layout])
    assert all(min(rect.size) > 0 for rect in rects.values())


@given(layouts, sizes)
def test_edges_within_the_canvas_lie_on_even_pixels(layout, size):
    for rect in zone_rects(layout, size).values():
        assert rect.x % 2 == 0
        assert rect.y % 2 == 0
        assert rect.right % 2 == 0 or rect.right == size[0]
        assert rect.bottom % 2 == 0 or rect.bottom == size[1]


@given(sizes)
def test_the_main_zone_of_a_banner_keeps_at_least_half_of_the_height(size):
    rects = zone_rects("banner", size)

    assert rects["main"].height >= size[1] * 0.5


@pytest.mark.parametrize("size", SIZES)
def test_full_is_the_main_zone_alone(size):
    assert zone_rects("full", size) == {"main": Rect(0, 0, *size)}


def test_a_wide_canvas_has_its_column_at_the_right_and_an_upright_one_below():
    wide, upright = zone_rects("side", (1920, 1080)), zone_rects("side", (1080, 1920))

    assert wide["side"].x == wide["main"].right
    assert wide[CLOCK].bottom == wide["side"].y
    assert upright[CLOCK].y == upright["main"].bottom
    assert upright["side"].width == 1080


@pytest.mark.parametrize("size", [(960, 540), (1920, 1080), (3840, 2160), (1080, 1920), (384, 192)])
@pytest.mark.parametrize("layout", ["banner", "side"])
def test_canvases_in_use_have_room_for_the_clock(layout, size):
    assert CLOCK in zone_rects(layout, size)


def test_on_a_low_strip_the_clock_goes_first():
    assert CLOCK not in zone_rects("banner", (512, 64))


def test_a_canvas_of_twice_the_size_has_every_part_of_about_twice_the_size():
    half, whole = zone_rects("banner", (960, 540)), zone_rects("banner", (1920, 1080))

    assert all(abs(whole[name].height - 2 * half[name].height) <= 4 for name in half)


def test_turned_canvases_of_equal_area_read_alike():
    assert reading_height((1920, 1080)) == reading_height((1080, 1920)) == 1080


@pytest.mark.parametrize(("layout", "size"), [("mosaic", (960, 540)), ("full", (0, 540))])
def test_an_unknown_layout_or_an_empty_canvas_is_refused(layout, size):
    with pytest.raises(ValueError, match="no layout"):
        zone_rects(layout, size)

"""The row of a ticker: nothing is lost, nothing is torn apart, and it moves evenly by the clock."""

from __future__ import annotations

import random
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.stage.tape import Pacer, Tape, cut, is_rtl, make_tape, speed_of, tidy, travelled_px

CHINESE = "连然新村停车道闸今日启用请车主到服务大厅登记"
UYGHUR = "ئەھلىي ئۆملۈك ئىناق مەھەللە"
STRIP_PX = 1920

any_text = st.text(st.sampled_from(list(CHINESE + "，。 abcXYZ019 " + UYGHUR + "བོད་ཡིག་ꆈꌠ👨‍👩‍👧🇨🇳é")), max_size=400)


def width_of(text: str, rtl: bool) -> int:
    return 60 * len(text)


def tape_of(*texts: str, strip_px: int = STRIP_PX) -> Tape:
    tape = make_tape(texts, 60, strip_px, width_of)
    assert tape is not None
    return tape


@given(any_text, st.integers(1, 40))
def test_cutting_loses_and_adds_nothing(text, limit):
    assert "".join(cut(text, limit)) == text


@given(any_text, st.integers(1, 40))
def test_no_part_is_much_longer_than_asked(text, limit):
    assert all(len(part) <= limit * 5 + 8 for part in cut(text, limit))


@given(any_text, st.integers(4, 40))
def test_no_part_begins_with_a_mark_or_ends_with_a_joiner(text, limit):
    for part in cut(text, limit)[1:]:
        assert not unicodedata.category(part[0]).startswith("M") or len(text) > limit * 4
    assert not any(part.endswith("\u200d") for part in cut("👨‍👩‍👧" * 30, limit))


def test_words_are_kept_whole():
    text = "The community clinic opens on Monday " * 8

    assert all(part.endswith(" ") for part in cut(text, 10))


def test_a_phrase_against_the_direction_is_not_torn():
    text = CHINESE + UYGHUR + CHINESE

    assert any(UYGHUR in part for part in cut(text, 12))


@given(st.lists(any_text, max_size=5))
def test_a_tape_holds_every_text_in_order(texts):
    tape = make_tape(texts, 60, STRIP_PX, width_of)

    if tape is None:
        assert tidy(texts) == ()
        return
    pieces = tape.pieces[::-1] if tape.runs_right else tape.pieces
    read = [piece.text for piece in pieces]
    assert sorted("".join(read)) == sorted("".join(tidy(texts)))
    if not any(is_rtl(text) for text in tidy(texts)):
        assert "".join(read) == "".join(tidy(texts))


@given(st.lists(any_text, min_size=1, max_size=5))
def test_pieces_stand_side_by_side(texts):
    tape = make_tape(texts, 60, STRIP_PX, width_of)

    edge = 0
    for piece in tape.pieces if tape else ():
        assert piece.x == edge
        edge += piece.width
    assert tape is None or edge == tape.width


def test_a_right_to_left_text_runs_right_with_its_beginning_ahead():
    tape = tape_of(UYGHUR * 4)

    assert tape.runs_right
    assert "".join(piece.text for piece in reversed(tape.pieces)) == UYGHUR * 4
    assert min(x for _, _, x in tape.visible(60)) < 0 < 60


def test_a_right_to_left_text_among_chinese_ones_is_set_from_its_right_end():
    tape = tape_of(CHINESE * 9, UYGHUR * 4)

    texts = [piece.text for piece in tape.pieces if piece.is_rtl]
    assert not tape.runs_right
    assert "".join(reversed(texts)) == UYGHUR * 4


def test_line_breaks_tabs_and_control_characters_become_one_space():
    assert tidy(["停车\r\n\t道闸\u2028 启用\x00", " \n ", ""]) == ("停车 道闸 启用",)


def test_no_text_makes_no_tape():
    assert make_tape([" ", "\n"], 60, STRIP_PX, width_of) is None


@given(st.integers(0, 10**12))
def test_something_is_always_in_view_once_the_head_has_entered(travelled):
    tape = tape_of(CHINESE, CHINESE)

    assert list(tape.visible(travelled + 1))


@given(st.integers(0, 200_000), st.sampled_from([("公告",), (CHINESE,) * 3, (UYGHUR,), (CHINESE * 100,)]))
def test_what_is_in_view_is_what_a_search_through_all_pieces_finds(travelled, texts):
    tape = tape_of(*texts)

    found = set(tape.visible(travelled))

    wanted = set()
    for lap in range(travelled // tape.lap_px + 1):
        head = travelled - lap * tape.lap_px
        left = head - tape.width if tape.runs_right else STRIP_PX - head
        wanted |= {
            (lap, index, left + piece.x)
            for index, piece in enumerate(tape.pieces)
            if -piece.width < left + piece.x < STRIP_PX
        }
    assert found == wanted


def test_a_short_text_comes_again_when_its_head_has_crossed_the_strip():
    tape = tape_of("公告")

    assert [lap for lap, _, _ in tape.visible(STRIP_PX - 1)] == [0]
    assert [lap for lap, _, _ in tape.visible(STRIP_PX + 1)] == [0, 1]


def test_a_long_row_closes_into_a_ring_without_a_gap():
    tape = tape_of(CHINESE * 4)

    edges = sorted((x, x + tape.pieces[index].width) for _, index, x in tape.visible(tape.width + 100))
    assert edges[0][0] <= 0
    assert edges[-1][1] >= STRIP_PX
    assert all(one[1] == other[0] for one, other in pairwise(edges))


@pytest.mark.parametrize("size_px", [15, 30, 60, 120])
def test_the_speed_is_whole_pixels_a_frame_and_easy_to_read(size_px):
    speed = speed_of(size_px)

    assert speed % 60 == 0
    assert 3.5 <= speed / size_px <= 6.5


@given(st.integers(0, 10**13), st.integers(0, 10**13))
def test_the_position_is_a_function_of_the_instant_alone(now_ms, origin_ms):
    travelled = travelled_px(now_ms, origin_ms, 360)

    assert travelled == max(0, (now_ms - origin_ms) * 360 // 1000)


def steps_of(instants: list[float]) -> list[int]:
    places = [travelled_px(instant, 0, 360) for instant in instants]
    return [later - place for place, later in pairwise(places)]


def test_frames_drawn_late_by_some_milliseconds_still_move_evenly():
    chance = random.Random(7)
    pacer = Pacer()

    drawn = [pacer.step(int(1e12 + frame * 1000 / 60 + chance.uniform(0, 4))) for frame in range(1200)]

    assert set(steps_of(drawn)[120:]) <= {5, 6, 7}
    assert sum(step == 6 for step in steps_of(drawn)[120:]) > 900


def test_without_smoothing_the_same_frames_would_tremble():
    chance = random.Random(7)

    raw = [int(1e12 + frame * 1000 / 60 + chance.uniform(0, 4)) for frame in range(1200)]

    assert {4, 8} & set(steps_of(raw))


@pytest.mark.parametrize("hertz", [50, 60, 62.5, 75, 100, 144, 240])
def test_the_pacer_stays_with_the_clock_at_any_refresh_rate(hertz):
    pacer = Pacer()

    behind = [frame * 1000 / hertz - pacer.step(frame * 1000 / hertz) for frame in range(2000)]

    assert max(map(abs, behind[1000:])) < 2


def test_missed_frames_are_made_up_for_at_once():
    pacer = Pacer()
    for frame in range(600):
        pacer.step(frame * 1000 / 60)

    assert pacer.step(604 * 1000 / 60) == pytest.approx(604 * 1000 / 60, abs=2)


@pytest.mark.parametrize("jump_ms", [3_600_000, -3_600_000, 400, -400])
def test_a_clock_that_jumps_is_followed_at_once(jump_ms):
    pacer = Pacer()
    for frame in range(60):
        pacer.step(1e12 + frame * 16)

    assert pacer.step(1e12 + jump_ms) == 1e12 + jump_ms


@given(st.lists(st.floats(-5, 60), min_size=2, max_size=200))
def test_a_row_never_steps_back_while_the_clock_does_not_jump(gaps):
    pacer, now, instants = Pacer(), 1e12, []

    for gap in gaps:
        now += gap
        instants.append(pacer.step(now))

    assert instants == sorted(instants)

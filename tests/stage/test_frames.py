"""The pool of frames and the transitions' poses: fixed, in order, and over when they are over."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage

from signage.content.values import Fit, Screen, Transition
from signage.stage.fitting import canvas_on_output, canvas_size, place
from signage.stage.frames import Frame, FrameStream
from signage.stage.transitions import DURATION_S, pose

FORMAT = QImage.Format.Format_RGB32


def filled(stream: FrameStream, at_s: float) -> Frame:
    image = stream.lend(64, 9, FORMAT)
    assert image is not None
    frame = Frame(at_s, image, 16)
    stream.put(frame)
    return frame


def test_frames_that_are_past_are_dropped_and_counted():
    stream = FrameStream(lambda: None)
    for index in range(4):
        filled(stream, index / 10)

    taken = stream.take(0.25)

    assert taken is not None
    assert taken.at_s == 0.2
    assert stream.count_late == 2
    assert stream.next_s() == pytest.approx(0.3)


def test_what_is_on_screen_and_what_was_just_before_are_not_overwritten():
    stream = FrameStream(lambda: None)
    shown = []
    for index in range(30):
        frame = filled(stream, index / 10)
        assert all(frame.image is not old.image for old in shown[-2:])
        taken = stream.take(index / 10)
        assert taken is not None
        shown.append(taken)


def test_a_thread_that_waits_for_a_buffer_goes_on_when_one_is_taken():
    stream = FrameStream(lambda: None)
    count = threading.Semaphore(0)

    def fill_all() -> None:
        for index in range(40):
            filled(stream, index / 10)
            count.release()

    thread = threading.Thread(target=fill_all, name="filler")
    thread.start()
    for index in range(40):
        assert count.acquire(timeout=60)
        stream.take(index / 10)
    thread.join(5)

    assert not thread.is_alive()


def test_a_frame_that_was_missed_wakes_the_stage_once():
    woken: list[int] = []
    stream = FrameStream(lambda: woken.append(1))

    filled(stream, 0.0)
    filled(stream, 0.1)
    stream.take(0.1)
    stream.next_s()
    filled(stream, 0.2)

    assert len(woken) == 2


def test_a_stopped_stream_gives_no_buffer():
    stream = FrameStream(lambda: None)

    stream.stop()

    assert stream.lend(64, 9, FORMAT) is None


@given(st.sampled_from(list(Transition)), st.floats(0, 1))
def test_a_change_never_leaves_its_zone_uncovered(transition, share):
    posed = pose(transition, share * DURATION_S[transition])

    if posed is not None:
        assert 0 <= posed.opacity <= 1
        assert posed.shift - posed.old_shift == pytest.approx(1 if transition is Transition.SLIDE else 0)


@pytest.mark.parametrize("transition", list(Transition))
def test_a_change_is_over_after_its_time(transition):
    assert pose(transition, DURATION_S[transition]) is None
    assert pose(transition, 99.0) is None


SIDES = st.integers(1, 6000)


@given(SIDES, SIDES, SIDES, SIDES)
def test_contain_stays_inside_and_cover_leaves_nothing_free(width, height, zone_width, zone_height):
    inside = place((width, height), (zone_width, zone_height), Fit.CONTAIN)
    over = place((width, height), (zone_width, zone_height), Fit.COVER)

    assert inside.size[0] <= zone_width
    assert inside.size[1] <= zone_height
    assert inside.size[0] == zone_width or inside.size[1] == zone_height
    assert over.size[0] >= zone_width
    assert over.size[1] >= zone_height


@pytest.mark.parametrize(
    ("screen", "seen", "taken"),
    [
        (Screen(), (1920, 1080), (1920, 1080)),
        (Screen(rotate=90), (1080, 1920), (1920, 1080)),
        (Screen(size_px=(960, 540)), (960, 540), (960, 540)),
        (Screen(size_px=(1080, 1920), rotate=270), (1080, 1920), (1920, 1080)),
        (Screen(size_px=(400, 300), rotate=180), (400, 300), (400, 300)),
    ],
)
def test_a_screens_size_is_what_its_viewers_see(screen, seen, taken):
    assert canvas_size(screen, (1920, 1080)) == seen
    assert canvas_on_output(screen, (1920, 1080)) == taken

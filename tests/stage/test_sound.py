"""Sound keeps step with the picture, and a machine without it plays films all the same."""

from __future__ import annotations

import struct
import threading

import pytest

from signage.stage.sound import FRAME_BYTES, MOST_DRIFT_S, RATE_HZ, Fill, SoundTrack, Speaker


class Seconds:
    """A monotonic clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def ramp(start_s: float, length_s: float) -> bytes:
    """Give sound in which each frame says how many hundredths of a second into the item it belongs."""
    first, count = round(start_s * RATE_HZ), round(length_s * RATE_HZ)
    return b"".join(struct.pack("<hh", *((index * 100 // RATE_HZ + 1,) * 2)) for index in range(first, first + count))


def heard(sound: bytes) -> list[int]:
    return [value for (value, _) in struct.iter_unpack("<hh", sound)]


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def track(clock: Seconds) -> SoundTrack:
    track = SoundTrack(clock)
    track.add(ramp(0.0, 2.0), 0.0)
    return track


def test_nothing_is_heard_before_the_film_is_shown(track):
    assert set(track.fill(100, 0.0)) == {0}


def test_sound_begins_with_the_picture_and_runs_on_piece_by_piece(track, clock):
    track.begin(100.0)

    first = track.fill(480, 0.0)
    clock.now_s += 0.01
    second = track.fill(480, 0.0)

    assert heard(first)[0] == 1
    assert heard(second)[0] == 2
    assert track.count_corrections == 0


def test_a_film_that_is_joined_is_heard_from_where_it_is(track, clock):
    track.begin(99.0)

    assert heard(track.fill(480, 0.0))[0] == 101


def test_the_loudspeakers_delay_is_counted(track, clock):
    track.begin(100.0)

    assert heard(track.fill(480, 0.5))[0] == 51


def test_a_small_drift_is_left_alone_and_a_large_one_is_mended(track, clock):
    track.begin(100.0)
    track.fill(480, 0.0)

    clock.now_s += 0.01 + MOST_DRIFT_S * 0.9
    small = heard(track.fill(480, 0.0))
    clock.now_s += 0.01 + MOST_DRIFT_S * 2
    large = heard(track.fill(480, 0.0))

    assert small[0] == 2
    assert large[0] == int((clock.now_s - 100.0) * 100) + 1
    assert track.count_corrections == 1


def test_sound_that_is_early_waits_in_silence(clock):
    track = SoundTrack(clock)
    track.add(ramp(1.0, 1.0), 1.0)
    track.begin(100.0)
    clock.now_s = 100.995

    sound = track.fill(480, 0.0)
    clock.now_s = 100.5
    early = track.fill(480, 0.0)

    assert heard(sound)[0] == 101
    assert set(early) == {0}


def test_a_gap_in_the_sound_is_silence_of_its_own_length(clock):
    track = SoundTrack(clock)
    track.add(ramp(0.0, 0.5), 0.0)
    track.add(ramp(1.0, 0.5), 1.0)
    track.begin(100.0)

    values = heard(track.fill(round(1.5 * RATE_HZ), 0.0))

    assert values[round(0.7 * RATE_HZ)] == 0
    assert values[round(1.2 * RATE_HZ)] == 121


def test_sound_that_nobody_takes_does_not_pile_up(clock):
    track = SoundTrack(clock)

    for second in range(60):
        track.add(bytes(RATE_HZ * FRAME_BYTES), float(second))

    assert track._size_bytes <= 4 * RATE_HZ * FRAME_BYTES


class Loudspeaker:
    def __init__(self) -> None:
        self.fill: Fill | None = None
        self.is_closed = False
        self.opened = threading.Event()

    def open(self, fill: Fill) -> Loudspeaker:
        self.fill = fill
        self.opened.set()
        return self

    def close(self) -> None:
        self.is_closed = True


def test_only_the_film_that_was_shown_last_is_heard(clock):
    loudspeaker = Loudspeaker()
    speaker = Speaker(clock, loudspeaker.open)
    first, second = speaker.make_track(), speaker.make_track()
    first.add(ramp(0.0, 1.0), 0.0)
    second.add(ramp(0.5, 1.0), 0.0)

    speaker.play(first, 100.0)
    speaker.play(second, 100.0)
    speaker.stop(first)
    assert loudspeaker.opened.wait(5)
    sound = loudspeaker.fill(480, 0.0)
    speaker.close()

    assert heard(sound)[0] == 51
    assert loudspeaker.is_closed


def test_a_machine_without_sound_says_so_once(clock, expect_log):
    expect_log("films are silent: no device")
    attempts = threading.Semaphore(0)

    def fail(_fill: Fill) -> Loudspeaker:
        attempts.release()
        raise OSError("no device")

    speaker = Speaker(clock, fail)

    for _ in range(3):
        speaker.play(speaker.make_track(), 100.0)
        assert attempts.acquire(timeout=60)
        speaker._opener.join(5)
    speaker.close()

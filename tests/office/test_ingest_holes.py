"""A film of which a piece never came, or went, is refused with the place; one that only stands still is not."""

from __future__ import annotations

import functools
import random
import shutil
from fractions import Fraction
from pathlib import Path
from tempfile import mkdtemp

import av
import pytest

from signage.content.refusal import Refusal
from signage.content.values import MediaFile
from tests.content.stores import noise
from tests.office.ingesting import converted

SIZE = (96, 64)
FILMS = {
    "mp4": ("libx264", "aac"),
    "mov": ("libx265", "aac"),
    "matroska": ("libx264", "aac"),
    "matroska silent": ("libx265", ""),
    "webm": ("libvpx-vp9", "libopus"),
    "asf": ("wmv2", "wmav2"),
    "avi": ("mpeg4", "libmp3lame"),
    "mpegts": ("libx264", "aac"),
    "mpegts mpeg2": ("mpeg2video", "mp2"),
    "dvd": ("mpeg2video", "mp2"),
    "flv": ("libx264", "aac"),
}
MOMENTS = [at / 10 for at in range(80)]


@functools.cache
def film(kind: str, moments: tuple[float, ...] = tuple(MOMENTS), has_motion: bool = True) -> bytes:
    """Give a film of 8 s: the times of its pictures, each of noise, or all of one colour; sound without a pause."""
    codec, sound = FILMS[kind]
    target = Path(mkdtemp()) / "film"
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {"g": "20"}
    try:
        with av.open(str(target), "w", format=kind.partition(" ")[0]) as out:
            video = out.add_stream(codec, rate=25 if "mpeg2" in codec else 10, options=options)
            video.width, video.height = SIZE
            video.pix_fmt = "yuv420p"
            video.bit_rate = 400_000
            video.codec_context.time_base = Fraction(1, 25 if "mpeg2" in codec else 10)
            audio = out.add_stream(sound, rate=48_000) if sound else None
            if audio is not None:
                audio.codec_context.layout, audio.codec_context.bit_rate = "stereo", 96_000
            _write(out, video, audio, moments, has_motion=has_motion)
        return target.read_bytes()
    finally:
        shutil.rmtree(target.parent)


def _write(out, video, audio, moments, *, has_motion):
    chance = random.Random(3)
    last, sounded = -1, 0
    rate = 1 / video.codec_context.time_base
    for moment in moments:
        frame = av.VideoFrame.from_image(noise(chance, SIZE) if has_motion else noise(random.Random(1), SIZE))
        at = round(moment * rate)
        if at <= last:
            continue
        frame.pts, last = at, at
        frame.time_base = video.codec_context.time_base
        out.mux(video.encode(frame))
        while audio is not None and sounded < (moment + 0.1) * 48_000:
            sounded += _sound(out, audio, sounded)
    out.mux(video.encode(None))
    if audio is not None:
        out.mux(audio.encode(None))


def _sound(out, audio, at):
    samples = audio.codec_context.frame_size or 1024
    frame = av.AudioFrame(format=audio.codec_context.format.name, layout="stereo", samples=samples)
    frame.sample_rate, frame.pts, frame.time_base = 48_000, at, Fraction(1, 48_000)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    out.mux(audio.encode(frame))
    return samples


def found(folder: Path, content: bytes) -> MediaFile | Refusal:
    finding = converted(folder, content, "films/a.film").finding
    assert isinstance(finding, MediaFile | Refusal)
    return finding


@pytest.mark.parametrize("kind", FILMS)
def test_a_whole_film_is_taken(tmp_path, kind):
    assert isinstance(found(tmp_path, film(kind)), MediaFile)


@pytest.mark.parametrize("part", [0.3, 0.7])
@pytest.mark.parametrize("kind", FILMS)
def test_a_piece_that_never_came_is_found(tmp_path, kind, part):
    content = film(kind)
    at = int(len(content) * part) // 4096 * 4096

    refusal = found(tmp_path, content[:at] + bytes(4096) + content[at + 4096 :])

    assert isinstance(refusal, Refusal), refusal
    assert "请重新复制" in refusal.zh  # of the last pictures: that its end is damaged


@pytest.mark.parametrize("kind", FILMS)
def test_a_piece_that_was_cut_out_is_found(tmp_path, kind):
    content = film(kind)
    at, length = len(content) * 2 // 5, len(content) // 8

    refusal = found(tmp_path, content[:at] + content[at + length :])

    assert isinstance(refusal, Refusal), refusal


@pytest.mark.parametrize("kind", ["mpegts", "mpegts mpeg2", "dvd"])
def test_whole_packets_that_are_missing_are_found_by_the_time_that_is(tmp_path, kind):
    content, unit = film(kind), 188 if kind.startswith("mpegts") else 2048
    at, length = len(content) * 2 // 5 // unit * unit, len(content) // 8 // unit * unit

    refusal = found(tmp_path, content[:at] + content[at + length :])

    assert isinstance(refusal, Refusal), refusal
    assert "缺了一段" in refusal.zh


@pytest.mark.parametrize("kind", ["mp4", "mov", "matroska", "matroska silent", "webm"])
def test_a_film_whose_pictures_come_when_something_moves_is_whole(tmp_path, kind):
    times = (*(at / 10 for at in range(10)), 1.5, 1.6, 5.9, 6.0, *(7 + at / 10 for at in range(10)))

    assert isinstance(found(tmp_path, film(kind, times)), MediaFile)


@pytest.mark.parametrize("kind", [*FILMS])
def test_a_film_in_which_nothing_moves_is_whole(tmp_path, kind):
    assert isinstance(found(tmp_path, film(kind, has_motion=False)), MediaFile)


def test_a_recording_that_begins_and_ends_in_the_middle_is_whole(tmp_path):
    content = film("mpegts")

    assert isinstance(found(tmp_path, content[188 * 40 : -188 * 9]), MediaFile)

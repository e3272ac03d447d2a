"""Films are opened safely, their start and end are decoded, and their size, length and sound are right."""

from __future__ import annotations

from fractions import Fraction

import av
import pytest

from signage.content import films
from signage.content.media import probe
from signage.content.refusal import Refusal
from signage.content.values import Kind, MediaFile
from tests.content.stores import add_silence, film


def accepted(path) -> MediaFile:
    found = probe(path)
    assert isinstance(found, MediaFile), found
    return found


def refused(path) -> Refusal:
    found = probe(path)
    assert isinstance(found, Refusal), found
    return found


@pytest.mark.parametrize(
    ("name", "codec", "container", "mime"),
    [
        ("a.mp4", "libx264", "mp4", "video/mp4"),
        ("a.mov", "libx264", "mov", "video/quicktime"),
        ("a.mkv", "libx264", "matroska", "video/x-matroska"),
        ("a.webm", "libvpx-vp9", "webm", "video/x-matroska"),
        ("a.avi", "mpeg4", "avi", "video/x-msvideo"),
        ("a.wmv", "wmv2", "asf", "video/x-ms-wmv"),
        ("a.mpg", "mpeg2video", "mpeg", "video/mpeg"),
        ("a.ts", "mpeg2video", "mpegts", "video/mp2t"),
    ],
)
def test_a_film_is_recognised_whatever_its_name(tmp_path, name, codec, container, mime):
    content = film(tmp_path / name, 3.0, codec, container)
    path = tmp_path / "wrong-name.jpg"
    path.write_bytes(content)

    found = accepted(path)

    assert (found.kind, found.mime, found.size_px, found.has_sound) == (Kind.VIDEO, mime, (64, 48), False)
    assert found.duration_ms == pytest.approx(3000, abs=200)


def test_sound_is_noticed(tmp_path):
    film(tmp_path / "a.mp4", 1.0, has_sound=True)

    assert accepted(tmp_path / "a.mp4").has_sound


def test_a_bare_mpeg_stream_without_a_length_is_measured(tmp_path):
    film(tmp_path / "a.m2v", 3.0, "mpeg2video", "mpeg2video")

    assert accepted(tmp_path / "a.m2v").duration_ms == pytest.approx(3000, abs=300)


def test_pixels_that_are_not_square_widen_the_picture(tmp_path):
    film(tmp_path / "a.mp4", 0.5, shape=Fraction(2, 1))

    assert accepted(tmp_path / "a.mp4").size_px == (128, 48)


def copied(path, picture, sound=None, last_s: float | None = None) -> None:
    """Write the picture of one film and the sound of another into one file, the last picture `last_s` long."""
    with av.open(str(path), "w") as out, av.open(str(picture)) as seen, av.open(str(sound or picture)) as heard:
        tracks = [(seen, seen.streams.video[0])] + ([(heard, heard.streams.audio[0])] if sound else [])
        goals = [out.add_stream_from_template(track) for _, track in tracks]
        for (source, track), goal in zip(tracks, goals, strict=True):
            packets = [packet for packet in source.demux(track) if packet.dts is not None]
            if last_s is not None:
                packets[-1].duration = round(last_s / packets[-1].time_base)
            for packet in packets:
                packet.stream = goal
                out.mux(packet)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_a_film_whose_sound_goes_on_longer_lasts_as_long_as_its_picture(tmp_path, name):
    film(tmp_path / "picture.mp4", 3.0)
    film(tmp_path / "sound.mp4", 9.0, has_sound=True)
    copied(tmp_path / name, tmp_path / "picture.mp4", tmp_path / "sound.mp4")

    assert accepted(tmp_path / name).duration_ms == pytest.approx(3000, abs=150)


def test_a_film_that_ends_with_one_long_still_picture_is_whole(tmp_path):
    film(tmp_path / "picture.mp4", 3.0)
    copied(tmp_path / "a.mp4", tmp_path / "picture.mp4", last_s=12.0)

    assert accepted(tmp_path / "a.mp4").duration_ms == pytest.approx(14_900, abs=300)


def test_a_short_film_that_was_cut_is_refused_too(tmp_path):
    content = film(tmp_path / "a.mkv", 2.0)
    (tmp_path / "a.mkv").write_bytes(content[: len(content) * 4 // 10])

    refused(tmp_path / "a.mkv")


def turn(content: bytes, matrix: tuple[int, ...]) -> bytes:
    """Write a rotation matrix into the track header of an MP4, as phones do."""
    at = content.index(b"tkhd") + 4 + 40
    return content[:at] + b"".join(value.to_bytes(4, "big", signed=True) for value in matrix) + content[at + 36 :]


ONE = 1 << 16
UPRIGHT = (0, ONE, 0, -ONE, 0, 0, 0, 0, 1 << 30)
UPSIDE_DOWN = (-ONE, 0, 0, 0, -ONE, 0, 0, 0, 1 << 30)


@pytest.mark.parametrize(("matrix", "size_px"), [(UPRIGHT, (48, 64)), (UPSIDE_DOWN, (64, 48))])
def test_the_size_has_the_rotation_applied(tmp_path, matrix, size_px):
    path = tmp_path / "phone.mp4"
    path.write_bytes(turn(film(path, 0.5), matrix))

    assert accepted(path).size_px == size_px


@pytest.mark.parametrize("faststart", [True, False])
def test_a_film_whose_copy_stopped_is_refused(tmp_path, faststart):
    path = tmp_path / "a.mp4"
    content = film(path, 20.0, faststart=faststart)
    path.write_bytes(content[: len(content) * 46 // 100])

    refused(path)


def test_a_film_with_a_zeroed_end_is_refused(tmp_path):
    path = tmp_path / "a.mp4"
    content = film(path, 20.0, faststart=True)
    half = len(content) // 2
    path.write_bytes(content[:half] + bytes(len(content) - half))

    assert "end" in refused(path).reason


CONTAINERS = [
    ("a.mkv", "libx264", "matroska"),
    ("a.webm", "libvpx-vp9", "webm"),
    ("a.avi", "mpeg4", "avi"),
    ("a.wmv", "wmv2", "asf"),
    ("a.mpg", "mpeg2video", "mpeg"),
    ("a.ts", "mpeg2video", "mpegts"),
]


@pytest.mark.parametrize(("name", "codec", "container"), CONTAINERS)
def test_a_cut_film_of_another_container_is_refused_or_has_the_length_that_is_left(tmp_path, name, codec, container):
    path = tmp_path / name
    content = film(path, 20.0, codec, container)
    path.write_bytes(content[: len(content) // 2])

    found = probe(path)

    assert isinstance(found, Refusal) or (found.duration_ms or 0) < 12_000


@pytest.mark.parametrize("part", [0.5, 0.9])
@pytest.mark.parametrize(("name", "codec", "container"), CONTAINERS)
def test_a_film_whose_end_stayed_empty_is_refused(tmp_path, name, codec, container, part):
    path = tmp_path / name
    content = film(path, 20.0, codec, container)
    there = int(len(content) * part)
    path.write_bytes(content[:there] + bytes(len(content) - there))

    assert "truncated" in refused(path).reason


@pytest.mark.parametrize(("name", "codec", "container"), [c for c in CONTAINERS if c[2] in ("mp4", "mov")])
def test_half_a_copy_of_a_film_is_called_truncated(tmp_path, name, codec, container):
    path = tmp_path / name
    content = film(path, 5.0, codec, container)
    path.write_bytes(content[: len(content) // 2])

    assert "truncated" in refused(path).reason


def test_a_title_in_gbk_does_not_stop_a_film(tmp_path):
    path = tmp_path / "a.avi"
    content = film(path, 1.0, "mpeg4", "avi", metadata={"title": "AAAAAAAA"})
    assert content.count(b"AAAAAAAA") == 1
    path.write_bytes(content.replace(b"AAAAAAAA", "社区动态".encode("gbk")))

    assert accepted(path).kind is Kind.VIDEO


def test_sound_alone_is_no_film(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=44_100)
        add_silence(out, stream, 0.5)

    assert "moving picture" in refused(path).reason


def test_a_frame_over_the_pixel_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(films, "PIXEL_LIMIT", 1000)
    film(tmp_path / "a.mp4", 0.5)

    assert "64x48" in refused(tmp_path / "a.mp4").reason


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nother.mp4\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile 'other.mp4'\n",
    ],
)
def test_a_playlist_in_disguise_opens_no_other_file(tmp_path, text):
    film(tmp_path / "other.mp4", 1.0)
    path = tmp_path / "a.mp4"
    path.write_text(text)

    refused(path)
    with pytest.raises(films.RefusalError):
        films.examine_film(path, "video/mp4")

"""Films of phones and old programs become H.264 in an MP4; what is so already stays; what is cut is refused."""

from __future__ import annotations

import random
import struct
from fractions import Fraction
from pathlib import Path

import av
import pytest

from signage.content.films import examine_film
from signage.content.refusal import Refusal
from signage.content.signatures import HEAD_BYTES, recognise
from signage.office.ingest.films import take_film
from signage.office.ingest.recipe import Recipe
from signage.office.ingest.taken import Taken
from tests.content.stores import film, noise
from tests.office.ingesting import converted


def taken(path: Path, recipe: Recipe | None = None) -> Taken:
    work = path.with_suffix(".work")
    work.mkdir()
    mime = recognise(path.read_bytes()[:HEAD_BYTES]).mime
    return take_film(path, mime, recipe or Recipe(), work, lambda percent: None)


def streams(path: Path) -> tuple[str, str, tuple[int, int], str]:
    """Give codec, pixel format, size, and the codec of the sound."""
    with av.open(str(path)) as container:
        video = container.streams.video[0].codec_context
        sound = container.streams.audio[0].codec_context.name if container.streams.audio else ""
        return video.name, video.pix_fmt or "", (video.width, video.height), sound


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def is_faststart(path: Path) -> bool:
    content = path.read_bytes()
    return content.index(b"moov") < content.index(b"mdat")


def test_a_film_that_complies_is_used_as_it_is(tmp_path):
    film(tmp_path / "a.mp4", 1, has_sound=True)

    result = taken(tmp_path / "a.mp4")

    assert (result.rendition, result.facts.duration_ms, result.facts.has_sound) == (None, 1000, True)
    assert result.look is not None


@pytest.mark.parametrize("container", ["mov", "matroska", "mpegts", "flv"])
def test_where_only_the_container_is_wrong_nothing_is_encoded_again(tmp_path, container):
    film(tmp_path / "a.film", 1, container=container, has_sound=True)

    result = taken(tmp_path / "a.film")

    assert result.rendition is not None
    assert streams(result.rendition) == ("h264", "yuv420p", (64, 48), "aac")
    assert is_faststart(result.rendition)
    if container in ("mov", "matroska"):
        assert packets(result.rendition) == packets(tmp_path / "a.film")


@pytest.mark.parametrize(
    ("codec", "container", "has_sound"),
    [("wmv2", "asf", False), ("mpeg4", "avi", True), ("libx265", "mp4", True), ("mpeg1video", "mpeg", False)],
)
def test_other_codecs_become_h264(tmp_path, codec, container, has_sound):
    film(tmp_path / "a.film", 1, codec=codec, container=container, has_sound=has_sound)

    result = taken(tmp_path / "a.film")

    assert result.rendition is not None
    assert streams(result.rendition) == ("h264", "yuv420p", (64, 48), "aac" if has_sound else "")
    assert is_faststart(result.rendition)
    assert result.facts.duration_ms is not None
    assert abs(result.facts.duration_ms - 1000) <= 80


def test_an_odd_size_becomes_an_even_one(tmp_path):
    write(tmp_path / "a.avi", "mjpeg", (65, 49), "yuvj444p")

    result = taken(tmp_path / "a.avi")

    assert result.rendition is not None
    assert streams(result.rendition)[1:3] == ("yuv420p", (64, 48))


def write(
    path: Path,
    codec: str,
    size: tuple[int, int],
    pix_fmt: str,
    *,
    rate: int = 10,
    sound: tuple[str, int, str] | None = None,
    options: dict[str, str] | None = None,
    transfer: int = 0,
) -> None:
    """Write a second of film as another program would."""
    with av.open(str(path), "w") as out:
        video = out.add_stream(codec, rate=rate, options=options or {})
        video.width, video.height = size
        video.pix_fmt = pix_fmt
        if transfer:
            context = video.codec_context
            context.color_trc, context.colorspace, context.color_primaries = transfer, 9, 9
        audio = out.add_stream(sound[0], rate=sound[1]) if sound else None
        if audio and sound:
            audio.codec_context.layout = sound[2]
            audio.codec_context.bit_rate = 128_000
        for at in range(rate):
            out.mux(video.encode(av.VideoFrame.from_image(noise(random.Random(at), size)).reformat(format=pix_fmt)))
        out.mux(video.encode(None))
        if audio and sound:
            write_silence(out, audio, sound)


def write_silence(out, audio, sound: tuple[str, int, str]) -> None:
    _, rate, layout = sound
    size = audio.codec_context.frame_size or 1024
    for at in range(rate // size):
        frame = av.AudioFrame(format=audio.codec_context.format.name, layout=layout, samples=size)
        frame.sample_rate, frame.pts = rate, at * size
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        out.mux(audio.encode(frame))
    out.mux(audio.encode(None))


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt", "options"),
    [
        ("120-pictures-a-second.mkv", "libx264", "yuv420p", {"rate": 120}),
        ("six-channels.mkv", "mpeg4", "yuv420p", {"sound": ("ac3", 48_000, "5.1")}),
        ("mono.mov", "mjpeg", "yuvj422p", {"sound": ("pcm_s16le", 22_050, "mono")}),
        ("windows-media.wmv", "wmv2", "yuv420p", {"sound": ("wmav2", 44_100, "stereo")}),
        ("mp3-in-mp4.mp4", "libx264", "yuv420p", {"sound": ("libmp3lame", 44_100, "stereo")}),
        ("interlaced.mkv", "mpeg2video", "yuv420p", {"rate": 25, "options": {"flags": "+ildct+ilme"}}),
        ("hlg.mov", "prores_ks", "yuv422p10le", {"transfer": 18}),
        ("opus.webm", "libvpx-vp9", "yuv420p", {"sound": ("libopus", 48_000, "stereo")}),
    ],
)
def test_whatever_a_program_writes_comes_out_as_screens_want_it(tmp_path, name, codec, pix_fmt, options):
    write(tmp_path / name, codec, (64, 48), pix_fmt, **options)

    result = taken(tmp_path / name)

    assert result.rendition is not None
    assert streams(result.rendition) == ("h264", "yuv420p", (64, 48), "aac" if "sound" in options else "")
    assert abs(examine_film(result.rendition, "video/mp4").duration_ms - 1000) <= 60
    with av.open(str(result.rendition)) as container:
        assert float(container.streams.video[0].average_rate or 0) <= 60.5


def test_a_large_film_is_made_to_fit_the_screens(tmp_path):
    film(tmp_path / "a.mp4", 0.5, size=(640, 360))

    result = taken(tmp_path / "a.mp4", Recipe(((320, 180),)))

    assert result.facts.size_px == (320, 180)


def test_pixels_that_are_not_square_become_so(tmp_path):
    film(tmp_path / "a.mp4", 0.5, shape=Fraction(4, 3))

    result = taken(tmp_path / "a.mp4")

    assert result.rendition is not None
    assert result.facts.size_px == streams(result.rendition)[2] == (84, 48)


def turned(content: bytes, degrees: int) -> bytes:
    """Give the MP4 with a matrix that says that it was filmed on its side, as a phone writes it."""
    matrices = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
    a, b, c, d = (value << 16 for value in matrices[degrees])
    at = content.index(b"tkhd") + 4 + 40
    matrix = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    return content[:at] + matrix + content[at + 36 :]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_film_of_a_phone_held_on_its_side_comes_out_upright(tmp_path, degrees):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        picture = noise(random.Random(1), (64, 48))
        picture.paste("black", (0, 0, 64, 48))
        picture.paste("white", (0, 0, 32, 24))
        for _ in range(5):
            out.mux(video.encode(av.VideoFrame.from_image(picture)))
        out.mux(video.encode(None))
    path.write_bytes(turned(path.read_bytes(), degrees))

    result = taken(path)

    assert result.look is not None
    assert result.facts.size_px == ((64, 48) if degrees == 180 else (48, 64))
    width, height = result.look.size
    spots = {90: (width - 8, 8), 180: (width - 8, height - 8), 270: (8, height - 8)}
    lightest = max(
        ((8, 8), (width - 8, 8), (8, height - 8), (width - 8, height - 8)),
        key=lambda spot: sum(result.look.getpixel(spot)),
    )
    assert lightest == spots[degrees]


def test_a_title_in_gbk_does_no_harm(tmp_path):
    content = film(tmp_path / "a.avi", 1, codec="mpeg4", container="avi", metadata={"title": "XXXXXXXX"})
    (tmp_path / "b.avi").write_bytes(content.replace(b"XXXXXXXX", "社区停水".encode("gbk")))

    result = taken(tmp_path / "b.avi")

    assert result.rendition is not None
    assert examine_film(result.rendition, "video/mp4").duration_ms >= 900


def outcome(tmp_path: Path, content: bytes) -> Refusal:
    found = converted(tmp_path, content, "films/a.film").finding
    assert isinstance(found, Refusal), found
    return found


@pytest.mark.parametrize(
    ("container", "codec"), [("mp4", "libx264"), ("avi", "mpeg4"), ("asf", "wmv2"), ("matroska", "libx264")]
)
@pytest.mark.parametrize("kind", ["cut", "zeros", "zeros, index at the end"])
def test_a_film_of_which_half_never_came_is_refused(tmp_path, container, codec, kind):
    content = film(tmp_path / "a", 8, codec=codec, container=container, faststart=kind != "zeros, index at the end")
    keep = int(len(content) * 0.46)

    refusal = outcome(tmp_path, content[:keep] + (b"" if kind == "cut" else bytes(len(content) - keep)))

    assert "重新复制" in refusal.zh


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_a_hole_in_the_middle_is_found_by_decoding_all_of_it(tmp_path, codec):
    content = film(tmp_path / "a", 8, codec=codec, container="mp4", faststart=True)
    hole = len(content) // 8

    refusal = outcome(tmp_path, content[: hole * 3] + bytes(hole) + content[hole * 4 :])

    assert "重新复制" in refusal.zh


def test_a_transport_stream_whose_last_key_picture_lies_far_back_is_whole(tmp_path):
    with av.open(str(tmp_path / "a.ts"), "w") as out:
        video = out.add_stream("libx264", rate=10, options={"g": "300", "bf": "0", "sc_threshold": "0"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        for at in range(80):
            out.mux(video.encode(av.VideoFrame.from_image(noise(random.Random(at), (64, 48)))))
        out.mux(video.encode(None))

    result = taken(tmp_path / "a.ts")

    assert result.facts.duration_ms == 8000


def test_progress_is_told_on_the_way(tmp_path):
    film(tmp_path / "a.mkv", 4, codec="mpeg4", container="matroska")
    said: list[float] = []

    take_film(tmp_path / "a.mkv", "video/x-matroska", Recipe(), tmp_path, said.append)

    assert said == sorted(said)
    assert len(said) > 10

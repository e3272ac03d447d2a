"""Makes small films and pictures for tests: what comes in is a description, what goes out is a file that plays it."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image

Paint = Callable[[int], tuple[int, int, int]]
MIMES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".webm": "video/x-matroska",
    ".avi": "video/x-msvideo",
    ".wmv": "video/x-ms-wmv",
    ".mpg": "video/mpeg",
}


def grey_of(index: int) -> tuple[int, int, int]:
    """Give each frame a grey of its own, 8 levels apart."""
    return (16 + 8 * index,) * 3


def make_film(
    path: Path,
    *,
    count: int = 20,
    rate: int = 10,
    size: tuple[int, int] = (64, 48),
    paint: Paint = grey_of,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    instants: list[int] | None = None,
    aspect: Fraction | None = None,
    turn: int = 0,
    sound: bool = False,
    title: bytes = b"",
) -> Path:
    """Write a film; `instants` gives each frame's own time in milliseconds (else they are even)."""
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "?" * len(title)
        video = container.add_stream(codec, rate=rate)
        video.width, video.height, video.pix_fmt = *size, pixels
        video.codec_context.time_base = Fraction(1, 1000)
        if aspect is not None:
            video.codec_context.sample_aspect_ratio = aspect
        audio = container.add_stream("aac", rate=48_000) if sound else None
        for index in range(count):
            frame = av.VideoFrame.from_image(Image.new("RGB", size, paint(index)))
            frame.pts = instants[index] if instants else index * 1000 // rate
            frame.time_base = Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            _add_tone(container, audio, count / rate)
    if turn:
        _turn(path, turn)
    if title:
        path.write_bytes(path.read_bytes().replace(b"?" * len(title), title))
    return path


def make_film_of_pictures(path: Path, sizes: list[tuple[int, int]], rate: int = 10) -> Path:
    """Write a film of one JPEG a frame, light grey, each in a size of its own; the first says what the head states."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mjpeg", rate=rate)
        video.width, video.height, video.pix_fmt = *sizes[0], "yuvj420p"
        for index, size in enumerate(sizes):
            jpeg = io.BytesIO()
            Image.new("RGB", size, (200, 200, 200)).save(jpeg, "JPEG")
            packet = av.Packet(jpeg.getvalue())
            packet.stream, packet.time_base, packet.is_keyframe = video, Fraction(1, rate), True
            packet.pts = packet.dts = index
            container.mux(packet)
    return path


def _add_tone(container: av.container.OutputContainer, audio: av.AudioStream, length_s: float) -> None:
    samples = 1024
    for start in range(0, int(length_s * 48_000), samples):
        frame = av.AudioFrame(format="fltp", layout="stereo", samples=samples)
        for plane in frame.planes:
            plane.update(struct.pack("<f", 0.25) * samples)
        frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
        container.mux(audio.encode(frame))
    container.mux(audio.encode(None))


def _turn(path: Path, degrees: int) -> None:
    """Write the turning into the track header of an MP4, as phones do. Source: ISO/IEC 14496-12, 8.3.2 (tkhd)."""
    matrix = {
        90: (0, 1, -1, 0),
        180: (-1, 0, 0, -1),
        270: (0, -1, 1, 0),
    }[degrees]
    a, b, c, d = (value * 0x10000 for value in matrix)
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000)
    path.write_bytes(bytes(data))


def make_picture(
    path: Path, size: tuple[int, int] = (40, 30), colour: tuple[int, ...] = (200, 40, 40), **save: object
) -> Path:
    """Write a picture of one colour."""
    Image.new("RGB", size, colour).save(path, **save)
    return path

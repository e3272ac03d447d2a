"""The path of a film in, its size, length and sound out, after decoding start and end. The door to PyAV here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from signage.content.refusal import NOT_DECODABLE_ZH, TRUNCATED_ZH, RefusalError
from signage.content.signatures import DEMUXERS

PIXEL_LIMIT = 36_000_000
"""The most pixels of one frame: a little over 8K."""

OPEN_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,asf,avi,mpegts,mpeg,mpegvideo,flv",
}
"""Stops playlists in disguise, which would read other files or the network. Source: field notes 2.4."""

_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")
_TIMEOUT_S = 20.0
_END_FRAMES = 600
END_GAP_S = 2.0
_GAP_S = 1.0
_FURTHER_BACK_S = (12.0, 60.0)
"""Where MPEG is entered between two key pictures, nothing comes out until the next: at the end there is none."""
RECORDINGS = ("mpeg", "mpegts", "mpegvideo", "flv")

TURNS: Mapping[int, Sequence[tuple[str, str]]] = {
    90: [("transpose", "cclock")],
    -90: [("transpose", "clock")],
    270: [("transpose", "clock")],
    -270: [("transpose", "cclock")],
    180: [("hflip", ""), ("vflip", "")],
    -180: [("hflip", ""), ("vflip", "")],
}
"""How to turn a frame upright: phones store films as the sensor lay, and say in each frame by how much, in degrees
anticlockwise."""


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """`size_px` is (width, height) as seen: pixel shape and rotation applied."""

    size_px: tuple[int, int]
    duration_ms: int
    has_sound: bool


def open_film(path: Path, mime: str) -> InputContainer:
    """Open a film as what its `MediaFile.mime` says; nothing else can be opened by it. Close it yourself.

    Raises:
        OSError: it cannot be opened (PyAV's FFmpegError is one), also after 20 seconds without an answer.
    """
    return av.open(
        f"file:{path}",
        format=DEMUXERS[mime],
        options=OPEN_OPTIONS,
        metadata_errors="replace",
        timeout=(_TIMEOUT_S, _TIMEOUT_S),
    )


def examine_film(path: Path, mime: str) -> FilmFacts:
    """Give the facts of a film whose first picture and last seconds decode.

    The middle is not decoded (that would take a tenth of its length); the player survives a fault there.

    Raises:
        RefusalError: it cannot be opened, holds no moving picture, is cut off or too large.
    """
    try:
        with open_film(path, mime) as container:
            return _facts(container)
    except RefusalError:
        raise
    except Exception as error:
        raise RefusalError(f"cannot be decoded ({_words(error)})", NOT_DECODABLE_ZH) from error


def _words(error: Exception) -> str:
    """Give what FFmpeg says without the path of this machine."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:120]


def _facts(container: InputContainer) -> FilmFacts:
    stream = _moving_picture(container)
    if stream.codec_context is None:
        raise RefusalError(
            "is of a codec that is not known here; save it as MP4 (H.264)", "编码不支持，请另存为 MP4（H.264）"
        )
    width, height = stream.codec_context.width, stream.codec_context.height
    if width * height > PIXEL_LIMIT:
        raise RefusalError(
            f"is too large ({width}x{height}; at most 8K)", f"视频画面过大（{width}x{height}，最多 8K），请缩小"
        )
    stream.thread_type = "SLICE"
    first = next(iter(container.decode(stream)), None)
    if first is None:
        raise RefusalError("has no picture that can be decoded", NOT_DECODABLE_ZH)
    size_px = _size_seen(first, stream)
    duration_s = _length_s(container, stream)
    _check_end(container, stream, duration_s)
    return FilmFacts(size_px, max(1, round(duration_s * 1000)), bool(container.streams.audio))


def _moving_picture(container: InputContainer) -> VideoStream:
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    raise RefusalError("has no moving picture (a sound file?)", "没有视频画面（可能是声音文件）")


def _size_seen(frame: VideoFrame, stream: VideoStream) -> tuple[int, int]:
    width, height = frame.width, frame.height
    shape = stream.sample_aspect_ratio
    if shape and shape > 0 and shape != 1:
        width = max(1, round(width * float(shape)))
    return (height, width) if frame.rotation % 180 else (width, height)


def _length_s(container: InputContainer, stream: VideoStream) -> float:
    """Give the length that the file states; where it states none, the time of its last packet."""
    if stated_s := stated_length_s(container, stream):
        return stated_s
    container.seek(0)
    ends = [
        float((packet.pts + (packet.duration or 0)) * packet.time_base)
        for packet in container.demux(stream)
        if packet.pts is not None and packet.time_base
    ]
    start = begin_of(stream)
    if not ends or max(ends) - start <= 0:
        raise RefusalError("has no length", "无法得知视频时长，请重新导出")
    return max(ends) - start


def stated_length_s(container: InputContainer, stream: VideoStream) -> float | None:
    """Give how long the picture lasts as the file says, in seconds; None where it does not say.

    Matroska and WebM state one length for all, sound included, which may go on longer; what wrote them says in a tag
    how long each track is. Source: matroska.org, tags, statistics (DURATION).
    """
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    for key, text in stream.metadata.items():
        if key.partition("-")[0].upper() == "DURATION" and (found := _CLOCK.fullmatch(text)):
            length_s = int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])
            if length_s > 0:
                return length_s
    return container.duration / 1_000_000 if container.duration and container.duration > 0 else None


def end_of(frame: VideoFrame) -> float:
    """Give until when the frame is to be seen, in seconds of its own clock: a still end may be one long frame."""
    length_s = float(frame.duration * frame.time_base) if frame.duration and frame.time_base else 0.0
    return (frame.time or 0.0) + length_s


def begin_of(stream: VideoStream) -> float:
    """Give the time of a film's first picture, in seconds of its own clock."""
    return float(stream.start_time * stream.time_base) if stream.start_time and stream.time_base else 0.0


def is_cut_short(last_s: float | None, begin_s: float, length_s: float) -> bool:
    """Tell whether the last picture ended so early that the end of a film of that length is missing."""
    most_s = max(_GAP_S, length_s * 0.05) if length_s > 2 * _GAP_S else max(_GAP_S / 2, length_s * 0.45)
    return last_s is None or begin_s + length_s - last_s > most_s


def _check_end(container: InputContainer, stream: VideoStream, duration_s: float) -> None:
    """Decode from the last key picture to the end, at most 600 frames: a cut or zeroed end shows here.

    A recording (MPEG) may stop within a picture and is still whole; a file that says where its parts lie may not.
    """
    start_s = begin_of(stream)
    last_s = None
    try:
        for before_s in (1.0, *_FURTHER_BACK_S):
            container.seek(round(max(start_s, start_s + duration_s - before_s) * 1_000_000))
            for count, frame in enumerate(container.decode(stream)):
                if frame.time is not None:
                    last_s = max(end_of(frame), last_s or 0.0)
                if count >= _END_FRAMES:
                    return
            if last_s is not None:
                break
    except av.error.FFmpegError as error:
        if container.format.name not in RECORDINGS:
            raise RefusalError(f"is damaged near its end ({_words(error)})", TRUNCATED_ZH) from error
    if is_cut_short(last_s, start_s, duration_s):
        raise RefusalError("is truncated or damaged near its end; copy it again", TRUNCATED_ZH)

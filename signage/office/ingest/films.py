"""A film of any make in, one that every screen plays out (H.264, AAC, MP4); it is decoded whole either way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from signage.content.films import FilmFacts, examine_film, open_film
from signage.content.refusal import NOT_DECODABLE_ZH, TRUNCATED_ZH, RefusalError
from signage.content.values import Kind, MediaFile
from signage.office.ingest.filmsinks import Encoder, Remuxer, Sink, colours_of, threads
from signage.office.ingest.recipe import Recipe, Size
from signage.office.ingest.taken import Report, Taken, small

LONGEST_S = 6 * 3600.0
_RECORDINGS = ("mpeg", "mpegts", "mpegvideo", "flv")
_MOST_LOST = 0.01
_MOST_LOST_OF_A_RECORDING = 0.05
_FEW_LOST = 3
_END_GAP_S = 2.0
_LOOK_LATEST_S = 3.0
_MOST_RATE = 60.5
_STEP_PERCENT = 0.5

MakeSink = Callable[[VideoStream, AudioStream | None], Sink]


def take_film(path: Path, mime: str, recipe: Recipe, work: Path, report: Report) -> Taken:
    """Give what is to be shown of a film. Every picture and every sound of it is decoded.

    Raises:
        RefusalError: it cannot be decoded whole, is cut off, too large or too long.
    """
    facts = examine_film(path, mime)
    if facts.duration_ms > LONGEST_S * 1000:
        hours = facts.duration_ms / 3_600_000
        raise RefusalError(
            f"is too long ({hours:.1f} hours; at most 6)", f"视频过长（{hours:.1f} 小时，最多 6 小时），请剪短"
        )
    try:
        return _taken(path, mime, facts, recipe.film_size_for(facts.size_px), work / "rendition.mp4", report)
    except RefusalError:
        raise
    except (av.error.FFmpegError, ValueError) as error:
        words = " ".join(str(getattr(error, "strerror", None) or error).split())[:120]
        raise RefusalError(f"cannot be converted ({words})", NOT_DECODABLE_ZH) from error


def _taken(path: Path, mime: str, facts: FilmFacts, size: Size, rendition: Path, report: Report) -> Taken:
    is_ready = _is_ready(path, mime, facts, size)
    if is_ready and mime == "video/mp4":
        decode_whole(path, mime, facts, report, lambda *_: Sink())
        return Taken(_shown(mime, facts), look=_look(path, mime, facts))
    if not (is_ready and _remux(path, mime, facts, report, rendition)):
        decode_whole(path, mime, facts, report, lambda video, audio: Encoder(video, audio, rendition, size))
    converted = examine_film(rendition, "video/mp4")
    return Taken(_shown("video/mp4", converted), rendition, _look(rendition, "video/mp4", converted))


def _shown(mime: str, facts: FilmFacts) -> MediaFile:
    return MediaFile("", Kind.VIDEO, "", 0, 0, facts.size_px, facts.duration_ms, has_sound=facts.has_sound, mime=mime)


def _look(path: Path, mime: str, facts: FilmFacts) -> Image.Image:
    """Give a small picture from near the beginning, where titles have faded in."""
    with open_film(path, mime) as container:
        video, _ = _streams_of(container)
        container.seek(round(min(_LOOK_LATEST_S, facts.duration_ms / 10_000) * 1_000_000))
        return small(next(iter(container.decode(video))).to_image())  # type: ignore[no-untyped-call]


def _streams_of(container: InputContainer) -> tuple[VideoStream, AudioStream | None]:
    """Give the moving picture and the sound; sound of a codec that is not known here does not count."""
    video = next(one for one in container.streams.video if not one.disposition & Disposition.attached_pic)
    video.codec_context.thread_count = threads()
    video.thread_type = "AUTO"
    return video, next((one for one in container.streams.audio if one.codec_context is not None), None)


def _is_ready(path: Path, mime: str, facts: FilmFacts, size: Size) -> bool:
    """Tell whether the streams are as screens want them, so that at most their container has to change."""
    with open_film(path, mime) as container:
        video, audio = _streams_of(container)
        codec = video.codec_context
        first = next(iter(container.decode(video)))
        shape = video.sample_aspect_ratio
        return (
            codec.name == "h264"
            and codec.pix_fmt == "yuv420p"
            and first.rotation == 0
            and not colours_of(first).is_hdr
            and not first.interlaced_frame
            and (not shape or shape == 1)
            and (codec.width, codec.height) == facts.size_px == size
            and float(video.average_rate or 0) <= _MOST_RATE
            and len(container.streams.audio) <= 1
            and (audio is None or (audio.codec_context.name == "aac" and audio.codec_context.channels <= 2))
        )


def _remux(path: Path, mime: str, facts: FilmFacts, report: Report, rendition: Path) -> bool:
    """Put the streams into an MP4 as they are; False where they do not go in and have to be made anew."""
    try:
        decode_whole(path, mime, facts, report, lambda video, audio: Remuxer(video, audio, rendition))
        copied = examine_film(rendition, "video/mp4")
    except (av.error.FFmpegError, ValueError):
        return False
    except RefusalError:
        if rendition.exists():
            return False
        raise
    return abs(copied.duration_ms - facts.duration_ms) < 1000 * _END_GAP_S


@dataclass(slots=True)
class _Tally:
    """What came out of the decoder, and what did not."""

    frames: int = 0
    lost: int = 0
    sounds: int = 0
    sounds_lost: int = 0
    last_s: float | None = None


def decode_whole(path: Path, mime: str, facts: FilmFacts, report: Report, make_sink: MakeSink) -> None:
    """Decode every packet and hand what comes out to the sink.

    Raises:
        RefusalError: more of it is lost than a flaw in a recording takes, or its end is missing.
    """
    tally = _Tally()
    with open_film(path, mime) as container:
        video, audio = _streams_of(container)
        begin_s = float(video.start_time * video.time_base) if video.start_time and video.time_base else 0.0
        said = 0.0
        with make_sink(video, audio) as sink:
            for packet in container.demux([video, audio] if audio else [video]):
                try:
                    frames = packet.decode()
                except av.error.FFmpegError:
                    frames = []
                    tally.lost += packet.stream is video
                    tally.sounds_lost += packet.stream is audio
                for frame in frames:
                    if isinstance(frame, VideoFrame):
                        _count(tally, frame)
                        sink.picture(frame)
                    elif isinstance(frame, AudioFrame):
                        tally.sounds += 1
                        sink.sound(frame)
                sink.packet(packet)
                done = min(99.0, ((tally.last_s or 0.0) - begin_s) * 100_000 / facts.duration_ms)
                if done >= said + _STEP_PERCENT:
                    said = done
                    report(done)
            _judge(tally, facts, begin_s, is_recording=container.format.name in _RECORDINGS)
            sink.finish()


def _count(tally: _Tally, frame: VideoFrame) -> None:
    tally.frames += 1
    tally.lost += frame.is_corrupt
    if frame.time is not None:
        tally.last_s = max(frame.time, tally.last_s or 0.0)


def _judge(tally: _Tally, facts: FilmFacts, begin_s: float, *, is_recording: bool) -> None:
    most = _MOST_LOST_OF_A_RECORDING if is_recording else _MOST_LOST
    if tally.lost > _FEW_LOST + most * tally.frames or tally.sounds_lost > _FEW_LOST + most * tally.sounds:
        raise RefusalError(
            f"is damaged: {tally.lost} of its pictures and {tally.sounds_lost} pieces of its sound cannot be decoded",
            f"视频中有 {tally.lost} 个画面、{tally.sounds_lost} 段声音无法解码，文件可能没有复制完，请重新复制",
        )
    length_s = facts.duration_ms / 1000
    if tally.last_s is None or begin_s + length_s - tally.last_s > max(_END_GAP_S, length_s * 0.05):
        raise RefusalError("is truncated: its last pictures are missing; copy it again", TRUNCATED_ZH)

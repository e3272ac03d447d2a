"""A film of any make in, one that every screen plays out (H.264, AAC, MP4); it is decoded whole either way."""

from __future__ import annotations

from collections.abc import Callable
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

from signage.content.films import END_GAP_S, FilmFacts, begin_of, examine_film, open_film
from signage.content.refusal import NOT_DECODABLE_ZH, RefusalError
from signage.content.values import Kind, MediaFile
from signage.office.ingest.filmsinks import Encoder, Remuxer, Sink, colours_of, threads
from signage.office.ingest.filmtally import Tally, hole_at
from signage.office.ingest.holes import broken_at
from signage.office.ingest.recipe import Recipe, Size
from signage.office.ingest.taken import Report, Taken, small

LONGEST_S = 6 * 3600.0
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
        return Taken(_shown(mime, facts), look=_look(path, mime, facts), original_px=facts.size_px)
    if not (is_ready and _remux(path, mime, facts, report, rendition)):
        decode_whole(path, mime, facts, report, lambda video, audio: Encoder(video, audio, rendition, size))
    converted = examine_film(rendition, "video/mp4")
    return Taken(_shown("video/mp4", converted), rendition, _look(rendition, "video/mp4", converted), facts.size_px)


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
    return abs(copied.duration_ms - facts.duration_ms) < 1000 * END_GAP_S


def decode_whole(path: Path, mime: str, facts: FilmFacts, report: Report, make_sink: MakeSink) -> None:
    """Decode every packet and hand what comes out to the sink.

    Raises:
        RefusalError: more of it is lost than a flaw in a recording takes, or its end is missing.
    """
    if (part := broken_at(path, mime)) is not None:
        raise hole_at(part * facts.duration_ms / 1000)
    with open_film(path, mime) as container:
        video, audio = _streams_of(container)
        tally = Tally(video, begin_of(video), facts.duration_ms / 1000, container.format.name)
        said = 0.0
        with make_sink(video, audio) as sink:
            for packet in container.demux([video, audio] if audio else [video]):
                tally.take_packet(packet)
                try:
                    frames = packet.decode()
                except av.error.FFmpegError:
                    frames = []
                    tally.lose(packet)
                for frame in frames:
                    if isinstance(frame, VideoFrame):
                        tally.take_frame(frame)
                        sink.picture(frame)
                    elif isinstance(frame, AudioFrame):
                        tally.take_sound(frame)
                        sink.sound(frame)
                sink.packet(packet)
                done = min(99.0, 100 * tally.done)
                if done >= said + _STEP_PERCENT:
                    said = done
                    report(done)
            tally.judge()
            sink.finish()

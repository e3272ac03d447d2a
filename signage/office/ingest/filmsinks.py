"""Decoded pictures and sounds of a film in, an MP4 out: made anew, or the packets as they were."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.filter import Graph
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from signage.content.films import TURNS, begin_of
from signage.office.ingest.hdr import Colours, write_table
from signage.office.ingest.recipe import Size

_TICKS = 90_000
_MOST_RATE = 60
_RATES = (44_100, 48_000)
_SOUND_BITS = 160_000
_BT709 = 1
_BT2020_MATRICES = (9, 10)
_QUALITY = {"preset": "veryfast", "crf": "21", "profile": "high"}
_OUT = {"movflags": "+faststart"}


def threads() -> int:
    """Give how many threads one film uses: two at most, for several run at a time."""
    return min(2, os.cpu_count() or 1)


class Sink:
    """Takes what a film holds, in order; this one only has it decoded. Use with `with`; `finish` when all is well."""

    def packet(self, packet: Packet[Any]) -> None:
        """Take a packet that was decoded."""

    def picture(self, frame: VideoFrame) -> None:
        """Take a picture."""

    def sound(self, frame: AudioFrame) -> None:
        """Take a piece of sound."""

    def finish(self) -> None:
        """Write what is left."""

    def close(self) -> None:
        """Let go of the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Remuxer(Sink):
    """Puts the packets into an MP4 as they are.

    Raises:
        ValueError: the film begins between key pictures; in an MP4 nobody could find its beginning.
    """

    def __init__(self, video: VideoStream, audio: AudioStream | None, target: Path) -> None:
        self._out = av.open(str(target), "w", format="mp4", options=_OUT)
        self._streams: dict[int, Stream] = {video.index: self._out.add_stream_from_template(video)}
        if audio is not None:
            self._streams[audio.index] = self._out.add_stream_from_template(audio)
        self._early: list[Packet[Any]] = []
        self._video = video
        self._has_begun = False

    def packet(self, packet: Packet[Any]) -> None:
        if not packet.size:
            return
        if packet.stream is self._video and not self._has_begun:
            self._has_begun = True
            if not packet.is_keyframe:
                raise ValueError("begins between key pictures")
        if packet.dts is None:
            # Matroska does not say when the first pictures are to be decoded; the later ones tell.
            self._early.append(packet)
            return
        if self._early and packet.stream is self._early[0].stream:
            self._mux_early(packet.dts)
        self._mux(packet)

    def _mux_early(self, before: int) -> None:
        """Mux the packets held back, each as long before the next as it lasts, and never after it is shown."""
        early, self._early = self._early, []
        times = []
        for packet in reversed(early):
            before -= max(1, packet.duration or 1)
            before = min(before, packet.pts if packet.pts is not None else before)
            times.append(before)
        for packet, dts in zip(early, reversed(times), strict=True):
            packet.dts = dts
            self._mux(packet)

    def _mux(self, packet: Packet[Any]) -> None:
        packet.stream = self._streams[packet.stream.index]
        self._out.mux(packet)

    def close(self) -> None:
        self._out.close()


class Encoder(Sink):
    """Makes H.264 and AAC of what comes, upright, in square pixels of the wanted size, with its own times."""

    def __init__(self, video: VideoStream, audio: AudioStream | None, target: Path, size: Size) -> None:
        self._size = size
        self._table = target.with_suffix(".cube")
        self._begin_s = begin_of(video)
        self._graph: Graph | None = None
        self._shape: tuple[object, ...] = ()
        self._last = -1
        self._out = av.open(str(target), "w", format="mp4", options=_OUT)
        rate = min(Fraction(video.average_rate or video.guessed_rate or 25), Fraction(_MOST_RATE))
        self._least_ticks = _TICKS // (_MOST_RATE + 6)
        self._video = self._out.add_stream("libx264", rate=rate.limit_denominator(10_000), options=dict(_QUALITY))
        context = self._video.codec_context
        context.width, context.height = size
        context.pix_fmt = "yuv420p"
        context.time_base = Fraction(1, _TICKS)
        context.gop_size = max(1, round(2 * rate))
        context.thread_count = threads()
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = 1
        self._audio: AudioStream | None = None
        self._samples = 0
        if audio is not None:
            self._add_sound(audio)

    def _add_sound(self, audio: AudioStream) -> None:
        rate = audio.codec_context.sample_rate
        rate = rate if rate in _RATES else _RATES[1]
        layout = "mono" if audio.codec_context.channels == 1 else "stereo"
        self._audio = self._out.add_stream("aac", rate=rate)
        self._audio.codec_context.layout = layout
        self._audio.codec_context.bit_rate = _SOUND_BITS
        self._resampler = AudioResampler(format="fltp", layout=layout, rate=rate)
        self._has_begun = False

    def picture(self, frame: VideoFrame) -> None:
        ticks = self._last + self._least_ticks if frame.time is None else round((frame.time - self._begin_s) * _TICKS)
        if ticks < 0 or (self._last >= 0 and ticks - self._last < self._least_ticks):
            return
        self._last = ticks
        shape = (frame.width, frame.height, frame.format.name, frame.rotation, colours_of(frame))
        if self._graph is None or shape != self._shape:
            self._drain()
            self._shape = shape
            self._graph = _graph(frame, self._size, self._table)
        frame.pts, frame.time_base = ticks, Fraction(1, _TICKS)
        self._graph.push(frame)
        self._pull()

    def _pull(self) -> None:
        assert self._graph is not None
        while True:
            try:
                ready = self._graph.vpull()
            except (BlockingIOError, EOFError):
                return
            ready.pts, ready.time_base = round((ready.time or 0.0) * _TICKS), Fraction(1, _TICKS)
            ready.pict_type = 0
            self._out.mux(self._video.encode(ready))

    def _drain(self) -> None:
        if self._graph is not None:
            self._graph.push(None)
            self._pull()

    def sound(self, frame: AudioFrame) -> None:
        if self._audio is None:
            return
        if not self._has_begun:
            self._has_begun = True
            self._samples = max(0, round(((frame.time or 0.0) - self._begin_s) * self._audio.codec_context.sample_rate))
        frame.pts = None
        for piece in self._resampler.resample(frame):
            self._encode_sound(piece)

    def _encode_sound(self, piece: AudioFrame) -> None:
        assert self._audio is not None
        piece.pts, piece.time_base = self._samples, Fraction(1, piece.sample_rate)
        self._samples += piece.samples
        self._out.mux(self._audio.encode(piece))

    def finish(self) -> None:
        self._drain()
        self._out.mux(self._video.encode(None))
        if self._audio is not None:
            if self._has_begun:
                for piece in self._resampler.resample(None):
                    self._encode_sound(piece)
            self._out.mux(self._audio.encode(None))

    def close(self) -> None:
        self._out.close()


def colours_of(frame: VideoFrame) -> Colours:
    """Give what a decoded frame says of its colours."""
    return Colours(int(frame.color_trc), int(frame.color_primaries))


def _graph(frame: VideoFrame, size: Size, table: Path) -> Graph:
    """Give the steps from a decoded frame to one as screens want it: whole frames, upright, in the colours of HDTV."""
    graph = Graph()
    steps = [
        graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, _TICKS))
    ]
    if frame.interlaced_frame:
        steps.append(graph.add("bwdif", "mode=send_frame:deint=interlaced"))
    steps += [graph.add(name, arguments) for name, arguments in TURNS.get(frame.rotation, ())]
    width, height = size
    colours = colours_of(frame)
    if colours.is_foreign:
        write_table(colours, table)
        matrix = ":in_color_matrix=bt2020" if int(frame.colorspace) in _BT2020_MATRICES else ""
        steps.append(graph.add("scale", f"{width}:{height}:flags=bicubic{matrix}"))
        steps.append(graph.add("format", "pix_fmts=gbrp10le"))
        steps.append(graph.add("lut3d", file=str(table), interp="tetrahedral"))
    steps.append(graph.add("scale", f"{width}:{height}:flags=bicubic:out_color_matrix=bt709:out_range=tv"))
    steps.append(graph.add("format", "pix_fmts=yuv420p"))
    steps.append(graph.add("setsar", "1"))
    steps.append(graph.add("buffersink"))
    graph.link_nodes(*steps).configure()
    return graph

"""A film comes in; frames at the zone's size go into a stream, each with its instant. The only door to PyAV here."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from signage.content.films import TURNS, begin_of, is_cut_short, open_film, stated_length_s
from signage.content.values import Fit
from signage.stage.fitting import Placement, Size, afford, place
from signage.stage.frames import Frame, FrameStream, MotionPlan, PooledImage
from signage.stage.pictures import PictureError, backdrop

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.filter import Graph
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    from signage.stage.sound import SoundTrack

log = logging.getLogger(__name__)

_MOST_BROKEN_PACKETS = 25
_LEAST_OF_A_PASS_S = 1.0
_HIGH_DEFINITION_LINES = 720
_UNSPECIFIED = 2
_SIDEWAYS = (90, -90, 270, -270)


def decode_film(plan: MotionPlan, stream: FrameStream, sound: SoundTrack | None = None) -> None:
    """Fill the stream until `until_s`, or until it is stopped. Runs on a thread of its own; opens and closes there.

    Raises:
        PictureError: the film cannot be opened, or breaks on the way. What was shown last stays.
    """
    import av

    try:
        with open_film(plan.path, plan.mime) as container:
            _Film(container, plan).play(stream, sound)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise PictureError(f"{plan.path.name}: cannot be played ({error})") from error
    finally:
        stream.end()


class _Film:
    """One open film. Everything that FFmpeg allocated is given back by `close`, not when Python gets round to it."""

    def __init__(self, container: InputContainer, plan: MotionPlan) -> None:
        if not container.streams.video:
            raise PictureError(f"{plan.path.name}: has no picture track")
        self._container = container
        self._plan = plan
        self._video: VideoStream = container.streams.video[0]
        self._video.thread_type = "AUTO"
        self._graph: Graph | None = None
        self._size: Size | None = None
        self._shape: tuple[int, int, str, int] | None = None
        self._has_look = False
        self._begin_s = begin_of(self._video)
        self._declared_s = stated_length_s(container, self._video)

    def play(self, stream: FrameStream, sound: SoundTrack | None) -> None:
        """Decode pass after pass, from the plan's start on."""
        base_s, skip_s = self._first_pass()
        while not stream.is_stopped:
            if sound is not None:
                sound.begin_pass(base_s - self._begin_s)
            end_s = self._play_pass(stream, sound, base_s, skip_s)
            if end_s is None:
                return
            base_s, skip_s = end_s, 0.0
            if self._plan.until_s - base_s < _LEAST_OF_A_PASS_S:
                return
            self._container.seek(0, backward=True)

    def _play_pass(self, stream: FrameStream, sound: SoundTrack | None, base_s: float, skip_s: float) -> float | None:
        """Give where the next pass begins; None when stopped."""
        last_s, length_s = base_s, 0.0
        has_frames = False
        for frame in self._frames(sound):
            if stream.is_stopped:
                return None
            own_s = (frame.time or 0.0) - self._begin_s
            length_s = self._length(frame)
            last_s = max(last_s, base_s + own_s)
            has_frames = True
            if own_s + length_s <= skip_s:
                continue
            if base_s + own_s >= self._plan.until_s + _LEAST_OF_A_PASS_S:
                return None
            if not self._hand_over(frame, base_s + own_s, stream):
                return None
        if not has_frames:
            raise PictureError(f"{self._plan.path.name}: has no frame that can be decoded")
        end_s = last_s + length_s
        if self._declared_s is not None and is_cut_short(end_s - base_s, 0.0, self._declared_s):
            raise PictureError(
                f"{self._plan.path.name}: ends after {end_s - base_s:.1f} s of {self._declared_s:.1f} s; it is cut off"
            )
        return max(end_s, base_s + 0.02)

    def _hand_over(self, frame: VideoFrame, at_s: float, stream: FrameStream) -> bool:
        """Turn, scale and convert the frame in one go, into a buffer of FFmpeg's pool."""
        shape = (frame.width, frame.height, frame.format.name, frame.rotation)
        if self._graph is None or shape != self._shape:
            self._shape = shape
            self._graph = self._make_graph(frame)
        self._graph.push(frame)
        scaled = self._graph.vpull()
        plane = scaled.planes[0]
        has_alpha = any(component.is_alpha for component in frame.format.components)
        if not self._has_look:
            self._has_look = True
            stream.placement = self._place(frame)
            stream.backdrop = self._behind(scaled, stream.placement, has_alpha)
        pixels = QImage.Format.Format_ARGB32 if has_alpha else QImage.Format.Format_RGB32
        if not stream.wait_for_room():
            return False
        stream.put(Frame(at_s, PooledImage(plane, scaled.height, pixels), scaled.width))
        return True

    def _make_graph(self, frame: VideoFrame) -> Graph:
        """Give the steps from a decoded frame to one for the screen. FFmpeg keeps the pictures between them in pools
        of its own, where scaling frame by frame would take and give back 8 MB each time.

        All frames come out in the first one's size, for which the stream's buffers are made: a recording may change
        its shape on the way, and is then shown whole within that."""
        from av.filter import Graph

        graph = Graph()
        steps = [graph.add_buffer(template=self._video, width=frame.width, height=frame.height, format=frame.format)]
        steps += [graph.add(name, arguments) for name, arguments in TURNS.get(frame.rotation, ())]
        box = self._size = self._size or self._target(frame)
        width, height = place(self._upright(frame), box, Fit.CONTAIN).size if self._has_look else box
        steps.append(graph.add("scale", f"{width}:{height}:flags=fast_bilinear{self._matrix(frame)}"))
        steps.append(graph.add("format", "pix_fmts=bgra"))
        if (width, height) != box:
            steps.append(graph.add("pad", f"{box[0]}:{box[1]}:(ow-iw)/2:(oh-ih)/2"))
        steps.append(graph.add("buffersink"))
        graph.link_nodes(*steps).configure()
        return graph

    def _frames(self, sound: SoundTrack | None) -> Iterator[VideoFrame]:
        """Give the frames from where the container stands; a few broken packets are passed over."""
        import av

        streams = [self._video]
        if sound is not None and self._container.streams.audio:
            streams.append(self._container.streams.audio[0])  # type: ignore[arg-type]
        broken = 0
        for packet in self._container.demux(*streams):
            try:
                for frame in packet.decode():
                    if isinstance(frame, av.VideoFrame):
                        broken = 0
                        yield frame
                    elif sound is not None and isinstance(frame, av.AudioFrame):
                        sound.put(frame)
            except av.InvalidDataError:
                broken += 1
                if broken > _MOST_BROKEN_PACKETS:
                    raise

    def _length(self, frame: VideoFrame) -> float:
        if frame.duration and frame.time_base:
            return float(frame.duration * frame.time_base)
        rate = self._video.average_rate or self._video.guessed_rate
        return 1 / float(rate) if rate else 0.04

    def _first_pass(self) -> tuple[float, float]:
        """Give where on the item's time the pass at `start_s` begins, and how much of it is past; seek there."""
        base_s, skip_s = 0.0, max(0.0, self._plan.start_s)
        if self._declared_s:
            passes = int(skip_s // self._declared_s)
            base_s, skip_s = passes * self._declared_s, skip_s - passes * self._declared_s
        if skip_s > 0:
            self._container.seek(int((self._begin_s + skip_s) * 1_000_000), backward=True)
        return base_s, skip_s

    def _place(self, frame: VideoFrame) -> Placement:
        width, height = self._upright(frame)
        return place((max(1, width), max(1, height)), self._plan.zone, self._plan.fit)

    def _upright(self, frame: VideoFrame) -> Size:
        """Give the size in which a viewer sees the frame, its pixels made square."""
        width, height = round(frame.width * float(self._video.sample_aspect_ratio or 1)), frame.height
        return (height, width) if frame.rotation in _SIDEWAYS else (width, height)

    def _target(self, frame: VideoFrame) -> Size:
        """Give the size to scale to: that on screen, or the film's own where the screen's GPU enlarges it."""
        width, height = self._place(frame).size
        factor = afford((width, height), self._plan.zone)
        width, height = max(1, round(width * factor)), max(1, round(height * factor))
        if self._plan.may_enlarge:
            return width, height
        own_width, own_height = self._upright(frame)
        return min(width, own_width), min(height, own_height)

    def _behind(self, scaled: VideoFrame, placement: Placement, has_alpha: bool) -> QImage | None:
        """Give what is seen around the film (or through it), from its first frame."""
        covers = all(side >= wanted for side, wanted in zip(placement.size, self._plan.zone, strict=True))
        if covers and not has_alpha:
            return None
        plane = scaled.planes[0]
        first = QImage(memoryview(plane), scaled.width, scaled.height, plane.line_size, QImage.Format.Format_RGB32)
        return backdrop(first, self._plan.zone)

    def _matrix(self, frame: VideoFrame) -> str:
        """Name the colour matrix where the film does not: that of HD for HD, of television for the rest."""
        if frame.colorspace != _UNSPECIFIED:
            return ""
        return ":in_color_matrix=" + ("bt709" if frame.height >= _HIGH_DEFINITION_LINES else "bt601")

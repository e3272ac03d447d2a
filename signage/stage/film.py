"""A film comes in; frames at the zone's size go into a stream, each with its instant. The only door to PyAV here."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from signage.stage.fitting import Placement, Size, place
from signage.stage.frames import Frame, FrameStream, MotionPlan, fill
from signage.stage.pictures import PictureError, backdrop

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.filter import Graph
    from av.video.frame import VideoFrame
    from av.video.reformatter import Colorspace
    from av.video.stream import VideoStream

    from signage.stage.sound import SoundTrack

log = logging.getLogger(__name__)

_MOST_BROKEN_PACKETS = 25
_ENDS_EARLY_S = 1.0
_LEAST_OF_A_PASS_S = 1.0
_HIGH_DEFINITION_LINES = 720
_UNSPECIFIED = 2


def decode_film(plan: MotionPlan, stream: FrameStream, sound: SoundTrack | None = None) -> None:
    """Fill the stream until `until_s`, or until it is stopped. Runs on a thread of its own; opens and closes there.

    Raises:
        PictureError: the film cannot be opened, or breaks on the way. What was shown last stays.
    """
    import av

    try:
        with av.open(plan.path) as container:
            _Film(container, plan).play(stream, sound)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise PictureError(f"{plan.path.name}: cannot be played ({error})") from error
    finally:
        stream.end()


class _Film:
    """One open film. Everything that FFmpeg allocated is given back by `close`, not when Python gets round to it."""

    def __init__(self, container: InputContainer, plan: MotionPlan) -> None:
        import av

        if not container.streams.video:
            raise PictureError(f"{plan.path.name}: has no picture track")
        self._container = container
        self._plan = plan
        self._video: VideoStream = container.streams.video[0]
        self._video.thread_type = "AUTO"
        self._reformatter = av.video.reformatter.VideoReformatter()
        self._turner: Graph | None = None
        self._turns_sideways = False
        self._placement: Placement | None = None
        self._begin_s = self._begin()
        self._declared_s = self._declared()

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
        if self._declared_s is not None and end_s - base_s < self._declared_s - _ENDS_EARLY_S:
            raise PictureError(
                f"{self._plan.path.name}: ends after {end_s - base_s:.1f} s of {self._declared_s:.1f} s; it is cut off"
            )
        return max(end_s, base_s + 0.02)

    def _hand_over(self, frame: VideoFrame, at_s: float, stream: FrameStream) -> bool:
        """Scale and convert the frame in one step, and copy it into a buffer of the pool."""
        upright = self._turned(frame)
        width, height = self._target(upright)
        has_alpha = any(component.is_alpha for component in upright.format.components)
        scaled = self._reformatter.reformat(
            upright,
            width,
            height,
            "bgra",
            src_colorspace=self._matrix(upright),
            interpolation="FAST_BILINEAR",
            threads=1,
        )
        plane = scaled.planes[0]
        if self._placement is None:
            self._placement = stream.placement = self._place(upright)
            stream.backdrop = self._behind(memoryview(plane), plane.line_size, (width, height), has_alpha)
        pixels = QImage.Format.Format_ARGB32 if has_alpha else QImage.Format.Format_RGB32
        image = stream.lend(plane.line_size, height, pixels)
        if image is None:
            return False
        fill(image, memoryview(plane))
        stream.put(Frame(at_s, image, width))
        return True

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

    def _begin(self) -> float:
        start, base = self._video.start_time, self._video.time_base
        return float(start * base) if start is not None and base is not None else 0.0

    def _declared(self) -> float | None:
        """Give the length that the file's head promises."""
        if self._video.duration is not None and self._video.time_base is not None:
            return float(self._video.duration * self._video.time_base)
        return self._container.duration / 1_000_000 if self._container.duration else None

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
        aspect = float(self._video.sample_aspect_ratio or 1)
        if self._turns_sideways:
            aspect = 1 / aspect
        return place((max(1, round(frame.width * aspect)), frame.height), self._plan.zone, self._plan.fit)

    def _target(self, frame: VideoFrame) -> Size:
        """Give the size to scale to: that on screen, or the film's own where the screen's GPU enlarges it."""
        width, height = self._place(frame).size
        if self._plan.may_enlarge:
            return width, height
        return min(width, frame.width), min(height, frame.height)

    def _behind(self, pixels: memoryview, stride: int, size: Size, has_alpha: bool) -> QImage | None:
        """Give what is seen around the film (or through it), from its first frame."""
        assert self._placement is not None
        covers = all(side >= wanted for side, wanted in zip(self._placement.size, self._plan.zone, strict=True))
        if covers and not has_alpha:
            return None
        return backdrop(QImage(pixels, *size, stride, QImage.Format.Format_RGB32), self._plan.zone)

    def _turned(self, frame: VideoFrame) -> VideoFrame:
        """Give the frame upright: phones store films as the sensor lay, and say in each frame how to turn it."""
        steps = {90: "cclock", -90: "clock", 270: "clock", -270: "cclock"}.get(frame.rotation)
        if steps is None and abs(frame.rotation) != 180:
            return frame
        if self._turner is None:
            self._turner = self._make_turner(steps)
            self._turns_sideways = steps is not None
        self._turner.push(frame)
        turned = self._turner.pull()
        assert isinstance(turned, type(frame))
        return turned

    def _make_turner(self, direction: str | None) -> Graph:
        from av.filter import Graph

        graph = Graph()
        steps = [graph.add_buffer(template=self._video)]
        if direction is not None:
            steps.append(graph.add("transpose", direction))
        else:
            steps += [graph.add("hflip"), graph.add("vflip")]
        steps.append(graph.add("buffersink"))
        graph.link_nodes(*steps).configure()
        return graph

    def _matrix(self, frame: VideoFrame) -> Colorspace | None:
        """Give the colour matrix where the film does not name one: that of HD for HD, of television for the rest."""
        if frame.colorspace != _UNSPECIFIED:
            return None
        import av

        spaces = av.video.reformatter.Colorspace
        return spaces.ITU709 if frame.height >= _HIGH_DEFINITION_LINES else spaces.ITU601

"""What came out of a film's decoder and what did not in; whether the film is whole out, and if not, where it is not."""

from __future__ import annotations

from typing import Any

from av.audio.frame import AudioFrame
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from signage.content.films import RECORDINGS, end_of, is_cut_short
from signage.content.refusal import TRUNCATED_ZH, RefusalError

_ZEROS = bytes(512)
"""No coder of pictures writes so many zeros one after the other; what never came is zeros (field notes 1.5)."""

_CODED = ("h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "msmpeg4v2", "msmpeg4v3", "wmv1", "wmv2", "wmv3", "vc1", "h263")
_ANNEX_B = ("mpegts", "mpeg", "mpegvideo")
"""Between the pictures of these, zeros may stand."""

_MOST_LOST = 0.01
_MOST_LOST_OF_A_RECORDING = 0.05
_FEW_LOST = 3
_EDGE_S = 2.0
"""At its ends a film that was cut, or recorded from the air, holds pictures that lean on others which are not there."""

_STEADY = ("mpeg", "mpegts")
"""In these, one picture follows the other without a pause, also where nothing moves."""

_SHORTEST_GAP_S = 0.25
_APART_S = 2.0
"""So far ahead of their sound pictures may lie in the file."""

_LONGEST_GAP_S = 60.0
"""A longer one is where two recordings were put together."""


class Tally:
    """Counts while a film is decoded. `begin_s` is its first moment, `length_s` the length that it states.

    `container` is FFmpeg's name of it. A recording from the air may have lost a little on its way.
    """

    def __init__(self, video: VideoStream, begin_s: float, length_s: float, container: str) -> None:
        self._video = video
        self._begin_s = begin_s
        self._length_s = length_s
        self._is_recording = container in RECORDINGS
        self._edge_s = min(_EDGE_S, length_s / 5)
        self._is_coded = video.codec_context.name in _CODED and container not in _ANNEX_B
        self._frames = self._sounds = 0
        self._lost: list[float] = []
        self._faulty: list[float] = []
        self._sounds_lost: list[float] = []
        self._hole_s: float | None = None
        self._has_steady_times = container in _STEADY
        self._gaps: list[tuple[float, float]] = []
        self._sound_gaps: list[tuple[float, float]] = []
        self._sound_end_s: float | None = None
        self._now_s = begin_s
        self._last_s: float | None = None
        self._end_s: float | None = None

    @property
    def done(self) -> float:
        """How much of the film is decoded, from 0 to 1."""
        return (self._now_s - self._begin_s) / self._length_s

    def take_packet(self, packet: Packet[Any]) -> None:
        """Look at a packet before it is decoded."""
        if self._hole_s is None and self._is_coded and packet.stream is self._video and _ZEROS in bytes(packet):
            self._hole_s = self._now_s

    def take_frame(self, frame: VideoFrame) -> None:
        self._frames += 1
        if frame.time is not None:
            if self._last_s is not None and _SHORTEST_GAP_S < frame.time - self._last_s < _LONGEST_GAP_S:
                self._gaps.append((self._last_s, frame.time))
            self._now_s = max(self._now_s, frame.time)
            self._last_s = max(frame.time, self._last_s or 0.0)
            self._end_s = max(end_of(frame), self._end_s or 0.0)
        if frame.is_corrupt:
            self._faulty.append(self._now_s)

    def take_sound(self, frame: AudioFrame) -> None:
        self._sounds += 1
        if frame.time is None:
            return
        if self._sound_end_s is not None and _SHORTEST_GAP_S < frame.time - self._sound_end_s < _LONGEST_GAP_S:
            self._sound_gaps.append((self._sound_end_s, frame.time))
        self._sound_end_s = frame.time + frame.samples / frame.sample_rate

    def lose(self, packet: Packet[Any]) -> None:
        """Note a packet that cannot be decoded."""
        (self._lost if packet.stream is self._video else self._sounds_lost).append(self._now_s)

    def judge(self) -> None:
        """Say whether it is whole.

        Raises:
            RefusalError: it is not; the message says where, or how much is lost.
        """
        if self._hole_s is not None:
            raise hole_at(self._hole_s - self._begin_s)
        faults, sounds = len(self._lost) + len(self._faulty), len(self._sounds_lost)
        most = _MOST_LOST_OF_A_RECORDING if self._is_recording else _MOST_LOST
        if faults > _FEW_LOST + most * self._frames or sounds > _FEW_LOST + most * self._sounds:
            raise RefusalError(
                f"is damaged: {faults} of its pictures and {sounds} pieces of its sound cannot be decoded",
                f"视频中有 {faults} 个画面、{sounds} 段声音无法解码，文件可能没有复制完，请重新复制",
            )
        if not self._is_recording and (at_s := self._damaged_at()) is not None:
            raise hole_at(at_s - self._begin_s)
        if self._has_steady_times and (at_s := self._skipped_at()) is not None:
            raise hole_at(at_s - self._begin_s)
        if is_cut_short(self._end_s, self._begin_s, self._length_s):
            raise RefusalError("is truncated: its last pictures are missing; copy it again", TRUNCATED_ZH)

    def _damaged_at(self) -> float | None:
        """Give where more is lost, away from the ends, than a single slip of a camera."""
        lost, faulty, sounds = (self._inner(one) for one in (self._lost, self._faulty, self._sounds_lost))
        is_damaged = len(lost) >= 2 or len(faulty) > _FEW_LOST or (bool(sounds) and bool(lost or faulty))
        return min([*lost, *faulty, *sounds]) if is_damaged else None

    def _skipped_at(self) -> float | None:
        """Give where pictures and sound stop together and go on later."""
        for begin_s, end_s in self._gaps:
            both = any(
                begin_s - _APART_S < other_end_s and other_s < end_s + _APART_S
                for other_s, other_end_s in self._sound_gaps
            )
            if both or not self._sounds:
                return begin_s
        return None

    def _inner(self, moments: list[float]) -> list[float]:
        first, last = self._begin_s + self._edge_s, self._begin_s + self._length_s - self._edge_s
        return [moment for moment in moments if first <= moment <= last]


def hole_at(at_s: float) -> RefusalError:
    """Give the refusal of a film of which a piece is missing after so many seconds."""
    minutes, seconds = divmod(max(0, int(at_s)), 60)
    return RefusalError(
        f"is damaged: a piece is missing at about {minutes}:{seconds:02}; copy it again",
        f"视频在大约 {minutes} 分 {seconds:02} 秒处缺了一段数据，文件可能没有复制完整，请重新复制",
    )

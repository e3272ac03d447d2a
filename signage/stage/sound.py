"""A film's decoded sound comes in; what the loudspeaker is to play next goes out, in step with the picture.

The only door to sounddevice (PortAudio). Where there is no library or no device, it says so once, and films are silent.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from threading import Lock, Thread
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame

log = logging.getLogger(__name__)

RATE_HZ = 48_000
FRAME_BYTES = 4
"""One instant of stereo sound at 16 bits."""
MOST_DRIFT_S = 0.040
"""Sound and picture are brought together again when they are farther apart. Source: ITU-R BT.1359 has people notice
sound 45 ms early."""
_KEPT_S = 4.0
_CLOSE_S = 2.0


class Output(Protocol):
    """An open loudspeaker that asks for sound."""

    def close(self) -> None: ...


Fill = Callable[[int, float], bytes]
"""Gives that many frames of sound, the first of which is heard that many seconds from now."""

OpenOutput = Callable[[Fill], Output]


class SoundTrack:
    """The sound of one film: filled by the film's thread, emptied by the loudspeaker's.

    Nothing is heard before `begin`. `monotonic_s` is the clock by which the picture runs.
    """

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        self._monotonic_s = monotonic_s
        self._lock = Lock()
        self._pieces: deque[bytes] = deque()
        self._size_bytes = 0
        self._cursor_s = 0.0
        self._zero_s: float | None = None
        self._offset_s = 0.0
        self._resampler: object | None = None
        self.count_corrections = 0

    def begin(self, zero_s: float) -> None:
        """Be heard from now on; the film's own time is zero at the monotonic instant `zero_s`."""
        self._zero_s = zero_s

    def end(self) -> None:
        """Fall silent and let go of what was not heard."""
        with self._lock:
            self._zero_s = None
            self._pieces.clear()
            self._size_bytes = 0

    # The film's thread

    def begin_pass(self, offset_s: float) -> None:
        """Say what has to be added to a frame's own time to give the item's time, from the next frame on."""
        self._offset_s = offset_s
        self._resampler = None

    def put(self, frame: AudioFrame) -> None:
        """Add a decoded frame."""
        from av.audio.resampler import AudioResampler

        if self._resampler is None:
            self._resampler = AudioResampler("s16", "stereo", RATE_HZ)
        assert isinstance(self._resampler, AudioResampler)
        at_s = (frame.time or 0.0) + self._offset_s
        for piece in self._resampler.resample(frame):
            size_bytes = piece.samples * FRAME_BYTES
            self.add(bytes(memoryview(piece.planes[0])[:size_bytes]), at_s)
            at_s += piece.samples / RATE_HZ

    def add(self, sound: bytes, at_s: float) -> None:
        """Add sound that begins at that instant of the item's time. A gap before it is filled with silence."""
        with self._lock:
            if not self._pieces:
                self._cursor_s = at_s
            else:
                gap = round((at_s - self._end_s()) * RATE_HZ)
                if gap > RATE_HZ * MOST_DRIFT_S:
                    self._append(bytes(min(gap, RATE_HZ) * FRAME_BYTES))
            self._append(sound)
            while self._size_bytes > _KEPT_S * RATE_HZ * FRAME_BYTES:
                self._drop(len(self._pieces[0]))

    # The loudspeaker's thread

    def fill(self, count: int, latency_s: float) -> bytes:
        """Give `count` frames, the first of which is heard in `latency_s`; silence where there is nothing."""
        with self._lock:
            if self._zero_s is None or not self._pieces:
                return bytes(count * FRAME_BYTES)
            wanted_s = self._monotonic_s() + latency_s - self._zero_s
            drift_s = self._cursor_s - wanted_s
            silence = 0
            if drift_s > MOST_DRIFT_S:
                silence = min(count, round(drift_s * RATE_HZ))
                self.count_corrections += 1
            elif drift_s < -MOST_DRIFT_S:
                self._drop(round(-drift_s * RATE_HZ) * FRAME_BYTES)
                self.count_corrections += 1
            sound = bytes(silence * FRAME_BYTES) + self._take((count - silence) * FRAME_BYTES)
            return sound + bytes(count * FRAME_BYTES - len(sound))

    def _end_s(self) -> float:
        return self._cursor_s + self._size_bytes / FRAME_BYTES / RATE_HZ

    def _append(self, sound: bytes) -> None:
        self._pieces.append(sound)
        self._size_bytes += len(sound)

    def _drop(self, size_bytes: int) -> None:
        self._take(size_bytes)

    def _take(self, size_bytes: int) -> bytes:
        taken = bytearray()
        while self._pieces and len(taken) < size_bytes:
            piece = self._pieces.popleft()
            rest = size_bytes - len(taken)
            taken += piece[:rest]
            if len(piece) > rest:
                self._pieces.appendleft(piece[rest:])
        self._size_bytes -= len(taken)
        self._cursor_s += len(taken) / FRAME_BYTES / RATE_HZ
        return bytes(taken)


class Speaker:
    """The one loudspeaker: plays the track that was begun last. It is opened for the first film with sound, on a
    thread of its own (a sound system may take its time), and tried again with the next film where that failed.

    A fault is logged once, until it works again.
    """

    def __init__(self, monotonic_s: Callable[[], float], open_output: OpenOutput | None = None) -> None:
        self._monotonic_s = monotonic_s
        self._open_output = open_output or open_loudspeaker
        self._track: SoundTrack | None = None
        self._output: Output | None = None
        self._opener: Thread | None = None
        self._is_faulty = False

    def make_track(self) -> SoundTrack:
        return SoundTrack(self._monotonic_s)

    def play(self, track: SoundTrack, zero_s: float) -> None:
        """Have the track heard from now on; its own time is zero at the monotonic instant `zero_s`."""
        track.begin(zero_s)
        self._track = track
        if self._output is None and (self._opener is None or not self._opener.is_alive()):
            self._opener = Thread(target=self._open, name="speaker", daemon=True)
            self._opener.start()

    def stop(self, track: SoundTrack) -> None:
        """Be silent, if it is this track that is heard."""
        track.end()
        if self._track is track:
            self._track = None

    def close(self) -> None:
        """Let go of the loudspeaker."""
        self._track = None
        if self._opener is not None:
            self._opener.join(_CLOSE_S)
        if self._output is not None:
            self._output.close()
            self._output = None

    def _open(self) -> None:
        try:
            self._output = self._open_output(self._fill)
        except Exception as error:  # noqa: BLE001  # PortAudio, its library and its drivers fail in their own ways
            if not self._is_faulty:
                log.warning("films are silent: %s", error)
            self._is_faulty = True
            return
        if self._is_faulty:
            log.info("films are heard again")
            self._is_faulty = False

    def _fill(self, count: int, latency_s: float) -> bytes:
        track = self._track
        return track.fill(count, latency_s) if track is not None else bytes(count * FRAME_BYTES)


def open_loudspeaker(fill: Fill) -> Output:
    """Open the system's default output.

    Raises:
        OSError: the PortAudio library is not installed.
        sounddevice.PortAudioError: there is no device, or it is taken.
    """
    import sounddevice  # type: ignore[import-untyped]

    def on_request(out: memoryview, count: int, time: object, _status: object) -> None:
        latency_s = max(0.0, getattr(time, "outputBufferDacTime", 0.0) - getattr(time, "currentTime", 0.0))
        out[:] = fill(count, latency_s)

    stream = sounddevice.RawOutputStream(samplerate=RATE_HZ, channels=2, dtype="int16", callback=on_request)
    stream.start()
    return _Loudspeaker(stream)


class _Loudspeaker:
    def __init__(self, stream: object) -> None:
        self._stream = stream

    def close(self) -> None:
        self._stream.close()  # type: ignore[attr-defined]  # sounddevice has no types

"""Colours of a wall (SDR) in, the same as phones write them in HLG or PQ out: for tests of the way back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import av

PQ, HLG = 16, 18
Triple = tuple[float, float, float]
_TO_BT2020 = ((0.627404, 0.329283, 0.043313), (0.069097, 0.919540, 0.011362), (0.016391, 0.088013, 0.895595))
_LUMA = (0.2627, 0.6780, 0.0593)
SIZE = (64, 48)


def signal_of(colour: tuple[int, int, int], transfer: int) -> Triple:
    """Give the signal (0 to 1) of a colour of 8 bits, whose white is the white of paper: 203 nits."""
    light = [(one / 255) ** 2.4 * 203 for one in colour]
    red, green, blue = (sum(part * one for part, one in zip(row, light, strict=True)) for row in _TO_BT2020)
    if transfer == PQ:
        return _pq(red), _pq(green), _pq(blue)
    luma = max(1e-9, (red * _LUMA[0] + green * _LUMA[1] + blue * _LUMA[2]) / 1000)
    gain = luma ** (1 / 1.2 - 1) / 1000
    return _hlg(red * gain), _hlg(green * gain), _hlg(blue * gain)


def _pq(nits: float) -> float:
    power = (nits / 10_000) ** 0.1593017578125
    return float(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


def _hlg(scene: float) -> float:
    return math.sqrt(3 * scene) if scene <= 1 / 12 else 0.17883277 * math.log(12 * scene - 0.28466892) + 0.55991073


def write_clip(path: Path, colours: Sequence[tuple[int, int, int]], transfer: int, codec: str = "libx265") -> None:
    """Write a film that shows each colour for half a second, in 10 bits of BT.2020 as a phone does."""
    with av.open(str(path), "w") as out:
        video = out.add_stream(codec, rate=10, options={"x265-params": "log-level=none"} if codec == "libx265" else {})
        video.width, video.height = SIZE
        video.pix_fmt = "yuv420p10le" if codec == "libx265" else "yuv422p10le"
        context = video.codec_context
        context.color_trc, context.color_primaries, context.colorspace = transfer, 9, 9
        for number in range(len(colours) * 5):
            frame = _flat(signal_of(colours[number // 5], transfer), video.pix_fmt)
            frame.pts, frame.color_trc, frame.color_primaries, frame.colorspace = number, transfer, 9, 9
            out.mux(video.encode(frame))
        out.mux(video.encode(None))


def _flat(signal: Triple, pix_fmt: str) -> av.VideoFrame:
    """Give a frame of one colour, in the narrow range."""
    luma = sum(part * one for part, one in zip(_LUMA, signal, strict=True))
    blue, red = (signal[2] - luma) / 1.8814, (signal[0] - luma) / 1.4746
    frame = av.VideoFrame(*SIZE, pix_fmt)
    for plane, value in zip(frame.planes, (64 + 876 * luma, 512 + 896 * blue, 512 + 896 * red), strict=True):
        plane.update(round(value).to_bytes(2, "little") * (plane.buffer_size // 2))
    return frame

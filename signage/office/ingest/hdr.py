"""The colours that a film or photo says it is in, in; a table that turns them into those that a wall shows (SDR) out.

Phones record films in HLG or PQ: as bright as the scene was, in a wider range of colours.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PQ, HLG = 16, 18
"""Transfer characteristics by their number in ITU-T H.273."""

_BT2020, _P3 = 9, 12
POINTS = 33
_WHITE_NITS = 203.0
_PEAK_NITS = 1000.0
_KNEE = 0.7
_GAMMA = 2.4

_FROM_BT2020 = ((1.660491, -0.587641, -0.072850), (-0.124550, 1.132900, -0.008349), (-0.018151, -0.100579, 1.118730))
_FROM_P3 = ((1.224940, -0.224940, 0.0), (-0.042057, 1.042057, 0.0), (-0.019638, -0.078636, 1.098274))
_LUMA = (0.2126, 0.7152, 0.0722)
_LUMA_BT2020 = (0.2627, 0.6780, 0.0593)

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Colours:
    """What a frame says of its colours: transfer characteristics and primaries, as numbers of ITU-T H.273."""

    transfer: int = 2
    primaries: int = 2

    @property
    def is_hdr(self) -> bool:
        return self.transfer in (PQ, HLG)

    @property
    def is_foreign(self) -> bool:
        """Whether a table is needed: they are not those of HDTV, nor near enough."""
        return self.is_hdr or self.primaries in (_BT2020, _P3)


@lru_cache(maxsize=4)
def table_of(colours: Colours) -> tuple[Triple, ...]:
    """Give the table: 33 points along each side, red the fastest; signals from 0 to 1.

    Light is taken as a display in a bright room would show it: the white of paper (203 nits) comes out a little below
    white, what is brighter fits in above it by a soft knee, and hues stay. Colours outside of HDTV's lose saturation.

    Source: ITU-R BT.2100-2 (PQ, HLG and its OOTF for 1000 nits), BT.2408 (203 nits), BT.1886 (gamma of the wall).
    """
    light = _light_of(colours)
    matrix = _FROM_P3 if colours.primaries == _P3 else _FROM_BT2020
    steps = [at / (POINTS - 1) for at in range(POINTS)]
    table = []
    for blue, green, red in itertools.product(steps, steps, steps):
        inner = _within(_times(matrix, light((red, green, blue))))
        first, second, third = _toned(inner) if colours.is_hdr else inner
        table.append((_signal(first), _signal(second), _signal(third)))
    return tuple(table)


def write_table(colours: Colours, path: Path) -> None:
    """Write the table as a .cube file, as FFmpeg's filter lut3d reads it."""
    lines = [f"LUT_3D_SIZE {POINTS}"]
    lines += [" ".join(f"{one:.5f}" for one in point) for point in table_of(colours)]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def _signal(light: float) -> float:
    return float(min(1.0, light) ** (1 / _GAMMA))


def _light_of(colours: Colours) -> Callable[[Triple], Triple]:
    """Give what turns a signal (0 to 1) into light; 1.0 is the white of paper."""
    if colours.transfer == PQ:
        return lambda signal: (_pq(signal[0]), _pq(signal[1]), _pq(signal[2]))
    if colours.transfer == HLG:
        return _hlg
    return lambda signal: (signal[0] ** _GAMMA, signal[1] ** _GAMMA, signal[2] ** _GAMMA)


def _pq(signal: float) -> float:
    power = signal ** (32 / 2523)
    nits: float = 10_000 * (max(power - 0.8359375, 0.0) / (18.8515625 - 18.6875 * power)) ** (16384 / 2610)
    return min(nits, _PEAK_NITS) / _WHITE_NITS


def _hlg(signal: Triple) -> Triple:
    red, green, blue = (_hlg_scene(one) for one in signal)
    luma = red * _LUMA_BT2020[0] + green * _LUMA_BT2020[1] + blue * _LUMA_BT2020[2]
    gain = luma**0.2 * _PEAK_NITS / _WHITE_NITS
    return red * gain, green * gain, blue * gain


def _hlg_scene(signal: float) -> float:
    return signal * signal / 3 if signal <= 0.5 else (math.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12


def _times(matrix: tuple[Triple, Triple, Triple], light: Triple) -> Triple:
    first, second, third = (row[0] * light[0] + row[1] * light[1] + row[2] * light[2] for row in matrix)
    return first, second, third


def _within(light: Triple) -> Triple:
    """Give a colour that HDTV has: of the same brightness, with as much less saturation as it takes."""
    lowest = min(light)
    if lowest >= 0:
        return light
    luma = light[0] * _LUMA[0] + light[1] * _LUMA[1] + light[2] * _LUMA[2]
    if luma <= 0:
        return 0.0, 0.0, 0.0
    keep = luma / (luma - lowest)
    first, second, third = (max(0.0, luma + keep * (one - luma)) for one in light)
    return first, second, third


def _toned(light: Triple) -> Triple:
    """Bring light of up to the peak into 0 to 1; what is darker than the knee stays as it is."""
    brightest = max(light)
    if brightest <= _KNEE:
        return light
    room = 1 - _KNEE
    over, most = (brightest - _KNEE) / room, (_PEAK_NITS / _WHITE_NITS - _KNEE) / room
    gain = (_KNEE + room * over * (1 + over / most**2) / (1 + over)) / brightest
    return light[0] * gain, light[1] * gain, light[2] * gain

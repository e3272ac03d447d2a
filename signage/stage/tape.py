"""The text of a ticker as a row of pieces, and where it stands when: texts come in, pieces and positions go out."""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

READING_SPEED = 5.5
"""Chinese characters a second that pass by: as fast as most people read without haste."""

PIECE_PX = 1024
"""About how wide a piece becomes: small enough to draw between two frames, and for any limit of a texture."""

_FRAMES_A_SECOND = 60
_UNCUT_PIECES = 4
_MOTIF_CHARACTERS = 2
_TSHEG = "་"
_JOINER = 0x200D
_NEVER_BEFORE = frozenset((_JOINER, 0xFE0E, 0xFE0F, 0x20E3, *range(0x1F3FB, 0x1F400)))
_FLAGS = range(0x1F1E6, 0x1F200)


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of the row that is drawn as one picture; with an empty `text` it is the motif between two texts.

    `x` is the distance of its left edge from the row's left end, in whole pixels like `width`.
    """

    text: str
    x: int
    width: int
    is_rtl: bool = False


@dataclass(frozen=True, slots=True)
class Tape:
    """The whole row, `width` pixels long. It enters at one side of a strip and comes round again every `lap_px`.

    A row of right-to-left scripts runs to the right, so that the beginning of a sentence enters first.
    """

    pieces: tuple[Piece, ...]
    width: int
    lap_px: int
    strip_px: int
    runs_right: bool = False

    def visible(self, travelled: int, margin_px: int = 0) -> Iterator[tuple[int, int, int]]:
        """Give (lap, index of the piece, x of its left edge in the strip) of every piece within the strip.

        `travelled` is how many pixels the row's head has come since it stood at the entering edge. `margin_px` widens
        the strip at both sides. Laps count from 0; nothing is ahead of the first.
        """
        first = max(0, (travelled - self.strip_px - margin_px - self.width) // self.lap_px)
        last = (travelled + margin_px) // self.lap_px
        for lap in range(first, last + 1):
            head = travelled - lap * self.lap_px
            left = head - self.width if self.runs_right else self.strip_px - head
            start = bisect_right(self.pieces, -margin_px - left, key=_right_edge)
            end = bisect_left(self.pieces, self.strip_px + margin_px - left, key=_left_edge)
            for index in range(start, end):
                yield lap, index, left + self.pieces[index].x


def _left_edge(piece: Piece) -> int:
    return piece.x


def _right_edge(piece: Piece) -> int:
    return piece.x + piece.width


def tidy(texts: Sequence[str]) -> tuple[str, ...]:
    """Give each text as one line: white space, line breaks and control characters become one space; no empty ones."""
    lines = (" ".join("".join(" " if _is_control(char) else char for char in text).split()) for text in texts)
    return tuple(line for line in lines if line)


def speed_of(size_px: int) -> int:
    """Give the speed for characters of `size_px`, in pixels a second: whole pixels a frame at 60 Hz.

    Anything between would move by one pixel more in some frames than in others, which trembles.
    """
    return max(1, round(READING_SPEED * size_px / _FRAMES_A_SECOND)) * _FRAMES_A_SECOND


def travelled_px(now_ms: float, origin_ms: int, speed: int) -> int:
    """Give how far a row that began to enter at `origin_ms` has come: the same on every screen with the same clock.

    Before its origin it stands at the edge.
    """
    return max(0, math.floor((now_ms - origin_ms) * speed / 1000 + 1e-6))


def make_tape(texts: Sequence[str], size_px: int, strip_px: int, measure: Callable[[str, bool], int]) -> Tape | None:
    """Lay the texts out in a row, a motif between each two; None if there is nothing to show.

    `measure` gives the width in whole pixels of a text, set right to left or not. A row longer than the strip closes
    into a ring with a motif; a shorter one comes again once its head has crossed the strip.
    """
    lines = tidy(texts)
    if not lines:
        return None
    runs_right = sum(len(line) if is_rtl(line) else -len(line) for line in lines) > 0
    motif = ("", size_px * _MOTIF_CHARACTERS, False)
    limit = max(8, PIECE_PX // size_px)
    row: list[tuple[str, int, bool]] = []
    for line in lines:
        rtl = is_rtl(line)
        parts = [(part, measure(part, rtl), rtl) for part in cut(line, limit)]
        row += [motif] if row else []
        row += parts if rtl == runs_right else parts[::-1]
    is_ring = sum(width for _, width, _ in row) + motif[1] >= strip_px
    if is_ring:
        row.append(motif)
    pieces, x = [], 0
    for text, width, rtl in reversed(row) if runs_right else row:
        pieces.append(Piece(text, x, width, rtl))
        x += width
    return Tape(tuple(pieces), x, x if is_ring else strip_px, strip_px, runs_right)


def is_rtl(text: str) -> bool:
    """Tell whether the text reads from right to left. Source: UAX #9, rule P2: the first strong character decides."""
    return next((strong for char in text if (strong := _strong(char)) is not None), False)


def cut(text: str, limit: int) -> list[str]:
    """Cut the text into parts of about `limit` characters that can be drawn on their own and set side by side.

    Nothing is lost or added. Cuts fall at spaces and beside Chinese characters, never inside a character with its
    marks, a joined word, or a phrase that runs against the text's direction; what gives no such place within four
    times the limit is cut between two characters.
    """
    base = is_rtl(text)
    before, after = _strong_around(text)
    parts: list[str] = []
    start = 0
    while len(text) - start > limit:
        places = range(start + limit, min(len(text), start + limit * _UNCUT_PIECES))
        good = (at for at in places if _is_cut(text, at) and _keeps_order(base, before[at], after[at]))
        place = next(good, None)
        if place is None:
            place = next((at for at in reversed(places) if _is_between_characters(text, at)), len(text))
        parts.append(text[start:place])
        start = place
    return [*parts, text[start:]] if start < len(text) else parts


def _strong(char: str) -> bool | None:
    kind = unicodedata.bidirectional(char)
    return None if kind not in ("L", "R", "AL") else kind != "L"


def _strong_around(text: str) -> tuple[list[bool | None], list[bool | None]]:
    """Give for each place the direction of the strong character before it and after it."""
    before: list[bool | None] = [None]
    for char in text:
        strong = _strong(char)
        before.append(before[-1] if strong is None else strong)
    after: list[bool | None] = [None]
    for char in reversed(text):
        strong = _strong(char)
        after.append(after[-1] if strong is None else strong)
    return before, after[::-1]


def _keeps_order(base: bool, before: bool | None, after: bool | None) -> bool:
    return before in (None, base) or after in (None, base)


def _is_cut(text: str, at: int) -> bool:
    last, first = text[at - 1], text[at]
    return _is_between_characters(text, at) and (last in (" ", _TSHEG) or _is_wide(last) or _is_wide(first))


def _is_between_characters(text: str, at: int) -> bool:
    """Tell whether no mark, joiner or second half of a flag stands at this place. Source: UAX #29, simplified."""
    last, first = text[at - 1], text[at]
    if ord(first) in _NEVER_BEFORE or ord(last) == _JOINER or unicodedata.category(first).startswith("M"):
        return False
    return not (ord(last) in _FLAGS and ord(first) in _FLAGS)


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in ("W", "F")


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Zl", "Zp")


class Pacer:
    """Smooths the instants at which frames are drawn, so that a row that follows the clock moves evenly.

    A frame may be drawn some milliseconds late but is shown at the display's even beat; this follows that beat and
    is drawn gently towards the clock. A clock that jumps is followed at once.
    """

    _JUMP_MS = 250.0
    _MISSED = 0.6
    _PULL = 0.06
    _LEARN = 0.01

    def __init__(self) -> None:
        self._beat_ms = 1000 / _FRAMES_A_SECOND
        self._clock_ms = 0.0
        self._last_ms: float | None = None

    def step(self, now_ms: float) -> float:
        """Give the instant that this frame shows, in milliseconds. Call once for each frame."""
        gap_ms, self._clock_ms = now_ms - self._clock_ms, now_ms
        if self._last_ms is None or abs(now_ms - self._last_ms) > self._JUMP_MS:
            self._last_ms = float(now_ms)
            return self._last_ms
        if gap_ms > 0:
            self._beat_ms += self._LEARN * (gap_ms / max(1, round(gap_ms / self._beat_ms)) - self._beat_ms)
        expected = self._last_ms + self._beat_ms
        error = now_ms - expected
        if abs(error) > self._beat_ms * self._MISSED:
            frames = round(error / self._beat_ms)
            expected += frames * self._beat_ms
            error -= frames * self._beat_ms
        self._last_ms = max(self._last_ms, expected + self._PULL * error)
        return self._last_ms

    def forget(self) -> None:
        """Take the next frame's instant as it comes: call before motion begins anew."""
        self._last_ms = None

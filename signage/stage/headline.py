"""A headline's text goes in; out come its lines for a size and a width: even, and broken where a speaker would pause.

Chinese has no spaces between words, and no dictionary of words is asked: that most words have two characters, that
some characters never begin or end a phrase, and that a pause is the best place of all, breaks headlines well. Only
the words that community offices write every day are known (`commonwords.py`).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from PySide6.QtGui import QFont, QTextLayout, QTextOption

from signage.stage.commonwords import word_places
from signage.stage.linebreak import break_greedy, break_places, count_letters, cut_at, unit_of_index

_STOPS = frozenset("。；！？…!?;")
_PAUSES = frozenset("，：、—,:")
_NEVER_FIRST = frozenset("的了们着过吗呢吧啊得地之等和与及")
_NEVER_LAST = frozenset("和与及在把向为从对以让将请不第每更最再共我你他同")
_OPENING, _CLOSING = "《“（「『【(", "》”）」』】)"
_COMMA_COST, _SPACE_COST, _INSIDE_COST, _ODD_COST, _WORD_COST = 0.02, 0.02, 0.1, 0.1, 0.3
_ORPHAN_COST, _TORN_COST, _UNEVEN_WEIGHT = 1.0, 1.0, 0.5
_MEASURED_PX = 64


@dataclass(frozen=True, slots=True)
class Broken:
    """The lines of a headline, and how badly it is broken: 0 is at every pause, 1 is in the middle of a word."""

    lines: list[str]
    cost: float


class Headline:
    """One paragraph of a headline in one font, measured once and broken for any size and width."""

    def __init__(self, text: str, font: QFont) -> None:
        self.text = text
        self._font = QFont(font)
        self._font.setPixelSize(_MEASURED_PX)
        self._places = break_places(text)
        self._letters = [0, *accumulate(count_letters(char) for char in text)]

    def broken(self, size_px: int, width: float, more_lines: int = 0) -> Broken:
        """Give the lines at that size: as few as fit into `width` px, or `more_lines` more."""
        scaled = width * _MEASURED_PX / size_px
        if self._edges is not None:
            least = self._fewest(scaled)
            if least is not None:
                return self._evenly(scaled, least + more_lines)
        font = QFont(self._font)
        font.setPixelSize(size_px)
        greedy = break_greedy(self.text, font, width)
        lines = self._narrowed(font, width, greedy)
        return Broken(lines, _TORN_COST if self._tears(lines) else _INSIDE_COST)

    def _narrowed(self, font: QFont, width: float, greedy: list[str]) -> list[str]:
        """Balance by the narrowest width that needs no more lines: for right-to-left text and unbreakable words."""
        low, high, best, most_tears = width / 3, width, greedy, self._tears(greedy)
        while high - low > font.pixelSize() / 4:
            middle = (low + high) / 2
            lines = break_greedy(self.text, font, middle)
            if len(lines) <= len(greedy) and self._tears(lines) <= most_tears:
                high, best = middle, lines
            else:
                low = middle
        return best

    def _tears(self, lines: list[str]) -> int:
        """Count the lines that end within a word."""
        return len(set(accumulate(map(len, lines))) - set(self._places))

    def fewest_lines(self, size_px: int, width: float) -> int:
        """Give how few lines of `width` px the text needs; 1 where that cannot be told without setting it."""
        return self._fewest(width * _MEASURED_PX / size_px) or 1

    @cached_property
    def _edges(self) -> list[tuple[float, float]] | None:
        """Where a line ends at each place, without and with the space before it; None where directions mix."""
        text = self.text
        if any(unicodedata.bidirectional(char) in ("R", "AL") for char in text):
            return None
        layout = QTextLayout(text, self._font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.NoWrap)
        layout.setTextOption(option)
        layout.beginLayout()
        line = layout.createLine()
        if line.isValid():
            line.setLineWidth(10_000_000.0)
        layout.endLayout()
        unit_of = unit_of_index(text)

        def x_at(index: int) -> float:
            found: Any = line.cursorToX(unit_of[index])
            return float(found[0] if isinstance(found, tuple) else found)

        return [(x_at(len(text[:place].rstrip())), x_at(place)) for place in self._places]

    @cached_property
    def _costs(self) -> list[float]:
        return [_break_cost(self.text, place) if place else 0.0 for place in self._places]

    def _fewest(self, width: float) -> int | None:
        """Give how few lines will do; None when a word is longer than a line."""
        edges = self._edges or []
        count, start, last = 1, 0, len(edges) - 1
        for end in range(1, last + 1):
            if edges[end][0] - edges[start][1] <= width:
                continue
            if end - 1 == start:
                return None
            count, start = count + 1, end - 1
            if edges[end][0] - edges[start][1] > width:
                return None
        return count

    def _evenly(self, width: float, count: int) -> Broken:
        """Choose `count` lines at the least cost of unevenness and bad breaks; fewer where there are not so many."""
        edges, places = self._edges or [], self._places
        count = min(count, len(places) - 1)
        if count < 2:
            return Broken([self.text], 0.0)
        target, last = edges[-1][0] / count, len(places) - 1
        best: list[dict[int, tuple[float, int]]] = [{0: (0.0, -1)}]
        for number in range(1, count + 1):
            row: dict[int, tuple[float, int]] = {}
            ends = (last,) if number == count else range(number, last)
            for end in ends:
                found = self._best_start(best[-1], end, width, target, is_last=number == count)
                if found is not None:
                    row[end] = found
            best.append(row)
        if last not in best[count]:
            return self._evenly(width, count - 1)
        ends_chosen, end = [], last
        for number in range(count, 0, -1):
            ends_chosen.append(end)
            end = best[number][end][1]
        worst = max(self._costs[end] for end in ends_chosen[1:])
        lines = cut_at(self.text, [places[end] for end in reversed(ends_chosen)])
        return Broken(lines, worst + _UNEVEN_WEIGHT * best[count][last][0] / count)

    def _best_start(
        self, row: dict[int, tuple[float, int]], end: int, width: float, target: float, *, is_last: bool
    ) -> tuple[float, int] | None:
        """Give the cost of the lines up to a line that ends at `end`, and where that line had best begin."""
        edges = self._edges or []
        best: tuple[float, int] | None = None
        for start, (cost, _) in row.items():
            length = edges[end][0] - edges[start][1]
            if start >= end or length > width or length <= 0:
                continue
            total = cost + ((length - target) / target) ** 2 + (0.0 if is_last else self._costs[end])
            letters = self._letters[self._places[end]] - self._letters[self._places[start]]
            if letters < 2 or (is_last and length < target / 2):
                total += _ORPHAN_COST
            if best is None or total < best[0]:
                best = (total, start)
        return best


def _break_cost(text: str, place: int) -> float:
    """Give the cost of ending a line before `place`.

    Most Chinese words have two characters, so an even distance from the last pause is likelier to end a word.
    """
    before, after = text[:place].rstrip()[-1:], text[place : place + 1]
    if before in _STOPS:
        return 0.0
    if before in _PAUSES and not (after.isdigit() and text[place - 2 : place - 1].isdigit()):
        return _COMMA_COST
    if text[place - 1] == " ":
        return _SPACE_COST if before >= "\u2e80" else _INSIDE_COST
    cost = _INSIDE_COST
    inside, edges = word_places(text)
    if place in inside or after in _NEVER_FIRST or before in _NEVER_LAST or before.isdigit() or after.isdigit():
        cost += _WORD_COST
    if _depth(text[:place]) > 0 or _is_left_alone(text, place):
        cost += _WORD_COST
    return cost + (_ODD_COST if place not in edges and _since_pause(text[:place]) % 2 else 0.0)


def _since_pause(text: str) -> int:
    """Count the characters after the last pause, space or word of Latin letters."""
    return next((count for count, char in enumerate(reversed(text)) if not "\u3400" <= char <= "\u9fff"), len(text))


def _is_left_alone(text: str, place: int) -> bool:
    """Tell whether only one character would stand between the line's start and a pause: the end of the word before."""
    return "\u3400" <= text[place : place + 1] <= "\u9fff" and text[place + 1 : place + 2] in _STOPS | _PAUSES


def _depth(text: str) -> int:
    return sum((char in _OPENING) - (char in _CLOSING) for char in text)

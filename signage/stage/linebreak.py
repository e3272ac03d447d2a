"""One paragraph and a width go in; out come its lines as pieces of text that join up to the paragraph again.

Where a line may break is Qt's reading of UAX #14 (no closing mark begins a line, no opening mark ends one); what is
added here is Chinese book-work: no line of one or two characters at the end, and headlines in even lines that break
after a pause in the sentence rather than in the middle of a word.

Source: Unicode Standard Annex #14; W3C, Requirements for Chinese Text Layout (clreq), 3.1.2 and 3.1.3.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QTextBoundaryFinder
from PySide6.QtGui import QFont, QTextLayout, QTextOption

ORPHAN_LETTERS = 3
_STOPS = frozenset("。；！？…!?;")
_PAUSES = frozenset("，：、—,:")
_NEVER_FIRST = frozenset("的了们着过吗呢吧啊得地之等和与及")
_NEVER_LAST = frozenset("和与及在把向为从对以让将请不第每更最再共我你他同")
_OPENING, _CLOSING = "《“（「『【(", "》”）」』】)"
_COMMA_COST, _SPACE_COST, _INSIDE_COST, _ODD_COST, _WORD_COST = 0.02, 0.02, 0.1, 0.1, 0.3
_ORPHAN_COST, _TORN_COST, _UNEVEN_WEIGHT = 1.0, 1.0, 0.5


@dataclass(frozen=True, slots=True)
class Broken:
    """The lines of a headline, and how badly it is broken: 0 is at every pause, 1 is in the middle of a word."""

    lines: list[str]
    cost: float


def count_letters(text: str) -> int:
    """Count what stands on a line as a character: neither space, punctuation nor a mark on another character."""
    return sum(1 for char in text if unicodedata.category(char)[0] not in "ZPMC")


def break_greedy(text: str, font: QFont, width: float, indent: float = 0.0) -> list[str]:
    """Give the lines of `text`, each as full as `width` px allows; the first is `indent` px shorter.

    Words longer than a line (an address of a web page) break anywhere.
    """
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    ends: list[int] = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1.0, width - (0.0 if ends else indent)))
        ends.append(line.textStart() + line.textLength())
    layout.endLayout()
    return _cut(text, ends)


def break_body(text: str, font: QFont, width: float, indent: float = 0.0) -> list[str]:
    """Give the lines of a paragraph of running text; its last line is not a leftover of one or two characters."""
    lines = break_greedy(text, font, width, indent)
    if len(lines) < 2 or count_letters(lines[-1]) >= ORPHAN_LETTERS:
        return lines
    tail = lines[-2] + lines[-1]
    if count_letters(tail) < 2 * ORPHAN_LETTERS:
        return lines
    tail_indent = indent if len(lines) == 2 else 0.0
    step = font.pixelSize() / 2
    for steps in range(1, 13):
        mended = break_greedy(tail, font, width - steps * step, tail_indent)
        if len(mended) == 2 and count_letters(mended[1]) >= ORPHAN_LETTERS:
            return [*lines[:-2], *mended]
    return lines


def break_balanced(text: str, font: QFont, width: float, more_lines: int = 0) -> Broken:
    """Give a headline in even lines, broken at pauses where there are any: as few as fit, or `more_lines` more."""
    greedy = break_greedy(text, font, width)
    count = len(greedy) + more_lines
    if count < 2:
        return Broken(greedy, 0.0)
    places = _places(text)
    edges = _edges(text, font, places)
    found = _choose(text, places, edges, width, count) if edges else None
    if found is not None:
        cost, chosen = found
        worst = max(_break_cost(text, place) for place in chosen[:-1])
        return Broken(_cut_at(text, chosen), worst + _UNEVEN_WEIGHT * cost / count)
    ends = {sum(map(len, greedy[: number + 1])) for number in range(len(greedy))}
    is_torn = not ends <= set(places)
    return Broken(_narrowed(text, font, width, greedy), _TORN_COST if is_torn else _INSIDE_COST)


def _narrowed(text: str, font: QFont, width: float, greedy: list[str]) -> list[str]:
    """Balance by the narrowest width that needs no more lines: for right-to-left text and unbreakable words."""
    low, high, best = width / 3, width, greedy
    while high - low > font.pixelSize() / 4:
        middle = (low + high) / 2
        lines = break_greedy(text, font, middle)
        if len(lines) <= len(greedy):
            high, best = middle, lines
        else:
            low = middle
    return best


def _places(text: str) -> list[int]:
    """Give where a line may break, as counts of Python characters, both ends included."""
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Line, text)
    units = [0]
    while (place := finder.toNextBoundary()) != -1:
        units.append(place)
    index_of = _index_of_unit(text)
    return sorted({index_of[unit] for unit in units} | {0, len(text)})


def _edges(text: str, font: QFont, places: list[int]) -> list[tuple[float, float]] | None:
    """Give the x of a line end at each place, without and with the space before it; None for mixed directions."""
    if any(unicodedata.bidirectional(char) in ("R", "AL") for char in text):
        return None
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    layout.setTextOption(option)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(10_000_000.0)
    layout.endLayout()
    unit_of = _unit_of_index(text)

    def x_at(index: int) -> float:
        found: Any = line.cursorToX(unit_of[index])
        return float(found[0] if isinstance(found, tuple) else found)

    return [(x_at(len(text[:place].rstrip())), x_at(place)) for place in places]


def _choose(
    text: str, places: list[int], edges: list[tuple[float, float]], width: float, count: int
) -> tuple[float, list[int]] | None:
    """Choose `count` line ends at the least cost of unevenness and bad breaks; give cost and ends, None if none fit."""
    target = edges[-1][0] / count
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, -1)}]
    for number in range(1, count + 1):
        row: dict[int, tuple[float, int]] = {}
        for end in range(1, len(places)):
            if (end == len(places) - 1) != (number == count):
                continue
            cost_here = 0.0 if number == count else _break_cost(text, places[end])
            for start, (cost, _) in best[-1].items():
                length = edges[end][0] - edges[start][1]
                if start >= end or length > width or length <= 0:
                    continue
                total = cost + cost_here + ((length - target) / target) ** 2
                is_leftover = number == count and length < target / 2
                if is_leftover or count_letters(text[places[start] : places[end]]) < 2:
                    total += _ORPHAN_COST
                if end not in row or total < row[end][0]:
                    row[end] = (total, start)
        best.append(row)
    end = len(places) - 1
    if end not in best[count]:
        return None
    cost = best[count][end][0]
    chosen: list[int] = []
    for number in range(count, 0, -1):
        chosen.append(places[end])
        end = best[number][end][1]
    return cost, chosen[::-1]


def _break_cost(text: str, place: int) -> float:
    """Give the cost of ending a line before `place`.

    Most Chinese words have two characters, so an even distance from the last pause is likelier to end a word.
    """
    before, after = text[:place].rstrip()[-1:], text[place : place + 1]
    if before in _STOPS:
        return 0.0
    if before in _PAUSES:
        return _COMMA_COST
    if text[place - 1] == " ":
        return _SPACE_COST if before >= "\u2e80" else _INSIDE_COST
    cost = _INSIDE_COST
    if after in _NEVER_FIRST or before in _NEVER_LAST or before.isdigit() or after.isdigit():
        cost += _WORD_COST
    if _depth(text[:place]) > 0:
        cost += _WORD_COST
    return cost + (_ODD_COST if _since_pause(text[:place]) % 2 else 0.0)


def _since_pause(text: str) -> int:
    """Count the characters after the last pause, space or word of Latin letters."""
    return next((count for count, char in enumerate(reversed(text)) if not "\u3400" <= char <= "\u9fff"), len(text))


def _depth(text: str) -> int:
    return sum((char in _OPENING) - (char in _CLOSING) for char in text)


def _cut(text: str, unit_ends: Sequence[int]) -> list[str]:
    index_of = _index_of_unit(text)
    return _cut_at(text, [index_of[end] for end in unit_ends])


def _cut_at(text: str, ends: Sequence[int]) -> list[str]:
    return [text[start:end] for start, end in pairwise([0, *ends]) if end > start]


def _index_of_unit(text: str) -> Sequence[int]:
    """Give for each UTF-16 offset of `text`, the end included, the index of its Python character."""
    if text.isascii() or max(text) <= "\uffff":
        return range(len(text) + 1)
    index_of: list[int] = []
    for index, char in enumerate(text):
        index_of += [index] if char <= "\uffff" else [index, index + 1]
    return [*index_of, len(text)]


def _unit_of_index(text: str) -> Sequence[int]:
    """Give for each Python index of `text`, the end included, its UTF-16 offset."""
    if text.isascii() or max(text) <= "\uffff":
        return range(len(text) + 1)
    unit_of = [0]
    for char in text:
        unit_of.append(unit_of[-1] + (1 if char <= "\uffff" else 2))
    return unit_of

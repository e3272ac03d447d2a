"""One paragraph and a width go in; out come its lines as pieces of text that join up to the paragraph again.

Where a line may break is Qt's reading of UAX #14 (no closing mark begins a line, no opening mark ends one); what is
added here is that running text does not end with a line of one or two characters.

Source: Unicode Standard Annex #14; W3C, Requirements for Chinese Text Layout (clreq), 3.1.2 and 3.1.3.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QTextBoundaryFinder
from PySide6.QtGui import QFont, QTextLayout, QTextOption

ORPHAN_LETTERS = 3


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


def break_places(text: str) -> list[int]:
    """Give where a line may break, as counts of Python characters, both ends included."""
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Line, text)
    units = [0]
    while (place := finder.toNextBoundary()) != -1:
        units.append(place)
    index_of = _index_of_unit(text)
    return sorted({index_of[unit] for unit in units} | {0, len(text)})


def _cut(text: str, unit_ends: Sequence[int]) -> list[str]:
    index_of = _index_of_unit(text)
    return cut_at(text, [index_of[end] for end in unit_ends])


def cut_at(text: str, ends: Sequence[int]) -> list[str]:
    """Cut a text behind these places, counted in characters; nothing empty is given."""
    return [text[start:end] for start, end in pairwise([0, *ends]) if end > start]


def _index_of_unit(text: str) -> Sequence[int]:
    """Give for each UTF-16 offset of `text`, the end included, the index of its Python character."""
    if text.isascii() or max(text) <= "\uffff":
        return range(len(text) + 1)
    index_of: list[int] = []
    for index, char in enumerate(text):
        index_of += [index] if char <= "\uffff" else [index, index + 1]
    return [*index_of, len(text)]


def unit_of_index(text: str) -> Sequence[int]:
    """Give for each Python index of `text`, the end included, its UTF-16 offset."""
    if text.isascii() or max(text) <= "\uffff":
        return range(len(text) + 1)
    unit_of = [0]
    for char in text:
        unit_of.append(unit_of[-1] + (1 if char <= "\uffff" else 2))
    return unit_of

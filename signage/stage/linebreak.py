"""One paragraph and a width go in; out come its lines as pieces of text that join up to the paragraph again.

Where a line may break is Qt's reading of UAX #14 (no closing mark begins a line, no opening mark ends one); what is
added here: a number keeps its measure word (`11 月`, `3～5 分钟`, `第十二届`), a mark that joins (`～`, `·`)
begins no line, and running text does not end with a line of one or two characters.

Source: Unicode Standard Annex #14; W3C, Requirements for Chinese Text Layout (clreq), 3.1.2 and 3.1.3.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from PySide6.QtCore import QTextBoundaryFinder
from PySide6.QtGui import QFont, QTextLayout, QTextOption

ORPHAN_LETTERS = 3
ROOMY_EM = 9
"""In a narrower column a number is not kept with what it counts: what is too long for a line breaks anywhere."""

_MEASURES = (
    "年月日号时点分秒周天岁届期批次回个人户名位家对双只条件项栋幢楼层室组盏台张副本册套辆"
    "棵亩元角万亿千百吨克斤升米里度倍折级页幅场余多小公平"
)
_NUMERALS = "一二三四五六七八九十百千万零〇"
_JOINED = re.compile(
    rf"(?<=[0-9０-９])(?=[{_MEASURES}])"
    rf"|(?<=第)(?=[{_NUMERALS}0-9０-９])|(?<=[{_NUMERALS}])(?=[{_NUMERALS}])|(?<=第[{_NUMERALS}])(?=[{_MEASURES}])"
    rf"|(?<=第[{_NUMERALS}]{{2}})(?=[{_MEASURES}])"
    rf"|(?<=[{_NUMERALS}])(?=[楼栋号层])|(?<=星)(?=期)|(?<=星期)(?=[{_NUMERALS}日天])"
    r"|(?<=\d小)(?=时)|(?<=\d分)(?=钟)|(?<=\d公)(?=[里斤分])|(?<=\d平)(?=方)|(?<=\d平方)(?=米)"
    r"|(?<=.)(?=[～·・‧])|(?<=\d)(?=[~—–](?![—–]))"
    r"|(?<=[^\d.:：]\d[～~—–-])(?=\d{1,2}(?![\d.:：]))|(?<=[^\d.:：]\d\d[～~—–-])(?=\d{1,2}(?![\d.:：]))"
)
"""Where UAX #14 would let a line end and a reader would stumble. Source: clreq 3.1.3 (connecting marks)."""
_JOINER = "\u2060"


def count_letters(text: str) -> int:
    """Count what stands on a line as a character: neither space, punctuation nor a mark on another character."""
    return sum(1 for char in text if unicodedata.category(char)[0] not in "ZPMC")


def break_greedy(
    text: str, font: QFont, width: float, indent: float = 0.0, *, is_roomy: bool | None = None
) -> list[str]:
    """Give the lines of `text`, each as full as `width` px allows; the first is `indent` px shorter.

    Words longer than a line (an address of a web page) break anywhere. `is_roomy` is of the column, where that is
    wider than `width`.
    """
    is_roomy = width >= ROOMY_EM * font.pixelSize() if is_roomy is None else is_roomy
    tried = _joined(text) if is_roomy else text
    lines = _fill(tried, font, width, indent)
    if any(_is_torn(line, after) for line, after in pairwise(lines)):
        # Letters at the tear of a word take other forms, or lose their kerning: wider than they were measured.
        narrower = width
        for _ in range(4):
            over = max(_width_of(line, font) - width + (0.0 if at else indent) for at, line in enumerate(lines))
            if over <= 0.5:
                break
            narrower -= over
            lines = _fill(tried, font, narrower, indent)
    return lines


@lru_cache(maxsize=64)
def _joined(text: str) -> str:
    """Give the text with a joiner wherever no line may end; kept, as a text is tried at many sizes."""
    return _JOINED.sub(_JOINER, text)


def _is_torn(line: str, after: str) -> bool:
    before, behind = line[-1], after[0]
    return before < "\u2e80" and behind < "\u2e80" and not before.isspace() and not behind.isspace()


def _fill(joined: str, font: QFont, width: float, indent: float) -> list[str]:
    """Give the lines of a text with joiners in it, without them."""
    layout = QTextLayout(joined, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    ends: list[int] = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1.0, width - (0.0 if ends else indent)))
        ends.append(line.textStart() + line.textLength())
    layout.endLayout()
    return [piece for line in _cut(joined, ends) if (piece := line.replace(_JOINER, ""))]


def _width_of(text: str, font: QFont) -> float:
    layout = QTextLayout(text.strip(" "), font)
    layout.beginLayout()
    line = layout.createLine()
    if line.isValid():
        line.setLineWidth(1_000_000.0)
    layout.endLayout()
    return line.naturalTextWidth() if line.isValid() else 0.0


def break_body(text: str, font: QFont, width: float, indent: float = 0.0) -> list[str]:
    """Give the lines of a paragraph of running text; its last line is not a leftover of one or two characters."""
    lines = break_greedy(text, font, width, indent)
    if len(lines) < 2 or count_letters(lines[-1]) >= ORPHAN_LETTERS:
        return lines
    tail = lines[-2] + lines[-1]
    if count_letters(tail) < 2 * ORPHAN_LETTERS:
        return lines
    tail_indent = indent if len(lines) == 2 else 0.0
    step, is_roomy = font.pixelSize() / 2, width >= ROOMY_EM * font.pixelSize()
    for steps in range(1, 13):
        mended = break_greedy(tail, font, width - steps * step, tail_indent, is_roomy=is_roomy)
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
    joined = {found.start() for found in _JOINED.finditer(text)}
    return sorted(({index_of[unit] for unit in units} - joined) | {0, len(text)})


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

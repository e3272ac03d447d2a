"""Text and a box go in; out come lines of the largest size that fits, ready to paint, or pages of them.

Everything here may run on any thread: QTextLayout and QFont touch neither windows nor pixmaps.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QTextLayout, QTextOption

from signage.stage.headline import Broken, Headline
from signage.stage.linebreak import break_body

FAR_PX = 1_000_000.0
PARAGRAPH_GAP_EM = 0.4
LEAST_PART, BREAK_WEIGHT = 0.5, 3.0
"""A headline may get this much smaller for the sake of better breaks; how much size a bad break is worth."""
INK_ABOVE_EM, INK_BELOW_EM = 0.93, 0.27
"""How far Chinese and Latin ink reaches from the baseline; other scripts say it themselves."""

_PLAIN = re.compile(
    "[\u0020-\u024f\u2010-\u22ff\u2460-\u24ff\u25a0-\u25ff\u3000-\u33ff\u3400-\u9fff\uf900-\ufaff\ufe30-\ufe4f"
    "\uff00-\uffef\U00020000-\U0003ffff]*"
)
_DROPPED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff0-\uffff\ud800-\udfff\ue000-\uf8ff\U000e0000-\U0010ffff]"
)
_LOOSE_SPACE = re.compile("(?<=[（《「『【]) | (?=[，。！？；：、）》」』】])")
_SYMBOLS = re.compile("[\u200d\u20e3\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")


@dataclass(frozen=True, slots=True)
class Face:
    """How text looks apart from its size. `leading` is the distance between baselines in em."""

    families: tuple[str, ...]
    leading: float
    is_bold: bool = False

    def font(self, size_px: int) -> QFont:
        """Give the font; its rendering does not depend on the desktop's settings for hinting and subpixels."""
        font = QFont(list(self.families))
        font.setPixelSize(size_px)
        font.setBold(self.is_bold)
        font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
        font.setStyleStrategy(QFont.StyleStrategy.NoSubpixelAntialias)
        return font


@dataclass(frozen=True, slots=True)
class Line:
    """One shaped line. `x` and `baseline` are px from its block's left top; ink stays within above and below."""

    text: str
    layout: QTextLayout
    size_px: int
    width: float
    above: float
    below: float
    x: float = 0.0
    baseline: float = 0.0
    is_rtl: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Lines set under each other. `width` is that of the longest line, indent included."""

    lines: tuple[Line, ...] = ()
    size_px: int = 0
    width: float = 0.0
    height: float = 0.0

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Setting:
    """How running text is set: `indent_em` opens each paragraph, `is_balanced` evens the lines of a headline."""

    face: Face
    is_balanced: bool = False
    indent_em: float = 0.0


def clean(text: str, face: Face | None = None) -> str:
    """Give `text` without what cannot be drawn: controls, direction overrides, broken surrogates, private use.

    Line breaks stay, other white space becomes single spaces, empty lines go. With `face`, symbols and emoji for
    which no font is installed go as well, rather than show as empty boxes.
    """
    kept = _DROPPED.sub("", unicodedata.normalize("NFC", re.sub("\r\n?|[\u2028\u2029]", "\n", text.replace("\t", " "))))
    if face is not None and _SYMBOLS.search(kept):
        metrics = QFontMetricsF(face.font(32))
        kept = _SYMBOLS.sub(lambda found: found[0] if metrics.inFontUcs4(ord(found[0])) else "", kept)
    kept = _LOOSE_SPACE.sub("", re.sub("[ \u00a0]+", " ", kept))
    lines = (line.strip(" \u3000") for line in kept.split("\n"))
    return "\n".join(line for line in lines if line)


def is_rtl(text: str) -> bool:
    """Tell whether the first letter that has a direction runs right to left."""
    kinds = (unicodedata.bidirectional(char) for char in text)
    return next((kind != "L" for kind in kinds if kind in ("L", "R", "AL")), False)


def shape(text: str, face: Face, size_px: int, *, from_right: bool | None = None) -> Line:
    """Give `text` as one line, however long. `from_right` is its paragraph's direction, its own where left out."""
    from_right = is_rtl(text) if from_right is None else from_right
    layout = QTextLayout(text, face.font(size_px))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    option.setTextDirection(Qt.LayoutDirection.RightToLeft if from_right else Qt.LayoutDirection.LeftToRight)
    layout.setTextOption(option)
    layout.setCacheEnabled(True)
    layout.beginLayout()
    line = layout.createLine()
    above, below = INK_ABOVE_EM * size_px, INK_BELOW_EM * size_px
    width = 0.0
    if line.isValid():
        line.setLineWidth(FAR_PX)
        width = line.naturalTextWidth()
        line.setLineWidth(width)
        line.setPosition(QPointF(0.0, -line.ascent()))
        if not _PLAIN.fullmatch(text):
            above, below = max(above, line.ascent()), max(below, line.descent())
    layout.endLayout()
    return Line(text, layout, size_px, width, above, below, is_rtl=from_right)


def set_block(text: str, setting: Setting, size_px: int, width: float) -> Block:
    """Give `text` set in lines of at most `width` px, however high that gets."""
    return flow(text, setting, size_px, lambda _: (width, FAR_PX))[0]


def fit_block(
    text: str, setting: Setting, sizes: Sequence[int], width: float, height: float, most_lines: int = 1000
) -> Block | None:
    """Give `text` at the largest of `sizes` (largest first) at which it fits the box; None if at none."""

    def attempt(size_px: int) -> Block | None:
        if _least_height(text, size_px, width) > height:
            return None
        block = set_block(text, setting, size_px, width)
        fits = block.height <= height and block.width <= width + 0.5 and len(block.lines) <= most_lines
        return block if fits else None

    low, high, best = 0, len(sizes), None
    while low < high:
        middle = (low + high) // 2
        block = attempt(sizes[middle])
        if block is None:
            low = middle + 1
        else:
            best, high = block, middle
    return best


def fit_headline(text: str, setting: Setting, sizes: Sequence[int], width: float, height: float) -> Block | None:
    """Give `text` at a size at which it fits the box: nearly the largest, but rather smaller than badly broken."""
    paragraphs = [Headline(paragraph, setting.face.font(sizes[0])) for paragraph in text.split("\n")]
    largest_px, best, best_worth = 0, None, -FAR_PX
    for size_px in sizes:
        part = size_px / largest_px if largest_px else 1.0
        if best is not None and (part < LEAST_PART or part <= best_worth):
            break
        fewest = sum(paragraph.fewest_lines(size_px, width) for paragraph in paragraphs)
        most_more = math.floor((height / size_px - 1) / setting.face.leading) + 1 - fewest
        for more_lines in range(min(4, most_more + 1)):
            broken = [paragraph.broken(size_px, width, more_lines) for paragraph in paragraphs]
            worth = part - BREAK_WEIGHT * max(one.cost for one in broken)
            if worth <= best_worth:
                continue
            block = _set_broken(broken, setting, size_px, width)
            if block.height <= height and block.width <= width + 0.5:
                largest_px = largest_px or size_px
                best, best_worth = block, worth
    return best


def _set_broken(paragraphs: Sequence[Broken], setting: Setting, size_px: int, width: float) -> Block:
    page = _Page(setting, size_px, width, FAR_PX)
    for broken in paragraphs:
        page.take(broken.lines, is_rtl("".join(broken.lines)), 0.0, 0.0)
    return page.block()


def fit_pages(
    text: str,
    setting: Setting,
    sizes: Sequence[int],
    box: Callable[[int], tuple[float, float]],
    pages_allowed: int = 1,
) -> list[Block]:
    """Give `text` on as few pages as its smallest size needs, then as large as that many pages allow.

    `box` gives the (width, height) for the text on page 0, 1, 2, ... Up to `pages_allowed` pages cost nothing.
    """
    if not text:
        return []
    first = fit_block(text, setting, sizes, *box(0)) if pages_allowed == 1 else None
    if first is not None:
        return [first]
    best = flow(text, setting, sizes[-1], box)
    most_pages = max(len(best), pages_allowed)
    low, high = 0, len(sizes) - 1
    while low < high:
        middle = (low + high) // 2
        pages = flow(text, setting, sizes[middle], box, most_pages)
        if pages and all(page.height <= box(number)[1] + 0.5 for number, page in enumerate(pages) if page.lines):
            best, high = pages, middle
        else:
            low = middle + 1
    return best


def flow(
    text: str,
    setting: Setting,
    size_px: int,
    box: Callable[[int], tuple[float, float]],
    most_pages: int = 10_000,
) -> list[Block]:
    """Give `text` at one size on as many pages as it takes; empty when that is more than `most_pages`.

    Every page but the first takes at least one line, so its box must be high enough for one.
    """
    font = setting.face.font(size_px)
    pages = [_Page(setting, size_px, *box(0))]
    for paragraph in text.split("\n"):
        rest, indent = paragraph, setting.indent_em * size_px
        gap = PARAGRAPH_GAP_EM * size_px if setting.indent_em == 0 and not setting.is_balanced else 0.0
        while rest:
            width = pages[-1].width
            pieces = (
                Headline(rest, font).broken(size_px, width).lines
                if setting.is_balanced
                else break_body(rest, font, width, indent)
            )
            taken = pages[-1].take(pieces, is_rtl(paragraph), indent, gap)
            rest = rest[sum(len(piece) for piece in pieces[:taken]) :]
            if taken:
                indent = 0.0
            if rest:
                if len(pages) == most_pages:
                    return []
                pages.append(_Page(setting, size_px, *box(len(pages))))
    return [page.block() for page in pages]


class _Page:
    """A page being filled with lines from above."""

    def __init__(self, setting: Setting, size_px: int, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._setting, self._size_px = setting, size_px
        self._lines: list[Line] = []
        self._bottom = 0.0

    def take(self, pieces: Sequence[str], from_right: bool, indent: float, gap: float) -> int:
        """Add as many of the lines `pieces` as fit, none alone at a page's foot or head; give how many."""
        placed: list[Line] = []
        last = self._lines[-1] if self._lines else None
        for number, piece in enumerate(pieces):
            line = shape(piece.strip(" "), self._setting.face, self._size_px, from_right=from_right)
            x = 0.0 if number else indent
            if last is None:
                baseline = line.above
            else:
                extra = gap if number == 0 else 0.0
                step = max(self._setting.face.leading * self._size_px, last.below + line.above)
                baseline = last.baseline + step + extra
            if baseline + line.below > self.height and (self._lines or placed or self.height <= 0):
                break
            last = replace(line, x=x, baseline=baseline)
            placed.append(last)
        placed = placed[: self._without_widow(len(placed), len(pieces))]
        self._lines += placed
        self._bottom = placed[-1].baseline + placed[-1].below if placed else self._bottom
        return len(placed)

    def _without_widow(self, placed: int, total: int) -> int:
        if placed == total or total < 4:
            return placed
        if placed == 1 and self._lines:
            return 0
        return placed - 1 if placed == total - 1 and placed > 2 else placed

    def block(self) -> Block:
        width = max((line.x + line.width for line in self._lines), default=0.0)
        return Block(tuple(self._lines), self._size_px, width, self._bottom)


def _least_height(text: str, size_px: int, width: float) -> float:
    """Give a height in px that `text` certainly needs: to refuse a size without setting the text."""
    ems = sum(1.0 if "\u3400" <= char <= "\u9fff" else 0.0 for char in text)
    return max(1.0, ems * size_px / max(1.0, width)) * size_px

"""What the clock of a layout says and where each word stands: an instant or a size comes in, placed texts go out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from enum import StrEnum

from signage.base.moments import to_datetime
from signage.content.layouts import TEXT_MIN_PX
from signage.schedule.lunar import lunar_text

_WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Measure = Callable[[str, int, bool], float]
"""Gives a text's width in pixels, at a character size in pixels, bold or not."""


class Role(StrEnum):
    """What a word of the clock is; QML gives each its colour."""

    TIME = "time"
    DATE = "date"
    WEEKDAY = "weekday"
    LUNAR = "lunar"
    FESTIVAL = "festival"
    ENGLISH = "english"
    TITLE = "title"


_Word = tuple[Role, str, int]

BOLD_ROLES = frozenset({Role.TIME, Role.FESTIVAL, Role.TITLE})


@dataclass(frozen=True, slots=True)
class ClockFace:
    """What a clock says at one minute. `festival` is empty on most days, several are parted by a space."""

    time: str
    date: str
    weekday: str
    lunar: str
    festival: str
    english: str


@dataclass(frozen=True, slots=True)
class Placed:
    """One word of the clock: its left edge, its baseline and its character size in pixels of the clock's part."""

    role: Role
    text: str
    x: int
    baseline: int
    size_px: int
    width: int

    @property
    def is_bold(self) -> bool:
        return self.role in BOLD_ROLES


def face_at(instant_ms: int, zone: tzinfo) -> ClockFace:
    """Give what a clock in `zone` says during the minute of `instant_ms`."""
    moment = to_datetime(instant_ms, zone)
    day = moment.date()
    lunar, _, festival = lunar_text(day).partition(" ")
    return ClockFace(
        time=f"{moment:%H:%M}",
        date=f"{day.month}月{day.day}日",
        weekday=f"星期{_WEEKDAYS[day.weekday()]}",
        lunar=lunar,
        festival=festival,
        english=_english(day),
    )


def _english(day: date) -> str:
    return f"{_WEEKDAYS_EN[day.weekday()]}, {day.day} {_MONTHS_EN[day.month - 1]}"


def place_bar(face: ClockFace, title: str, size_px: tuple[int, int], measure: Measure) -> tuple[Placed, ...]:
    """Give the words that fit in a bar of this size; none is cut or overlaps another, the least important go first.

    Time at the right end, the date beside it, the title at the left. A bar that is high for its width has two lines.
    """
    width, height = size_px
    if width < height * 12:
        return _place_two_lines(face, title, size_px, measure)
    line = _Line(width, height, measure)
    line.put_right(Role.TIME, face.time, 0.7)
    line.put_group(
        (
            (Role.DATE, face.date),
            (Role.WEEKDAY, face.weekday),
            (Role.LUNAR, face.lunar),
            (Role.FESTIVAL, face.festival),
        ),
        0.5,
    )
    line.put_left(Role.TITLE, title, 0.5)
    line.put_left(Role.ENGLISH, face.english, 0.36)
    return tuple(line.placed)


def place_block(face: ClockFace, size_px: tuple[int, int], measure: Measure) -> tuple[Placed, ...]:
    """Give the words that fit in a block on top of a column: the time large, below it as many lines as there is room.

    Each line is centred. A block lower than a third of its width is set as a bar.
    """
    width, height = size_px
    if height * 3 < width:
        return place_bar(face, "", size_px, measure)
    inner = width * 0.88
    time_px = _fitting(face.time, height * 0.44, inner, True, measure)
    row_px = max(TEXT_MIN_PX, round(min(width * 0.095, height * 0.15)))
    waiting = [
        [(Role.DATE, face.date, row_px), (Role.WEEKDAY, face.weekday, row_px)],
        [(role, text, row_px) for role, text in ((Role.LUNAR, face.lunar), (Role.FESTIVAL, face.festival)) if text],
    ]
    lines: list[list[_Word]] = [[(Role.TIME, face.time, time_px)]]
    used = time_px * 0.74 + row_px * 0.5
    while waiting and used + row_px * 1.35 <= height:
        words = waiting.pop(0)
        kept = _as_fits(words, inner, measure)
        if kept and len(kept) < len(words):
            waiting.insert(0, words[len(kept) :])
        if kept:
            lines.append(kept)
            used += row_px * 1.35
    return _stacked(lines, size_px, measure)


def _place_two_lines(face: ClockFace, title: str, size_px: tuple[int, int], measure: Measure) -> tuple[Placed, ...]:
    """Time over both lines at the right; date and weekday above, the lunar date below, the title where it fits."""
    width, height = size_px
    upper, lower = (_Line(width, height, measure, gap_share=0.24) for _ in range(2))
    upper.put_right(Role.TIME, face.time, 0.62)
    lower.right = upper.right
    for line, share in ((upper, 0.43), (lower, 0.85)):
        line.baseline = round(height * share)
    if height * 0.36 < TEXT_MIN_PX:
        upper.baseline = round(height * 0.5 + TEXT_MIN_PX * 0.36)
        upper.flow(((Role.DATE, face.date), (Role.WEEKDAY, face.weekday)), 0.3)
        return tuple(upper.placed)
    upper.flow(((Role.DATE, face.date), (Role.WEEKDAY, face.weekday)), 0.3)
    lower.flow(((Role.LUNAR, face.lunar), (Role.FESTIVAL, face.festival)), 0.3)
    upper.put_group(((Role.TITLE, title),), 0.3)
    lower.put_group(((Role.ENGLISH, face.english),), 0.24)
    return tuple(upper.placed + lower.placed)


class _Line:
    """One line of a bar while words are set into it from both ends."""

    def __init__(self, width: int, height: int, measure: Measure, gap_share: float = 0.42) -> None:
        self._height = height
        self._measure = measure
        self._gap = round(height * gap_share)
        self.left = self._gap
        self.right = width - self._gap
        self.baseline = 0
        self.placed: list[Placed] = []

    def put_right(self, role: Role, text: str, share: float) -> None:
        """Set one word at the right end, its capital height in the bar's middle, whatever the room."""
        size_px = self._size(share)
        width = round(self._measure(text, size_px, role in BOLD_ROLES))
        middle = round(self._height / 2 + size_px * 0.365)
        self.placed.append(Placed(role, text, self.right - width, middle, size_px, width))
        self.right -= width + self._gap

    def put_group(self, words: Sequence[tuple[Role, str]], share: float) -> None:
        """Set as many of the words as fit, in order, ending at the right end of what is free."""
        size_px = self._size(share)
        kept = _as_fits([(r, t, size_px) for r, t in words if t], self.right - self.left, self._measure)
        if not kept:
            return
        x = self.right - _row_width(kept, self._measure)
        self.right = x - 2 * self._gap
        self._set(kept, x)

    def put_left(self, role: Role, text: str, share: float) -> None:
        """Set one word at the left end if it fits."""
        self.flow(((role, text),), share)

    def flow(self, words: Sequence[tuple[Role, str]], share: float) -> None:
        """Set as many of the words as fit, in order, from the left end on."""
        size_px = self._size(share)
        kept = _as_fits([(r, t, size_px) for r, t in words if t], self.right - self.left, self._measure)
        self._set(kept, self.left)
        if kept:
            self.left += _row_width(kept, self._measure) + self._gap

    def _set(self, words: Sequence[_Word], x: int) -> None:
        for role, text, size_px in words:
            width = round(self._measure(text, size_px, role in BOLD_ROLES))
            baseline = self.baseline or round(self._height / 2 + size_px * 0.365)
            self.placed.append(Placed(role, text, x, baseline, size_px, width))
            x += width + _space(size_px)

    def _size(self, share: float) -> int:
        return max(TEXT_MIN_PX, round(self._height * share))


def _stacked(lines: Sequence[Sequence[_Word]], size_px: tuple[int, int], measure: Measure) -> tuple[Placed, ...]:
    """Centre the lines in the block. A digit fills about 0.73 of its character size, Chinese 0.92."""
    width, height = size_px
    heights = [row[0][2] * (0.74 if index == 0 else 0.92) for index, row in enumerate(lines)]
    gap = min((height - sum(heights)) / (len(lines) + 1), lines[-1][0][2] * 0.6)
    y = (height - sum(heights) - gap * (len(lines) - 1)) / 2
    placed: list[Placed] = []
    for index, (row, row_height) in enumerate(zip(lines, heights, strict=True)):
        baseline = round(y + row_height - (0 if index == 0 else row[0][2] * 0.1))
        x = round((width - _row_width(row, measure)) / 2)
        for role, text, size in row:
            text_width = round(measure(text, size, role in BOLD_ROLES))
            placed.append(Placed(role, text, x, baseline, size, text_width))
            x += text_width + _space(size)
        y += row_height + gap
    return tuple(placed)


def _as_fits(words: list[_Word], room: float, measure: Measure) -> list[_Word]:
    """Drop words from the end until the rest fits."""
    while words and _row_width(words, measure) > room:
        words = words[:-1]
    return words


def _row_width(words: Sequence[_Word], measure: Measure) -> int:
    widths = sum(round(measure(text, size, role in BOLD_ROLES)) for role, text, size in words)
    return widths + sum(_space(size) for _, _, size in words[:-1])


def _fitting(text: str, wanted_px: float, room: float, is_bold: bool, measure: Measure) -> int:
    width_at_100 = measure(text, 100, is_bold)
    return max(TEXT_MIN_PX, round(min(wanted_px, room / width_at_100 * 100)))


def _space(size_px: int) -> int:
    return round(size_px * 0.5)

"""The frozen values of a store: what the readers give and everything else works with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from signage.base.errors import Problem


class Kind(StrEnum):
    """What a slot shows. `SLATE` and `OFF` never come from a playlist."""

    PICTURE = "picture"
    ANIMATION = "animation"
    VIDEO = "video"
    PAGE = "page"
    CARD = "card"
    TICKER = "ticker"
    SLATE = "slate"
    OFF = "off"


class Fit(StrEnum):
    """How a picture of another shape fills its place."""

    CONTAIN = "contain"
    COVER = "cover"
    STRETCH = "stretch"


class Transition(StrEnum):
    """How an item takes the place of the one before."""

    CUT = "cut"
    FADE = "fade"
    SLIDE = "slide"


class Priority(IntEnum):
    """Only the highest priority that is active gets screen time."""

    FILLER = 0
    NORMAL = 1
    SPECIAL = 2
    URGENT = 3


ZONES_OF_LAYOUT: Mapping[str, tuple[str, ...]] = {
    "full": ("main",),
    "banner": ("main", "ticker"),
    "side": ("main", "side"),
}
"""The zones that each layout has. `ticker` is a line of scrolling text and takes texts only."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """One checked file of `media/`. `path` is relative to `media/`, with forward slashes.

    `size_px` is (width, height) as a viewer sees it, orientation applied; of a PDF, its first page in points.
    `duration_ms` is None for what has no time of its own. `pages` counts the pages of a PDF, else 1.
    """

    path: str
    kind: Kind
    sha256: str
    length_bytes: int
    mtime_ns: int
    size_px: tuple[int, int]
    duration_ms: int | None = None
    pages: int = 1
    has_sound: bool = False
    mime: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A designed card: a template's name, its fields as canonical JSON, and the photos that they name."""

    template: str
    fields_json: str
    photos: tuple[MediaFile, ...] = ()

    @property
    def sha256(self) -> str:
        """Give the digest by which logs and screens know what the card shows: equal content has an equal one."""
        parts = (self.template, self.fields_json, *(photo.sha256 for photo in self.photos))
        return sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()

    @property
    def fields(self) -> dict[str, Any]:
        """Give the fields as the YAML had them; photo paths are relative to `media/`."""
        fields: dict[str, Any] = json.loads(self.fields_json)
        return fields


@dataclass(frozen=True, slots=True)
class Item:
    """One media item that can fill a slot: a file, one page of a PDF, a card, or a line for the ticker.

    `name` is what people and logs call it: `unity/poster-01.jpg`, `notices/plan.pdf#page=3`,
    `work-update:连然新村停车道闸启用`. `sha256` is of the file's bytes; of a card, of its template, fields and
    photos; equal content has equal sha256. `from_date` and `until_date` (inclusive, local) limit when it may play.
    """

    name: str
    kind: Kind
    sha256: str
    duration_ms: int
    fit: Fit = Fit.CONTAIN
    transition: Transition = Transition.FADE
    media: MediaFile | None = None
    page: int = 1
    card: Card | None = None
    from_date: date | None = None
    until_date: date | None = None


class SunEvent(StrEnum):
    """A moment of the sun, from which hours may be counted."""

    SUNRISE = "sunrise"
    SUNSET = "sunset"


@dataclass(frozen=True, slots=True)
class Edge:
    """One end of daily hours: seconds after local midnight (0 to 86400), or after a sun event when `sun` is set."""

    offset_s: int
    sun: SunEvent | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """Daily hours [start, end). An end at or before the start lies on the next day."""

    start: Edge
    end: Edge


class DayClass(StrEnum):
    """What kind of day a date is in the calendar of China and of this office."""

    WORKDAY = "workday"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Window:
    """When a playlist may play: every part that is set must hold; `hours` decide on the day on which they start.

    `weekdays` are ISO numbers (Monday 1). `lunar` are (month, day) of the Chinese calendar; a negative month
    is a leap month. `from_date` and `until_date` are inclusive local dates.
    """

    from_date: date | None = None
    until_date: date | None = None
    weekdays: frozenset[int] = frozenset()
    day_classes: frozenset[DayClass] = frozenset()
    lunar: frozenset[tuple[int, int]] = frozenset()
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of `play`: its items in order, or shuffled anew for each date when `shuffled`.

    With `limit`, a shuffled entry gives only the first `limit` of each shuffle; other entries are cut by the reader.
    """

    items: tuple[Item, ...]
    shuffled: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Playlist:
    """One campaign. `name` is the file's path below `playlists/` without `.yaml`; empty `windows` means always.

    Empty `where` means every screen. `expires` is the last local date on which it plays.
    """

    name: str
    title: str
    entries: tuple[Entry, ...]
    zone: str = "main"
    where: frozenset[str] = frozenset()
    windows: tuple[Window, ...] = ()
    weight: Fraction = Fraction(1)
    priority: Priority = Priority.NORMAL
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Screen:
    """One display.

    `size_px` is the canvas as its viewers see it; None means the whole output. `rotate` (0, 90, 180 or 270 degrees
    clockwise) turns it on the output, where `position_px` is the top left corner of what it takes. Empty `hours`
    means all day. `place` is (latitude, longitude) in degrees.
    """

    name: str = "default"
    title: str = ""
    tags: frozenset[str] = frozenset()
    size_px: tuple[int, int] | None = None
    position_px: tuple[int, int] = (0, 0)
    rotate: int = 0
    hours: tuple[Hours, ...] = ()
    layout: str = "full"
    place: tuple[float, float] | None = None
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    sound: bool = False


@dataclass(frozen=True, slots=True)
class CalendarData:
    """What `playlists/calendar.yaml` says: days off and adjusted workdays, and the years that it covers whole."""

    years: frozenset[int] = frozenset()
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Store:
    """A content store as read at one moment. `revision` changes exactly when what it says changes.

    `files` says where the bytes of a medium lie, by its path, where that is not the original in `media/`.
    """

    root: Path
    playlists: tuple[Playlist, ...]
    screens: Mapping[str, Screen]
    calendar: CalendarData = CalendarData()
    media: Mapping[str, MediaFile] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    revision: str = ""
    files: Mapping[str, Path] = field(default_factory=dict)

    def path_of(self, media: MediaFile) -> Path:
        """Give where the file lies on this disk."""
        return self.files.get(media.path) or self.root / "media" / media.path

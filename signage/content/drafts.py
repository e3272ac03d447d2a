"""What one playlist file says, before any medium was looked at: the values that the reader of playlists hands on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from signage.base.errors import Problem
from signage.content.values import Fit, Priority, Transition, Window


@dataclass(frozen=True, slots=True)
class Show:
    """How an entry is shown; None where it leaves that to a sidecar, the file's name or the default."""

    duration_ms: int | None = None
    fit: Fit | None = None
    transition: Transition | None = None
    from_date: date | None = None
    until_date: date | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A path that a playlist names, relative to `media/`, and the line on which it stands."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class FileDraft:
    """A file, or with `may_be_folder` (a bare text) a file or a folder."""

    reference: Reference
    show: Show
    may_be_folder: bool = False


@dataclass(frozen=True, slots=True)
class FolderDraft:
    """All files of a folder, in an order, at most `limit` of them."""

    reference: Reference
    show: Show
    order: str = "name"
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class CardDraft:
    """A card or a line for the ticker. `fields_json` is canonical JSON; `photos` in the order of the card."""

    template: str
    fields_json: str
    title: str
    characters: int
    photos: tuple[Reference, ...]
    line: int
    show: Show


EntryDraft = FileDraft | FolderDraft | CardDraft


@dataclass(frozen=True, slots=True)
class PlaylistDraft:
    """One playlist file. When `is_broken` it is not shown: what it names is looked at for more problems only."""

    name: str
    file: str
    problems: tuple[Problem, ...] = ()
    title: str = ""
    zone: str = "main"
    zone_line: int = 0
    where: tuple[tuple[str, int], ...] = ()
    windows: tuple[Window, ...] = ()
    weight: Fraction = Fraction(1)
    priority: Priority = Priority.NORMAL
    expires: date | None = None
    entries: tuple[EntryDraft, ...] = field(default=(), repr=False)

    @property
    def is_broken(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)

"""The store's view and the ingest's table in, every file of `media/` as staff see it out: state, reason, use, dates."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, select

from signage.content.datednames import dates_in
from signage.content.mediapath import natural_key
from signage.content.notation import NotationError
from signage.content.notices import NoticeText
from signage.content.probecache import Finding
from signage.content.refusal import Refusal
from signage.content.scan import FileKey
from signage.content.values import Kind, MediaFile, Playlist
from signage.office.database.engine import Database
from signage.office.database.tables import MediaRow
from signage.office.storefront import StoreKeeper, StoreView


class MediaState(StrEnum):
    """What became of a file. UNCHECKED: nobody looked at it yet, because no playlist uses it."""

    WAITING = "waiting"
    CONVERTING = "converting"
    ACCEPTED = "accepted"
    CONVERTED = "converted"
    REFUSED = "refused"
    UNCHECKED = "unchecked"

    @property
    def words(self) -> tuple[str, str]:
        return _WORDS[self]

    @property
    def look(self) -> str:
        """Give the class of the state's mark on a page."""
        return {"refused": "bad", "accepted": "good", "converted": "good", "unchecked": ""}.get(self.value, "warn")


_WORDS = {
    MediaState.WAITING: ("等待复制完", "Being copied"),
    MediaState.CONVERTING: ("转换中", "Converting"),
    MediaState.ACCEPTED: ("可以播放", "Ready"),
    MediaState.CONVERTED: ("可以播放", "Ready"),
    MediaState.REFUSED: ("未采用", "Refused"),
    MediaState.UNCHECKED: ("还没用到", "Not used yet"),
}


@dataclass(frozen=True, slots=True)
class Use:
    """A playlist that shows a file."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class MediaEntry:
    """One file. `key` tells its content from an older one under the same name."""

    path: str
    key: FileKey
    state: MediaState
    percent: float = 0.0
    reason_zh: str = ""
    reason: str = ""
    kind: Kind | None = None
    size_px: tuple[int, int] | None = None
    duration_ms: int | None = None
    pages: int = 1
    uses: tuple[Use, ...] = ()
    from_date: date | None = None
    until_date: date | None = None

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def topic(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def length_bytes(self) -> int:
        return self.key[1]

    @property
    def changed_ms(self) -> int:
        return self.key[2] // 1_000_000

    @property
    def mark(self) -> str:
        """Give what changes with the file's content, for addresses of its picture."""
        return f"{self.key[0]:x}-{self.key[1]:x}-{self.key[2]:x}"

    def is_over(self, today: date) -> bool:
        """Tell whether its last day has gone by."""
        return self.until_date is not None and self.until_date < today


class MediaList:
    """Gives every file of `media/`; worked out anew only when the folder or the table has changed. Any thread."""

    def __init__(self, keeper: StoreKeeper, database: Database) -> None:
        self._keeper = keeper
        self._database = database
        self._lock = threading.Lock()
        self._known: tuple[StoreView, object, tuple[MediaEntry, ...]] | None = None

    def entries(self) -> tuple[MediaEntry, ...]:
        """Give the files in natural order.

        Raises:
            SignageError: the folder could never be read yet.
        """
        view = self._keeper.view()
        with self._lock:
            with self._database.reading() as session:
                mark = tuple(session.execute(_MARK).one())
                if self._known and self._known[0] is view and self._known[1] == mark:
                    return self._known[2]
                rows = {row.path: row for row in session.execute(_ROWS)}
            uses = uses_of(view.store.playlists)
            paths = sorted(view.files, key=natural_key)
            found = tuple(_entry(path, view, rows.get(path), uses.get(path, ())) for path in paths)
            self._known = (view, mark, found)
            return found

    def entry(self, path: str) -> MediaEntry | None:
        """Give one file; None if there is none."""
        return next((one for one in self.entries() if one.path == path), None)


_MARK = select(func.count(), func.max(MediaRow.changed_ms), func.sum(MediaRow.percent))
_ROWS = select(
    MediaRow.path, MediaRow.state, MediaRow.percent, MediaRow.reason, MediaRow.reason_zh, MediaRow.facts
).where(MediaRow.state != "gone")


def uses_of(playlists: Iterable[Playlist]) -> Mapping[str, tuple[Use, ...]]:
    """Give the playlists that show each file, by its path."""
    found: dict[str, dict[str, Use]] = {}
    for playlist in playlists:
        use = Use(playlist.name, playlist.title)
        for path in _paths_of(playlist):
            found.setdefault(path, {})[playlist.name] = use
    return {path: tuple(used.values()) for path, used in found.items()}


def _paths_of(playlist: Playlist) -> Iterator[str]:
    for entry in playlist.entries:
        for item in entry.items:
            if item.media is not None:
                yield item.media.path
            if item.card is not None:
                yield item.name  # a text file's notice bears the name of the file
                yield from (photo.path for photo in item.card.photos)


def _entry(path: str, view: StoreView, row: Row[Any] | None, uses: tuple[Use, ...]) -> MediaEntry:
    first = last = None
    with suppress(NotationError):
        first, last = dates_in(path.rpartition("/")[2])
    if path in view.sidecars:
        show = view.sidecars[path].show
        first, last = show.from_date or first, show.until_date or last
    found = _found(path, view.files[path], view.findings.get(path), uses, (first, last))
    if row is None:
        return found
    state = MediaState(row.state) if row.state in set(MediaState) else MediaState.WAITING
    kind, size_px, duration_ms, pages = _facts(row.facts)
    return replace(
        found,
        state=state,
        percent=row.percent,
        reason_zh=row.reason_zh or row.reason,
        reason=row.reason,
        kind=kind or found.kind,
        size_px=size_px,
        duration_ms=duration_ms,
        pages=pages,
    )


def _found(
    path: str, key: FileKey, finding: Finding | None, uses: tuple[Use, ...], dates: tuple[date | None, date | None]
) -> MediaEntry:
    bare = MediaEntry(path, key, MediaState.UNCHECKED, uses=uses, from_date=dates[0], until_date=dates[1])
    if isinstance(finding, MediaFile):
        return replace(
            bare,
            state=MediaState.ACCEPTED,
            kind=finding.kind,
            size_px=finding.size_px,
            duration_ms=finding.duration_ms,
            pages=finding.pages,
        )
    if isinstance(finding, NoticeText):
        return replace(bare, state=MediaState.ACCEPTED, kind=Kind.CARD)
    if isinstance(finding, Refusal):
        state = MediaState.WAITING if finding.is_unsettled else MediaState.REFUSED
        return replace(bare, state=state, reason_zh=finding.zh, reason=finding.reason)
    return bare


def _facts(facts: Mapping[str, Any]) -> tuple[Kind | None, tuple[int, int] | None, int | None, int]:
    kind = Kind(facts["kind"]) if facts.get("kind") in set(Kind) else None
    size = facts.get("size_px")
    size_px = (int(size[0]), int(size[1])) if isinstance(size, list | tuple) and len(size) == 2 else None
    return kind, size_px, facts.get("duration_ms"), int(facts.get("pages") or 1)

"""What has been published in, the notices that residents may read out: on air now, or within the last months.

Releases are pruned, so what a notice said is kept in the database from the first time that it is seen on air. A notice
is told only within its own dates; one that was withdrawn by hand is told no more.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from signage.base.errors import SignageError
from signage.base.moments import to_datetime
from signage.content.values import Item, Kind, MediaFile, Playlist, Screen
from signage.office.database.tables import KeptRow, PublicRow
from signage.office.desk import Desk
from signage.office.drafts import decode_once
from signage.office.publish import kept_releases, number_on_air, on_air
from signage.office.review import items_of
from signage.release.layout import blob_path
from signage.release.manifest import Manifest

TOLD = ("notice", "work-update", "event", "table")
"""The templates that are told: what the office says to everybody. People who are honoured are left to the screen."""

_MARK = "public.release"
_DAY_MS = 86_400_000
_MOST = 500


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice as residents read it. `fields` are those of its template; `photos` digests of its pictures."""

    key: str
    template: str
    title: str
    fields: Mapping[str, Any]
    photos: tuple[str, ...]
    day: date
    is_on_air: bool
    hidden_by: str = ""

    @property
    def paragraphs(self) -> list[str]:
        text = str(self.fields.get("body") or self.fields.get("text") or "")
        return [line for line in text.split("\n") if line.strip()]


@dataclass(slots=True)
class _Seen:
    """What one release says of a notice: the days on which it may be told; None is open."""

    item: Item
    first: date | None
    last: date | None
    made_ms: int = 0


@dataclass(slots=True)
class _Known:
    number: int
    day: date
    days: int
    serial: int
    notices: list[Notice] = field(default_factory=list)
    photos: dict[str, MediaFile] = field(default_factory=dict)


class PublicNotices:
    """Gives the notices; looks at a release only once. Any thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._serial = 0

    def all(self) -> list[Notice]:
        """Give the notices that may be told now, newest first.

        Raises:
            SignageError: what is published cannot be read.
        """
        return self._looked().notices

    def find(self, key: str) -> Notice | None:
        return next((one for one in self.all() if one.key == key), None)

    def photo(self, sha256: str) -> MediaFile | None:
        """Give a picture of a notice that may be told now."""
        return self._looked().photos.get(sha256)

    @property
    def mark(self) -> str:
        """Give what changes whenever the answers may: for caches."""
        known = self._looked()
        return f"{known.number}-{known.day.isoformat()}-{known.serial}"

    def every(self) -> list[Notice]:
        """Give what is kept, also what was withdrawn, for the people who decide it."""
        self._looked()
        with self._desk.database.reading() as session:
            rows = session.scalars(select(PublicRow).order_by(PublicRow.first_ms.desc()).limit(_MOST))
            return [_notice(row)[0] for row in rows]

    def hide(self, key: str, person: str, *, is_hidden: bool) -> bool:
        """Withdraw a notice from the page, or tell it again; give whether there is such a notice."""
        with self._lock, self._desk.database.writing() as session:
            row = session.get(PublicRow, key)
            if row is None:
                return False
            row.hidden_by = person if is_hidden else ""
            action = "public.hidden" if is_hidden else "public.shown"
            self._desk.audit.note(person, action, key, {"title": _notice(row)[0].title}, session=session)
            self._known = None
        return True

    def _looked(self) -> _Known:
        office, now_ms = self._desk.office(), self._desk.clock.now_ms()
        today = to_datetime(now_ms, Screen().timezone).date()
        number, days = number_on_air(office), self._desk.settings.read().public_days
        with self._lock:
            known = self._known
            if known is not None and (known.number, known.day, known.days) == (number, today, days):
                return known
            self._note_releases(number)
            self._serial += 1
            self._known = known = _Known(number, today, days, self._serial)
            oldest_ms = now_ms - days * _DAY_MS
            for notice, photos in self._told(today.isoformat(), oldest_ms):
                known.notices.append(notice)
                known.photos |= photos
            return known

    def _told(self, today: str, oldest_ms: int) -> Iterator[tuple[Notice, dict[str, MediaFile]]]:
        wanted = (
            select(PublicRow)
            .where(PublicRow.hidden_by == "", PublicRow.from_date <= today)
            .where(or_(PublicRow.until_date == "", PublicRow.until_date >= today))
            .where(or_(PublicRow.last_ms.is_(None), PublicRow.last_ms >= oldest_ms))
        )
        with self._desk.database.reading() as session:
            rows = [_notice(row) for row in session.scalars(wanted)]
        folder = self._desk.published
        for notice, photos in sorted(rows, key=lambda pair: (pair[0].day, pair[0].title), reverse=True)[:_MOST]:
            yield notice, {one: media for one, media in photos.items() if (folder / blob_path(one)).exists()}

    def _note_releases(self, number: int) -> None:
        """Keep what every release says that went on air since the last look."""
        office = self._desk.office()
        with self._desk.database.writing() as session:
            mark = session.get(KeptRow, _MARK)
            noted = int(mark.value) if mark else 0
            for version in [one for one in kept_releases(office) if noted < one <= number]:
                try:
                    manifests = [decode_once(data) for data in on_air(office, version).values()]
                except SignageError:
                    if version == number:
                        raise
                    continue  # pruned at this very moment
                _note_release(session, manifests, self._desk.clock.now_ms())
            session.merge(KeptRow(name=_MARK, value=str(number).encode()))


def _note_release(session: Session, manifests: list[Manifest], now_ms: int) -> None:
    seen: dict[str, _Seen] = {}
    for manifest in manifests:
        for playlist in manifest.store.playlists:
            for item in items_of(playlist):
                if item.card is not None and item.card.template in TOLD:
                    _see(seen, item, playlist, manifest.made_ms)
    ended_ms = max((manifest.made_ms for manifest in manifests), default=now_ms)
    for row in session.scalars(select(PublicRow).where(PublicRow.last_ms.is_(None))):
        if row.key not in seen:
            row.last_ms = ended_ms
    rows = {row.key: row for row in session.scalars(select(PublicRow))}
    for key, one in seen.items():
        known = rows.get(key)
        if known is None:
            known = PublicRow(key=key, template="", said={}, first_ms=one.made_ms)
            session.add(known)
        assert one.item.card is not None
        known.template = one.item.card.template
        known.said = {"fields": one.item.card.fields, "photos": [_plain(photo) for photo in one.item.card.photos]}
        known.from_date = one.first.isoformat() if one.first else ""
        known.until_date = one.last.isoformat() if one.last else ""
        known.last_ms = None


def _see(seen: dict[str, _Seen], item: Item, playlist: Playlist, made_ms: int) -> None:
    first, last = _days_of(item, playlist)
    known = seen.get(item.sha256)
    if known is None:
        seen[item.sha256] = _Seen(item, first, last, made_ms)
        return
    known.first = min(known.first, first) if known.first and first else None
    known.last = max(known.last, last) if known.last and last else None
    known.made_ms = min(known.made_ms, made_ms)


def _days_of(item: Item, playlist: Playlist) -> tuple[date | None, date | None]:
    """Give the first and the last day on which the playlist may show the item."""
    starts = [window.from_date for window in playlist.windows]
    ends = [window.until_date for window in playlist.windows]
    first = [item.from_date, min((one for one in starts if one), default=None) if all(starts) else None]
    last = [item.until_date, playlist.expires, max((one for one in ends if one), default=None) if all(ends) else None]
    return max((one for one in first if one), default=None), min((one for one in last if one), default=None)


def _plain(photo: MediaFile) -> dict[str, Any]:
    return {"sha256": photo.sha256, "mime": photo.mime, "size": list(photo.size_px), "length": photo.length_bytes}


def _notice(row: PublicRow) -> tuple[Notice, dict[str, MediaFile]]:
    fields = dict(row.said.get("fields", {}))
    photos = {
        one["sha256"]: MediaFile(
            one["sha256"], Kind.PICTURE, one["sha256"], one["length"], 0, tuple(one["size"]), mime=one["mime"]
        )
        for one in row.said.get("photos", [])
    }
    shown = to_datetime(row.first_ms, Screen().timezone).date()
    day = max(shown, date.fromisoformat(row.from_date)) if row.from_date else shown
    title = str(fields.get("title") or fields.get("headline") or "")
    notice = Notice(row.key, row.template, title, fields, tuple(photos), day, row.last_ms is None, row.hidden_by)
    return notice, photos

"""What a store says in, digests out that are equal exactly when it says the same: on every machine, in every run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from signage.content.values import CalendarData, Playlist, Screen


def digest_of(playlist: Playlist) -> bytes:
    """Give a digest of all that a playlist says."""
    digest = hashlib.sha256(repr(_sorted_sets(playlist)).encode())
    for entry in playlist.entries:
        digest.update(f"\n{entry.shuffled}{entry.limit}".encode())
        for item in entry.items:
            digest.update(
                f"\n{item.name}|{item.sha256}|{item.duration_ms}|{item.fit}|{item.transition}|{item.page}"
                f"|{item.from_date}|{item.until_date}".encode()
            )
    return digest.digest()


def _sorted_sets(playlist: Playlist) -> tuple[Any, ...]:
    """Give what a playlist says besides its entries, in an order that does not hang on hashing."""
    windows = [
        (
            window.from_date,
            window.until_date,
            sorted(window.weekdays),
            sorted(window.day_classes),
            sorted(window.lunar),
            window.hours,
        )
        for window in playlist.windows
    ]
    plain = replace(playlist, entries=(), where=frozenset(), windows=())
    return (plain, sorted(playlist.where), windows)


def revision_of(playlists: Iterable[bytes], screens: Mapping[str, Screen], days: CalendarData) -> str:
    """Give the revision of a store from the digests of its playlists, its screens and its calendar."""
    digest = hashlib.sha256()
    for playlist in playlists:
        digest.update(playlist)
    for name in sorted(screens):
        screen = screens[name]
        digest.update(repr((sorted(screen.tags), {**_plain(screen), "tags": None})).encode())
    digest.update(repr((sorted(days.years), sorted(days.holidays), sorted(days.workdays))).encode())
    return digest.hexdigest()


def _plain(screen: Screen) -> dict[str, object]:
    return {name: getattr(screen, name) for name in Screen.__slots__}

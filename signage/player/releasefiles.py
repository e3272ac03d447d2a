"""A release in; the files that it needs, by content and in order, and the store that finds them in a cache, out."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from signage.content.values import MediaFile, Store
from signage.player.cache import Blob
from signage.release.manifest import Manifest
from signage.schedule.programme import Programme

_FIRST_SLOTS = 200


class ReleaseStore(Store):
    """A store whose files lie in a cache, by their content."""

    def path_of(self, media: MediaFile) -> Path:
        return self.root / "blobs" / media.sha256[:2] / media.sha256


def in_cache(store: Store, folder: Path) -> ReleaseStore:
    """Give the store with its files in the cache at `folder`."""
    return ReleaseStore(
        folder, store.playlists, store.screens, store.calendar, store.media, store.problems, store.revision
    )


def release_name(manifest: Manifest) -> str:
    """Give the name of a release on this disk: by number, then by content."""
    return f"{manifest.number:016d}-{manifest.store.revision[:16]}"


def blobs_of(files: Iterable[MediaFile]) -> list[Blob]:
    """Give the files by their content, each once."""
    return list(dict.fromkeys(Blob(media.sha256, media.length_bytes) for media in files))


def first_things_first(store: Store, screen: str, now_ms: int) -> list[Blob]:
    """Give a release's files in the order in which a screen will need them, then the short before the long."""
    programme = Programme(store, store.screens[screen])
    soon = [slot.item for slot in islice(programme.slots(now_ms, now_ms + 86_400_000), _FIRST_SLOTS)]
    first = [media for item in soon for media in (item.media, *(item.card.photos if item.card else ())) if media]
    rest = sorted(store.media.values(), key=lambda media: media.length_bytes)
    return blobs_of([*first, *rest])

"""Differences between releases in, what a page shows of them out: by playlist and screen, each with its pictures.

A picture is asked for by a key that a page has named: whoever may see the page may see that, and nothing else.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from signage.base.errors import SignageError
from signage.content.layouts import zone_rects
from signage.content.values import Item, Kind, MediaFile, Screen
from signage.office.blobs import has_bytes
from signage.office.desk import Desk
from signage.office.review import ChangeKind, Difference, is_pictured, items_of
from signage.office.said import Said, joined, named
from signage.office.studio import FULL_HD, Picture
from signage.release.layout import blob_path
from signage.release.manifest import Manifest

Locate = Callable[[MediaFile], Path]

_SCREENS = Said("屏幕", "Screens")
_MOST_PICTURES = 20_000
SMALL_PX = 480
LARGE_PX = 960


@dataclass(frozen=True, slots=True)
class Row:
    """One difference. Keys are empty where there is nothing to see besides words."""

    kind: ChangeKind
    what: Said
    before: Said
    after: Said
    before_key: str = ""
    after_key: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The differences of one playlist or screen."""

    place: Said
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ChangesView:
    """What a page shows. `left_out` counts the differences that are not among the rows."""

    groups: tuple[Group, ...]
    counts: Mapping[ChangeKind, int]
    total: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Pictured:
    """An item that a page has shown: the size of the zone in which it plays, and where its files lie."""

    item: Item
    zone_px: tuple[int, int]
    locate: Locate


class Gallery:
    """Remembers which items pages have shown, and draws them. Any thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._shown: OrderedDict[str, Pictured] = OrderedDict()
        self._read: dict[Path, tuple[int, int, int]] = {}

    def view(
        self,
        found: tuple[Difference, ...],
        before: Mapping[str, Manifest],
        after: Mapping[str, Manifest],
        most: int | None,
        original: Locate | None = None,
    ) -> ChangesView:
        """Give what a page shows of the differences, at most so many. `original` finds files that are no blobs yet."""
        zones = {**_zones(before), **_zones(after)}
        locate = self._locate(original)
        shown = found if most is None else found[:most]
        groups = [
            Group(place, tuple(self._row(one, zones, locate) for one in differences))
            for place, differences in groupby(map(_with_screen, shown), key=lambda one: one.place)
        ]
        return ChangesView(tuple(groups), Counter(one.kind for one in found), len(found), len(found) - len(shown))

    def show(self, item: Item, zone_px: tuple[int, int], locate: Locate | None = None) -> str:
        """Give the key under which the item's picture can be had from now on."""
        media = item.media.path if item.media else ""
        said = (item.name, item.kind, item.sha256, item.fit, item.page, media, zone_px)
        key = sha256(repr(said).encode()).hexdigest()[:32]
        with self._lock:
            self._shown[key] = Pictured(item, zone_px, locate or self._locate(None))
            self._shown.move_to_end(key)
            while len(self._shown) > _MOST_PICTURES:
                self._shown.popitem(last=False)
        return key

    def find(self, key: str) -> Pictured | None:
        """Give what a page has shown under this key; None where none has, or long ago."""
        with self._lock:
            return self._shown.get(key)

    def draw(self, pictured: Pictured, page: int = 1, width_px: int = SMALL_PX) -> Picture:
        """Give the picture.

        Raises:
            SignageError: it cannot be drawn; the message says why.
        """
        return self._desk.studio.draw_item(
            pictured.item, pictured.zone_px, pictured.locate, width_px=width_px, page=page
        )

    def _row(self, one: Difference, zones: Mapping[str, tuple[int, int]], locate: Locate) -> Row:
        keys = [
            self.show(item, zones.get(item.name, FULL_HD), locate) if item is not None and is_pictured(item) else ""
            for item in (one.item_before, one.item_after)
        ]
        return Row(one.kind, one.what, one.before, one.after, keys[0], keys[1])

    def _require_own_bytes(self, path: Path, media: MediaFile) -> None:
        """See that a blob is what it is called: else one picture would be looked at, and another one signed.

        Raises:
            SignageError: it is not.
        """
        mark = _mark_of(path)
        with self._lock:
            is_known = self._read.get(path) == mark
        if is_known:
            return
        if not has_bytes(path, media.sha256):
            raise SignageError(f"{media.path}: was tampered with; return this draft (文件已被改动，请退回，不要通过)")
        with self._lock:
            if len(self._read) > _MOST_PICTURES:
                self._read.clear()
            self._read[path] = mark

    def _locate(self, original: Locate | None) -> Locate:
        folders = (self._desk.folder / "pending", self._desk.published)

        def locate(media: MediaFile) -> Path:
            for folder in folders:
                path = folder / blob_path(media.sha256)
                if path.exists():
                    self._require_own_bytes(path, media)
                    return path
            if original is not None:
                return original(media)
            raise SignageError(f"{media.path}: is not kept any more (文件已不再保存)")

        return locate


def _mark_of(path: Path) -> tuple[int, int, int]:
    """Give what changes whenever a file does: the time of its inode cannot be set back by whoever writes to it."""
    status = path.stat()
    return status.st_ino, status.st_size, status.st_ctime_ns


def _with_screen(one: Difference) -> Difference:
    """Give what differs of a screen under the one head of all screens."""
    if not one.screen:
        return one
    return replace(one, place=_SCREENS, what=joined((named(one.screen), one.what), "　", "　"))


def canvas_of(screen: Screen) -> tuple[int, int]:
    """Give the size of a screen's canvas; of one that does not say it, full HD as it hangs."""
    if screen.size_px:
        return screen.size_px
    return (FULL_HD[1], FULL_HD[0]) if screen.rotate in (90, 270) else FULL_HD


def screens_of(manifests: Iterable[Manifest]) -> dict[str, Screen]:
    """Give the screens of a release, by name."""
    return {name: screen for one in manifests for name, screen in sorted(one.store.screens.items())}


def is_film(pictured: Pictured) -> bool:
    """Tell whether one picture is not enough to know what the item shows."""
    return pictured.item.kind is Kind.VIDEO


def _zones(manifests: Mapping[str, Manifest]) -> dict[str, tuple[int, int]]:
    """Give the size of the zone, on the first screen, in which an item of each name is shown."""
    found: dict[str, tuple[int, int]] = {}
    for manifest in manifests.values():
        screen = manifest.store.screens[min(manifest.store.screens)]
        rects = zone_rects(screen.layout, canvas_of(screen))
        for playlist in manifest.store.playlists:
            size = rects.get(playlist.zone, rects["main"]).size
            for item in items_of(playlist):
                found.setdefault(item.name, size)
    return found

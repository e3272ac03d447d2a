"""A channel's resolved content in, the bytes that are signed out, and strictly back: what was previewed is shown.

The bytes are lines of canonical JSON: a head, the calendar, the screens, the files, then each playlist followed by its
entries and items. A line depends on nothing around it, so a change of one file changes one line: see `parts`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from signage.content.values import (
    ZONES_OF_LAYOUT,
    CalendarData,
    Entry,
    Item,
    MediaFile,
    Playlist,
    Screen,
    Store,
)
from signage.release.codec import Codec
from signage.release.errors import ReleaseError
from signage.release.layout import is_channel, is_sha256
from signage.release.strictjson import read_json

FORMAT = 1
MOST_BYTES = 64_000_000
_MOST_LINE_BYTES = 1_000_000
_LONGEST_PATH = 1024
_MOST_MS = 366 * 86_400_000
_TEXT = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_DIGEST = re.compile(rb'^\{"file":.*"sha256":"([0-9a-f]{64})"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the screens of one channel play. `number` is of the release that last changed it; `made_ms` when that was.

    `store` holds what these screens need and nothing else; its `root` is empty, since the files are blobs.
    """

    channel: str
    number: int
    made_ms: int
    store: Store


def encode_manifest(manifest: Manifest) -> bytes:
    """Give the bytes to sign; the same for the same content on every machine."""
    return encode_head(manifest) + encode_content(manifest.store)


def encode_head(manifest: Manifest) -> bytes:
    """Give the first line: whose, which and when; the content follows it."""
    head = {"channel": manifest.channel, "format": FORMAT, "made_ms": manifest.made_ms, "number": manifest.number}
    return _line({"signage": head})


def encode_content(store: Store) -> bytes:
    """Give the part of a manifest that says what plays: equal exactly when that is equal.

    When a file was last touched is not in it: copying a file again is no change.
    """
    return b"".join(_lines(store))


def _lines(store: Store) -> Iterator[bytes]:
    files = {media.path: media for playlist in store.playlists for media in media_of(playlist)}
    codec = _codec(files)
    yield _line({"calendar": codec.encode(CalendarData, store.calendar)})
    for name in sorted(store.screens):
        yield _line({"screen": codec.encode(Screen, store.screens[name])})
    plain = Codec()
    for path in sorted(files):
        said = plain.encode(MediaFile, files[path])
        del said["mtime_ns"]
        yield _line({"file": said})
    for playlist in store.playlists:
        yield _line({"playlist": codec.encode(Playlist, replace(playlist, entries=()))})
        for entry in playlist.entries:
            yield _line({"entry": codec.encode(Entry, replace(entry, items=()))})
            for item in entry.items:
                yield _line({"item": _short(codec.encode(Item, item), item)})


def media_of(playlist: Playlist) -> Iterator[MediaFile]:
    """Give every file that the playlist needs; some come more than once."""
    for entry in playlist.entries:
        for item in entry.items:
            if item.media is not None:
                yield item.media
            if item.card is not None:
                yield from item.card.photos


def _short(said: dict[str, Any], item: Item) -> dict[str, Any]:
    """Leave out what the file's own line says: then a file that is replaced under its name changes that line only."""
    if item.media is not None:
        if item.sha256 == item.media.sha256:
            del said["sha256"]
        if item.name == item.media.path:
            del said["name"]
    return said


def _line(said: dict[str, Any]) -> bytes:
    return _TEXT.encode(said).encode() + b"\n"


def _codec(files: dict[str, MediaFile]) -> Codec:
    return Codec({MediaFile: (lambda media: media.path, lambda raw: files[raw])})


def digests_in(data: bytes) -> set[str]:
    """Give the sha256 of every file in a manifest that was verified, without reading the rest of it."""
    return {found.decode() for found in _DIGEST.findall(data)}


def decode_manifest(data: bytes) -> Manifest:
    """Give the manifest that the bytes say.

    Raises:
        ReleaseError: they are no manifest of this format, or hold a name, number or length that none may hold.
    """
    if len(data) > MOST_BYTES:
        raise ReleaseError(f"manifest: {len(data)} bytes, more than the {MOST_BYTES} allowed")
    head_line, _, content = data.partition(b"\n")
    head = _parse(head_line, 1).get("signage")
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise ReleaseError("manifest: of no format that this version of signage knows; update signage on this screen")
    reading = _Reading()
    for number, line in enumerate(content.split(b"\n")[:-1], start=2):
        reading.take(_parse(line, number), number)
    if not content.endswith(b"\n") or not reading.screens:
        raise ReleaseError("manifest: is cut off")
    return Manifest(
        channel=_checked(head.get("channel"), str, is_channel, "channel"),
        number=_checked(head.get("number"), int, lambda number: 0 < number < 2**53, "number"),
        made_ms=_checked(head.get("made_ms"), int, lambda made_ms: 0 <= made_ms < 2**53, "made_ms"),
        store=Store(
            root=Path(),
            playlists=reading.built(),
            screens=reading.screens,
            calendar=reading.calendar,
            media=reading.files,
            revision=sha256(content).hexdigest(),
        ),
    )


def _parse(line: bytes, number: int) -> dict[str, Any]:
    if len(line) > _MOST_LINE_BYTES:
        raise ReleaseError(f"manifest, line {number}: {len(line)} bytes are too long")
    try:
        said = read_json(line)
    except (ValueError, RecursionError) as error:
        raise ReleaseError(f"manifest, line {number}: is no JSON") from error
    if not isinstance(said, dict) or len(said) != 1:
        raise ReleaseError(f"manifest, line {number}: must be an object with one key")
    return said


@dataclass(slots=True)
class _Reading:
    """What the lines have said so far."""

    calendar: CalendarData = field(default_factory=CalendarData)
    screens: dict[str, Screen] = field(default_factory=dict)
    files: dict[str, MediaFile] = field(default_factory=dict)
    playlists: list[tuple[Playlist, list[tuple[Entry, list[Item]]]]] = field(default_factory=list)
    codec: Codec = field(init=False)
    plain: Codec = field(default_factory=Codec)

    def __post_init__(self) -> None:
        self.codec = _codec(self.files)

    def take(self, line: dict[str, Any], number: int) -> None:
        ((key, raw),) = line.items()
        takers: dict[str, Callable[[Any], None]] = {
            "calendar": self._take_calendar,
            "screen": self._take_screen,
            "file": self._take_file,
            "playlist": self._take_playlist,
            "entry": self._take_entry,
            "item": self._take_item,
        }
        if key not in takers:
            raise ReleaseError(f"manifest, line {number}: '{key}' is not known here")
        try:
            takers[key](raw)
        except ReleaseError as error:
            raise ReleaseError(f"manifest, line {number}: {error}") from error

    def _take_calendar(self, raw: Any) -> None:
        self.calendar = self.plain.decode(CalendarData, raw)

    def _take_screen(self, raw: Any) -> None:
        screen: Screen = self.plain.decode(Screen, raw)
        _require(screen.name not in self.screens, "a screen is named twice")
        _require(screen.layout in ZONES_OF_LAYOUT and screen.rotate in (0, 90, 180, 270), "screen: odd layout")
        self.screens[screen.name] = screen

    def _take_file(self, raw: Any) -> None:
        media: MediaFile = self.plain.decode(MediaFile, raw | {"mtime_ns": 0} if isinstance(raw, dict) else raw)
        _require(is_plain_path(media.path), f"'{media.path[:80]}' cannot be the path of a media file")
        _require(media.path not in self.files, f"'{media.path}' is listed twice")
        _require(is_sha256(media.sha256), "sha256 must be 64 hexadecimal digits")
        _require(0 < media.length_bytes < 2**53, "a file's length is out of range")
        self.files[media.path] = media

    def _take_playlist(self, raw: Any) -> None:
        playlist: Playlist = self.plain.decode(Playlist, raw)
        _require(playlist.weight >= 0 and not playlist.entries, "playlist: odd weight or entries")
        self.playlists.append((playlist, []))

    def _take_entry(self, raw: Any) -> None:
        entry: Entry = self.plain.decode(Entry, raw)
        _require(bool(self.playlists) and not entry.items, "an entry outside a playlist")
        self.playlists[-1][1].append((entry, []))

    def _take_item(self, raw: Any) -> None:
        _require(isinstance(raw, dict), "an item must be an object")
        media = self.files.get(raw.get("media", ""))
        if media is not None:
            raw = {"name": media.path, "sha256": media.sha256} | raw
        item: Item = self.codec.decode(Item, raw)
        _require(is_sha256(item.sha256), "sha256 must be 64 hexadecimal digits")
        _require(0 < item.duration_ms <= _MOST_MS, "an item's length is out of range")
        _require((item.media is None) != (item.card is None), "an item is either a file or a card")
        _require(bool(self.playlists) and bool(self.playlists[-1][1]), "an item outside an entry")
        self.playlists[-1][1][-1][1].append(item)

    def built(self) -> tuple[Playlist, ...]:
        return tuple(
            replace(playlist, entries=tuple(replace(entry, items=tuple(items)) for entry, items in entries))
            for playlist, entries in self.playlists
        )


def _require(is_so: bool, message: str) -> None:
    if not is_so:
        raise ReleaseError(message)


def _checked(raw: Any, kind: type, is_right: Callable[[Any], bool], name: str) -> Any:
    _require(type(raw) is kind and is_right(raw), f"manifest: {name} is not as it must be")
    return raw


def is_plain_path(path: str) -> bool:
    """Tell whether the path can only name something below the folder that it is relative to, on every system."""
    parts = path.split("/")
    return (
        0 < len(path) <= _LONGEST_PATH
        and path == unicodedata.normalize("NFC", path)
        and not any(part in ("", ".", "..") for part in parts)
        and "\\" not in path
        and ":" not in parts[0]
        and not any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in path)
    )

"""A store as it was read before comes in from a file; it goes out again for as long as nothing in its folder changed.

Reading a store needs the libraries that check media and playlists, and they alone take longer to load than the whole
player may take to its first picture.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import pickle
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signage.base.clock import Clock
from signage.content.values import Screen, Store

if TYPE_CHECKING:
    from signage.content.store import StoreReader

log = logging.getLogger(__name__)

FILE_NAME = "store.kept"
SCREEN_FILE_NAME = "screen.kept"
_DIGEST_BYTES = 32
_READERS = ("content", "base")
_KNOWN = frozenset(
    {
        ("signage.base.errors", "Problem"),
        ("fractions", "Fraction"),
        ("datetime", "date"),
        ("zoneinfo", "ZoneInfo"),
        ("zoneinfo", "ZoneInfo._unpickle"),
        ("builtins", "getattr"),
        ("builtins", "frozenset"),
        ("pathlib", "PosixPath"),
        ("pathlib", "WindowsPath"),
    }
)


def keep_screen(cache_dir: Path, screen: Screen) -> None:
    """Write down how the screen is described, for a start at which the store takes long to read."""
    said = {field.name: getattr(screen, field.name) for field in fields(screen)}
    _write(cache_dir / SCREEN_FILE_NAME, _sealed(pickle.dumps(said, pickle.HIGHEST_PROTOCOL)))


def recall_screen(cache_dir: Path, name: str) -> Screen:
    """Give the screen as it was described last, else one of that name with nothing said of it.

    Another version may have written it: what only that one knows is left out, what it did not know is as usual.
    """
    nothing_said = Screen(name=name)
    try:
        body = _unsealed((cache_dir / SCREEN_FILE_NAME).read_bytes())
    except OSError:
        return nothing_said
    try:
        said = _Unpickler(io.BytesIO(body)).load() if body else None
        known = {field.name: said[field.name] for field in fields(Screen) if field.name in said} if said else {}
    except (pickle.UnpicklingError, AttributeError, LookupError, TypeError, ValueError) as error:
        log.info("%s: is of another version (%s)", cache_dir / SCREEN_FILE_NAME, error)
        return nothing_said
    return Screen(**known) if known.get("name") == name else nothing_said


class KeptReader:
    """A store reader whose first answer is quick when the folder is as it was at the last run's last reading.

    One thread at a time. The kept file lies in `cache_dir`; it holds values of this package only, and is not used
    when it is damaged, of another folder, or written by another version of the readers.
    """

    def __init__(self, root: Path, cache_dir: Path, clock: Clock) -> None:
        self._root = root
        self._cache_dir = cache_dir
        self._clock = clock
        self._reader: StoreReader | None = None
        self._is_first = True

    @property
    def has_unsettled(self) -> bool:
        """Tell whether a file was still being written at the last read."""
        return self._reader is not None and self._reader.has_unsettled

    def read(self) -> Store:
        """Give the store as it is now.

        Raises:
            SignageError: its folder cannot be read.
        """
        mark = folder_mark(self._root)
        if self._is_first:
            self._is_first = False
            kept = self._recall(mark)
            if kept is not None:
                return kept
        if self._reader is None:
            from signage.content.store import StoreReader

            self._reader = StoreReader(self._root, self._cache_dir, self._clock)
        store = self._reader.read()
        if not self._reader.has_unsettled and folder_mark(self._root) == mark:
            self._keep(mark, store)
        return store

    def _recall(self, mark: bytes) -> Store | None:
        try:
            kept = (self._cache_dir / FILE_NAME).read_bytes()
        except OSError:
            return None
        if kept[:_DIGEST_BYTES] != mark:
            return None
        body = _unsealed(kept[_DIGEST_BYTES:])
        if body is None:
            log.warning("%s: is damaged; the store is read anew", self._cache_dir / FILE_NAME)
            return None
        store = _Unpickler(io.BytesIO(body)).load()
        return store if isinstance(store, Store) else None

    def _keep(self, mark: bytes, store: Store) -> None:
        body = pickle.dumps(store, pickle.HIGHEST_PROTOCOL)
        _write(self._cache_dir / FILE_NAME, mark + _sealed(body))


def _sealed(body: bytes) -> bytes:
    return hashlib.sha256(body).digest() + body


def _unsealed(kept: bytes) -> bytes | None:
    """Give the body again; None if it is damaged."""
    body = kept[_DIGEST_BYTES:]
    return body if hashlib.sha256(body).digest() == kept[:_DIGEST_BYTES] else None


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_bytes(content)
        new.replace(path)
    except OSError as error:
        log.warning("%s: cannot be written (%s); the next start is slower", path, error.strerror)


class _Unpickler(pickle.Unpickler):
    """Makes values of a store and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _KNOWN or module == "signage.content.values":
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a store")


def folder_mark(root: Path) -> bytes:
    """Give a digest of what reading the store would see: its path, the name, inode, size and time of every file, and
    the version of the readers. Equal digests, in any process: nothing changed."""
    digest = hashlib.sha256(f"{root.resolve()}|{sys.version}|".encode())
    package = Path(__file__).parents[1]
    folders = [root / "playlists", root / "media", *(package / name for name in _READERS)]
    for folder in folders:
        for line in sorted(_lines(str(folder))):
            digest.update(line)
    return digest.digest()


def _lines(folder: str) -> Iterator[bytes]:
    todo = [folder]
    while todo:
        place = todo.pop()
        try:
            entries = list(os.scandir(place))
        except OSError as error:
            yield f"{place}|{error.errno}".encode("utf-8", "surrogateescape")
            continue
        for entry in entries:
            if entry.name == "__pycache__":
                continue
            # Links to folders are not followed, as the reader does: they may lead round in a circle.
            if entry.is_dir(follow_symlinks=False):
                todo.append(entry.path)
                continue
            try:
                stat = entry.stat()
            except OSError:
                continue
            line = f"{entry.path}|{stat.st_ino}|{stat.st_size}|{stat.st_mtime_ns}"
            yield line.encode("utf-8", "surrogateescape")

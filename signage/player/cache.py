"""Verified files and releases come in; they lie on the disk whole, one switch names the release that is on air."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from signage.base.errors import SignageError
from signage.base.files import DiskCalls, SystemDisk, open_plain, write_durably
from signage.player.places import be_file, put_right

HEADROOM_BYTES = 8_000_000
BALLAST_BYTES = 1_000_000
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")
_SYSTEM_DISK = SystemDisk()


class CacheError(SignageError):
    """The disk failed; what is on air stays."""


class DiskFullError(CacheError):
    """There is no room for what is wanted; what is on air stays, and something smaller may still get in."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A file by its content."""

    sha256: str
    length_bytes: int

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.sha256) or self.length_bytes < 0:
            raise ValueError(f"{self.sha256!r} with {self.length_bytes} bytes is no file's hash and length")

    @property
    def place(self) -> str:
        """Give where it lies, below `blobs/` here and at every office."""
        return f"{self.sha256[:2]}/{self.sha256}"


@dataclass(frozen=True, slots=True)
class Switch:
    """Which releases are here, by name: the one to play and the one before it."""

    now: str
    previous: str | None = None


class Cache:
    """The player's folder of releases. One thread writes; any may ask for paths.

    `blobs/` holds whole, checked files by their hash; `partials/` what is on its way; `releases/NAME/` what signed each
    release; `current` the switch. A file gets its final name only when its content is on the disk, and the switch
    names a release only when all its files have.
    """

    def __init__(
        self,
        folder: Path,
        *,
        disk: DiskCalls = _SYSTEM_DISK,
        free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
        headroom_bytes: int = HEADROOM_BYTES,
    ) -> None:
        """Make the folder ready.

        Raises:
            CacheError: it cannot be made.
        """
        self.folder = folder
        self._disk = disk
        self._free_bytes = free_bytes
        self._headroom_bytes = headroom_bytes
        self._blobs, self._partials, self._releases = folder / "blobs", folder / "partials", folder / "releases"
        put_right(folder)
        with _told(folder):
            for path in (self._blobs, self._partials, self._releases):
                path.mkdir(parents=True, exist_ok=True)
            for left_behind in folder.glob(".current.*.tmp"):
                left_behind.unlink()

    def path_of(self, sha256: str) -> Path:
        """Give where the file with this content lies, if it is here."""
        return self._blobs / sha256[:2] / sha256

    def partial_of(self, blob: Blob) -> Path:
        """Give where the bytes that have come so far lie."""
        return self._partials / blob.sha256

    def has(self, blob: Blob) -> bool:
        """Tell whether the file is here, whole. Its content was checked before it got its name."""
        with contextlib.suppress(OSError):
            found = self.path_of(blob.sha256).stat()
            return found.st_size == blob.length_bytes and stat.S_ISREG(found.st_mode)
        return False

    def missing(self, blobs: Iterable[Blob]) -> list[Blob]:
        """Give the files that are not here, each once, in the order given."""
        return [blob for blob in dict.fromkeys(blobs) if not self.has(blob)]

    def keep(self, blob: Blob) -> None:
        """Give a checked partial file its final name. Durable only after `settle`.

        Raises:
            CacheError: the disk failed; the partial file stays.
        """
        path, partial = self.path_of(blob.sha256), self.partial_of(blob)
        with _told(path):
            fd = self._disk.open(partial, os.O_RDONLY)
            try:
                self._disk.fsync(fd)
            finally:
                self._disk.close(fd)
            path.parent.mkdir(exist_ok=True)
            be_file(path)
            self._disk.replace(partial, path)
            partial.with_suffix(".from").unlink(missing_ok=True)

    def check(self, blob: Blob) -> None:
        """See that a file has its very bytes.

        Raises:
            CacheError: it has not, or cannot be read, and is dropped.
        """
        path = self.path_of(blob.sha256)
        digest = hashlib.sha256()
        try:
            with open_plain(path) as file:
                while piece := file.read(1_048_576):
                    digest.update(piece)
        except OSError as error:
            self.drop(blob)
            raise CacheError(f"{path}: cannot be read ({error.strerror or error}) and is fetched again") from error
        if digest.hexdigest() != blob.sha256:
            self.drop(blob)
            raise CacheError(f"{path}: has other bytes than were approved")

    def drop(self, blob: Blob) -> None:
        """Forget a file that turned out to be damaged, and what came of it."""
        for path in (self.path_of(blob.sha256), *self._of_partial(blob.sha256)):
            with contextlib.suppress(OSError):
                path.unlink()

    def current(self) -> Switch | None:
        """Give the switch; None before the first release. Where it cannot be read, the newest two releases here."""
        try:
            with open_plain(self.folder / "current") as file:
                said = json.loads(file.read(1000))
            names = (said["now"], said["previous"])
            if _NAME.fullmatch(names[0]) and (names[1] is None or _NAME.fullmatch(names[1])):
                return Switch(*names)
        except (OSError, ValueError, KeyError, TypeError):
            pass
        newest = sorted(self._names(self._releases), reverse=True)[:2]
        return Switch(*newest) if newest else None

    def release_folder(self, name: str) -> Path:
        """Give where what signed the release lies."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a release")
        return self._releases / name

    def add_release(self, name: str, files: Mapping[str, bytes]) -> None:
        """Put what signed a release on the disk, whole: `files` are paths below its folder, and their content.

        Raises:
            CacheError: the disk failed; there is no release of that name then, or the whole one.
        """
        folder = self.release_folder(name)
        draft = folder.with_name(f".{name}")
        with _told(folder):
            shutil.rmtree(draft, ignore_errors=True)
            for place, content in files.items():
                (draft / place).parent.mkdir(parents=True, exist_ok=True)
                write_durably(draft / place, content, self._disk)
            for inner in [path for path in draft.rglob("*") if path.is_dir()]:
                self._sync_folder(inner)
            self._sync_folder(draft)
            if folder.exists():
                shutil.rmtree(folder)
            self._disk.replace(draft, folder)
            self._sync_folder(self._releases)

    def settle(self, blobs: Iterable[Blob]) -> None:
        """Make the names of these files durable. Raises CacheError where the disk fails."""
        folders = {self.path_of(blob.sha256).parent for blob in blobs}
        with _told(self._blobs):
            for folder in sorted(folders):
                self._sync_folder(folder)
            self._sync_folder(self._blobs)

    def switch(self, name: str, blobs: Collection[Blob]) -> Switch:
        """Make `name` the release to play, durably; the one until now is kept as the previous one.

        Raises:
            CacheError: a file is missing, or the disk failed; then the switch stands as it stood.
        """
        if absent := self.missing(blobs):
            raise CacheError(f"{self.folder}: {len(absent)} files of release {name} are missing")
        if not self.release_folder(name).is_dir():
            raise CacheError(f"{self.release_folder(name)}: is missing")
        self.settle(blobs)
        old = self.current()
        before = None if old is None else old.previous if old.now == name else old.now
        new = Switch(name, before)
        content = json.dumps({"now": new.now, "previous": new.previous})
        write_durably(self.folder / "current", content.encode(), self._disk)
        return new

    def make_room(self, wanted: Collection[Blob], kept: Collection[str]) -> None:
        """See that what is missing of `wanted` fits: first partial files of other things go, then files not `kept`.

        Raises:
            DiskFullError: it does not fit even so, with the headroom that metadata and logs need.
        """
        hashes = {blob.sha256 for blob in wanted}
        self.drop_partials(except_for=hashes)
        missing = self.missing(wanted)
        needed = sum(blob.length_bytes - self._partial_bytes(blob) for blob in missing) + self._headroom_bytes
        if missing and self._free() < needed:
            self.collect(hashes | set(kept))
            if (free := self._free()) < needed:
                raise DiskFullError(f"{self.folder}: {_mb(needed)} are needed and {_mb(free)} free; delete something")

    def check_room(self, more_bytes: int) -> None:
        """Raise DiskFullError where `more_bytes` would eat into the headroom."""
        if (free := self._free()) < more_bytes + self._headroom_bytes:
            raise DiskFullError(f"{self.folder}: only {_mb(free)} are free; delete something")

    def keep_ballast(self) -> None:
        """Hold a little space back for metadata and orders, should other programs fill the disk."""
        path = self.folder / "ballast"
        with contextlib.suppress(OSError):
            if path.exists() and path.stat().st_size == BALLAST_BYTES:
                return
            if self._free_bytes(self.folder) > 2 * BALLAST_BYTES:
                path.write_bytes(os.urandom(BALLAST_BYTES))

    def give_way(self) -> None:
        """Delete the ballast and whatever is on its way: metadata and orders need the space more."""
        self.drop_partials()
        with contextlib.suppress(OSError):
            (self.folder / "ballast").unlink()

    def drop_partials(self, except_for: Collection[str] = ()) -> None:
        """Delete what is on its way, except for these files."""
        for name in self._names(self._partials):
            if name.removesuffix(".from") not in except_for:
                with contextlib.suppress(OSError):
                    (self._partials / name).unlink()

    def collect(self, kept: Collection[str]) -> None:
        """Delete every file whose hash is not in `kept`, and what signed releases that are neither now nor previous."""
        for folder in self._names(self._blobs):
            for name in self._names(self._blobs / folder):
                if name not in kept:
                    with contextlib.suppress(OSError):
                        (self._blobs / folder / name).unlink()
        switch = self.current()
        named = {switch.now, switch.previous} if switch else set()
        for name in self._names(self._releases, hidden=True):
            if name not in named:
                shutil.rmtree(self._releases / name, ignore_errors=True)

    def _free(self) -> int:
        with _told(self.folder):
            return self._free_bytes(self.folder)

    def _partial_bytes(self, blob: Blob) -> int:
        with contextlib.suppress(OSError):
            return min(blob.length_bytes, self.partial_of(blob).stat().st_size)
        return 0

    def _of_partial(self, sha256: str) -> tuple[Path, Path]:
        return self._partials / sha256, self._partials / f"{sha256}.from"

    def _names(self, folder: Path, hidden: bool = False) -> list[str]:
        with contextlib.suppress(OSError):
            return [path.name for path in folder.iterdir() if hidden or not path.name.startswith(".")]
        return []

    def _sync_folder(self, folder: Path) -> None:
        fd = self._disk.open(folder, os.O_RDONLY)
        try:
            self._disk.fsync(fd)
        finally:
            self._disk.close(fd)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the disk says into a CacheError."""
    try:
        yield
    except OSError as error:
        raise CacheError(f"{path}: {error.strerror or error}; check that the disk has space") from error


def _mb(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB"

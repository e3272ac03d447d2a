"""Media files in, content-addressed blobs out: copied, checked while they are copied, and on the disk at the end.

Links would be quicker, but staff change files in place, and a blob never changes.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Container, Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from signage.base.errors import SignageError
from signage.base.files import NO_ROOM_ZH, make_folder, open_plain
from signage.content.values import MediaFile
from signage.release.errors import ReleaseError
from signage.release.layout import blob_path

_CHUNK_BYTES = 1 << 20
_WORKERS = 4


class ChangedError(ReleaseError):
    """A file has other bytes than it was checked with; `digest` is what was found then."""

    def __init__(self, message: str, digest: str) -> None:
        super().__init__(message)
        self.digest = digest


def copy_blobs(
    media: Iterable[tuple[MediaFile, Path]],
    into: Path,
    there: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Have each file's bytes at its place below `into`, unless they are there already or below `there`; how many came.

    `progress` is called on this thread with the bytes copied and of all, after each file.

    Raises:
        ChangedError: a file changed since it was checked; publish again.
        SignageError: a file cannot be read, or the disk does not take it.
    """
    wanted: dict[str, tuple[MediaFile, Path]] = {one.sha256: (one, path) for one, path in media}
    missing = [
        pair
        for digest, pair in wanted.items()
        if not any(folder and _is_there(folder / blob_path(digest), pair[0]) for folder in (into, there))
    ]
    folders = {(into / blob_path(one.sha256)).parent for one, _ in missing}
    for folder in sorted(folders):
        make_folder(folder)
    with ThreadPoolExecutor(_WORKERS, "blobs") as pool:
        total = sum(one.length_bytes for one, _ in missing)
        done = 0
        for one, _ in zip(missing, pool.map(lambda pair: _copy(pair[0], pair[1], into), missing), strict=True):
            done += one[0].length_bytes
            if progress:
                progress(done, total)
    sync_folders(folders)
    return len(missing)


def drop_half_copied(folder: Path) -> None:
    """Delete what a copy that was cut off, by a power cut or a kill, has left below `folder`: films of gigabytes.

    Call it where nobody else copies: under the repository's lock.
    """
    for path in folder.glob("blobs/*/.*.tmp"):
        with contextlib.suppress(OSError):
            path.unlink()


def check_blobs(digests: Container[str], folder: Path) -> None:
    """See that those of the blobs below `folder` still have their very bytes.

    Raises:
        ReleaseError: one has not, and is deleted; publish again.
        SignageError: one cannot be read.
    """
    for path in folder.glob("blobs/*/*"):
        if path.name in digests and not has_bytes(path, path.name):
            path.unlink()
            raise ReleaseError(f"{path}: was changed while it waited; publish again (待审文件被改动，请重新发布)")


def has_bytes(path: Path, digest: str) -> bool:
    """Tell whether a file has the bytes of this sha256.

    Raises:
        SignageError: it cannot be read.
    """
    try:
        with open_plain(path) as file:
            found = sha256()
            while chunk := file.read(_CHUNK_BYTES):
                found.update(chunk)
            return found.hexdigest() == digest
    except OSError as error:
        raise SignageError(f"{path}: cannot be read ({error.strerror})") from error


def move_blobs(digests: Container[str], source: Path, into: Path) -> None:
    """Move those of the blobs below `source` whose digest is wanted; what is below `into` already stays.

    Raises:
        SignageError: the disk does not take it.
    """
    moved: set[Path] = set()
    for old in list(source.glob("blobs/*/*")):
        new = into / blob_path(old.name)
        if old.name not in digests or new.exists():
            continue
        make_folder(new.parent)
        try:
            old.replace(new)
        except OSError as error:
            raise SignageError(f"{new}: cannot be written ({error.strerror}) ({NO_ROOM_ZH})") from error
        moved.add(new.parent)
    sync_folders(moved)


def _is_there(path: Path, media: MediaFile) -> bool:
    """Tell whether the blob is there, whole: a damaged disk may have left it short."""
    with contextlib.suppress(OSError):
        return path.stat().st_size == media.length_bytes
    return False


def sync_folders(folders: Iterable[Path]) -> None:
    """Have what was renamed into these folders on the disk."""
    for folder in folders:
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def _copy(media: MediaFile, path: Path, into: Path) -> None:
    target = into / blob_path(media.sha256)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    digest = sha256()
    try:
        try:
            with open_plain(path) as source, temporary.open("xb") as copy:
                while chunk := source.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    copy.write(chunk)
                copy.flush()
                os.fsync(copy.fileno())
            if digest.hexdigest() != media.sha256:
                message = f"{path}: changed since it was checked; publish again (文件刚被改动，请重新发布)"
                raise ChangedError(message, media.sha256)
            temporary.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
    except OSError as error:
        raise SignageError(f"{path}: cannot be copied to {target} ({error.strerror}) ({NO_ROOM_ZH})") from error

"""Pictures by a digest of what they show in, the same pictures out later: a folder that never grows over its limit."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import threading
from pathlib import Path

_log = logging.getLogger(__name__)

_FEWER = 0.8
_LEAST_FREE_BYTES = 300_000_000


class ThumbnailFolder:
    """Keeps pictures on disk; what was not asked for for longest goes first. From any thread.

    A disk that does not take them only makes the next page slower.
    """

    def __init__(self, folder: Path, most_bytes: int = 500_000_000) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._bytes: int | None = None
        self._has_complained = False

    def get(self, digest: str) -> bytes | None:
        """Give what was kept under the digest."""
        path = self._path(digest)
        try:
            picture = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return picture or None

    def put(self, digest: str, picture: bytes) -> None:
        """Keep it. Not durably: a picture that is lost is drawn again."""
        path = self._path(digest)
        if self._is_nearly_full():
            return
        new = path.with_name(f".{path.name}.{threading.get_ident()}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(picture)
            new.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                new.unlink()
            if not self._has_complained:
                _log.warning("%s: pictures cannot be kept (%s); they are drawn each time", self._folder, error.strerror)
            self._has_complained = True
            return
        self._has_complained = False
        with self._lock:
            if self._bytes is not None:
                self._bytes += len(picture)
            self._prune()

    def make_room(self) -> bool:
        """Let go of every picture for the sake of what is urgent; tell whether there was one."""
        with self._lock:
            kept = list(self._folder.glob("*/*.webp"))
            for path in kept:
                with contextlib.suppress(OSError):
                    path.unlink()
            self._bytes = None
        return bool(kept)

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / f"{digest}.webp"

    def _is_nearly_full(self) -> bool:
        """Tell whether what is left of the disk is for others: what can be drawn again must not fill it."""
        with contextlib.suppress(OSError):
            return shutil.disk_usage(self._folder.parent).free < _LEAST_FREE_BYTES
        return False

    def _prune(self) -> None:
        if self._bytes is not None and self._bytes <= self._most_bytes:
            return
        kept = sorted((_stat_of(path), path) for path in self._folder.glob("*/*.webp"))
        self._bytes = sum(size for (_, size), _ in kept)
        for (_, size), path in kept:
            if self._bytes <= self._most_bytes * _FEWER:
                break
            with contextlib.suppress(OSError):
                path.unlink()
            self._bytes -= size


def _stat_of(path: Path) -> tuple[float, int]:
    try:
        found = path.stat()
    except OSError:
        return (0.0, 0)
    return (found.st_mtime, found.st_size)

"""What the tests of the way to the office stand on: an office's folder of blobs, a disk that fails, short limits."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

from signage.base.files import SystemDisk
from signage.player.answers import Limits
from signage.player.cache import Blob

SHORT = Limits(
    most_bytes=10_000_000,
    total_s=1.0,
    headers_s=0.5,
    connect_s=1.0,
    silence_s=0.4,
    least_bytes_per_s=2_000,
    window_s=0.3,
)


def put_blob(office: Path, content: bytes) -> Blob:
    """Lay a file at an office, by its hash."""
    blob = Blob(hashlib.sha256(content).hexdigest(), len(content))
    path = office / "blobs" / blob.place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return blob


def content_of(seed: int, length: int) -> bytes:
    """Give bytes that look like nothing in particular, the same for the same seed."""
    block = hashlib.sha256(str(seed).encode()).digest()
    return (block * (length // len(block) + 1))[:length]


class FailingDisk(SystemDisk):
    """Does what the machine's disk does until call number `fail_at` that changes something, and fails from then on."""

    def __init__(self, fail_at: int | None = None, error: int = errno.ENOSPC) -> None:
        self.fail_at = fail_at
        self.calls = 0
        self._error = error

    def open(self, path: Path, flags: int) -> int:
        if flags & (os.O_CREAT | os.O_WRONLY):
            self._count(path)
        return super().open(path, flags)

    def write(self, fd: int, content: bytes) -> int:
        self._count(None)
        return super().write(fd, content)

    def fsync(self, fd: int) -> None:
        self._count(None)
        super().fsync(fd)

    def replace(self, source: Path, target: Path) -> None:
        self._count(target)
        super().replace(source, target)

    def _count(self, path: Path | None) -> None:
        self.calls += 1
        if self.fail_at is not None and self.calls >= self.fail_at:
            raise OSError(self._error, os.strerror(self._error), str(path) if path else None)

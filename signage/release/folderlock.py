"""A folder in; this process alone edits it, among all of this machine, for as long as the block lasts."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from signage.base.clock import SystemClock
from signage.base.errors import SignageError

_LOCK_LIMIT_S = 60.0
_LOCK_PAUSE_S = 0.02
_PAUSE = threading.Event()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from editing the folder meanwhile; a process that is killed lets go of it.

    Raises:
        SignageError: what is above the folder cannot be written, or another process has kept it for a minute.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        fd = os.open(folder.parent / f".{folder.name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SignageError(f"{folder.parent}: cannot be written ({error.strerror})") from error
    try:
        _lock(folder, fd)
        yield
    finally:
        os.close(fd)


def _lock(folder: Path, fd: int) -> None:
    clock = SystemClock()
    until_s = clock.monotonic_s() + _LOCK_LIMIT_S
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if clock.monotonic_s() > until_s:
                raise SignageError(
                    f"{folder}: another signage command is at it; try again (另一条命令正在执行，请稍后再试)"
                ) from error
            _PAUSE.wait(_LOCK_PAUSE_S)

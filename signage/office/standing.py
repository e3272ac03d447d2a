"""The office's folder in; what holds while `signage office` runs out: no second one there, and a log that rotates."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from zoneinfo import ZoneInfo

from signage.base.errors import SignageError
from signage.base.moments import to_text
from signage.base.unseen import as_one_line

LOCK_FILE = ".office.lock"
LOG_BYTES = 5_000_000
LOGS_KEPT = 9
_ZONE = ZoneInfo("Asia/Shanghai")


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep every other process that would be this office off the folder for as long as the block lasts.

    The lock is the kernel's: it goes with the process, however that ends.

    Raises:
        SignageError: an office runs there already, or the folder cannot be written.
    """
    place = folder / LOCK_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fd = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SignageError(f"{folder}: cannot be written ({error.strerror})") from error
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            who = os.read(fd, 20).decode("ascii", "replace").strip()
            raise SignageError(
                f"{folder}: signage office runs there already (process {who or '?'}); end it first, "
                "or name another folder with --office (办公室服务已经在运行)"
            ) from error
        os.ftruncate(fd, 0)
        os.write(fd, str(os.getpid()).encode())
        yield
    finally:
        os.close(fd)


@contextmanager
def logged(folder: Path) -> Iterator[Path]:
    """Write what is logged at INFO and above into `logs/` of the folder too, at most 50 MB in all; gives the file.

    Raises:
        SignageError: the folder cannot be written.
    """
    logs = folder / "logs"
    try:
        logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = _LogFile(logs / "office.log", maxBytes=LOG_BYTES, backupCount=LOGS_KEPT, encoding="utf-8")
    except OSError as error:
        raise SignageError(f"{logs}: cannot be written ({error.strerror})") from error
    handler.setLevel(logging.INFO)
    handler.setFormatter(_LocalTime("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root, own = logging.getLogger(), logging.getLogger("signage")
    before = own.level
    root.addHandler(handler)
    own.setLevel(min(own.level or logging.INFO, logging.INFO))
    try:
        yield logs / "office.log"
    finally:
        root.removeHandler(handler)
        own.setLevel(before)
        with suppress(OSError):
            handler.close()


class _LogFile(RotatingFileHandler):
    """A log file whose disk may be full: the line is on standard error too, and nothing else stops for it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging names it so
        return


class _LocalTime(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging names it so
        # A name with a line break in it must not make a line of its own: somebody could write the log.
        record.message = as_one_line(record.message)
        return super().formatMessage(record)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        return to_text(round(record.created * 1000), _ZONE)

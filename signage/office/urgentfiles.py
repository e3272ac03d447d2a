"""Files that people on duty send for a takeover in; how far each is from being ready for screens, and then it, out.

A person on duty need not wait: a file is converted while screens and time are chosen, and goes out when it is ready.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.office.ingest.atonce import AtOnce, NotShowableError, Ready
from signage.office.ingest.recipe import Recipe

_log = logging.getLogger(__name__)

LASTS_MS = 3_600_000
"""How long a file waits for its order; after that it is removed."""
_MOST = 8


class UrgentFile:
    """One file of one person's session. `percent` rises while it is converted; then `is_over`.

    Any thread. `ready` is None until it is over, and where it went wrong, with `error`.
    """

    def __init__(self, session: str, name: str, folder: Path, work: AtOnce, begun_ms: int) -> None:
        self.id = secrets.token_urlsafe(12)
        self.session = session
        self.name = name
        self.begun_ms = begun_ms
        self.percent = 0.0
        self.ready: Ready | None = None
        self.error: SignageError | None = None
        self._folder = folder
        self._work = work
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._convert, name="urgent-file")
        self._thread.start()

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def wait(self) -> Ready:
        """Give it when it is ready, however long that takes.

        Raises:
            SignageError: it cannot be shown; the message says why.
        """
        self._over.wait()
        if self.ready is None:
            raise self.error or NotShowableError(f"{self.name}: is gone (文件已失效，请重新选择)")
        return self.ready

    def drop(self) -> None:
        """Forget it: its conversion ends, and its folder is removed."""
        self._work.cancel()
        self._thread.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _convert(self) -> None:
        def note(percent: float) -> None:
            self.percent = percent

        try:
            self.ready = self._work.run(note)
        except SignageError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - the boundary: who waits for the file has to hear of it
            _log.exception("%s: cannot be converted for a takeover", self.name)
            self.error = NotShowableError(f"{self.name}: an unexpected fault, {type(error).__name__} (出现意外错误)")
        finally:
            self._over.set()


class UrgentFiles:
    """The files that wait for their order: one for each session, eight in all. Any thread.

    `folder` takes them while they wait; `recipe` says what screens need.
    """

    def __init__(self, folder: Path, clock: Clock, recipe: Callable[[], Recipe]) -> None:
        self._folder = folder
        self._clock = clock
        self._recipe = recipe
        self._lock = threading.Lock()
        self._files: dict[str, UrgentFile] = {}

    def take(self, session: str, name: str, stream: IO[bytes]) -> UrgentFile:
        """Begin with a file; what the session had sent before is dropped.

        Raises:
            SignageError: the disk does not take it, or what is published cannot be read.
        """
        recipe = self._recipe()
        try:
            self._folder.mkdir(exist_ok=True)
            folder = Path(tempfile.mkdtemp(dir=self._folder))
            source = folder / name
            with source.open("xb") as copy:
                shutil.copyfileobj(stream, copy, 1 << 20)
        except OSError as error:
            raise SignageError(f"{name}: cannot be kept ({error.strerror}) (存不下文件，请清理磁盘)") from error
        file = UrgentFile(session, name, folder, AtOnce(source, name, recipe, folder), self._clock.now_ms())
        with self._lock:
            self._files[file.id] = file
            gone = self._taken_out(session, file)
        for one in gone:
            one.drop()
        return file

    def find(self, session: str, file_id: str) -> UrgentFile | None:
        """Give the file of that id; None where it is another's, or gone."""
        with self._lock:
            file = self._files.get(file_id)
        return file if file is not None and file.session == session else None

    def drop(self, file: UrgentFile) -> None:
        """Forget a file: it was shown, or nobody wants it."""
        with self._lock:
            self._files.pop(file.id, None)
        file.drop()

    def drop_those_of(self, session: str) -> None:
        """Forget the files of a session that ended."""
        with self._lock:
            files = [one for one in self._files.values() if one.session == session]
        for one in files:
            self.drop(one)

    def close(self) -> None:
        """End all conversions and forget all files."""
        with self._lock:
            files, self._files = list(self._files.values()), {}
        for one in files:
            one.drop()

    def _taken_out(self, session: str, newest: UrgentFile) -> list[UrgentFile]:
        """Take out those of the same session, those that waited too long, and the oldest of too many."""
        oldest_ms = newest.begun_ms - LASTS_MS
        others = [one for one in self._files.values() if one is not newest]
        gone = [one for one in others if one.session == session or one.begun_ms < oldest_ms]
        rest = [one for one in others if one not in gone]
        gone += rest[: max(0, len(rest) + 1 - _MOST)]
        for one in gone:
            del self._files[one.id]
        return gone

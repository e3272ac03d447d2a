"""An office that takes in files, in a temporary folder: made to rest without waiting for the real clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from signage.base.clock import ManualClock
from signage.content.refusal import Refusal
from signage.content.store import StoreReader
from signage.content.values import MediaFile, Store
from signage.office.database.engine import Database, open_database
from signage.office.ingest.convert import Job, Outcome, convert
from signage.office.ingest.recipe import Recipe
from signage.office.ingest.service import Ingest
from signage.office.ingest.states import Record, State
from tests.content.stores import StoreFolder

PATIENCE_S = 30.0


def converted(folder: Path, content: bytes, path: str) -> Outcome:
    """Give what a conversion, in this process, makes of a file that holds this."""
    source = folder / "source"
    source.write_bytes(content)
    status = source.stat()
    key = (status.st_ino, status.st_size, status.st_mtime_ns)
    job = Job(source, path, key, Recipe(), folder / "office", folder / "work", folder / "profile")
    return convert(job, lambda _percent: None)


class IngestingOffice:
    """A store, an office's folder and its database; `start` and `stop` its ingest as often as wanted."""

    def __init__(self, folder: Path) -> None:
        self.store = StoreFolder(folder / "store")
        self.media = folder / "store" / "media"
        self.folder = folder / "office"
        self.folder.mkdir()
        self.clock = ManualClock(datetime(2026, 11, 26, 8, tzinfo=UTC))
        self.database: Database = open_database(self.folder / "office.db")
        self.changes = 0
        self.ingest: Ingest | None = None

    def start(self, **options: object) -> Ingest:
        self.ingest = Ingest(
            self.store.root,
            self.folder,
            self.database,
            self.clock,
            self._note,
            **{"workers": 1, **options},  # type: ignore[arg-type]
        )
        self.ingest.open()
        return self.ingest

    def _note(self) -> None:
        self.changes += 1

    def stop(self) -> None:
        if self.ingest is not None:
            self.ingest.close()
            self.ingest = None

    def close(self) -> None:
        self.stop()
        self.database.close()

    def settle(self) -> None:
        """Step until every file is decided; the clock runs as fast as it can."""
        assert self.ingest is not None
        self.ingest.hint()
        end = time.monotonic() + PATIENCE_S
        while True:
            wait_s = self.ingest.step()
            if self.ingest.is_idle:
                return
            assert time.monotonic() < end, f"not settled: {self.ingest.progress}"
            if self.ingest.progress.current:
                self.ingest.wait(0.5)
            self.clock.advance(max(1, round(min(wait_s, 3.0) * 1000)))

    def put(self, name: str, content: bytes) -> Path:
        return self.store.media(name, content)

    def take(self, name: str, content: bytes | None = None) -> Record:
        """Put a file into the folder (or let the one that is there) be taken in; give its record."""
        if content is not None:
            self.put(name, content)
        self.settle()
        return self.record(name)

    def record(self, name: str) -> Record:
        assert self.ingest is not None
        record = self.ingest.record_of(name)
        assert record is not None, name
        return record

    def shown(self, name: str) -> tuple[MediaFile, Path]:
        """Give the facts and the file of what is shown in place of an original."""
        record = self.record(name)
        assert record.made is not None, record
        assert isinstance(record.made.finding, MediaFile)
        place = self.folder / record.made.rendition if record.made.rendition else self.media / name
        return record.made.finding, place

    def refusal(self, name: str) -> Refusal:
        record = self.record(name)
        assert record.state is State.REFUSED, record
        assert record.refusal is not None
        return record.refusal

    def read(self) -> Store:
        return StoreReader(self.store.root, clock=self.clock, renditions=self.ingest).read()

"""What is known of each file in, what is shown in its place out: read by pages and store readers from any thread."""

from __future__ import annotations

import threading
from pathlib import Path

from signage.content.notices import is_named_as_text
from signage.content.refusal import Refusal
from signage.content.renditions import Rendition
from signage.content.scan import FileKey
from signage.office.ingest.recipe import Recipe
from signage.office.ingest.states import Record, State

UNKNOWN = Refusal("is being taken in; it plays when that is done", "正在入库，完成后会自动播出", True)


class Records:
    """The records by path. One thread puts, any reads. `folder` is the office's own."""

    def __init__(self, folder: Path, records: dict[str, Record]) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._records = records
        self._by_key = {record.made.key: path for path, record in records.items() if record.made}

    def get(self, path: str) -> Record | None:
        with self._lock:
            return self._records.get(path)

    def all(self) -> list[Record]:
        with self._lock:
            return list(self._records.values())

    def put(self, record: Record) -> None:
        with self._lock:
            self._records[record.path] = record
            if record.made is not None:
                self._by_key[record.made.key] = record.path

    def forget(self, paths: list[str]) -> None:
        with self._lock:
            for path in paths:
                del self._records[path]

    def moved_from(self, path: str, key: FileKey, recipe: Recipe) -> Record | None:
        """Give the record of the same file under another name, if what was made of it holds under this one, too."""
        record = self.get(self._by_key.get(key, ""))
        if record is None or record.made is None or not record.made.holds(recipe) or key[0] == 0:
            return None
        if is_named_as_text(record.path) or is_named_as_text(path):
            return None  # of a text, the ending decides whether it is a notice
        rendition = record.made.rendition
        return record if not rendition or (self._folder / rendition).exists() else None

    def rendition_of(self, path: str, key: FileKey) -> Rendition:
        """Give what is to be shown in place of a file: see `Renditions`.

        While a newer state of a file is being converted, the rendition of the older one shows on.
        """
        record = self.get(path)
        if record is None or record.state is State.GONE:
            return Rendition(UNKNOWN)
        if record.state is State.REFUSED and record.refusal is not None:
            return Rendition(record.refusal if record.key == key else UNKNOWN)
        made = record.made
        if made is None or not (made.rendition or made.key == key):
            return Rendition(UNKNOWN)
        return Rendition(made.finding, self._folder / made.rendition if made.rendition else None)

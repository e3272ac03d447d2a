"""What probing found about files, by (inode, size, mtime): kept in a SQLite file, or in memory only."""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import asdict, replace
from pathlib import Path

from signage.content.notices import NoticeText
from signage.content.refusal import Refusal
from signage.content.scan import FileKey
from signage.content.values import Kind, MediaFile

_log = logging.getLogger(__name__)

_VERSION = 3
"""Raise it when probing learns to judge differently: older findings are then dropped."""

Finding = MediaFile | NoticeText | Refusal


class ProbeCache:
    """Findings by (inode, size in bytes, mtime in ns). A cache that cannot be kept on disk works in memory."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / "probe.sqlite" if folder else None
        self._findings: dict[FileKey, Finding] = self._load() if self._path else {}

    def get(self, key: FileKey, name: str) -> Finding | None:
        """Give what was found, for a file that is now called `name` below `media/`."""
        finding = self._findings.get(key)
        return renamed(finding, name) if finding else None

    def put(self, findings: Iterable[tuple[FileKey, Finding]]) -> None:
        """Keep what was found; a file that may be well in a moment (`is_unsettled`) is not kept."""
        kept = [
            (key, finding) for key, finding in findings if not (isinstance(finding, Refusal) and finding.is_unsettled)
        ]
        self._findings.update(kept)
        if kept and self._path:
            try:
                self._save(kept)
            except (OSError, OverflowError, sqlite3.Error) as error:
                _log.warning(
                    "%s cannot be written (%s); checked files are remembered in memory only", self._path, error
                )
                self._path = None

    def forget(self, digest: str) -> None:
        """Drop what is known of files with this sha256: one was overwritten in place, with its length and time kept."""
        keys = [key for key, one in self._findings.items() if isinstance(one, MediaFile) and one.sha256 == digest]
        self._drop(keys)

    def forget_others(self, keys: Collection[FileKey]) -> None:
        """Drop what is known of files that are gone, once it is more than what is known of those that are there."""
        if len(self._findings) <= 2 * len(keys) + 1000:
            return
        there = set(keys)
        self._drop([key for key in self._findings if key not in there])

    def _drop(self, gone: list[FileKey]) -> None:
        for key in gone:
            del self._findings[key]
        if self._path:
            try:
                with contextlib.closing(sqlite3.connect(self._path)) as database, database:
                    database.executemany("DELETE FROM finding WHERE inode = ? AND size = ? AND mtime_ns = ?", gone)
            except sqlite3.Error as error:
                _log.warning("%s cannot be pruned (%s)", self._path, error)

    def _load(self) -> dict[FileKey, Finding]:
        assert self._path is not None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(sqlite3.connect(self._path)) as database:
                return _read(database)
        except (OSError, sqlite3.Error, ValueError, KeyError, TypeError) as error:
            _log.warning("%s is damaged (%s); all files are checked anew", self._path, error)
            with contextlib.suppress(OSError):
                self._path.unlink()
            return {}

    def _save(self, findings: list[tuple[FileKey, Finding]]) -> None:
        assert self._path is not None
        rows = [(*key, finding_to_json(finding)) for key, finding in findings]
        with contextlib.closing(sqlite3.connect(self._path)) as database, database:
            _prepare(database)
            database.executemany("INSERT OR REPLACE INTO finding VALUES (?, ?, ?, ?)", rows)


def _prepare(database: sqlite3.Connection) -> None:
    if database.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
        database.execute("DROP TABLE IF EXISTS finding")
        database.execute(f"PRAGMA user_version = {_VERSION}")
    database.execute(
        "CREATE TABLE IF NOT EXISTS finding (inode INTEGER, size INTEGER, mtime_ns INTEGER, what TEXT NOT NULL,"
        " PRIMARY KEY (inode, size, mtime_ns)) WITHOUT ROWID"
    )


def _read(database: sqlite3.Connection) -> dict[FileKey, Finding]:
    with database:
        _prepare(database)
    rows = database.execute("SELECT inode, size, mtime_ns, what FROM finding")
    return {(inode, size, mtime_ns): finding_from_json(what) for inode, size, mtime_ns, what in rows}


def finding_to_json(finding: Finding) -> str:
    """Give the finding as text; see `finding_from_json`."""
    return json.dumps(asdict(finding), ensure_ascii=False)


def finding_from_json(text: str) -> Finding:
    """Give the finding again.

    Raises:
        ValueError, KeyError, TypeError: the text was made by another version.
    """
    said = json.loads(text)
    if "reason" in said:
        return Refusal(**said)
    if "text" in said:
        return NoticeText(**said)
    said["kind"] = Kind(said["kind"])
    said["size_px"] = tuple(said["size_px"])
    return MediaFile(**said)


def renamed(finding: Finding, name: str) -> Finding:
    """Give the finding of the file when it is called `name`."""
    return finding if isinstance(finding, Refusal) or finding.path == name else replace(finding, path=name)

"""The as-run log's file: its tables, and reading it, also while a player writes it; what an office has yet to get."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from signage.base.errors import SignageError
from signage.content.values import Kind
from signage.player.ports import Outcome

FILE_NAME = "asrun.db"
T = TypeVar("T")

SCHEMA = """
CREATE TABLE IF NOT EXISTS boots (boot INTEGER PRIMARY KEY, began INTEGER NOT NULL, alive INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS asrun (
    key INTEGER PRIMARY KEY,
    boot INTEGER NOT NULL,
    screen TEXT NOT NULL,
    zone TEXT NOT NULL,
    playlist TEXT,
    item TEXT NOT NULL,
    kind TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    planned_start INTEGER NOT NULL,
    planned_end INTEGER NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER,
    outcome TEXT,
    reason TEXT NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0
);
"""
_INDEXES = """
CREATE INDEX IF NOT EXISTS asrun_started ON asrun (started);
CREATE INDEX IF NOT EXISTS asrun_open ON asrun (boot) WHERE ended IS NULL;
CREATE INDEX IF NOT EXISTS asrun_unsent ON asrun (screen) WHERE sent = 0 AND ended IS NOT NULL;
"""

COLUMNS = (
    "key, boot, screen, zone, playlist, item, kind, sha256, planned_start, planned_end, started, ended, outcome, reason"
)


def make_tables(connection: sqlite3.Connection) -> None:
    """Make what is not there yet; a log from before rows were sent to an office gets the column for that."""
    connection.executescript(SCHEMA)
    if "sent" not in {row[1] for row in connection.execute("PRAGMA table_info(asrun)")}:
        connection.execute("ALTER TABLE asrun ADD COLUMN sent INTEGER NOT NULL DEFAULT 0")
    connection.executescript(_INDEXES)


@dataclass(frozen=True, slots=True)
class AsRun:
    """One showing. All instants in ms; `ended_ms` and `outcome` are None while it is on screen.

    `key` is unique in a log and grows with time within one run of the player, which `boot` numbers. A showing that
    failed without reaching the screen ends when it starts. `reason` says why it was cut, failed, or stood in.
    """

    key: int
    boot: int
    screen: str
    zone: str
    playlist: str | None
    item: str
    kind: Kind
    sha256: str
    planned_start_ms: int
    planned_end_ms: int
    started_ms: int
    ended_ms: int | None
    outcome: Outcome | None
    reason: str


def asrun_path(state: Path) -> Path:
    """Give where the log lies: in a state folder, or the file itself when `state` is one."""
    return state if state.suffix == ".db" else state / FILE_NAME


def read_asrun(state: Path, since_ms: int = 0, zone: str | None = None, until_ms: int | None = None) -> list[AsRun]:
    """Give every showing that was on screen at or after `since_ms` and began before `until_ms`, in order of start.

    Raises:
        SignageError: there is no log at `state`, or it cannot be read; look at the path and the rights.
    """
    path = asrun_path(state)
    if not path.is_file():
        raise SignageError(f"{path}: there is no as-run log; give the --state folder that the player was given")
    query = f"SELECT {COLUMNS} FROM asrun WHERE (ended IS NULL OR ended >= ?)"
    values: list[object] = [since_ms]
    if zone is not None:
        query += " AND zone = ?"
        values.append(zone)
    if until_ms is not None:
        query += " AND started < ?"
        values.append(until_ms)
    return _try_reading(path, f"{query} ORDER BY started, key", values, _as_run)


def read_unsent(state: Path, screen: str, most: int, without: Collection[int] = ()) -> list[AsRun]:
    """Give showings of this screen that have ended and that no office has acknowledged, the oldest keys first.

    Raises:
        SignageError: the log cannot be read now.
    """
    query = f"SELECT {COLUMNS} FROM asrun WHERE sent = 0 AND ended IS NOT NULL AND screen = ? ORDER BY key LIMIT ?"
    rows = _try_reading(asrun_path(state), query, [screen, most + len(without)], _as_run)
    return [row for row in rows if row.key not in without][:most]


def count_unsent(state: Path, screen: str) -> int:
    """Give how many showings no office has acknowledged yet.

    Raises:
        SignageError: the log cannot be read now.
    """
    query = "SELECT count(*) FROM asrun WHERE sent = 0 AND ended IS NOT NULL AND screen = ?"
    return _try_reading(asrun_path(state), query, [screen], lambda row: int(row[0]))[0]


def _try_reading(path: Path, query: str, values: list[object], make: Callable[[tuple[Any, ...]], T]) -> list[T]:
    try:
        return _read(path, query, values, make)
    except sqlite3.Error as error:
        raise SignageError(f"{path}: the as-run log cannot be read ({error})") from error


def _read(path: Path, query: str, values: list[object], make: Callable[[tuple[Any, ...]], T]) -> list[T]:
    """Read by a connection that cannot write; where even the side files cannot be made, the main file alone."""
    uri = path.resolve().as_uri()
    try:
        return _rows(f"{uri}?mode=ro", query, values, make)
    except sqlite3.OperationalError:
        return _rows(f"{uri}?mode=ro&immutable=1", query, values, make)


def _rows(uri: str, query: str, values: list[object], make: Callable[[tuple[Any, ...]], T]) -> list[T]:
    connection = sqlite3.connect(uri, uri=True, timeout=5.0)
    try:
        return [make(row) for row in connection.execute(query, values)]
    finally:
        connection.close()


def _as_run(row: tuple[Any, ...]) -> AsRun:
    """Give the row, of which kind and outcome stand as text in the file."""
    values = list(row)
    values[6] = Kind(row[6])
    values[12] = Outcome(row[12]) if row[12] else None
    return AsRun(*values)

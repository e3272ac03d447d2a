"""The as-run log's file: its tables, and reading it, also while a player writes it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signage.base.errors import SignageError
from signage.content.values import Kind
from signage.player.ports import Outcome

FILE_NAME = "asrun.db"

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
    reason TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS asrun_started ON asrun (started);
CREATE INDEX IF NOT EXISTS asrun_open ON asrun (boot) WHERE ended IS NULL;
"""

_COLUMNS = (
    "key, boot, screen, zone, playlist, item, kind, sha256, planned_start, planned_end, started, ended, outcome, reason"
)


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
    query = f"SELECT {_COLUMNS} FROM asrun WHERE (ended IS NULL OR ended >= ?)"
    values: list[object] = [since_ms]
    if zone is not None:
        query += " AND zone = ?"
        values.append(zone)
    if until_ms is not None:
        query += " AND started < ?"
        values.append(until_ms)
    try:
        return _read(path, f"{query} ORDER BY started, key", values)
    except sqlite3.Error as error:
        raise SignageError(f"{path}: the as-run log cannot be read ({error})") from error


def _read(path: Path, query: str, values: list[object]) -> list[AsRun]:
    """Read by a connection that cannot write; where even the side files cannot be made, the main file alone."""
    uri = path.resolve().as_uri()
    try:
        return _rows(f"{uri}?mode=ro", query, values)
    except sqlite3.OperationalError:
        return _rows(f"{uri}?mode=ro&immutable=1", query, values)


def _rows(uri: str, query: str, values: list[object]) -> list[AsRun]:
    connection = sqlite3.connect(uri, uri=True, timeout=5.0)
    try:
        return [_as_run(row) for row in connection.execute(query, values)]
    finally:
        connection.close()


def _as_run(row: tuple[Any, ...]) -> AsRun:
    """Give the row, of which kind and outcome stand as text in the file."""
    values = list(row)
    values[6] = Kind(row[6])
    values[12] = Outcome(row[12]) if row[12] else None
    return AsRun(*values)

"""What was shown comes in; the as-run log on disk goes out, durable through power cuts, kept small."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from signage.base.clock import Clock
from signage.content.values import Item
from signage.player.asrun import COLUMNS, AsRun, asrun_path, make_tables, read_asrun
from signage.player.ports import Outcome
from signage.schedule.slots import Slot

__all__ = ["AsRun", "Journal", "read_asrun"]

_log = logging.getLogger(__name__)

KEPT_MS = 200 * 24 * 3600 * 1000
KEPT_BYTES = 512 * 1024 * 1024
_ALIVE_S = 30.0
_MOST_WAITING = 20_000
_BATCH = 500
_MOST_PRUNED_BY_AGE = 50_000
_PRUNED_BY_SIZE = 5_000
_LONGEST_RETRY_S = 60.0
_CLOSE_LIMIT_S = 5.0
_BROKEN_KEPT = 2
_SERIAL_BITS = 24
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

_INSERT = f"INSERT OR IGNORE INTO asrun ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SENT = "UPDATE asrun SET sent = 1 WHERE key = ?"
_END = """UPDATE asrun SET ended = ?, outcome = ?,
    reason = CASE WHEN reason = '' THEN ?4 WHEN ?4 = '' THEN reason ELSE reason || '; ' || ?4 END
    WHERE key = ?3 AND ended IS NULL"""
_CLOSE_OPEN = """UPDATE asrun SET outcome = 'cut',
    ended = max(started, coalesce((SELECT alive FROM boots WHERE boots.boot = asrun.boot), started)),
    reason = CASE WHEN reason = '' THEN ?2 ELSE reason || '; ' || ?2 END
    WHERE ended IS NULL AND boot != ?1"""

_Begun = tuple[str, str, str | None, str, str, str, int, int, int, int | None, str | None, str]


class Journal:
    """The as-run log (a JournalPort). Calls return at once and never raise; one thread of its own writes, in order.

    A row is on disk within moments of its begin and again at its end: SQLite in WAL mode with `synchronous=FULL`, one
    commit, so one sync, for each change of item, which keeps even the last row through a power cut for the price of
    a few thousand small syncs a day. What a killed player left open is closed at the next start as cut, at the last
    instant at which that player is known to have lived (marked every 30 s).

    A disk that is full or cannot be written: up to 20,000 entries wait and are tried again; said once when it begins
    and once when it ends. A file that is damaged is set aside as `asrun.db.broken-N` (the last two are kept).

    Source: sqlite.org/pragma.html#pragma_synchronous on what WAL loses with NORMAL.
    """

    def __init__(
        self,
        state: Path,
        clock: Clock,
        *,
        kept_ms: int = KEPT_MS,
        kept_bytes: int = KEPT_BYTES,
        first_retry_s: float = 1.0,
    ) -> None:
        self._path = asrun_path(state)
        self._clock = clock
        self._kept_ms = kept_ms
        self._kept_bytes = kept_bytes
        self._first_retry_s = first_retry_s
        self._retry_s = 0.0
        self._waiting: deque[tuple[str, int, tuple[object, ...]]] = deque()
        self._changed = threading.Condition()
        self._is_closing = self._prune_due = False
        self._serial = 0
        self._lost = 0
        self._fault = ""
        self._boot = 0
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._lock_fd: int | None = None
        self._writer = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        self._writer.start()

    @property
    def fault(self) -> str:
        """Why the log cannot be written now; empty when it can."""
        return self._fault

    @property
    def boot(self) -> int:
        """The number of this start of the player, higher than any before; 0 before the log could be opened."""
        return self._boot

    def begin(self, slot: Slot, item: Item, started_ms: int, reason: str = "") -> int:
        """Note that `item` is on screen in `slot`; give the row's key for `end`."""
        return self._insert(slot, item, started_ms, None, None, reason)

    def end(self, key: int, ended_ms: int, outcome: Outcome, reason: str = "") -> None:
        """Note how a showing ended."""
        self._tell(("end", key, (ended_ms, outcome.value, _text(reason))))

    def fail(self, slot: Slot, item: Item, at_ms: int, reason: str) -> None:
        """Note that `item` could not be shown in `slot`."""
        self._insert(slot, item, at_ms, at_ms, Outcome.FAILED.value, reason)

    def acknowledge(self, keys: Sequence[int]) -> None:
        """Note that an office keeps these rows now: they are not sent again. On disk once `settle` says so."""
        self._tell(("sent", 0, tuple(keys)))

    def prune(self) -> None:
        """Have rows older than 200 days removed, and the oldest while the file is over its size. Returns at once."""
        with self._changed:
            self._prune_due = True
            self._changed.notify_all()

    def settle(self, limit_s: float = _CLOSE_LIMIT_S) -> bool:
        """Wait until all that was told is on disk; False when that took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._prune_due, limit_s)

    def close(self) -> None:
        """Write out what waits (5 s at most) and end the thread."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._writer.join(_CLOSE_LIMIT_S)
        if self._waiting or self._lost:
            _log.error("%s: %d entries were not written", self._path, len(self._waiting) + self._lost)

    def _insert(
        self, slot: Slot, item: Item, started_ms: int, ended_ms: int | None, outcome: str | None, reason: str
    ) -> int:
        playlist = None if slot.playlist is None else _text(slot.playlist)
        row: _Begun = (
            _text(slot.screen), _text(slot.zone), playlist, _text(item.name), item.kind.value, _text(item.sha256),
            slot.start_ms, slot.end_ms, started_ms, ended_ms, outcome, _text(reason),
        )  # fmt: skip
        with self._changed:
            self._serial += 1
            serial = self._serial
        self._tell(("row", serial, row))
        return serial

    def _tell(self, entry: tuple[str, int, tuple[object, ...]]) -> None:
        with self._changed:
            if len(self._waiting) >= _MOST_WAITING:
                self._lost += 1
                return
            self._waiting.append(entry)
            self._changed.notify_all()

    def _run(self) -> None:
        """Write what waits until closed and done, or closed and failed."""
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(self._has_work, self._retry_s or _ALIVE_S)
                    batch = list(islice(self._waiting, _BATCH))
                    is_pruning, is_last = self._prune_due, self._is_closing
                is_written = self._try_writing(batch, is_pruning)
                with self._changed:
                    if is_written:
                        for _ in batch:
                            self._waiting.popleft()
                        self._prune_due = self._prune_due and not is_pruning
                        self._retry_s = 0.0
                        is_last = is_last and not self._waiting
                    else:
                        self._retry_s = min(max(self._first_retry_s, self._retry_s * 2), _LONGEST_RETRY_S)
                    self._changed.notify_all()
                if is_last:
                    return
        finally:
            self._disconnect()
            if self._lock_fd is not None:
                os.close(self._lock_fd)

    def _has_work(self) -> bool:
        return self._is_closing or (not self._retry_s and (bool(self._waiting) or self._prune_due))

    def _try_writing(self, batch: list[tuple[str, int, tuple[object, ...]]], is_pruning: bool) -> bool:
        """Write the batch in one transaction with the sign of life; False when the disk or the file is at fault."""
        try:
            self._notice_removal()
            connection = self._connection or self._connect()
            with connection:
                for what, serial, values in batch:
                    key = (self._boot << _SERIAL_BITS) + serial
                    if what == "row":
                        connection.execute(_INSERT, (key, self._boot, *values))
                    elif what == "sent":
                        connection.executemany(_SENT, ((value,) for value in values))
                    else:
                        connection.execute(_END, (*values[:2], key, values[2]))
                connection.execute("UPDATE boots SET alive = ? WHERE boot = ?", (self._clock.now_ms(), self._boot))
            if is_pruning:
                self._prune(connection)
        except (sqlite3.Error, OSError) as error:
            self._fall_back(error)
            return False
        if self._fault:
            level = logging.WARNING if self._lost else logging.INFO
            _log.log(level, "%s: the as-run log can be written again; %d entries were lost", self._path, self._lost)
            self._fault, self._lost = "", 0
        return True

    def _notice_removal(self) -> None:
        """Let go of a file that somebody removed or replaced: what is written to it would be lost unnoticed."""
        if self._connection and not (self._path.exists() and self._path.stat().st_ino == self._inode):
            _log.warning("%s: was removed while it was in use; a new log begins", self._path)
            self._disconnect()

    def _fall_back(self, error: Exception) -> None:
        """Let go of the file; say so once; set it aside if it is damaged."""
        self._disconnect()
        if not self._fault:
            _log.error("%s: the as-run log cannot be written (%s); what plays goes on", self._path, error)
        self._fault = str(error)
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _CORRUPT:
            self._set_aside()

    def _connect(self) -> sqlite3.Connection:
        """Open the file, making it where there is none, and close the rows that a killed player left open."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        is_alone = self._lock()
        connection = sqlite3.connect(self._path, timeout=5.0)
        try:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA journal_size_limit = {4 * 1024 * 1024}")
            make_tables(connection)
            with connection:
                now_ms = self._clock.now_ms()
                if not self._boot:
                    newest, key = connection.execute(
                        "SELECT coalesce(max(boot), 0), coalesce((SELECT max(key) FROM asrun), 0) FROM boots"
                    ).fetchone()
                    # A start that told more than 2^24 rows went on with the keys of the numbers after its own.
                    self._boot = max(now_ms // 1000, newest + 1, (key >> _SERIAL_BITS) + 1)
                if is_alone:
                    connection.execute(_CLOSE_OPEN, (self._boot, "player stopped without warning"))
                connection.execute("INSERT OR IGNORE INTO boots VALUES (?, ?, ?)", (self._boot, now_ms, now_ms))
        except BaseException:
            connection.close()
            raise
        self._connection, self._inode = connection, self._path.stat().st_ino
        return connection

    def _lock(self) -> bool:
        """Tell whether this is the only player that writes here; only then are rows left open nobody's."""
        if self._lock_fd is None:
            fd = os.open(self._path.with_name(f"{self._path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(fd)
                _log.warning("%s: another player writes to this log; give each its own --state folder", self._path)
                return False
            self._lock_fd = fd
        return True

    def _prune(self, connection: sqlite3.Connection) -> None:
        """Remove what is too old, at most some days' worth at once, lest a wrong clock empty the log; then by size."""
        oldest_ms = self._clock.now_ms() - self._kept_ms
        remove = "DELETE FROM asrun WHERE key IN (SELECT key FROM asrun WHERE {} ORDER BY started LIMIT ?)"
        with connection:
            connection.execute(remove.format("ended IS NOT NULL AND started < ?"), (oldest_ms, _MOST_PRUNED_BY_AGE))
            connection.execute(
                "DELETE FROM boots WHERE boot != ? AND boot NOT IN (SELECT boot FROM asrun)", (self._boot,)
            )
        while _used_bytes(connection) > self._kept_bytes:
            with connection:
                removed = connection.execute(remove.format("ended IS NOT NULL"), (_PRUNED_BY_SIZE,)).rowcount
            if removed <= 0:
                break
        connection.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)")

    def _set_aside(self) -> None:
        """Move a damaged file out of the way under a name of its own; keep only the last two such."""
        kept = self._path.with_name(f"{self._path.name}.broken-{self._clock.now_ms()}")
        try:
            self._path.rename(kept)
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            for old in sorted(self._path.parent.glob(f"{self._path.name}.broken-*"))[:-_BROKEN_KEPT]:
                old.unlink()
        except OSError as error:
            _log.error("%s: is damaged and cannot be set aside (%s)", self._path, error)
            return
        _log.error("%s: was damaged; it is kept as %s and a new log begins", self._path, kept.name)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            try:
                connection.close()
            except sqlite3.Error as error:
                _log.debug("%s: not closed cleanly (%s)", self._path, error)


def _used_bytes(connection: sqlite3.Connection) -> int:
    """Give the bytes of the file that hold something."""
    pages, free, size = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _text(text: str) -> str:
    """Give the text as SQLite can keep it: a file's name may hold bytes that are no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")

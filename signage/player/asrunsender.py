"""The as-run log comes in; batches of what the office has yet to get go out, until it has acknowledged each row."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from signage.base.errors import SignageError
from signage.player.asrun import AsRun, count_unsent, read_unsent
from signage.player.wirejson import AnswerError, encode, line, read_asrun_answer
from signage.wire import ASRUN_PATH, MOST_BATCH, AsRunBatch, Shown

_log = logging.getLogger(__name__)

_MOST_HELD = 5_000

_MOST_REFUSED_AT_ONCE = 10


class NotTaken(SignageError):  # noqa: N818  an outcome that the office tells
    """The office can be reached, but refuses what was sent."""


Send = Callable[[str, str, bytes], bytes]


class AcknowledgingJournal(Protocol):
    """What notes, on its own thread and in order, that rows were acknowledged (`player.journal.Journal`)."""

    def acknowledge(self, keys: Sequence[int]) -> None: ...
    def settle(self, limit_s: float = ...) -> bool: ...


class AsRunSender:
    """Sends rows at least once: each row itself remembers, in the log, whether the office has it.

    So nothing is skipped, in whatever order rows end, and nothing is to be moved when old rows are pruned. Only the
    journal's thread writes to the log; this reads it by a connection that cannot write. One thread at a time.
    """

    def __init__(self, state_dir: Path, screen: str, journal: AcknowledgingJournal, most: int = MOST_BATCH) -> None:
        self._state_dir = state_dir
        self._screen = screen
        self._journal = journal
        self._most = most
        self._held: set[int] = set()
        self._refused: set[int] = set()
        self._refused_now = 0

    def count(self) -> int:
        """Give how many rows wait; 0 where the log cannot be read."""
        try:
            return count_unsent(self._state_dir, self._screen)
        except SignageError as error:
            _log.debug("%s", error)
            return 0

    def send_batch(self, send: Send) -> bool:
        """Send the oldest rows that wait; tell whether there may be more.

        Raises:
            SignageError: the office cannot be reached. Whatever it did not acknowledge is sent again.
        """
        if len(self._held) > _MOST_HELD:  # a full disk: what is acknowledged cannot be noted
            self._settle()
            return False
        try:
            rows = read_unsent(self._state_dir, self._screen, self._most, self._held | self._refused)
        except SignageError as error:
            _log.debug("%s", error)
            return False
        if not rows:
            return False
        self._refused_now = 0
        self._send(rows, send)
        self._settle()
        return len(rows) == self._most

    def _send(self, rows: Sequence[AsRun], send: Send) -> None:
        """Send these rows; where the office cannot read the batch, find the row that it is about, and go on without."""
        batch = AsRunBatch(tuple(as_shown(row) for row in rows))
        try:
            answer = read_asrun_answer(send("POST", ASRUN_PATH, encode(batch)))
        except NotTaken as error:
            middle = len(rows) // 2
            if not middle:
                self._refuse(rows[0], error)
                return
            self._send(rows[:middle], send)
            self._send(rows[middle:], send)
            return
        if answer.stored != len(rows):
            raise AnswerError(f"the office kept {answer.stored} of {len(rows)} rows of the as-run log")
        keys = [row.key for row in rows]
        self._held.update(keys)
        self._journal.acknowledge(keys)

    def _settle(self) -> None:
        if self._journal.settle():
            self._held.clear()

    def _refuse(self, row: AsRun, error: NotTaken) -> None:
        """Leave a row alone until the next start: the rest must not wait behind it.

        Raises:
            NotTaken: so many were refused that the fault is not with the rows.
        """
        if self._refused_now >= _MOST_REFUSED_AT_ONCE or len(self._refused) >= _MOST_HELD:
            raise error
        _log.warning("the office does not take row %d of the as-run log (%s): %s", row.key, row.item, error)
        self._refused_now += 1
        self._refused.add(row.key)


def as_shown(row: AsRun) -> Shown:
    """Give a row that has ended as its message."""
    return Shown(
        row.key,
        line(row.zone, 80),
        line(row.item),
        row.kind.value,
        row.sha256[:64],
        None if row.playlist is None else line(row.playlist),
        max(0, row.planned_start_ms),
        max(0, row.planned_end_ms),
        max(0, row.started_ms),
        max(0, row.ended_ms or row.started_ms),
        row.outcome.value if row.outcome else "cut",
        line(row.reason),
    )

"""What screens report comes in from many requests at once; it goes to the database in few commits, each answered after.

A commit waits for the disk. Reports that arrive meanwhile share the next one, so a storm of screens after a power cut
costs the disk tens of commits and not thousands, and a page never waits behind more than one of them.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from signage.office.database.engine import Database

_log = logging.getLogger(__name__)

T = TypeVar("T")
MOST_AT_ONCE = 200
MOST_WAITING = 2_000


class InboxFullError(Exception):
    """More reports wait than can be kept soon; the screen shall try again later."""


@dataclass(slots=True)
class _Letter:
    write: Callable[[Session], Any]
    done: Future[Any]


class Inbox:
    """Writes on one thread of its own, begun with the first letter. `close` ends it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._waiting: list[_Letter] = []
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="screens-inbox")
        self._is_troubled = False
        self.commits = 0

    async def put(self, write: Callable[[Session], T]) -> T:
        """Give what `write` gives, once that is kept durably. It may be called again if another's failed beside it.

        Raises:
            InboxFullError: too many wait.
            SQLAlchemyError: the database does not take it; nothing of it is kept.
        """
        letter = _Letter(write, Future())
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                raise InboxFullError
            self._waiting.append(letter)
        self._writer.submit(self._write_all)
        result: T = await asyncio.wrap_future(letter.done)
        return result

    def close(self) -> None:
        """Write what waits, and end the thread."""
        self._writer.shutdown(wait=True)

    def _write_all(self) -> None:
        with self._lock:
            letters, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
        letters = [letter for letter in letters if letter.done.set_running_or_notify_cancel()]
        if not letters:
            return
        try:
            results = self._commit(letters)
        except Exception as error:  # noqa: BLE001 - the boundary of one commit: each letter is tried alone, and told
            _log.debug("%d reports could not be kept together (%s)", len(letters), error)
            for letter in letters:
                self._write_alone(letter)
            return
        self._note_fine()
        for letter, result in zip(letters, results, strict=True):
            letter.done.set_result(result)

    def _write_alone(self, letter: _Letter) -> None:
        try:
            (result,) = self._commit([letter])
        except Exception as error:  # noqa: BLE001 - as above
            letter.done.set_exception(error)
            if not self._is_troubled:
                _log.error("a screen's report cannot be kept (%s); it will be sent again", said(error))
            self._is_troubled = True
        else:
            self._note_fine()
            letter.done.set_result(result)

    def _note_fine(self) -> None:
        if self._is_troubled:
            _log.warning("what screens report can be kept again")
        self._is_troubled = False

    def _commit(self, letters: list[_Letter]) -> list[Any]:
        with self._database.writing() as session:
            results = [letter.write(session) for letter in letters]
        self.commits += 1
        return results


def said(error: Exception) -> str:
    """Give the database's own words, in one line."""
    lines = str(getattr(error, "orig", None) or error).splitlines()
    return lines[0] if lines else type(error).__name__

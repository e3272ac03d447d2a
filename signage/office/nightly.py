"""The hour that the office has set comes in; each night's backup and clearing out go out. The office's APScheduler.

After each change of the keys a backup is made at once: one from before does not lead screens on to the new keys.

What was missed while the office PC was off is done when it is on again: a night counts as done once it is done.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, timedelta

from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]
from sqlalchemy.exc import SQLAlchemyError

from signage.base.errors import SignageError
from signage.base.moments import to_datetime
from signage.office.alarms import OFFICE
from signage.office.backup import drop_old_backups, make_backup
from signage.office.console.shell import ZONE
from signage.office.database.tables import KeptRow
from signage.office.desk import Desk
from signage.office.leftovers import drop_leftovers
from signage.office.releasing import said_of
from signage.office.retention import prune_memory

_log = logging.getLogger(__name__)

ALARM = "backup"
_LOOK_S = 60
_DONE = "nightly.date"
_KEYS_KEPT = "backup.keys"


class Nightly:
    """Does the night's work once a day, after the hour that is set. `look` is called every minute while it runs."""

    def __init__(self, desk: Desk, before: Callable[[], None] = lambda: None) -> None:
        """`before` is called first in each night's work: to sum up what is cleared out after."""
        self._desk = desk
        self._before = before
        self._is_failing = False
        self._one = threading.Lock()
        self._hurried: list[threading.Thread] = []
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL + 1)  # what matters is said here
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def start(self) -> None:
        self._scheduler.add_job(self.look, "interval", seconds=_LOOK_S, name="nightly")
        self._scheduler.start()

    def close(self) -> None:
        """End; a backup under way is finished first."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        for thread in self._hurried:
            thread.join()

    def hurry(self) -> None:
        """Look at once, on a thread of its own: the keys have changed. Until `start` it is nothing.

        No job of APScheduler's: one that ends while it shuts down breaks its thread (JobLookupError, 3.x).
        """
        if self._scheduler.running:
            thread = threading.Thread(target=self.look, name="keys changed", daemon=True)
            self._hurried = [one for one in self._hurried if one.is_alive()] + [thread]
            thread.start()

    def look(self) -> bool:
        """Do the night's work if it is due; tell whether it was done. Never raises for what a disk or database does."""
        with self._one:
            if night := self._due():
                return self._do_night(night)
            self._keep_keys()
        return False

    def _do_night(self, night: str) -> bool:
        try:
            self._before()
            keys = _mark_of_keys(self._desk)
            backup = make_backup(self._desk)
            self._remember(_KEYS_KEPT, keys)
            drop_old_backups(self._desk.folder, self._desk.settings.read().backups_kept)
            gone = prune_memory(self._desk)
            drop_leftovers(self._desk)
            self._remember(_DONE, night)
            self._desk.alarms.end(OFFICE, ALARM)
        except Exception as error:  # noqa: BLE001 - the boundary of one night's work: the office goes on
            self._tell(error)
            return False
        self._is_failing = False
        _log.info("backup made: %s (%d bytes); cleared out: %s", backup.path.name, backup.length_bytes, gone)
        return True

    def _keep_keys(self) -> None:
        """Make a backup if the keys have changed since the last one."""
        try:
            keys = _mark_of_keys(self._desk)
            if not keys or keys == self._remembered(_KEYS_KEPT):
                return
            backup = make_backup(self._desk, of_keys=True)
            self._remember(_KEYS_KEPT, keys)
            drop_old_backups(self._desk.folder, self._desk.settings.read().backups_kept)
            self._desk.alarms.end(OFFICE, ALARM)
        except Exception as error:  # noqa: BLE001 - the boundary of one backup: the office goes on
            self._tell(error)
            return
        self._is_failing = False
        _log.info("the keys have changed; backup made: %s (%d bytes)", backup.path.name, backup.length_bytes)

    def _tell(self, error: Exception) -> None:
        """Say once that it failed: to the log, and to people where the database still takes an alarm."""
        if self._is_failing:
            return
        self._is_failing = True
        _log.error("the backup or the night's work failed (%s); it is tried again every minute", error, exc_info=error)
        zh, en = said_of(error) if isinstance(error, SignageError) else (type(error).__name__,) * 2
        with suppress(SQLAlchemyError):
            self._desk.alarms.begin(OFFICE, ALARM, f"备份没有成功：{zh}", f"The backup failed: {en}")

    def _due(self) -> str:
        """Give the date of the night whose work is to be done; empty if that is done."""
        now = to_datetime(self._desk.clock.now_ms(), ZONE)
        hour = self._desk.settings.read().backup_hour
        night = now.date() if now.hour >= hour else now.date() - timedelta(days=1)
        done = self._remembered(_DONE)
        if done is None:
            self._remember(_DONE, night.isoformat())  # a new office has nothing to back up before its first night
            return ""
        return night.isoformat() if done != night.isoformat() else ""

    def _remembered(self, name: str) -> str | None:
        with self._desk.database.reading() as session:
            row = session.get(KeptRow, name)
        return row.value.decode() if row else None

    def _remember(self, name: str, value: str) -> None:
        with self._desk.database.writing() as session:
            session.merge(KeptRow(name=name, value=value.encode()))


def _mark_of_keys(desk: Desk) -> str:
    """Give what differs after each change of root or targets; empty where there are no keys yet."""
    repository = desk.office().repository
    if not repository.exists:
        return ""
    return f"{repository.root().signed.version}.{repository.targets().signed.version}"

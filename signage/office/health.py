"""A running office in, what is wrong with it out: for /healthz, and as alarms at the head of every page."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from signage.base.errors import SignageError
from signage.office.alarms import OFFICE
from signage.office.desk import Desk
from signage.office.people import show_roles

LEAST_FREE_BYTES = 500_000_000
LONGEST_WITHOUT_SCAN_S = 900.0
_KEPT_S = 5.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `zh` says what is wrong and what to do, `en` the same; empty where nothing is.

    What is only a warning is told to staff, but does not make the office unhealthy.
    """

    name: str
    zh: str = ""
    en: str = ""
    is_warning: bool = False

    @property
    def is_wrong(self) -> bool:
        return bool(self.zh) and not self.is_warning


class Health:
    """Looks at the office. Any thread; what was found is good for some seconds, so that asking costs nothing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._found: tuple[Check, ...] = ()
        self._found_s: float | None = None

    def look(self) -> tuple[Check, ...]:
        """Give what is so now, or was a few seconds ago."""
        now_s = self._desk.clock.monotonic_s()
        with self._lock:
            if self._found_s is None or now_s - self._found_s >= _KEPT_S:
                self._found = tuple(look() for look in self._looks())
                self._found_s = now_s
            return self._found

    def tell(self) -> None:
        """Begin and end the office's alarms by what is found.

        Raises:
            SQLAlchemyError: the database does not take it.
        """
        fault: SQLAlchemyError | None = None
        for check in self.look():
            if check.name == "database":
                continue
            try:
                if check.zh:
                    self._desk.alarms.begin(OFFICE, check.name, check.zh, check.en)
                else:
                    self._desk.alarms.end(OFFICE, check.name)
            except SQLAlchemyError as error:
                fault = error
        if fault is not None:
            raise fault

    def _looks(self) -> list[Callable[[], Check]]:
        return [self._database, self._disk, self._scan, self._signatures]

    def _database(self) -> Check:
        try:
            with self._desk.database.reading() as session:
                session.execute(text("SELECT count(*) FROM setting")).scalar_one()
        except SQLAlchemyError:
            return Check("database", "数据库读不出来，请检查办公室电脑的硬盘")
        return Check("database")

    def _disk(self) -> Check:
        try:
            free = shutil.disk_usage(self._desk.folder).free
        except OSError:
            return Check(
                "disk",
                "办公室文件夹读不出来，请检查硬盘是否还在",
                "The office folder cannot be read; check whether its disk is still there",
            )
        if free < LEAST_FREE_BYTES:
            return Check(
                "disk",
                f"办公室电脑的硬盘快满了，只剩 {free // 1_000_000} MB，请清理出空间",
                f"The office PC's disk is nearly full, {free // 1_000_000} MB are left; free some space",
            )
        try:
            free = shutil.disk_usage(self._desk.store).free
        except OSError:
            return Check("disk")  # that it is away is told by `scan`
        if free < LEAST_FREE_BYTES:
            return Check(
                "disk",
                f"共享文件夹所在的硬盘快满了，只剩 {free // 1_000_000} MB，请清理出空间",
                f"The shared folder's disk is nearly full, {free // 1_000_000} MB are left; free some space",
            )
        return Check("disk")

    def _scan(self) -> Check:
        ingest = self._desk.ingest
        if ingest is None or ingest.looked_s is None:
            return Check("scan")
        if ingest.is_away:
            return Check(
                "scan",
                "共享文件夹读不出来或突然空了，请检查硬盘和网络共享；屏幕照常播放原来的内容",
                "The shared folder cannot be read or is suddenly empty; check the disk and the network share. "
                "Screens go on with what they have",
            )
        if self._desk.clock.monotonic_s() - ingest.looked_s > LONGEST_WITHOUT_SCAN_S:
            return Check(
                "scan",
                "共享文件夹很久没有检查过了，请重新启动办公室服务",
                "The shared folder has not been checked for long; restart the office service",
            )
        return Check("scan")

    def _signatures(self) -> Check:
        office = self._desk.office()
        if not office.repository.exists:
            return Check("signatures")
        try:
            states = show_roles(office)
        except (SignageError, OSError):
            return Check(
                "signatures",
                "签名文件读不出来，请检查硬盘，或用备份恢复",
                "The signatures cannot be read; check the disk, or restore a backup",
            )
        if late := [state.role for state in states if state.is_expired]:
            return Check(
                "signatures",
                f"签名已过期（{'、'.join(late)}），屏幕不再接受新内容，请到“设置”里续签",
                f"Signatures have expired ({', '.join(late)}), and screens take nothing new; renew them under Settings",
            )
        if soon := [state for state in states if state.is_expiring and state.expires]:
            first = min(state.expires for state in soon if state.expires)
            roles = [state.role for state in soon]
            return Check(
                "signatures",
                f"签名将在 {first:%Y-%m-%d} 到期（{'、'.join(roles)}），请到“设置”里续签",
                f"Signatures expire on {first:%Y-%m-%d} ({', '.join(roles)}); renew them under Settings",
                is_warning=True,
            )
        return Check("signatures")

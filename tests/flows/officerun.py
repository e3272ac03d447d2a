"""A real office and real screens, each a process of its own: what the stories of the whole road are told with."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import Browser, Page

from signage.base.errors import SignageError
from signage.office.console.roles import Role
from signage.office.desk import open_desk
from signage.player.asrun import read_asrun
from tests.browsers import Visitor
from tests.office.desk import let_sign_in

LIMIT_S = 60.0
Found = TypeVar("Found")


def until(what: Callable[[], Found], why: str, limit_s: float = LIMIT_S) -> Found:
    """Wait until it gives something true, and give that."""
    end_s = time.monotonic() + limit_s
    while time.monotonic() < end_s:
        if found := what():
            return found
        threading.Event().wait(0.05)
    raise AssertionError(f"within {limit_s:g} s it did not come about that {why}")


class OfficeRun:
    """An office process on a store; `people` may sign in with PASSWORD."""

    def __init__(self, store: Path, folder: Path, people: dict[str, tuple[Role, ...]]) -> None:
        self.store, self.folder = store, folder
        desk = open_desk(store, folder, takes_in=False)
        desk.settings.change(is_set_up=True, community="石榴社区")
        for name, roles in people.items():
            let_sign_in(desk, name, *roles)
        desk.close()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    @contextmanager
    def running(self) -> Iterator[None]:
        command = ["office", str(self.store), "--office", str(self.folder), "--port", str(self.port)]
        with program(command, self.folder / "output.txt"):
            until(self._answers, "the office answers")
            yield

    def code_of_newest(self) -> str:
        """Give the pairing code that the newest screen shows, once it shows one."""
        found = self.ask("SELECT code FROM pairing WHERE screen IS NULL ORDER BY made_ms DESC LIMIT 1")
        return str(found[0][0]) if found else ""

    def ask(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.folder / "office.db", timeout=10)) as memory:
            return memory.execute(query, values).fetchall()

    def _answers(self) -> bool:
        with closing(socket.socket()) as caller:
            return caller.connect_ex(("127.0.0.1", self.port)) == 0


class Staff:
    """Browsers of people who are signed in; what no page may do is kept in `faults`: errors, requests elsewhere."""

    def __init__(self, browser: Browser, office: OfficeRun, width_px: int = 1280) -> None:
        self._browser, self._office, self._width_px = browser, office, width_px
        self.faults: list[str] = []

    def sign_in(self, name: str, width_px: int = 0) -> Page:
        visitor = Visitor(self._browser, self._office.url, width_px or self._width_px)
        visitor.faults = self.faults
        visitor.sign_in(name)
        return visitor.page

    def go(self, page: Page, path: str) -> None:
        page.goto(self._office.url + path)


@contextmanager
def program(command: list[str], output: Path, display: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """Run one of our commands; it is asked to end with the block, and made to."""
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    if display:
        environment |= {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    with output.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "signage.cli", *command], env=environment, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def shown_on(state: Path) -> set[str]:
    """Give the names of all items that a screen has shown."""
    try:
        return {row.item for row in read_asrun(state) if row.started_ms}
    except SignageError:
        return set()

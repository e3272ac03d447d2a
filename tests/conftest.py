"""What every test runs under: no unexpected log record, Qt message, warning, thread or timer may be left by it."""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Before anything imports Qt: no screen, no GPU, and nothing of this person's own settings.
_HOME = Path(tempfile.mkdtemp(prefix="signage-tests-"))
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_QUICK_BACKEND"] = "software"
os.environ.setdefault("QSG_RENDER_LOOP", "basic")
# pytest's own temporary folders, too: where several runs share them, one cleans up under the other's feet.
os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_HOME)
os.environ["XDG_STATE_HOME"] = str(_HOME / "state")
os.environ["XDG_RUNTIME_DIR"] = str(_HOME)
os.environ.pop("SIGNAGE_LANG", None)
os.environ.pop("SIGNAGE_STATE", None)

# A shared machine of two cores stalls for whole seconds: the deadline finds endless work, not slow work.
_SHARED = {
    "deadline": timedelta(seconds=20),
    "database": None,
    "print_blob": True,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}
settings.register_profile("local", max_examples=60, **_SHARED)
settings.register_profile("ci", max_examples=60, derandomize=True, **_SHARED)
settings.register_profile("long", max_examples=2000, **_SHARED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "local"))

THREADS_ALLOWED = (
    ("pymain", "a debugger"),
    ("pydevd", "a debugger"),
    # A thread of Qt's own that ran Python code once: Python keeps its record for ever, so it proves nothing.
    ("Dummy-", "record of a thread that Qt owns"),
)
LOGGERS_ALLOWED = ("hypothesis",)
GRACE_S = float(os.environ.get("SIGNAGE_TEST_GRACE_S", "10"))


def pytest_configure() -> None:
    """Heed Ctrl-C: a shell's job in the background ignores it, and the programs that tests start inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionfinish(exitstatus: int) -> None:
    """Leave nothing behind, unless a test failed: then what it wrote is worth a look."""
    if exitstatus == pytest.ExitCode.OK:
        shutil.rmtree(_HOME, ignore_errors=True)


class ExpectLog:
    """What a test says of the warnings and errors that it causes on purpose."""

    def __init__(self) -> None:
        self.patterns: list[tuple[re.Pattern[str], bool]] = []
        self.records: list[logging.LogRecord] = []

    def __call__(self, pattern: str, *, required: bool = True) -> None:
        """Declare that records matching `pattern`, searched in `logger: message`, come (may come: not `required`)."""
        self.patterns.append((re.compile(pattern, re.DOTALL), required))

    @property
    def messages(self) -> list[str]:
        """Give what was logged so far at WARNING and above, as `logger: message`."""
        return [f"{record.name}: {record.getMessage()}" for record in self.records]

    def faults(self) -> list[str]:
        """Give what was logged without being declared, and what was declared without being logged."""
        undeclared = [
            f"undeclared log record: {message}"
            for message in self.messages
            if not any(pattern.search(message) for pattern, _ in self.patterns)
        ]
        missing = [
            f"expected log record never came: {pattern.pattern}"
            for pattern, required in self.patterns
            if required and not any(pattern.search(message) for message in self.messages)
        ]
        return undeclared + missing


class _Collector(logging.Handler):
    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__(logging.WARNING)
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(LOGGERS_ALLOWED):
            self._records.append(record)


@pytest.fixture(scope="session")
def qapp_cls() -> type:
    """Give the application that the program itself makes, whichever test makes the first one."""
    from PySide6.QtGui import QGuiApplication

    return QGuiApplication


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    """A real browser, for all tests of a module: its start costs more than most stories. They have `needs_chromium`."""
    from tests.browsers import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture(autouse=True)
def expect_log(request: pytest.FixtureRequest) -> Iterator[ExpectLog]:
    """Fail a test that logs WARNING or above without having said so: `expect_log("journal: .*disk full")`.

    A test that takes pytest's `caplog` looks at its log itself and is left alone.
    """
    expected = ExpectLog()
    collector = _Collector(expected.records)
    root = logging.getLogger()
    root.addHandler(collector)
    yield expected

    root.removeHandler(collector)
    if "caplog" not in request.fixturenames and (faults := expected.faults()):
        pytest.fail("\n".join(faults), pytrace=False)


@pytest.fixture(autouse=True)
def no_thread_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test after which a thread runs that did not run before it (it has `GRACE_S` seconds to end)."""
    before = set(threading.enumerate())
    yield

    left = _wait_until_empty(lambda: [t for t in threading.enumerate() if t not in before and not _is_allowed(t)])
    if left:
        pytest.fail(f"threads left running: {', '.join(sorted(thread.name for thread in left))}", pytrace=False)


@pytest.fixture(autouse=True)
def no_timer_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a Qt test after which a QTimer or QThread runs that did not run before it."""
    before = {id(thing) for thing in _running_in_qt()}
    yield

    left = _wait_until_empty(lambda: [thing for thing in _running_in_qt() if id(thing) not in before])
    if left:
        names = ", ".join(f"{type(thing).__name__} {thing.objectName()!r}" for thing in left)
        pytest.fail(f"left running in Qt: {names}", pytrace=False)


def _is_allowed(thread: threading.Thread) -> bool:
    return thread is threading.main_thread() or thread.name.startswith(tuple(name for name, _ in THREADS_ALLOWED))


def _wait_until_empty(look: Callable[[], list[Any]]) -> list[Any]:
    """Give what `look` still finds once it found nothing or the grace is over."""
    end = time.monotonic() + GRACE_S
    while (left := look()) and time.monotonic() < end:
        time.sleep(0.01)
    return left


def _running_in_qt() -> list[Any]:
    """Give the running timers and threads that Python knows of; nothing where this run has no Qt application."""
    qtcore = sys.modules.get("PySide6.QtCore")
    if qtcore is None or qtcore.QCoreApplication.instance() is None:
        return []
    qtcore.QCoreApplication.sendPostedEvents(None, qtcore.QEvent.Type.DeferredDelete.value)
    # Of all that Python tracks, hundreds of thousands of objects, only Qt's own are looked at: this runs twice a test.
    wrappers = sys.modules["shiboken6"].getAllValidWrappers()
    found = [thing for thing in wrappers if isinstance(thing, qtcore.QTimer | qtcore.QThread)]
    main = qtcore.QCoreApplication.instance().thread()
    return [
        thing
        for thing in found
        if thing is not main and (thing.isActive() if isinstance(thing, qtcore.QTimer) else thing.isRunning())
    ]

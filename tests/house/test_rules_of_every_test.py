"""The rules of tests/conftest.py refuse what they are there to refuse: each is tried on a small test of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

LOGS_A_WARNING = """
import logging
def test_it():
    logging.getLogger("signage.player").warning("disk is full")
"""
LOGS_AN_EXPECTED_WARNING = """
import logging
def test_it(expect_log):
    expect_log("signage.player: disk .* full")
    logging.getLogger("signage.player").warning("disk is %s", "full")
"""
EXPECTS_A_WARNING_THAT_NEVER_COMES = """
def test_it(expect_log):
    expect_log("disk is full")
"""
LEAVES_A_THREAD = """
import threading
def test_it():
    threading.Thread(target=threading.Event().wait, name="left-behind", daemon=True).start()
"""
LEAVES_A_TIMER = """
from PySide6.QtCore import QTimer
def test_it(qapp):
    qapp.left_timer = QTimer(qapp, objectName="left-timer")
    qapp.left_timer.start(60000)
"""
ENDS_ITS_TIMER = """
from PySide6.QtCore import QTimer
def test_it(qapp):
    timer = QTimer(qapp)
    timer.start(60000)
    timer.deleteLater()
"""
LEAVES_A_QT_MESSAGE = """
from PySide6.QtCore import qWarning
def test_it(qapp):
    qWarning("a binding loop")
"""
WARNS = """
import warnings
def test_it():
    warnings.warn("old call", DeprecationWarning)
"""


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        pytest.param(LOGS_A_WARNING, "undeclared log record: signage.player: disk is full", id="log"),
        pytest.param(EXPECTS_A_WARNING_THAT_NEVER_COMES, "expected log record never came", id="log-missing"),
        pytest.param(LEAVES_A_THREAD, "threads left running: left-behind", id="thread"),
        pytest.param(LEAVES_A_TIMER, "left running in Qt: QTimer 'left-timer'", id="timer"),
        pytest.param(LEAVES_A_QT_MESSAGE, "a binding loop", id="qt-message"),
        pytest.param(WARNS, "DeprecationWarning: old call", id="warning"),
    ],
)
def test_a_test_that_leaves_something_behind_fails(tmp_path: Path, body: str, complaint: str) -> None:
    finished = run_small_test(tmp_path, body)

    assert finished.returncode == 1, finished.stdout + finished.stderr
    assert complaint in finished.stdout


@pytest.mark.parametrize("body", [LOGS_AN_EXPECTED_WARNING, ENDS_ITS_TIMER], ids=["log", "timer"])
def test_a_test_that_declares_or_ends_what_it_does_passes(tmp_path: Path, body: str) -> None:
    finished = run_small_test(tmp_path, body)

    assert finished.returncode == 0, finished.stdout + finished.stderr


def run_small_test(folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    """Run one test of one file under this repository's own conftest and settings."""
    (folder / "test_small.py").write_text(body, "utf-8")
    (folder / "conftest.py").write_text((REPOSITORY / "tests/conftest.py").read_text("utf-8"), "utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-c", str(REPOSITORY / "pyproject.toml"), f"--rootdir={folder}", str(folder)],
        cwd=folder,
        env=os.environ | {"SIGNAGE_TEST_GRACE_S": "0.5"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

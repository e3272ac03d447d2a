"""Whoever watches over the player hears that it lives, and nothing when it only seems to."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from signage.base.clock import ManualClock
from signage.base.supervisor import Supervisor
from signage.stage.pulse import FROZEN_S, Pulse
from signage.stage.window import StageWindow
from tests.conftest import ExpectLog
from tests.stage.films import make_picture


class Manager:
    """What systemd is to a service."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "notify")
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._door.bind(self.path)
        self._door.settimeout(30.0)

    @property
    def environment(self) -> dict[str, str]:
        return {"NOTIFY_SOCKET": self.path, "WATCHDOG_USEC": "400000"}

    def hears(self) -> str:
        return self._door.recv(2000).decode()

    def heard(self) -> list[str]:
        """Give what has come, without waiting."""
        self._door.setblocking(False)
        said = []
        try:
            while True:
                said.append(self.hears())
        except BlockingIOError:
            return said
        finally:
            self._door.settimeout(30.0)

    def close(self) -> None:
        self._door.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(tmp_path)
    yield manager
    manager.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 23, 10, tzinfo=UTC))


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[StageWindow]:
    window = StageWindow(is_full_screen=False)
    window.resize(64, 36)
    window.show()
    qtbot.waitUntil(window.isExposed)
    yield window
    window.close()
    window.deleteLater()


def test_frames_that_are_drawn_are_signs_of_life(
    qtbot: QtBot, manager: Manager, window: StageWindow, clock: ManualClock
) -> None:
    pulse = Pulse(Supervisor(manager.environment), window, lambda: "gate: a.jpg", clock)
    pulse.start()
    for _ in range(3):
        with qtbot.waitSignal(window.frameSwapped, timeout=60_000):
            pulse.beat()
        clock.advance(round(FROZEN_S * 1000) + 1_000)
    pulse.beat()
    said = manager.heard()
    pulse.close()

    assert said[0] == "READY=1"
    assert set(said[1:]) == {"WATCHDOG=1\nSTATUS=gate: a.jpg"}
    assert len(said) >= 5
    assert manager.hears() == "STOPPING=1"


def test_a_driver_that_draws_nothing_more_gives_no_sign_of_life(
    manager: Manager, window: StageWindow, clock: ManualClock, expect_log: ExpectLog
) -> None:
    expect_log("no frame was drawn")
    pulse = Pulse(Supervisor(manager.environment), window, str, clock)
    pulse.start()
    manager.heard()

    clock.advance(round(FROZEN_S * 1000) - 1_000)
    pulse.beat()  # Qt's loop does not run between these, so that no frame comes
    early = manager.heard()
    clock.advance(2_000)
    pulse.beat()
    late = manager.heard()
    pulse.close()

    assert early == ["WATCHDOG=1"]
    assert late == []


def test_no_frame_is_awaited_of_a_window_that_is_hidden(
    qtbot: QtBot, manager: Manager, window: StageWindow, clock: ManualClock
) -> None:
    pulse = Pulse(Supervisor(manager.environment), window, str, clock)
    pulse.start()
    window.hide()
    qtbot.waitUntil(lambda: not window.isExposed())
    manager.heard()

    for _ in range(3):
        clock.advance(round(FROZEN_S * 1000) + 1_000)
        pulse.beat()
    said = manager.heard()
    pulse.close()

    assert "WATCHDOG=1" in said


def test_a_player_says_what_is_on_air_and_that_it_ends(tmp_path: Path, manager: Manager) -> None:
    store = tmp_path / "store"
    (store / "media").mkdir(parents=True)
    (store / "playlists").mkdir()
    make_picture(store / "media" / "red.png", (160, 90), (220, 20, 20))
    (store / "playlists" / "a.yaml").write_text("title: a\nplay: [red.png]\n", "utf-8")
    command = [sys.executable, "-m", "signage.cli", "play", str(store), "--window", "--state", str(tmp_path / "state")]

    with subprocess.Popen(command, env=os.environ | manager.environment, stderr=subprocess.PIPE, text=True) as player:
        first = manager.hears()
        while "red.png" not in manager.hears():
            assert player.poll() is None
        player.terminate()
        while manager.hears() != "STOPPING=1":
            assert player.poll() is None
        assert player.wait(30) == 0

    assert first == "READY=1"

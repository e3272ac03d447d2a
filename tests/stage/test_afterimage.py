"""A player that is killed leaves its last picture on the output, and the next one begins with it: never black."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.stage.films import make_picture

pytestmark = [
    pytest.mark.display,
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed"),
]

LIMIT_S = 60.0
RED, BLUE = "#dc1414", "#1414dc"
LOOKER = """
import sys
from PySide6.QtGui import QGuiApplication
from signage.stage.afterimage import open_after_image
application = QGuiApplication([])
output, after_image = application.primaryScreen(), open_after_image()
for _line in sys.stdin:
    colour = output.grabWindow(0, 300, 160, 8, 8).toImage().pixelColor(4, 4).name()
    print(colour, after_image.is_left if after_image else "a desktop", flush=True)
"""

DESKTOP = """
from PySide6.QtGui import QGuiApplication
from signage.stage import afterimage
application = QGuiApplication([])
before = afterimage.open_after_image()
afterimage._MARK = afterimage._DESKTOP  # a window manager says that it is there by a property of the root window
before.keep()
print(before.is_desktop, afterimage.open_after_image() is not None)
before.close()
"""


class Output:
    """A display that nobody's desktop runs on, and somebody who looks at its middle."""

    def __init__(self, display: str) -> None:
        self.environment = os.environ | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        self._looker = subprocess.Popen(
            [sys.executable, "-c", LOOKER],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.seen: list[str] = []

    def look(self) -> str:
        """Give what is in the middle now, and whether the player has left it there for later."""
        assert self._looker.stdin is not None
        assert self._looker.stdout is not None
        print("look", file=self._looker.stdin, flush=True)
        said = self._looker.stdout.readline().strip()
        self.seen.append(said.partition(" ")[0])
        return said

    def look_until(self, said: str) -> None:
        end_s = time.monotonic() + LIMIT_S
        while self.look() != said:
            assert time.monotonic() < end_s, self.seen[-3:]

    @contextmanager
    def player(self, store: Path, state: Path) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "signage.cli", "play", str(store), "--state", str(state), "--for", "60"]
        with subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL) as player:
            try:
                yield player
            finally:
                player.kill()

    def close(self) -> None:
        self._looker.communicate(timeout=60)


@pytest.fixture
def output() -> Iterator[Output]:
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-noreset", "-screen", "0", "640x360x24", "-nolisten", "tcp"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as said:
        output = Output(f":{said.readline().strip()}")
    yield output
    output.close()
    server.terminate()
    server.wait(timeout=60)


def make_store(root: Path, colour: tuple[int, int, int]) -> Path:
    (root / "media").mkdir(parents=True)
    (root / "playlists").mkdir()
    make_picture(root / "media" / "plain.png", (640, 360), colour)
    (root / "playlists" / "a.yaml").write_text("title: a\nplay: [plain.png]\n", "utf-8")
    return root


def test_a_killed_player_leaves_its_picture_and_the_next_begins_with_it(output: Output, tmp_path: Path) -> None:
    red, blue = make_store(tmp_path / "red", (220, 20, 20)), make_store(tmp_path / "blue", (20, 20, 220))

    with output.player(red, tmp_path / "state 1") as player:
        output.look_until(f"{RED} True")
        output.seen.clear()
        player.kill()
        player.wait(LIMIT_S)
        for _ in range(50):
            output.look()
    with output.player(blue, tmp_path / "state 2"):
        output.look_until(f"{BLUE} True")

    assert set(output.seen) == {RED, BLUE}


def test_a_player_that_ends_leaves_its_picture_too(output: Output, tmp_path: Path) -> None:
    with output.player(make_store(tmp_path / "red", (220, 20, 20)), tmp_path / "state") as player:
        output.look_until(f"{RED} True")
        output.seen.clear()
        player.terminate()
        player.wait(LIMIT_S)
        for _ in range(50):
            output.look()

    assert set(output.seen) == {RED}


def test_where_a_desktop_runs_its_background_is_left_alone(output: Output) -> None:
    said = subprocess.run(
        [sys.executable, "-c", DESKTOP], env=output.environment, capture_output=True, text=True, check=True, timeout=60
    )

    assert said.stdout.split() == ["True", "False"]

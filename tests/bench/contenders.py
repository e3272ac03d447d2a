"""What is to be shown comes in; the commands that show it go out: of our player, Chromium in kiosk mode, and mpv."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import CHROMIUM, MPV, OURS
from tests.bench.measure import Display, Program, chromium

Command = Callable[[Path], Sequence[str]]
"""Gives the command that runs with the given folder as its state or profile."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing to be shown by several programs alike. `size_px` is the display's."""

    name: str
    commands: Mapping[str, Command]
    size_px: tuple[int, int] = (1920, 1080)


def ours(store: Path) -> Command:
    """Give the command of our player: the one that people type."""
    player = Path(sys.executable).with_name("signage")
    return lambda state: [str(player), "play", str(store), "--screen", "default", "--state", str(state)]


def kiosk(page: Path, size_px: tuple[int, int] = (1920, 1080)) -> Command:
    return lambda profile: chromium(page, profile, size_px)


def installed() -> dict[str, str]:
    """Give the version of each other program that is here."""
    found = {}
    for name in (CHROMIUM, MPV):
        if shutil.which(name):
            printed = subprocess.run([name, "--version"], capture_output=True, text=True, timeout=60, check=False)
            found[name] = (printed.stdout.strip().splitlines() or ["?"])[0]
    return found


def present(scene: Scene, others: Mapping[str, str]) -> list[str]:
    """Give the names of the scene's contenders that are on this machine."""
    return [name for name in scene.commands if name == OURS or name in others]


@contextmanager
def shown(scene: Scene, contender: str, folder: Path) -> Iterator[tuple[Display, Program]]:
    """Run the contender on a display of its own; `folder` keeps its state from one run to the next."""
    kept = folder / contender
    kept.mkdir(parents=True, exist_ok=True)
    with Display(*scene.size_px) as display, Program(scene.commands[contender](kept), display) as program:
        yield display, program

"""What `play` is asked for, as plain values: nothing here imports Qt, so that the command line starts quickly."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signage.player.following import Office


class RendererWish(StrEnum):
    """How the stage should draw. AUTO looks for a real GPU and takes software where there is none."""

    AUTO = "auto"
    SOFTWARE = "software"
    GPU = "gpu"


@dataclass(frozen=True, slots=True)
class PlayOptions:
    """One run of the player.

    `store` is the store's folder; with an `office` to follow it is not looked at. `state_dir` holds log, journal and
    caches. `for_s` ends the run after that many seconds; None plays until a signal comes. `snapshots_dir` receives a
    PNG of each item that reached the screen.
    """

    store: Path
    screen: str = "default"
    full_screen: bool = True
    for_s: float | None = None
    snapshots_dir: Path | None = None
    state_dir: Path = Path("state")
    renderer: RendererWish = RendererWish.AUTO
    office: Office | None = None

"""What is on screen goes in; PNG files named by time, zone and item come out, never more than a set number."""

from __future__ import annotations

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import tzinfo
from pathlib import Path

from PySide6.QtGui import QImage

from signage.base.moments import to_datetime
from signage.player.ports import Cue

log = logging.getLogger(__name__)

MOST_SNAPSHOTS = 1000
_MOST_WAITING = 4
_LONGEST_NAME = 80


class Snapshots:
    """Writes pictures on a thread of its own; the oldest go when there are more than `most`.

    A folder that cannot be written is logged once; when the disk is slower than the items change, some are left out.
    """

    def __init__(self, folder: Path, most: int = MOST_SNAPSHOTS) -> None:
        self._folder = folder
        self._most = most
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="snapshots")
        self._waiting = 0
        self._is_broken = False

    def save(self, picture: QImage, cue: Cue, at_ms: int, zone: tzinfo) -> None:
        """Have the picture written, named by the instant at which it was on screen."""
        if self._waiting >= _MOST_WAITING:
            return
        self._waiting += 1
        self._writer.submit(self._write, picture, snapshot_name(cue, at_ms, zone))

    def close(self) -> None:
        """Wait until what was asked for is written."""
        self._writer.shutdown(wait=True)

    def _write(self, picture: QImage, name: str) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not picture.save(str(self._folder / name), None, 70):
                raise OSError(f"{self._folder / name}: cannot be written")
            for old in sorted(self._folder.glob("*.png"))[: -self._most]:
                old.unlink()
            self._is_broken = False
        except OSError as error:
            if not self._is_broken:
                log.warning("%s: no snapshots: %s", self._folder, error)
            self._is_broken = True
        finally:
            self._waiting -= 1


def snapshot_name(cue: Cue, at_ms: int, zone: tzinfo) -> str:
    """Give a file name that sorts by time: `20261123-180320.512_main_unity-poster-01.jpg.png`."""
    moment = to_datetime(at_ms, zone).strftime("%Y%m%d-%H%M%S") + f".{at_ms % 1000:03d}"
    item = re.sub(r"[^\w.#=-]+", "-", cue.item.name)[:_LONGEST_NAME]
    return f"{moment}_{cue.zone}_{item}.png"

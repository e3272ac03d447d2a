"""An office that was cut off in the middle of writing comes in; the half files that it left behind are gone.

They are whole databases, keys sealed as ever, and uploads of up to gigabytes: nobody would ever look for them.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from signage.base.files import walk_folders
from signage.office.desk import Desk

_log = logging.getLogger(__name__)

OLD_MS = 24 * 3600 * 1000
"""What is younger may be written still: an upload over a slow line takes hours."""


def drop_leftovers(desk: Desk) -> int:
    """Remove half backups and uploads that nobody writes any more; gives how many there were."""
    before_s = (desk.clock.now_ms() - OLD_MS) / 1000
    count = 0
    for place in _half_written(desk):
        with suppress(OSError):
            if place.lstat().st_mtime > before_s:
                continue
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            else:
                place.unlink()
            count += 1
    if count:
        _log.info("half files of an office that was cut off are removed: %d", count)
    return count


def _half_written(desk: Desk) -> Iterator[Path]:
    yield from sorted((desk.folder / "backups").glob(".backup-*"))
    yield from sorted((desk.folder / "uploads").glob("*"))
    for folder, _, names in walk_folders(desk.store / "media"):
        yield from (Path(folder, name) for name in names if name.startswith(".upload-") and name.endswith(".tmp"))

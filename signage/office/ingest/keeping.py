"""What is known of every file in; renditions and thumbnails that nobody needs any more are removed."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from signage.office.ingest.states import Record, State

_log = logging.getLogger(__name__)

_FORGET_MS = 30 * 86_400_000
_SPARE_MS = 3_600_000
_FOLDERS = ("renditions", "media-thumbnails")


def forget_old(records: Iterable[Record], now_ms: int) -> list[str]:
    """Give the paths of files that went more than 30 days ago."""
    return [record.path for record in records if record.state is State.GONE and now_ms - record.changed_ms > _FORGET_MS]


def sweep(folder: Path, records: Iterable[Record], now_ms: int) -> int:
    """Remove what no record needs and is older than an hour (a release may just be copying it); how many went."""
    needed = {name for record in records if record.made for name in (record.made.rendition, record.made.thumbnail)}
    gone = 0
    for kind in _FOLDERS:
        for path in folder.glob(f"{kind}/??/*"):
            try:
                if path.relative_to(folder).as_posix() in needed or now_ms - path.stat().st_mtime * 1000 < _SPARE_MS:
                    continue
                path.unlink()
                gone += 1
            except OSError as error:
                _log.warning("%s: cannot be removed (%s)", path, error.strerror)
    return gone

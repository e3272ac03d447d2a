"""A batch of a screen's as-run log in, whether the office's disk has room for it out."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from signage.base.clock import Clock
from signage.office.screens.inbox import InboxFullError
from signage.wire import AsRunBatch

MOST_BYTES, WINDOW_S = 300_000_000, 24 * 3600.0
"""Of one screen in a day: what a month without the office tells. With a stolen token no disk is full in a night."""
LEAST_FREE_BYTES = 200_000_000
_ROW_BYTES = 200


class AsRunRoom:
    """Counts what each screen that is let in has told. Any thread; a restart begins anew."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._used: dict[str, tuple[float, int]] = {}

    def take(self, screen: str, batch: AsRunBatch) -> None:
        """Count what the batch takes on the disk.

        Raises:
            InboxFullError: the screen has told more than any has to, or the last free space is the office's own; the
                screen keeps its rows and sends them later.
        """
        texts = (len(row.item) + len(row.reason) + len(row.playlist or "") for row in batch.rows)
        size_bytes, now_s = sum(texts) + _ROW_BYTES * len(batch.rows), self._clock.monotonic_s()
        with self._lock:
            since_s, used_bytes = self._used.get(screen, (now_s, 0))
            if now_s - since_s >= WINDOW_S:
                since_s, used_bytes = now_s, 0
            if used_bytes + size_bytes > MOST_BYTES:
                raise InboxFullError
            self._used[screen] = (since_s, used_bytes + size_bytes)
        if shutil.disk_usage(self._folder).free < LEAST_FREE_BYTES:
            raise InboxFullError

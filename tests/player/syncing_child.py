"""One screen's sync in processes of their own, to be killed: `python syncing_child.py FOLDER ROOT URL [no-fsync]`.

For each line `MILLISECONDS` of its input it starts a child that syncs for ever, kills it with SIGKILL after that time,
and prints how many kB of memory it took at most. `follow` instead lets one child run until the input ends.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from signage.base.clock import SystemClock
from signage.base.errors import SignageError
from signage.player.answers import Limits
from signage.player.cache import Cache
from signage.player.download import Downloader
from signage.player.fetcher import METADATA_LIMITS
from signage.player.http import Http
from signage.player.sync import Sync

FAST = Limits(most_bytes=0, total_s=60, headers_s=1, connect_s=1, silence_s=1, least_bytes_per_s=10_000, window_s=0.5)


def make_sync(folder: Path, root: bytes, url: str, headroom_bytes: int = 0) -> Sync:
    """Give a sync with short limits, whose retries follow each other quickly."""
    clock = SystemClock()
    http = Http(clock)
    cache = Cache(folder, headroom_bytes=headroom_bytes)
    downloader = Downloader(http, cache, clock, limits=FAST, dice=random.Random())
    downloader.pause = lambda _seconds: None
    limits = replace(FAST, most_bytes=METADATA_LIMITS.most_bytes, total_s=5.0)
    return Sync(folder, [url], root, "lobby", clock, http, cache=cache, metadata_limits=limits, downloader=downloader)


def sync_for_ever(folder: Path, root: bytes, url: str) -> None:
    sync = make_sync(folder, root, url)
    sync.restore()
    while True:
        with contextlib.suppress(SignageError):
            sync.look()
            if sync.has_work:
                sync.fetch()


def main() -> None:
    folder, root, url = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes(), sys.argv[3]
    if sys.argv[4:] == ["no-fsync"]:
        os.fsync = lambda _fd: None
    logging.disable()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            sync_for_ever(folder, root, url)
        if line.strip() == "follow":
            print("follows", flush=True)
            sys.stdin.read()
        else:
            time.sleep(int(line) / 1000)
        os.kill(child, signal.SIGKILL)
        _, _, used = os.wait4(child, 0)
        print(used.ru_maxrss, flush=True)


if __name__ == "__main__":
    main()

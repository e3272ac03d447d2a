"""The power is cut on a screen again and again: `python -m tests.long.powercuts --cuts 20 [--system xfs]`.

The screen's folder lies on a file system in a file. While it syncs, that file is copied: the copy is what a power cut
at that moment leaves on the disk, with all that was only in memory lost. The copy is mounted, and the screen is started
on it without an office: what is on air must be whole. With `--no-fsync` the same must fail, or this proves nothing.

Source: rename(2), fsync(2), ext4(5) (data=writeback, noauto_da_alloc). It models a lost page cache, not torn sectors.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from signage.base.clock import SystemClock
from tests.faults.server import FaultyServer
from tests.long.kills import Contents, look, screen_process
from tests.player.mounts import CannotMountError, mounted, run
from tests.player.office import SmallOffice

_IMAGE_BYTES = 64_000_000
_SYSTEMS = {
    "ext4": (["mkfs.ext4", "-q", "-F"], "loop,noauto_da_alloc,data=writeback,commit=1"),
    "ext4-default": (["mkfs.ext4", "-q", "-F"], "loop"),
    "xfs": (["mkfs.xfs", "-q", "-f"], "loop,nouuid"),
}


@dataclass
class Outcome:
    """What the cuts came to: `whole` found a release on air, `empty` none, `broken` says what was wrong."""

    cuts: int = 0
    whole: int = 0
    empty: int = 0
    broken: list[str] = field(default_factory=list)


def cut_power(folder: Path, cuts: int, system: str = "ext4", has_fsync: bool = True, seed: int = 1) -> Outcome:
    """Let a screen sync release after release, and cut its power at random moments."""
    dice = random.Random(seed)
    contents = Contents(SmallOffice(folder / "office", SystemClock()), dice)
    (folder / "root.json").write_bytes(contents.office.root_bytes)
    image = folder / "disk.img"
    make, options = _SYSTEMS[system]
    with image.open("wb") as file:
        file.truncate(_IMAGE_BYTES if system != "xfs" else 5 * _IMAGE_BYTES)
    made = run(*make, str(image))
    if made is None or made.returncode != 0:
        raise CannotMountError(f"{make[0]}: {'is not installed' if made is None else made.stderr.strip()}")
    outcome, highest = Outcome(), 0
    with mounted(folder / "screen", "-o", options, str(image)):
        more = [] if has_fsync else ["no-fsync"]
        with FaultyServer(contents.office.folder) as server, screen_process(folder, server.url, *more) as screen:
            assert screen.stdin
            assert screen.stdout
            screen.stdin.write("follow\n")
            screen.stdin.flush()
            screen.stdout.readline()
            for _ in range(cuts):
                contents.publish()
                time.sleep(dice.uniform(0.2, 1.2))
                copy = folder / "cut.img"
                _copy_as_cut(screen.pid, image, copy)
                highest = _judge(folder, copy, options, contents, outcome, highest)
    return outcome


def _copy_as_cut(pid: int, image: Path, copy: Path) -> None:
    """Copy the disk as it is, with the screen halted so that the copy is of one moment."""
    children = [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    for child in children:
        os.kill(child, signal.SIGSTOP)
    try:
        shutil.copyfile(image, copy)
    finally:
        for child in children:
            os.kill(child, signal.SIGCONT)


def _judge(folder: Path, copy: Path, options: str, contents: Contents, outcome: Outcome, highest: int) -> int:
    outcome.cuts += 1
    with mounted(folder / "after", "-o", options, str(copy)):
        try:
            number = look(folder / "after", contents, outcome.broken)
        except Exception as error:  # noqa: BLE001  whatever a damaged disk does to it is a finding
            outcome.broken.append(repr(error))
            number = 0
    outcome.whole += number > 0
    outcome.empty += number == 0
    if number < highest:
        outcome.broken.append(f"release {number} after a cut, though {highest} was on air before")
    return max(highest, number)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--system", choices=_SYSTEMS, default="ext4")
    parser.add_argument("--no-fsync", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="signage-cuts-") as folder:
        try:
            outcome = cut_power(Path(folder), options.cuts, options.system, not options.no_fsync)
        except CannotMountError as error:
            print(f"not tried: {error}")
            return 2
    print(outcome)
    return 1 if outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main())

"""File systems of their own for tests of full disks and power cuts, or the reason why this machine has none."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class CannotMountError(Exception):
    """This machine cannot do what the test needs; the message says why."""


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """Mount at `folder` (`mount OPTIONS... FOLDER`).

    Raises:
        CannotMountError: that cannot be done here.
    """
    folder.mkdir(exist_ok=True)
    finished = run("mount", *options, str(folder))
    if finished is None or finished.returncode != 0:
        why = "there is no mount command" if finished is None else finished.stderr.strip()
        raise CannotMountError(f"this machine cannot mount a file system: {why}")
    try:
        yield folder
    finally:
        run("umount", "-l", str(folder))


def run(*command: str) -> subprocess.CompletedProcess[str] | None:
    """Run a command of the system; None where it is not there."""
    path = shutil.which(command[0]) or shutil.which(command[0], path="/usr/sbin:/sbin")
    if path is None:
        return None
    return subprocess.run([path, *command[1:]], capture_output=True, text=True, check=False, timeout=60)

"""A path of the state folder comes in; nothing is left there that would keep a file or folder from being written.

A worn card or a repair of the file system leaves odd things behind: a folder where a file belongs, a file that nobody
may read. Nobody stands at a screen to take them away, and all that is taken away here can be fetched again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from pathlib import Path


def put_right(folder: Path) -> None:
    """Take away what keeps a screen's own copy from being used. Single blobs are seen to when they are kept.

    `folder` is `office/` of the state folder. Whose root and name lie there is not touched.
    """
    for name in ("current", "ballast"):
        be_file(folder / name)
    only_folders(folder / "blobs")
    only_folders(folder / "releases")
    trusted = folder / "trusted"
    be_folder(trusted)
    be_file(trusted / "memory.json")
    only_files(trusted / "metadata", but_for="root_history")
    for inner in (
        *_entries(folder / "releases"),
        folder / "partials",
        folder / "orders",
        trusted / "kept",
        trusted / "metadata" / "root_history",
    ):
        only_files(inner)


def be_file(path: Path) -> None:
    """Have a plain file that can be read at `path`, or nothing."""
    with contextlib.suppress(OSError):
        if stat.S_ISREG(path.stat().st_mode) and os.access(path, os.R_OK):
            return
    take_away(path)


def be_folder(path: Path) -> None:
    """Have a folder that can be used at `path`, or nothing. A link to a folder is one."""
    if not path.is_dir():
        take_away(path)
    elif not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        with contextlib.suppress(OSError):
            path.chmod(0o755)


def only_files(folder: Path, but_for: str = "") -> None:
    """Have nothing but plain files that can be read in `folder`, and what is called `but_for`."""
    for path in _entries(folder):
        if path.name != but_for:
            be_file(path)


def only_folders(folder: Path) -> None:
    """Have nothing but folders in `folder`."""
    for path in _entries(folder):
        be_folder(path)


def _entries(folder: Path) -> list[Path]:
    be_folder(folder)
    with contextlib.suppress(OSError):
        return list(folder.iterdir())
    return []


def take_away(path: Path) -> None:
    """Delete whatever is there. What cannot be deleted is told by who writes there next."""
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

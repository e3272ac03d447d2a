"""A folder that a person named comes in; a new store with examples is in it afterwards."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from signage.base.errors import SignageError


def make_store(folder: Path) -> list[Path]:
    """Write a store with examples into `folder`, which may exist but must be empty; give the files, relative to it.

    Raises:
        SignageError: the folder has something in it, or cannot be written; the message says what would be right.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            what = "has something in it" if folder.is_dir() else "is a file"
            raise SignageError(f"{folder}: {what}; name a folder that is empty or not there yet")
        with as_file(files(__name__) / "store") as examples:
            written = sorted(path.relative_to(examples) for path in examples.rglob("*") if path.is_file())
            for path in written:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(examples / path, folder / path)
    except OSError as error:
        raise SignageError(f"{folder}: cannot be written ({error.strerror}); name another folder") from error
    return written

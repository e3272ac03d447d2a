"""Contents of files by their digest in, the same out later: what a form was made from, and what to go back to."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from signage.base.errors import SignageError
from signage.base.files import make_folder, write_durably

_MOST_KEPT = 2000
_FEWER = 1500


@dataclass(frozen=True, slots=True)
class LastEdit:
    """The last edit of one file: who, when, and the digests before and after it."""

    before: str
    after: str
    person: str
    at_ms: int


def version_of(raw: bytes) -> str:
    """Give the mark of a content."""
    return hashlib.sha256(raw).hexdigest()


class Versions:
    """Keeps contents in a folder, the newest few thousand. One thread at a time may change the last edits."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, raw: bytes) -> str:
        """Keep a content; give its mark. A disk that does not take it costs the comparison later, not this page."""
        version = version_of(raw)
        path = self._folder / f"{version}.yaml"
        with contextlib.suppress(OSError, SignageError):
            self._folder.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                write_durably(path, raw)
                self._prune()
        return version

    def get(self, version: str) -> bytes | None:
        """Give the content with that mark; None if it is not kept any more."""
        if not (len(version) == 64 and version.isalnum()):
            return None
        try:
            raw = (self._folder / f"{version}.yaml").read_bytes()
        except OSError:
            return None
        return raw if version_of(raw) == version else None

    def last_edit(self, name: str) -> LastEdit | None:
        """Give the last edit of a file that the console made."""
        found = self._edits().get(name)
        return LastEdit(found["before"], found["after"], found["person"], int(found["at_ms"])) if found else None

    def note_edit(self, name: str, edit: LastEdit | None) -> None:
        """Remember the last edit of a file; None forgets it.

        Raises:
            SignageError: the disk does not take it.
        """
        edits = self._edits()
        edits.pop(name, None)
        if edit is not None:
            edits[name] = asdict(edit)
        make_folder(self._folder)
        write_durably(self._folder / "edits.json", json.dumps(edits, ensure_ascii=False).encode())

    def _edits(self) -> dict[str, dict[str, str]]:
        try:
            edits: dict[str, dict[str, str]] = json.loads((self._folder / "edits.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return edits

    def _prune(self) -> None:
        kept = sorted(self._folder.glob("*.yaml"), key=lambda path: path.stat().st_mtime)
        if len(kept) > _MOST_KEPT:
            for path in kept[: len(kept) - _FEWER]:
                path.unlink(missing_ok=True)

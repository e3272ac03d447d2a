"""A draft that a person has looked at comes in; before that person signs, the digest of what was shown goes out.

It lies on the machine where the person looks, so that nobody who can write to the drafts can change one in between.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from signage.base.files import open_plain, write_durably
from signage.office.drafts import Draft

_MOST_BYTES = 1_000_000
_MOST_KEPT = 200


def note_seen(folder: Path, place: Path, draft: Draft) -> None:
    """Remember that the draft at `place` was shown to the person whose machine this is. `folder` keeps it.

    Raises:
        SignageError: the disk does not take it.
    """
    seen = _load(folder)
    seen.pop(str(place.resolve()), None)
    seen[str(place.resolve())] = draft.digest()
    folder.mkdir(parents=True, exist_ok=True)
    write_durably(_path(folder), json.dumps(dict(list(seen.items())[-_MOST_KEPT:]), ensure_ascii=False).encode())


def seen_at(folder: Path, place: Path) -> str | None:
    """Give the digest of the draft that was shown from `place`, for `approve`; None where none was."""
    return _load(folder).get(str(place.resolve()))


def _load(folder: Path) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError, RecursionError), open_plain(_path(folder)) as file:
        said = json.loads(file.read(_MOST_BYTES))
        return {str(place): str(code) for place, code in said.items()} if isinstance(said, dict) else {}
    return {}


def _path(folder: Path) -> Path:
    return folder / "reviewed.json"

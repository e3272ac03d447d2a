"""A screen's state folder comes in; a second copy of its enrolment goes out, and back where the first is damaged.

All else that a screen keeps can be fetched again. Whom it trusts, its name and its secret cannot: without them somebody
would have to go there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
from pathlib import Path

from signage.base.errors import SignageError
from signage.base.files import open_plain, write_durably
from signage.player.enrolled import EnrolmentFolder, PrivateDisk
from signage.player.places import take_away
from signage.release.trust import check_root

_log = logging.getLogger(__name__)

ROOT, SCREEN, TOKEN = "root.json", "screen.json", "token"
_PARTS = (TOKEN, SCREEN, ROOT)  # the root last: a screen is enrolled once it is there
_MOST_BYTES = 1_000_000


def put_right(state_dir: Path) -> list[str]:
    """Mend the enrolment from its second copy, or make that copy; give the names of the files that were mended.

    To be called at the start, before anybody reads them. Never raises: what the disk does not take stays as it is. A
    file that is whole is right, whatever the copy says, and nothing comes of a copy whose sum is wrong.
    """
    folder = EnrolmentFolder(state_dir).folder
    for path in (_spare_of(folder), *(folder / name for name in _PARTS)):
        if not path.is_file():  # a folder, a pipe: who reads there would wait, and nobody could write
            take_away(path)
    said, spare, mended = _said_in(folder), _read_spare(_spare_of(folder)), []
    for name in _PARTS:
        if name in spare and name not in said:
            with contextlib.suppress(SignageError):
                write_durably(folder / name, spare[name].encode(), PrivateDisk())
                mended.append(name)
    _keep(folder, spare | said, spare)  # what could not be mended stays in the copy
    return mended


def keep_spare(folder: Path) -> None:
    """Have the second copy say what the files in `folder`, `office/` of the state folder, say. Never raises."""
    _keep(folder, _said_in(folder), _read_spare(_spare_of(folder)))


def _keep(folder: Path, said: dict[str, str], spare: dict[str, str]) -> None:
    if ROOT not in said or said == spare:
        return
    body = json.dumps(said, ensure_ascii=False).encode()
    try:
        write_durably(_spare_of(folder), f"{hashlib.sha256(body).hexdigest()}\n".encode() + body, PrivateDisk())
    except SignageError as error:  # the next start makes it
        _log.warning("no second copy of the enrolment is kept: %s", error)


def _said_in(folder: Path) -> dict[str, str]:
    """Give what the undamaged files say, by their names."""
    return {name: text for name in _PARTS if (text := _whole(folder, name)) is not None}


def _spare_of(folder: Path) -> Path:
    return folder / "spare"


def _whole(folder: Path, name: str) -> str | None:
    """Give what an undamaged file says; None where it is damaged or not there."""
    kept = EnrolmentFolder(folder.parent)
    if name == TOKEN:
        return kept.token()
    data = _read(folder / name)
    try:
        text = data.decode()
        if name == ROOT:
            check_root(data)
        elif not (isinstance(screen := json.loads(text)["screen"], str) and screen):
            return None
    except (SignageError, ValueError, LookupError, TypeError, RecursionError):
        return None
    return text


def _read_spare(path: Path) -> dict[str, str]:
    """Give the copy by the files' names; nothing where its sum is wrong."""
    digest, _, body = _read(path).partition(b"\n")
    if digest != hashlib.sha256(body).hexdigest().encode():
        return {}
    said = json.loads(body)
    return {name: said[name] for name in _PARTS if name in said}


def _read(path: Path) -> bytes:
    try:
        with open_plain(path) as stream:
            return stream.read(_MOST_BYTES)
    except OSError:
        return b""

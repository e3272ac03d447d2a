"""A hint: files of the published folder in, the data of one Server-Sent Event out, and strictly back.

A hint needs no trust: it says that there is something to fetch, and may carry the bytes of metadata and manifests that
would be fetched next, by their path below the folder. python-tuf verifies them as if they had been fetched.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from signage.release.errors import ReleaseError
from signage.release.strictjson import read_json

EVENTS_PATH = "events"
EVENT = "release"
MOST_BYTES = 64_000
_MOST_FILES = 64


def encode_hint(files: Mapping[str, bytes]) -> str:
    """Give the event's data: one line. Of `files`, in order, only as many go in as fit."""
    carried: dict[str, str] = {}
    length = 0
    for path, data in files.items():
        length += len(data) + len(path) + 16
        if length > MOST_BYTES // 2:
            break
        carried[path] = data.decode()
    return json.dumps({"files": carried}, ensure_ascii=False, separators=(",", ":"))


def decode_hint(data: str) -> dict[str, bytes]:
    """Give the files that the hint carries, by path; often none.

    Raises:
        ReleaseError: it is no hint; poll, as ever.
    """
    if len(data) > MOST_BYTES:
        raise ReleaseError(f"hint: {len(data)} characters, more than the {MOST_BYTES} allowed")
    try:
        files = read_json(data)["files"]
        if len(files) > _MOST_FILES:
            raise ValueError("too many files")
        return {_text(path): _text(body).encode() for path, body in files.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ReleaseError(f"hint: cannot be read ({error})") from error


def _text(said: object) -> str:
    if not isinstance(said, str):
        raise TypeError("a text is wanted")
    return said

"""Messages between office and screen: values in, bytes out, and back. Nothing here is trusted for being here.

A hint says that something is out. It may bring the signed metadata along, which the screen verifies like any other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

EVENTS_PATH = "events"
"""Where the office's stream of hints lies, below the address of the published folder (Server-Sent Events)."""
KEEP_ALIVE_S = 15.0
"""How often the office writes into a stream, if only a comment: a screen that hears nothing for longer reconnects."""
KEEP_ALIVE = b":\n\n"
MOST_HINT_BYTES = 512_000
_MOST_FILES = 64


def encode_hint(files: Mapping[str, bytes]) -> bytes:
    """Give the event for a stream: `files` are text files of the published folder by path; {} for a bare hint.

    Source: HTML Standard, 9.2, Server-sent events.
    """
    said = {"files": {path: data.decode("utf-8") for path, data in files.items()}}
    return b"event: hint\ndata: " + json.dumps(said, ensure_ascii=False).encode() + b"\n\n"


def decode_hint(data: str) -> dict[str, bytes]:
    """Give the files that an event's data brings; none where it brings none, or is none of ours."""
    try:
        files = json.loads(data)["files"]
        if len(files) > _MOST_FILES:
            return {}
        return {str(path): text.encode("utf-8") for path, text in files.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}

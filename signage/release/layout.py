"""Names in, names out: where things lie in a published folder and what the roles are called."""

from __future__ import annotations

import re

URGENT_ROLE = "urgent"
ORDERS_TARGET = "urgent/orders.json"
MOST_LEVELS = 8

_SHA256 = re.compile(r"[0-9a-f]{64}")
_CHANNEL = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def review_role(level: int) -> str:
    """Give the role of a review level; levels count from 1."""
    return f"review{level}"


def manifest_target(level: int, channel: str) -> str:
    """Give the TUF target path of a channel's manifest, as signed by one level."""
    return f"review{level}/{channel}.json"


def blob_path(sha256: str) -> str:
    """Give where a blob lies below the published folder's address."""
    return f"blobs/{sha256[:2]}/{sha256}"


def is_sha256(text: str) -> bool:
    """Tell whether it is a sha256 as we write them: 64 small hexadecimal digits."""
    return _SHA256.fullmatch(text) is not None


def is_channel(text: str) -> bool:
    """Tell whether the text can name a channel: a part of an address that needs no quoting."""
    return _CHANNEL.fullmatch(text) is not None

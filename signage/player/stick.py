"""Addresses and folders of this machine come in: where a USB stick lies, and the urgent keys that this disk knows."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from signage.release.errors import ReleaseError
from signage.release.orders import UrgentKeys, urgent_keys
from signage.release.trust import load_tree


def folder_of(url: str) -> Path | None:
    """Give the folder that a file: address names; None for any other address."""
    parts = urlsplit(url)
    return Path(url2pathname(unquote(parts.path))) if parts.scheme == "file" else None


def keys_on_disk(metadata: Path, root_bytes: bytes) -> UrgentKeys | None:
    """Give the urgent keys by the newest metadata here, verified from the enrolled root; None without such."""

    def read(name: str) -> bytes | None:
        try:
            return (metadata / "root_history" / name if name.endswith(".root.json") else metadata / name).read_bytes()
        except OSError:
            return None

    try:
        return urgent_keys(load_tree(read, root_bytes).targets)
    except ReleaseError:
        return None

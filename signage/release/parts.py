"""A manifest's bytes in, a small signed target and content-addressed parts out, and back: a change costs one part.

A manifest up to `INLINE_BYTES` is the target itself. A longer one is cut behind lines whose own digest says so, so that
a line that changes, comes or goes changes the part that it lies in and no other; the target then lists the parts.

Source: Muthitacharoen et al., "A Low-Bandwidth Network File System", 2001 (content-defined chunks), with lines in place
of a rolling window.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from zlib import crc32

from signage.release.errors import ReleaseError
from signage.release.layout import is_sha256
from signage.release.manifest import MOST_BYTES
from signage.release.strictjson import read_json

INLINE_BYTES = 48_000
_LONGEST_PART = 64_000
_SHORTEST_PART = 4_000
_ONE_IN = 64
_INDEX = "signage-parts"


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a manifest; a blob like any other."""

    sha256: str
    length_bytes: int


def split(manifest: bytes) -> tuple[bytes, dict[Part, bytes]]:
    """Give the target's bytes and the parts that it names; no parts where it holds the manifest itself."""
    if len(manifest) <= INLINE_BYTES:
        return manifest, {}
    head, _, content = manifest.partition(b"\n")
    pieces = [head + b"\n", *_pieces(content)]
    parts = {Part(sha256(piece).hexdigest(), len(piece)): piece for piece in pieces[1:]}
    listed = [[sha256(piece).hexdigest(), len(piece)] for piece in pieces[1:]]
    index = {_INDEX: {"head": head.decode(), "parts": listed}}
    return json.dumps(index, ensure_ascii=False, separators=(",", ":")).encode() + b"\n", parts


def _pieces(content: bytes) -> list[bytes]:
    pieces: list[bytes] = []
    lines: list[bytes] = []
    length = 0
    for line in content.splitlines(keepends=True):
        lines.append(line)
        length += len(line)
        if (length >= _SHORTEST_PART and crc32(line) % _ONE_IN == 0) or length >= _LONGEST_PART:
            pieces.append(b"".join(lines))
            lines, length = [], 0
    return [*pieces, b"".join(lines)] if lines else pieces


def parts_of(target: bytes) -> tuple[Part, ...]:
    """Give the parts that a target names, in order; none where it holds the manifest itself.

    Raises:
        ReleaseError: it is neither.
    """
    return _read_index(target)[1] if _is_index(target) else ()


def join(target: bytes, part: Callable[[Part], bytes]) -> bytes:
    """Give the manifest's bytes. `part` gives the bytes of a part, which are checked here.

    Raises:
        ReleaseError: the target is damaged, or a part is not what the target says.
    """
    if not _is_index(target):
        return target
    head, parts = _read_index(target)
    pieces = [head]
    for wanted in parts:
        piece = part(wanted)
        if len(piece) != wanted.length_bytes or sha256(piece).hexdigest() != wanted.sha256:
            raise ReleaseError(f"manifest: part {wanted.sha256[:12]} has other bytes than were signed")
        pieces.append(piece)
    return b"".join(pieces)


def _is_index(target: bytes) -> bool:
    return target.startswith(f'{{"{_INDEX}"'.encode())


def _read_index(target: bytes) -> tuple[bytes, tuple[Part, ...]]:
    try:
        said = read_json(target)[_INDEX]
        head, listed = said["head"], said["parts"]
        parts = tuple(Part(*pair) for pair in listed)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ReleaseError("manifest: its list of parts cannot be read") from error
    if not isinstance(head, str) or not _are_right(parts):
        raise ReleaseError("manifest: its list of parts is not as it must be")
    return head.encode() + b"\n", parts


def _are_right(parts: Sequence[Part]) -> bool:
    for part in parts:
        if not isinstance(part.sha256, str) or not is_sha256(part.sha256) or type(part.length_bytes) is not int:
            return False
        if part.length_bytes <= 0:
            return False
    return sum(part.length_bytes for part in parts) <= MOST_BYTES

"""A film's file in; where a piece of it is missing out, by how its parts follow one another.

Demuxers step over a hole and say nothing: in a film that is played once nobody would miss a second. Every container but
MP4, whose tables say where each picture lies, names the length of each part, after which the next has to begin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

_MOST_LOST_BYTES = 1024
"""Less than this a recording from the air may lose, and be resumed after."""
_BLOCK_BYTES = 1 << 20

_SEGMENT = 0x18538067
_CLUSTER = 0x1F43B675
_OF_SEGMENT = (
    *(0x114D9B74, 0x1549A966, 0x1654AE6B, _CLUSTER, 0x1C53BB6B, 0x1043A770, 0x1254C367, 0x1941A469),
    *(0xEC, 0xBF),
)
_OF_CLUSTER = (0xE7, 0xA3, 0xA0, 0xAB, 0xA7, 0x5854, 0xAF, 0xEC, 0xBF)

_ASF_FACTS = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_ASF_MARK = 0x82


def broken_at(path: Path, mime: str) -> float | None:
    """Tell where the file does not go on as it has to, as a part of its length (0 to 1); None where it is whole.

    An end that is missing is for others to find; of MP4 and MOV nothing can be told so.
    """
    walk = _WALKS.get(mime)
    if walk is None:
        return None
    size = path.stat().st_size
    with path.open("rb", buffering=0) as stream:
        at = walk(stream, size)
    return None if at is None else at / size


def _read(stream: BinaryIO, at: int, count: int) -> bytes:
    stream.seek(at)
    return stream.read(count)


def _matroska(stream: BinaryIO, size: int) -> int | None:
    """Source: RFC 8794 (EBML), RFC 9559 (Matroska). A length of all ones is not known: live recordings."""
    head = _element(_read(stream, 0, 12))
    if head is None or head[1] is None:
        return None
    at = head[1] + head[2]
    segment = _element(_read(stream, at, 12))
    if segment is None or segment[0] != _SEGMENT:
        return at
    begin = at + segment[2]
    end = size if segment[1] is None else begin + segment[1]
    if end > size:
        return size
    at, cluster_end = begin, 0
    while at < end:
        found = _element(_read(stream, at, 12))
        if found is None:
            return at if end - at > _MOST_LOST_BYTES else None
        kind, length, header = found
        is_inside = at < cluster_end
        if kind not in (_OF_CLUSTER if is_inside and kind not in _OF_SEGMENT else _OF_SEGMENT):
            return at
        if kind == _CLUSTER:
            cluster_end = end if length is None else at + header + length
            at += header
            continue
        if length is None or at + header + length > (cluster_end if is_inside else end):
            return None if segment[1] is None and at + header + (length or 0) > size else at
        at += header + length
    return None


def _element(head: bytes) -> tuple[int, int | None, int] | None:
    """Give an element's id, its length (None: not known) and how long these two are; None where it is none."""
    id_bytes = 9 - head[0].bit_length() if head and head[0] else 9
    if id_bytes > 4 or len(head) <= id_bytes or not head[id_bytes]:
        return None
    length_bytes = 9 - head[id_bytes].bit_length()
    raw = head[id_bytes : id_bytes + length_bytes]
    if len(raw) < length_bytes:
        return None
    length = int.from_bytes(raw, "big") & ((1 << 7 * length_bytes) - 1)
    is_known = length != (1 << 7 * length_bytes) - 1
    return int.from_bytes(head[:id_bytes], "big"), length if is_known else None, id_bytes + length_bytes


def _asf(stream: BinaryIO, size: int) -> int | None:
    """All packets are of one length, and begin with the same mark. Source: Microsoft's ASF specification, 3.2, 5.2."""
    head = _read(stream, 0, min(size, _BLOCK_BYTES))
    facts = head.find(_ASF_FACTS)
    header = int.from_bytes(head[16:24], "little")
    packet = int.from_bytes(head[facts + 92 : facts + 96], "little")
    count = int.from_bytes(head[facts + 56 : facts + 64], "little")
    begin = header + 50
    if facts < 0 or packet < 64 or _read(stream, begin, 1) != bytes([_ASF_MARK]):
        return None
    for number in range(min(count, (size - begin) // packet)):
        at = begin + number * packet
        if _read(stream, at, 1)[0] != _ASF_MARK:
            return at
    return None


def _flv(stream: BinaryIO, size: int) -> int | None:
    at = int.from_bytes(_read(stream, 5, 4), "big") + 4
    while at + 15 <= size:
        head = _read(stream, at, 4)
        length = 11 + int.from_bytes(head[1:], "big")
        if at + length + 4 > size:
            return None
        if head[0] & 0x1F not in (8, 9, 18) or int.from_bytes(_read(stream, at + length, 4), "big") not in (0, length):
            return at
        at += length + 4
    return None


def _avi(stream: BinaryIO, size: int) -> int | None:
    """Chunks follow one another; of the lists that are stepped into only `movi` and `rec ` hold pictures."""
    at = 0
    while at + 8 <= size:
        head = _read(stream, at, 12)
        kind, length = head[:4], int.from_bytes(head[4:8], "little")
        if not all(sign == 32 or (chr(sign).isalnum() and sign < 128) for sign in kind):
            return at if size - at > _MOST_LOST_BYTES else None
        at += 12 if kind == b"RIFF" or (kind == b"LIST" and head[8:] in (b"movi", b"rec ")) else 8 + length + length % 2
    return None


def _transport_stream(stream: BinaryIO, size: int) -> int | None:
    """Packets of 188 bytes (192 of cameras) each begin with a mark. A recording may lose some, and shift after."""
    for packet, first in ((188, 0), (192, 4)):
        marks = _read(stream, 0, packet * 5)[first::packet]
        if marks == b"\x47" * 5:
            return _lost_marks(stream, size, packet, first)
    return None


def _lost_marks(stream: BinaryIO, size: int, packet: int, first: int) -> int | None:
    many = packet * (_BLOCK_BYTES // packet)
    few = _MOST_LOST_BYTES // packet
    for begin in range(0, size - _MOST_LOST_BYTES, many):
        marks = _read(stream, begin, many)[first::packet]
        at = 0
        while (rest := marks[at:].lstrip(b"\x47")) and len(rest) > few:
            bad = len(marks) - len(rest)
            if b"\x47" * few not in rest[: 2 * few + 1]:
                return begin + bad * packet
            at = bad + rest.index(b"\x47" * few)
    return None


def _program_stream(stream: BinaryIO, size: int) -> int | None:
    """Packs and packets follow one another. Source: ISO/IEC 13818-1, 2.5.3; 11172-1, 2.4.3."""
    at = 0
    while at + 16 <= size:
        head = _read(stream, at, 16)
        if head[:3] != b"\0\0\1" or head[3] < 0xB9:
            after = _read(stream, at, _MOST_LOST_BYTES).find(b"\0\0\1\xba")
            if after < 0:
                return at if size - at > _MOST_LOST_BYTES else None
            at += after
        elif head[3] == 0xB9:
            at += 4
        elif head[3] == 0xBA:
            at += 14 + (head[13] & 7) if head[4] >> 6 == 1 else 12
        else:
            at += 6 + int.from_bytes(head[4:6], "big")
    return None


_WALKS: Mapping[str, Callable[[BinaryIO, int], int | None]] = {
    "video/x-matroska": _matroska,
    "video/x-ms-wmv": _asf,
    "video/x-flv": _flv,
    "video/x-msvideo": _avi,
    "video/mp2t": _transport_stream,
    "video/mpeg": _program_stream,
}

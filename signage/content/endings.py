"""The last bytes and the stated lengths of a file in, whether its end is missing out.

A decoder alone does not always see it, or says only that it cannot decode the file.

A copy over the network that was broken off has its full size from the first moment; the part that never came stays
zero (field notes 1.5). Decoders fill such a hole with grey or green and say nothing.
"""

from __future__ import annotations

from typing import BinaryIO

TAIL_BYTES = 65_536

_ENDS = {"JPEG": b"\xff\xd9", "PNG": b"IEND\xaeB`\x82", "GIF": b";"}
_PICTURE_ZEROS = 512
_FILM_ZEROS = 4096

_PACKED = ("WebP", "AVIF", "HEIC")
_BOXED = ("MP4", "MOV", "HEIC", "AVIF")
_MOST_BOXES = 10_000
_STREAMS = ("Matroska", "AVI", "WMV", "MPEG", "MPEG-TS", "FLV")


def is_cut(format_name: str, tail: bytes) -> bool:
    """Tell whether the end is missing. `tail` are the last 65,536 bytes, or the whole file where it is shorter.

    False for the formats in which zeros at the end mean nothing: the dark end of an uncompressed picture (BMP, TIFF),
    padding (MP4, MOV, whose tables say what has to be there).
    """
    rest = tail.rstrip(b"\0")
    zeros = len(tail) - len(rest)
    if format_name in _ENDS:
        return zeros >= _PICTURE_ZEROS and not rest.endswith(_ENDS[format_name])
    if format_name in _PACKED:
        return zeros >= _PICTURE_ZEROS
    if format_name in _STREAMS:
        return zeros >= _FILM_ZEROS
    return format_name == "PDF" and b"%%EOF" not in tail[-4096:]


def is_shorter_than_stated(format_name: str, stream: BinaryIO, size_bytes: int) -> bool:
    """Tell whether a file says of itself that it is longer than its `size_bytes`, as half a copy does.

    False for formats that state no length, and for what is no file of that format at all.
    """
    if format_name in ("WebP", "AVI"):
        stream.seek(4)
        return int.from_bytes(stream.read(4), "little") + 8 > size_bytes
    if format_name not in _BOXED:
        return False
    at = 0
    for _ in range(_MOST_BOXES):
        if at >= size_bytes:
            break
        stream.seek(at)
        head = stream.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < 8:
            return False
        at += length
    return at > size_bytes

"""The last bytes of a file in, whether its end is missing out: what a decoder alone does not always see.

A copy over the network that was broken off has its full size from the first moment; the part that never came stays
zero (field notes 1.5). Decoders fill such a hole with grey or green and say nothing.
"""

from __future__ import annotations

TAIL_BYTES = 65_536

_ENDS = {"JPEG": b"\xff\xd9", "PNG": b"IEND\xaeB`\x82", "GIF": b";"}
_PICTURE_ZEROS = 512
_FILM_ZEROS = 4096

_PACKED = ("WebP", "AVIF", "HEIC")
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

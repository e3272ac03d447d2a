"""The first bytes of a file in, the family of its format out; names and endings are never looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

HEAD_BYTES = 4096


class Family(StrEnum):
    """Which decoder judges the file."""

    PICTURE = "picture"
    HEIF = "heif"
    FILM = "film"
    PDF = "pdf"
    TEXT = "text"
    OFFICE = "office"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Format:
    """A format by its signature. Of one that nothing here can show, `zh` says what it is and what would be right.

    OFFICE is shown only where the office has turned it into a PDF.
    """

    family: Family
    name: str
    mime: str = ""
    zh: str = ""


_TO_PDF = "save it as PDF (in PowerPoint, Word or WPS: File, Export, PDF)"
_TO_PDF_ZH = "请导出 PDF 再放进来（PowerPoint、Word、WPS：“文件”→“导出”或“另存为”→ PDF）"
_OLD_OFFICE = Format(
    Family.OFFICE,
    f"an old Office file (PPT, DOC, XLS); {_TO_PDF}",
    "application/x-ole-storage",
    f"旧版 Office 文件，{_TO_PDF_ZH}",
)
_PHOTOSHOP = Format(Family.REFUSED, "a Photoshop file; save it as JPEG or PNG", zh="Photoshop 文件，请另存为 JPEG")
_RTF = Format(Family.REFUSED, "an RTF document; save it as PDF", zh="RTF 文档，请另存为 PDF")
_RAR = Format(Family.REFUSED, "a RAR archive; unpack it", zh="RAR 压缩包，请先解压")
_SEVEN_ZIP = Format(Family.REFUSED, "a 7z archive; unpack it", zh="7z 压缩包，请先解压")
_PROGRAM = Format(Family.REFUSED, "a Windows program", zh="Windows 程序")
_SOUND = Format(Family.REFUSED, "a sound file; only films can be shown", zh="声音文件，没有画面")
_JPEG_XL = Format(Family.REFUSED, "a JPEG XL picture; save it as JPEG", zh="JPEG XL 图片，请另存为 JPEG")
_GIF = Format(Family.PICTURE, "GIF", "image/gif")
_TIFF = Format(Family.PICTURE, "TIFF", "image/tiff")
_MPEG = Format(Family.FILM, "MPEG", "video/mpeg")

_STARTS: tuple[tuple[bytes, Format], ...] = (
    (b"\xff\xd8\xff", Format(Family.PICTURE, "JPEG", "image/jpeg")),
    (b"\x89PNG\r\n\x1a\n", Format(Family.PICTURE, "PNG", "image/png")),
    (b"GIF87a", _GIF),
    (b"GIF89a", _GIF),
    (b"BM", Format(Family.PICTURE, "BMP", "image/bmp")),
    (b"II*\0", _TIFF),
    (b"MM\0*", _TIFF),
    (b"\x1a\x45\xdf\xa3", Format(Family.FILM, "Matroska", "video/x-matroska")),
    (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), Format(Family.FILM, "WMV", "video/x-ms-wmv")),
    (b"\0\0\1\xba", _MPEG),
    (b"\0\0\1\xb3", Format(Family.FILM, "MPEG", "video/mpv")),
    (b"FLV\1", Format(Family.FILM, "FLV", "video/x-flv")),
    (b"%PDF-", Format(Family.PDF, "PDF", "application/pdf")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLD_OFFICE),
    (b"8BPS", _PHOTOSHOP),
    (b"{\\rtf", _RTF),
    (b"Rar!", _RAR),
    (b"7z\xbc\xaf", _SEVEN_ZIP),
    (b"MZ", _PROGRAM),
    (b"ID3", _SOUND),
    (b"\0\0\0\x0cJXL ", _JPEG_XL),
    (b"\xff\x0a", _JPEG_XL),
)

DEMUXERS = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/x-matroska": "matroska",
    "video/x-ms-wmv": "asf",
    "video/x-msvideo": "avi",
    "video/mpeg": "mpeg",
    "video/mpv": "mpegvideo",
    "video/mp2t": "mpegts",
    "video/x-flv": "flv",
}
"""FFmpeg's demuxer for each `MediaFile.mime` of a film: name it when opening, or the ending of the name misleads it."""

_AVIF = Format(Family.PICTURE, "AVIF", "image/avif")
_HEIC = Format(Family.HEIF, "HEIC", "image/heic")
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), _AVIF),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), _HEIC),
    b"qt  ": Format(Family.FILM, "MOV", "video/quicktime"),
}
_MP4 = Format(Family.FILM, "MP4", "video/mp4")
_OFFICE = Format(
    Family.OFFICE,
    f"an Office file (PPTX, DOCX, XLSX); {_TO_PDF}",
    "application/vnd.openxmlformats-officedocument",
    f"Office 文件，{_TO_PDF_ZH}",
)
_ZIP = Format(Family.REFUSED, "a ZIP archive; unpack it", zh="ZIP 压缩包，请先解压")
_SVG = Format(Family.REFUSED, "an SVG drawing; save it as PNG", zh="SVG 矢量图，请另存为 PNG")
_HTML = Format(Family.REFUSED, "a web page; use a picture or a template", zh="网页文件，请改用图片或模板")
_TEXT = Format(Family.TEXT, "text", "text/plain")
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
UNKNOWN = Format(
    Family.REFUSED,
    "of no format known here; use JPEG, PNG, WebP, GIF, MP4 or PDF",
    zh="格式不认识，请使用 JPEG、PNG、WebP、GIF、MP4 或 PDF",
)


def recognise(head: bytes) -> Format:
    """Give the format whose signature `head` (the first 4096 bytes) carries; the decoder still has to agree."""
    for signature, found in _STARTS:
        if head.startswith(signature) and _is_plausible(found, head):
            return found
    return _boxed(head) or _riff(head) or _transport_stream(head) or _other(head)


def _is_plausible(found: Format, head: bytes) -> bool:
    """`BM`, `MZ` and `ID3` begin many a text; a real bitmap names its own length and a known header size."""
    if found in (_PROGRAM, _SOUND):
        return not _is_text(head)
    if found.name != "BMP":
        return True
    return len(head) >= 26 and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 64, 108, 124)


def _boxed(head: bytes) -> Format | None:
    kind = head[4:8]
    if kind == b"ftyp":
        size = min(int.from_bytes(head[:4], "big"), len(head))
        brands = [head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))]
        if brands[0] in (b"mif1", b"msf1") and any(brand in (b"avif", b"avis") for brand in brands):
            return _AVIF
        return _BRANDS.get(brands[0], _MP4)
    if kind in (b"moov", b"mdat", b"wide", b"pnot", b"skip", b"free"):
        return _BRANDS[b"qt  "]
    return None


def _riff(head: bytes) -> Format | None:
    if head[:4] != b"RIFF":
        return None
    if head[8:12] == b"WEBP":
        return Format(Family.PICTURE, "WebP", "image/webp")
    if head[8:12] == b"AVI ":
        return Format(Family.FILM, "AVI", "video/x-msvideo")
    return None


def _transport_stream(head: bytes) -> Format | None:
    for packet, start in ((188, 0), (192, 4)):
        marks = head[start : start + packet * 5 : packet]
        if len(marks) == 5 and set(marks) == {0x47}:
            return Format(Family.FILM, "MPEG-TS", "video/mp2t")
    return None


def _other(head: bytes) -> Format:
    if head[:4] == b"PK\3\4":
        is_office = b"[Content_Types].xml" in head or b"ppt/" in head or b"word/" in head or b"xl/" in head
        return _OFFICE if is_office else _ZIP
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1024].lower()
    if b"<svg" in start:
        return _SVG
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<?php", b"<script")):
        return _HTML
    return _TEXT if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    if head.startswith(_BYTE_ORDER_MARKS):
        return True
    return bool(head) and b"\0" not in head and all(byte >= 32 or byte in b"\t\r\n\f\x1b" for byte in head)

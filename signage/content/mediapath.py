"""A path as staff write it in, the clean path below `media/` out; and which names count, in which order."""

from __future__ import annotations

import re
import unicodedata

from signage.base.unseen import has_unseen, show_unseen
from signage.content.notation import NotationError, shorten


class PathError(NotationError):
    """A path that can never name a file of `media/`."""


def clean_path(written: str, *, is_folder: bool = False) -> str:
    """Give the path relative to `media/`, with forward slashes, in Unicode NFC; "" is `media/` itself.

    Raises:
        PathError: absolute, with `..`, or empty; show it to the person who wrote it.
    """
    path = unicodedata.normalize("NFC", written.strip()).replace("\\", "/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path) or "://" in path:
        raise PathError(
            f"must be a path below media/, not an absolute one or an address (got {shorten(written)})",
            f"必须是 media/ 下的相对路径，不能是绝对路径或网址（现为“{shorten(written)}”）",
        )
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise PathError(
            f"must stay inside media/; '..' is not allowed (got {shorten(written)})",
            f"必须在 media/ 之内，不能含“..”（现为“{shorten(written)}”）",
        )
    if parts and parts[0] == "media":
        parts = parts[1:]
    if not parts and not is_folder:
        raise PathError(f"names no file (got {shorten(written)})", f"没有写明文件（现为“{shorten(written)}”）")
    return "/".join(parts)


REASON_ENDING = ".未采用.txt"
"""Ends the names of the small files in which ingest says why the file beside them cannot be used."""

_JUNK = re.compile(
    r"~\$.*|~wr[lf].*|~wps.*\.tmp|\..*|.*\.(?:tmp|crdownload|part|partial|download|filepart|td|xltd|lnk|url)"
    r"|readme(?:\.(?:md|txt|rst))?|.*\.未采用\.txt|thumbs\.db|desktop\.ini|ehthumbs\.db|.*~",
    re.IGNORECASE,
)


def is_junk(name: str) -> bool:
    """Tell whether a file name belongs to a temporary or system file or a readme, passed over in silence."""
    return _JUNK.fullmatch(name) is not None


UNREADABLE_NAME = "left out: its name is in another encoding or holds signs that cannot be seen; rename it"
UNREADABLE_NAME_ZH = "未采用：文件名编码不对（可能是旧压缩包解出的），或含有看不见的字符（会打乱显示的次序），请改名"


def is_readable(name: str) -> bool:
    """Tell whether a name from the disk is text that can be logged, listed and signed.

    Archives made on older Windows give names in GBK, which Linux hands on as bytes that are no text. A name with signs
    that nobody sees, or that turn others round, could be taken for another one by whoever approves it.
    """
    return not has_unseen(name) and not any(unicodedata.category(character) in ("Cc", "Cs") for character in name)


def spell_out(name: str) -> str:
    """Give a name that is not readable in a form that is, on one line."""
    return show_unseen(
        "".join(
            character if unicodedata.category(character) not in ("Cc", "Cs") else _escaped(character)
            for character in name
        )
    )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def natural_key(name: str) -> tuple[list[str | int], str]:
    """Give the key that sorts `2.jpg` before `10.jpg`, without regard to case."""
    parts = re.split(r"(\d{1,18})", name.casefold())
    return [int(part) if at % 2 else part for at, part in enumerate(parts)], name

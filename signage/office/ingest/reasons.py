"""Refused files in; a small text beside each that says why out, gone again when the matter is settled."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from pathlib import Path

from signage.content.mediapath import REASON_ENDING

_log = logging.getLogger(__name__)

_LONGEST_BYTES = 255
_MARK = "【未采用】"
_FOOT = "这份说明由信息发布系统自动生成；问题解决后会自动消失，请不要修改。"
_HEAD_BYTES = 64


def reason_name(path: str) -> str:
    """Give the path of the text for a file: its own with an ending, cut where the disk takes no longer name."""
    folder, slash, name = path.rpartition("/")
    room = _LONGEST_BYTES - len(REASON_ENDING.encode())
    cut = name.encode()[:room].decode(errors="ignore")
    return f"{folder}{slash}{cut}{REASON_ENDING}"


class Reasons:
    """The texts in `media/`. What a person wrote is never touched: ours begin with a mark."""

    def __init__(self, media: Path) -> None:
        self._media = media
        self._has_complained = False

    def settle(self, there: Collection[str], refused: Mapping[str, str], changed: Collection[str]) -> tuple[str, ...]:
        """Have exactly the texts that are needed, and give which are there then.

        `there` are the texts on the disk, `refused` the reasons (Chinese) by the path of the refused file, both as
        the disk spells them; of `changed` files a text that is there is written anew.
        """
        wanted = {reason_name(path): (path, reason) for path, reason in refused.items()}
        present = set(there)
        for name in sorted(present - wanted.keys()):
            self._remove(name)
        for name, (path, reason) in sorted(wanted.items()):
            if name not in present or path in changed:
                self._write(name, path, reason)
        return tuple(wanted)

    def _write(self, name: str, path: str, reason: str) -> None:
        file = self._media / name
        text = f"{_MARK}{path.rpartition('/')[2]}\r\n\r\n原因：{reason}。\r\n\r\n{_FOOT}\r\n"
        content = text.encode("utf-8-sig")  # Notepad on older Windows takes a text without the mark for GBK
        try:
            try:
                with file.open("xb") as new:
                    new.write(content)
            except FileExistsError:
                if _is_ours(file) and file.read_bytes() != content:
                    file.write_bytes(content)
        except OSError as error:
            self._complain(file, error)
        else:
            self._has_complained = False

    def _remove(self, name: str) -> None:
        file = self._media / name
        try:
            if _is_ours(file):
                file.unlink(missing_ok=True)
        except OSError as error:
            self._complain(file, error)

    def _complain(self, file: Path, error: OSError) -> None:
        if not self._has_complained:
            _log.warning("%s: cannot be written (%s); reasons are shown in the console only", file, error.strerror)
        self._has_complained = True


def _is_ours(file: Path) -> bool:
    if file.is_symlink() or not file.is_file():
        return False
    with file.open("rb") as stream:
        return stream.read(_HEAD_BYTES).startswith(_MARK.encode("utf-8-sig"))

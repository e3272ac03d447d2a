"""A file sent by a browser in pieces in; the same file in `media/` out, whole and under a name that is free there."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import unicodedata
from pathlib import Path
from types import TracebackType
from typing import Self

from signage.base.errors import SignageError
from signage.base.files import NO_ROOM_ZH
from signage.base.unseen import without_unseen
from signage.content.mediapath import PathError, clean_path, is_junk, is_readable
from signage.content.scan import SIDECAR_ENDINGS

MOST_BYTES = 8 << 30
_LONGEST_NAME_BYTES = 200
_NOT_ON_WINDOWS = re.compile(r'[<>:"|?*]')
_MOST_TRIES = 1000


class UploadTooLargeError(SignageError):
    """More bytes came than one upload may have."""


class Upload:
    """One file on its way into `media/`. Use with `with`: what is not finished at the end is removed.

    Until `finish` it has a name that ingest passes over; then it appears whole. `folder` is below `media/`, "" for
    `media/` itself, and is made where it is not there. With `replaces` a file of that name is replaced, else the new
    one is called `name (2)`.

    Raises:
        PathError: a name or folder that cannot be; show its `zh` to the person.
        SignageError: the disk does not take it.
    """

    def __init__(
        self, media: Path, folder: str, name: str, *, replaces: bool = False, most_bytes: int = MOST_BYTES
    ) -> None:
        self._name = _clean_name(name)
        self._folder = media / clean_path(folder, is_folder=True)
        self._media = media
        self._replaces = replaces
        self._room_bytes = most_bytes
        self._temporary = self._folder / f".upload-{secrets.token_hex(8)}.tmp"
        if not Path(os.path.realpath(self._folder)).is_relative_to(os.path.realpath(media)):
            raise PathError("the folder leads out of media/", "文件夹是指向 media/ 之外的链接")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._stream = self._temporary.open("xb")
        except OSError as error:
            raise SignageError(f"{self._folder}: cannot be written ({error.strerror}) ({NO_ROOM_ZH})") from error

    def write(self, piece: bytes) -> None:
        """Take the next piece.

        Raises:
            UploadTooLargeError: it is more than one upload may have.
            SignageError: the disk does not take it.
        """
        self._room_bytes -= len(piece)
        if self._room_bytes < 0:
            raise UploadTooLargeError(f"{self._name}: is too large (文件太大)")
        try:
            self._stream.write(piece)
        except OSError as error:
            raise SignageError(f"{self._temporary}: cannot be written ({error.strerror}) ({NO_ROOM_ZH})") from error

    def finish(self) -> str:
        """Give the file its name, and give the path below `media/` that it has now.

        Raises:
            SignageError: the disk does not take it.
        """
        try:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
            if self._replaces:
                target = self._folder / self._name
                self._temporary.replace(target)
            else:
                target = self._place_beside()
        except OSError as error:
            raise SignageError(
                f"{self._folder / self._name}: cannot be written ({error.strerror}) ({NO_ROOM_ZH})"
            ) from error
        return target.relative_to(self._media).as_posix()

    def _place_beside(self) -> Path:
        stem, dot, ending = self._name.rpartition(".") if "." in self._name else (self._name, "", "")
        for number in range(1, _MOST_TRIES):
            target = self._folder / (self._name if number == 1 else f"{stem} ({number}){dot}{ending}")
            try:
                # Unlike a rename, a link never replaces what somebody else put there this instant.
                os.link(self._temporary, target)
            except FileExistsError:
                continue
            except OSError:
                if target.exists():
                    continue
                self._temporary.replace(target)  # a disk without links (exFAT)
            return target
        raise SignageError(f"{self._folder / self._name}: there are a thousand of that name already")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        with contextlib.suppress(OSError):
            self._temporary.unlink()


def _clean_name(name: str) -> str:
    """Give the name as every system takes it; browsers may send a whole path of their own machine."""
    plain = unicodedata.normalize("NFC", without_unseen(name).replace("\\", "/").rpartition("/")[2])
    plain = _NOT_ON_WINDOWS.sub("_", plain).strip().rstrip(". ")
    if not plain or not is_readable(plain) or len(plain.encode()) > _LONGEST_NAME_BYTES:
        raise PathError(
            "the name is empty, too long or has signs that are no letters", "文件名为空、过长或含有特殊字符"
        )
    if is_junk(plain) or plain.lower().endswith(SIDECAR_ENDINGS):
        raise PathError(f"{plain}: names like this are not for media", f"“{plain}”这样的文件名不会被采用，请改名")
    return plain

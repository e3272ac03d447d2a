"""Pictures of what is on a screen's output come in; the newest and a short history lie in the office's folder."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from signage.base.files import write_durably

KEPT = 12
MOST_SIDE_PX = 8192
_LEAST_BYTES = 125
_LONGEST_NAME = 200
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Give (width, height) of a whole JPEG of a usual kind; None for anything else.

    Its segments are walked up to the picture itself, and its end must be there: a browser decodes the rest.

    Source: ITU-T T.81, B.1 and B.2.2.
    """
    if len(data) < _LEAST_BYTES or data[:2] != b"\xff\xd8" or data[-2:] != b"\xff\xd9":
        return None
    place, size = 2, None
    while place + 4 <= len(data):
        if data[place] != 0xFF:
            return None
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker in _WITHOUT_LENGTH:
            place += 2
            continue
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        if length < 2 or place + 2 + length > len(data):
            return None
        if marker in _FRAMES and length >= 11:
            height = int.from_bytes(data[place + 5 : place + 7], "big")
            width = int.from_bytes(data[place + 7 : place + 9], "big")
            size = (width, height)
        if marker == 0xDA:
            is_fine = size is not None and 0 < size[0] <= MOST_SIDE_PX and 0 < size[1] <= MOST_SIDE_PX
            return size if is_fine else None
        place += 2 + length
    return None


class Pictures:
    """The pictures of all screens, each named by its instant."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, screen: str, taken_ms: int, data: bytes) -> None:
        """Keep a picture, whole or not at all, and let go of the oldest.

        Raises:
            SignageError: the disk does not take it.
        """
        folder = self._place(screen)
        folder.mkdir(parents=True, exist_ok=True)
        write_durably(folder / f"{taken_ms}.jpg", data)
        for old in self.times(screen)[KEPT:]:
            (folder / f"{old}.jpg").unlink(missing_ok=True)

    def times(self, screen: str) -> list[int]:
        """Give when the pictures that are kept were taken, the newest first."""
        names = (path.stem for path in self._place(screen).glob("*.jpg"))
        return sorted((int(name) for name in names if name.isdecimal()), reverse=True)

    def path(self, screen: str, taken_ms: int) -> Path:
        """Give where the picture of an instant lies, if it does."""
        return self._place(screen) / f"{taken_ms}.jpg"

    def _place(self, screen: str) -> Path:
        # A name without dots can only be one folder below this one.
        name = quote(screen, safe="").replace(".", "%2E")
        if len(name) > _LONGEST_NAME:  # forty Chinese characters are more than a folder's name may have
            name = sha256(screen.encode("utf-8", "replace")).hexdigest()
        return self._folder / name

"""Scans of `media/` in, the files that are complete and wait to be converted out."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from signage.base.files import open_plain
from signage.content.refusal import Refusal
from signage.content.scan import FileKey, Scan
from signage.content.settled import SETTLED_S, is_being_written

UNASKED_S = 30.0
"""How long a file must be unchanged where nobody can say whether it is being written: a share, another system."""

_AGAIN_S = 1.0
_EMPTY_ZH = "文件是空的（0 字节），请重新复制"
_WRITING = Refusal("is still being written; it is taken when it is complete", "文件还在写入，写完后会自动采用", True)

AskWriter = Callable[[int], bool | None]


@dataclass(slots=True)
class _Watched:
    """A file that is not taken yet: its state, since when it has that, and when to look at it again."""

    key: FileKey
    since_s: float
    look_s: float


@dataclass(frozen=True, slots=True)
class Settled:
    """A file that came to rest. `refusal` says what is wrong already; else it is to be converted."""

    path: str
    key: FileKey
    refusal: Refusal | None = None


class Intake:
    """Which files wait, and for what. One thread at a time; `ask_writer` tells whether a writer holds a file."""

    def __init__(self, media: Path, ask_writer: AskWriter = is_being_written) -> None:
        self._media = media
        self._ask_writer = ask_writer
        self._watched: dict[str, _Watched] = {}
        self._names: Mapping[str, str] = {}

    def expect(self, scan: Scan, wanted: Mapping[str, FileKey], now_s: float) -> None:
        """Watch these files and no others. One whose state is as at the last look waits on, not anew."""
        self._names = scan.spelled
        before = self._watched
        self._watched = {}
        for path, key in wanted.items():
            known = before.get(path)
            if known is None or known.key != key:
                known = _Watched(key, now_s, now_s + SETTLED_S)
            self._watched[path] = known

    def __len__(self) -> int:
        return len(self._watched)

    @property
    def next_look_s(self) -> float | None:
        """Give when to call `settled` again, by the monotonic clock; None when nothing waits."""
        return min((watched.look_s for watched in self._watched.values()), default=None)

    def settled(self, now_s: float) -> Iterator[Settled]:
        """Give the files that are complete by now, and watch them no longer."""
        due = [path for path, watched in self._watched.items() if watched.look_s <= now_s]
        for path in due:
            found = self._look_at(path, self._watched[path], now_s)
            if found is not None:
                self._watched.pop(path, None)
                yield found

    def _look_at(self, path: str, watched: _Watched, now_s: float) -> Settled | None:
        """Give the file if it has come to rest; else say when to look again."""
        file = self._media / self._names.get(path, path)
        try:
            with open_plain(file) as stream:
                status = file.stat()
                is_held = self._ask_writer(stream.fileno())
        except FileNotFoundError:
            self._watched.pop(path, None)  # the next scan says that it is gone
            return None
        except OSError as error:
            what = error.strerror or str(error)
            if error.errno in (errno.EACCES, errno.EPERM):
                refusal = Refusal("cannot be read: permission denied", "没有读取权限，请检查文件权限", True)
            else:
                refusal = Refusal(f"cannot be read ({what})", "读取失败，请检查磁盘或网络", True)
            return Settled(path, watched.key, refusal)
        key = (status.st_ino, status.st_size, status.st_mtime_ns)
        if key != watched.key:
            watched.key, watched.since_s, watched.look_s = key, now_s, now_s + SETTLED_S
            return None
        rest_s = now_s - watched.since_s
        if is_held:
            watched.look_s = now_s + _AGAIN_S
            return None
        if rest_s < UNASKED_S and (is_held is None or key[1] == 0):
            watched.look_s = watched.since_s + UNASKED_S
            return None
        return Settled(path, key, Refusal("is empty", _EMPTY_ZH) if key[1] == 0 else None)

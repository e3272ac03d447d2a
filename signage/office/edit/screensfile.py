"""A screen's settings in; `playlists/screens.yaml` with only that screen's lines changed out."""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signage.base.errors import Problem, SignageError
from signage.base.files import open_plain, write_durably
from signage.base.yaml import MAX_BYTES, parse
from signage.content.screens import read_screens_file
from signage.office.edit.errors import RewriteError
from signage.office.edit.rewrite import rewrite
from signage.office.edit.versions import version_of

_FILE = "playlists/screens.yaml"
_HEAD = "# 屏幕清单：每块屏幕一段。\n# The screens: one block each.\n".encode()


class ScreensFileError(SignageError):
    """The change was not written. `zh` says why to staff."""

    def __init__(self, message: str, zh: str) -> None:
        super().__init__(message)
        self.zh = zh


@dataclass(frozen=True, slots=True)
class Written:
    """What one screen says in the file: plain values as they are written, and the mark of exactly these."""

    said: Mapping[str, Any]
    version: str


class ScreensBook:
    """Reads and changes the file. From any thread; one change at a time."""

    def __init__(self, root: Path) -> None:
        self._path = root / _FILE
        self._lock = threading.Lock()

    def get(self, name: str) -> Written | None:
        """Give what the file says of a screen; None if it does not name it.

        Raises:
            SignageError: the file cannot be read.
        """
        screens = _screens_in(parse(self._read(), _FILE).value)
        if name not in screens:
            return None
        said = screens[name] if isinstance(screens[name], dict) else {}
        return Written(said, _mark(said))

    def put(self, name: str, fields: Mapping[str, Any], version: str | None = None) -> None:
        """Have the screen say these fields; those that are empty go, all others stay as they are.

        With `version`, only if it still says what it said when that was its mark. A name that is new is added.

        Raises:
            ScreensFileError: somebody else has changed it meanwhile, or a value is wrong.
            SignageError: the file cannot be read or written.
        """
        with self._lock:
            raw = self._read()
            document = parse(raw, _FILE)
            target: Any = copy.deepcopy(document.value) if isinstance(document.value, dict) else {}
            screens = _screens_in(target)
            said = dict(screens.get(name) or {})
            if version is not None and _mark(said) != version:
                raise ScreensFileError(
                    f"{_FILE}: '{name}' was changed meanwhile; look again",
                    "有人刚改过这块屏幕的设置，请刷新页面后再改",
                )
            for key, value in fields.items():
                if value in ("", None, []):
                    said.pop(key, None)
                else:
                    said[key] = value
            screens[name] = said
            try:
                new = rewrite(raw or _HEAD, target)
            except RewriteError as error:
                raise ScreensFileError(str(error), "screens.yaml 的写法特殊，请打开文件直接修改") from error
            self._check(raw, new)
            if self._read() != raw:
                raise ScreensFileError(f"{_FILE}: was changed this very moment", "文件刚被别人改动，请再试一次")
            if new != raw:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                write_durably(self._path, new)

    def _check(self, old: bytes, new: bytes) -> None:
        before = {problem.message for problem in _problems(old)} if old else set()
        fresh = [problem for problem in _problems(new) if problem.message not in before]
        if fresh:
            raise ScreensFileError(fresh[0].message, fresh[0].message_zh or fresh[0].message)

    def _read(self) -> bytes:
        try:
            with open_plain(self._path) as stream:
                return stream.read(MAX_BYTES)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise SignageError(f"{self._path}: cannot be read ({error.strerror})") from error


def _problems(raw: bytes) -> tuple[Problem, ...]:
    return tuple(one for one in read_screens_file(raw, _FILE).problems if one.severity == "error")


def _screens_in(value: Any) -> dict[str, Any]:
    """Give the mapping of screens: the file itself, or what stands below `screens:`."""
    if not isinstance(value, dict):
        return {}
    inner = value.get("screens")
    return inner if isinstance(inner, dict) else value


def _mark(said: Mapping[str, Any]) -> str:
    return version_of(repr(sorted(said.items())).encode())[:16]

"""The name of a key in, its passphrase out: from a file, the environment or a person, who types a new one twice."""

from __future__ import annotations

import os
from pathlib import Path

from signage.choices import ArgumentError
from signage.terminal import say

_OWN = ("root", "targets", "release", "urgent")


class Passphrases:
    """Asks at the terminal where neither a file nor SIGNAGE_PASSPHRASE says it."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._own: str | None = None

    def of(self, name: str) -> str:
        """Give the passphrase of a key that there is.

        Raises:
            ArgumentError: it cannot be read, and there is no terminal to ask at.
        """
        return self._said() or _typed(name, f"passphrase of {name} ({name} 的口令): ")

    def new(self, name: str) -> str:
        """Give a passphrase for a new key, typed twice; one for all of the office's own that are made together.

        Raises:
            ArgumentError: as `of`.
        """
        if said := self._said():
            return said
        is_own = name in _OWN
        if is_own and self._own is not None:
            return self._own
        whose = "the office's keys (办公室的密钥)" if is_own else name
        while True:
            passphrase = _typed(name, f"new passphrase for {whose} 新口令: ")
            if _typed(name, "once more 再输一遍: ") == passphrase:
                break
            say("the two differ; again (两次输入不同，请重来)")
        if is_own:
            self._own = passphrase
        return passphrase

    def _said(self) -> str:
        if self._file is None:
            return os.environ.get("SIGNAGE_PASSPHRASE", "")
        try:
            return self._file.read_text("utf-8").partition("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise ArgumentError(f"{self._file}: the passphrase cannot be read ({error})") from error


def _typed(name: str, prompt: str) -> str:
    import warnings
    from getpass import GetPassWarning, getpass

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", GetPassWarning)  # it would read the passphrase in plain sight
            return getpass(prompt)
    except (EOFError, GetPassWarning) as error:
        raise ArgumentError(
            f"{name}: its passphrase is needed and there is no terminal to ask at; give --passphrase-file"
        ) from error

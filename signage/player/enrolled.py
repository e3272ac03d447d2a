"""A state folder comes in; what this screen was enrolled as goes out, and back. What is kept survives a power cut.

`office/token` is this screen's secret; `office/screen.json` its name; `office/root.json` what it trusts, written last;
`office/spare` says all three once more (`player.spare`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from signage.base.errors import SignageError
from signage.base.files import SystemDisk, write_durably

_TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,}")
_MOST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What the office called this screen when it let it in."""

    screen: str
    title: str = ""


class EnrolmentFolder:
    """What a screen keeps of its enrolment below its state folder."""

    def __init__(self, state_dir: Path) -> None:
        self.folder = state_dir / "office"
        self._root = self.folder / "root.json"
        self._screen = self.folder / "screen.json"
        self._token = self.folder / "token"
        self._code = self.folder / "pairing.json"
        self._report = self.folder / "report.json"

    @property
    def has_root(self) -> bool:
        """Whether this screen knows whom to trust."""
        return self._root.is_file()

    def enrolled(self) -> Enrolled | None:
        """Give what this screen was let in as; None where it was not, or was set up with a root by hand."""
        said = self._read(self._screen)
        screen, title = said.get("screen"), said.get("title", "")
        if not self.has_root or not isinstance(screen, str) or not screen or not isinstance(title, str):
            return None
        return Enrolled(screen, title)

    def fingerprint(self) -> str:
        """Give what people compare of the root that this screen trusts; empty where it cannot be read."""
        from signage.wire import fingerprint

        try:
            return fingerprint(self._root.read_bytes())
        except OSError:
            return ""

    def keep(self, enrolled: Enrolled, root: bytes) -> None:
        """Keep the name and then the root: a screen is enrolled once both are there.

        Raises:
            SignageError: the disk is full or cannot be written.
        """
        write_durably(self._screen, json.dumps({"screen": enrolled.screen, "title": enrolled.title}).encode())
        write_durably(self._root, root)
        self._code.unlink(missing_ok=True)

    def token(self) -> str | None:
        """Give this screen's secret; None if it has none."""
        try:
            text = self._token.read_text("ascii").strip()
        except (OSError, ValueError):
            return None
        return text if _TOKEN.fullmatch(text) else None

    def make_token(self) -> str:
        """Give this screen's secret; one is made, 256 bits, readable by this user alone, if there is none.

        Raises:
            SignageError: the disk is full or cannot be written.
        """
        if kept := self.token():
            return kept
        made = secrets.token_urlsafe(_TOKEN_BYTES)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SignageError(f"{self.folder}: cannot be made ({error.strerror})") from error
        write_durably(self._token, made.encode(), PrivateDisk())
        return made

    def code(self) -> str:
        """Give the pairing code that was last shown, of which a restart does not know what became; empty for none."""
        code = self._read(self._code).get("code")
        return code if isinstance(code, str) and code.isalpha() and code.isascii() else ""

    def keep_code(self, code: str) -> None:
        """Raises SignageError as `keep` does."""
        write_durably(self._code, json.dumps({"code": code}).encode())

    def report_fault(self) -> str:
        """Give why this screen's reports did not reach the office when that last changed; empty where they did."""
        return str(self._read(self._report).get("fault", ""))

    def keep_report_fault(self, fault: str) -> None:
        """Keep it for whoever looks at this machine; what cannot be kept is not worth a fault."""
        with contextlib.suppress(SignageError):
            write_durably(self._report, json.dumps({"fault": fault}, ensure_ascii=False).encode())

    @staticmethod
    def _read(path: Path) -> dict[str, object]:
        try:
            with path.open("rb") as file:
                said = json.loads(file.read(_MOST_BYTES))
        except (OSError, ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}


class PrivateDisk(SystemDisk):
    """Makes files that only this user can read, from their first byte on."""

    def open(self, path: Path, flags: int) -> int:
        return os.open(path, flags, 0o600)


def digest_of(token: str) -> str:
    """Give what the office knows of a token."""
    return hashlib.sha256(token.encode()).hexdigest()

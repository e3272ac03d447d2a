"""Log records come in; the last few different warnings and errors go out, without secrets."""

from __future__ import annotations

import logging
import re
import threading
from collections import OrderedDict
from datetime import UTC

from signage.base.moments import to_datetime

MOST = 10
_MOST_CHARACTERS = 400
_SECRETS = re.compile(r"(?i)\b(bearer\s+|token\W{1,3}|passw\w*\W{1,3}|passphrase\W{1,3})\S+|(?<=://)[^/@\s]+(?=@)")
_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")


class RecentFaults(logging.Handler):
    """Keeps the last ten different warnings and errors; one that comes again moves to the end and is counted."""

    def __init__(self, most: int = MOST) -> None:
        super().__init__(logging.WARNING)
        self._most = most
        self._kept: OrderedDict[str, tuple[int, int, str]] = OrderedDict()
        self._guard = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = without_secrets(record.getMessage().replace("\n", " "))[:_MOST_CHARACTERS]
        except Exception:  # noqa: BLE001 - the boundary of one record: a log line must not stop what logs
            return
        with self._guard:
            count = self._kept.pop(text, (0, 0, ""))[0] + 1
            self._kept[text] = (count, round(record.created * 1000), record.levelname)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def lines(self) -> tuple[str, ...]:
        """Give them, the oldest first: `2026-11-26 10:00:00Z WARNING text (3 times)`."""
        with self._guard:
            kept = list(self._kept.items())
        return tuple(
            f"{to_datetime(at_ms, UTC):%Y-%m-%d %H:%M:%SZ} {level} {text}{f' ({count} times)' if count > 1 else ''}"
            for text, (count, at_ms, level) in kept
        )


def without_secrets(text: str) -> str:
    """Give the text with whatever looks like a password or a screen's token taken out."""
    return _TOKEN.sub("***", _SECRETS.sub(lambda found: f"{found[1] or ''}***", text))

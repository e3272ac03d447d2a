"""The families of error: a Problem is a person's to mend, a SignageError is the world's failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


class SignageError(Exception):
    """The world failed (disk, network, device). The message gives place, fault and what would be right."""


class NaiveTimeError(ValueError):
    """A datetime without a timezone was handed in: a bug of the caller."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault in a person's file, to be collected and shown with all others, never raised.

    `file` is relative to the store, with forward slashes; `line` counts from 1, 0 where no line applies.
    `message` says what is wrong and what would be right; `message_zh` says it to staff in Chinese.
    """

    file: str
    line: int
    message: str
    severity: Severity = "error"
    message_zh: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}"

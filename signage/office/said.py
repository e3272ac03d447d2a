"""A thing to tell staff in, its Chinese and its English side by side out: who reads it chooses when it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """The same in both languages. A name that somebody gave stands in both as it was given."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh

    def __bool__(self) -> bool:
        return bool(self.zh)

    def within(self, language: str) -> str:
        """Give it in the language of a page: `zh` or `en`."""
        return self.en if language == "en" else self.zh


NOTHING = Said("", "")


def named(name: str) -> Said:
    """Give a name, which no language changes."""
    return Said(name, name)


def joined(parts: Iterable[Said], zh: str, en: str) -> Said:
    """Give all parts in one, with what goes between them in each language."""
    kept = [part for part in parts if part]
    return Said(zh.join(part.zh for part in kept), en.join(part.en for part in kept))

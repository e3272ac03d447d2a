"""A word that nothing is called and the words that there are in, the nearest of them out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

_MOST_OPTIONS = 5_000


class Hint(NamedTuple):
    """The end of a message in English and in Chinese; both empty where nothing is near."""

    en: str
    zh: str


def fold(word: str) -> str:
    """Give the form in which names that differ only in case, width or Unicode composition are equal."""
    return unicodedata.normalize("NFKC", word).casefold().replace("_", "-").replace(" ", "")


def closest(word: str, options: Iterable[str], likeness: float = 0.6) -> str | None:
    """Give the option that a person most probably meant, or None. Looks at the first 5,000 options only."""
    folded: dict[str, str] = {}
    for option in options:
        folded.setdefault(fold(option), option)
        if len(folded) >= _MOST_OPTIONS:
            break
    wanted = fold(word)
    if wanted in folded:
        return folded[wanted]
    near = get_close_matches(wanted, folded, n=1, cutoff=likeness)
    return folded[near[0]] if near else None


def did_you_mean(option: str | None) -> Hint:
    """Give the question to put behind a message."""
    return Hint(f"; did you mean '{option}'?", f"；是不是“{option}”？") if option else Hint("", "")

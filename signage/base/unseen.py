"""A text that anybody may have written in, whether it holds signs that nobody sees out, and the text with them shown.

Such signs turn other text round (`a` U+202E `gpj.exe` reads as `aexe.jpg`), hide between letters, or take no room:
what a person reads is then not what is there. Right-to-left script needs none of them: its letters say themselves which
way they run. Source: Unicode UAX 9 (bidirectional formatting), UTR 36 (security considerations).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

_JOINERS = "\u200c\u200d"
_BLANK_LETTERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters and marks to Unicode, and nothing to the eye."""
_SEEN_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2"
"""Signs of Arabic and Syriac that are drawn around or before numbers, though Unicode counts them as formatting."""
_MONGOLIAN_SEPARATOR = "\u180e"
_JOINED = ("Mn", "Me", "So", "Sk")


def has_unseen(text: str) -> bool:
    """Tell whether a sign in it cannot be seen, or turns others round. Spaces and line ends are seen."""
    return not text.isascii() and any(_is_unseen(text, at) for at in range(len(text)))


def without_unseen(text: str) -> str:
    """Give the text without them."""
    return _replaced(text, lambda _sign: "")


def show_unseen(text: str) -> str:
    """Give the text with each of them spelt out where it stands: `[U+202E]`."""
    return _replaced(text, lambda sign: f"[U+{ord(sign):04X}]")


def as_one_line(text: str) -> str:
    """Give the text for a log: no sign in it ends the line, moves a terminal's cursor, or cannot be seen."""
    return show_unseen("".join(repr(sign)[1:-1] if unicodedata.category(sign) == "Cc" else sign for sign in text))


def _replaced(text: str, give: Callable[[str], str]) -> str:
    if not has_unseen(text):
        return text
    return "".join(give(sign) if _is_unseen(text, at) else sign for at, sign in enumerate(text))


def _is_unseen(text: str, at: int) -> bool:
    sign = text[at]
    if sign in _JOINERS:
        return not _joins(text[at - 1 : at])
    if sign == _MONGOLIAN_SEPARATOR:
        return not "\u1800" <= text[at - 1 : at] <= "\u18aa"
    kind = unicodedata.category(sign)
    return (kind in ("Cf", "Zl", "Zp") and sign not in _SEEN_FORMATS) or sign in _BLANK_LETTERS


def _joins(before: str) -> bool:
    """Tell whether a joiner has a use after this sign: in scripts whose letters join, and in emoji."""
    if not before:
        return False
    return unicodedata.bidirectional(before) in ("AL", "R", "NSM") or unicodedata.category(before) in _JOINED

"""A new password or passphrase in, why it will not do out; and temporary ones that a person can read out."""

from __future__ import annotations

import re
import secrets
import unicodedata
from itertools import pairwise

from signage.office.console.auth import LEAST_LENGTH

MOST_LENGTH = 200
_LEAST_DISTINCT = 5
_MOST_STEPS = 0.7
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_LOOKALIKE = str.maketrans("0135@$!", "oiesasi")
# What such passwords are made of, here and elsewhere; digits and signs around them do not help.
_STEMS = frozenset(
    """
    password passwd admin administrator root guest user test letmein welcome changeme default secret iloveyou woaini
    woaiwojia qwerty qwertyui qwertyuiop asdfghjkl asdfgh zxcvbnm zxcvbn qazwsx qazwsxedc qweasd qweasdzxc abcdefg
    abc abcd signage shequ juweihui bangong bangongshi xiaoqu wuye mima nihao zhongguo china huawei tplink monkey
    dragon sunshine princess football superman
    """.split()  # noqa: SIM905  a list of words is read as one
)
_KEYBOARD = (
    "1qaz2wsx3edc4rfv5tgb",
    "qazwsxedcrfvtgb",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1q2w3e4r5t6y7u8i",
    "q1w2e3r4t5y6",
)

Said = tuple[str, str]
"""Chinese and English."""


def fault_of(secret: str, *known: str) -> Said | None:
    """Give why this cannot be a new password or passphrase; None if it can. `known`: names that it must not be of.

    Source: NIST SP 800-63B 5.1.1.2: a length, and a comparison with what is commonly used or expected; no rules of
    composition. Digits alone are dates and telephone numbers here.
    """
    if len(secret) < LEAST_LENGTH:
        return f"至少 {LEAST_LENGTH} 个字符", f"at least {LEAST_LENGTH} characters"
    if len(secret) > MOST_LENGTH or not secret.isprintable():
        return "太长，或含有看不见的字符", "too long, or with characters that cannot be seen"
    plain = unicodedata.normalize("NFKC", secret).casefold()
    if secret.isdecimal():
        return "不要只用数字（生日、电话很容易被猜到）", "not digits alone: birthdays and telephones are guessed"
    if _is_pattern(plain) or _is_common(plain):
        return (
            "太容易被猜到（常见的词加年份、数字也算）；可以用两三个不相干的词连起来",
            "too easy to guess, also with a year or digits added; join two or three words that have nothing in common",
        )
    if any(_is_of(plain, name) for name in known):
        return "不要用自己或社区的名字", "not made of your name or the community's"
    return None


def temporary_password() -> str:
    """Give a password to be read out once and changed at the first sign-in: three groups of four, 59 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def _is_pattern(plain: str) -> bool:
    """Tell whether it is few characters over and over, or mostly a run such as 12345 or dcba."""
    if len(set(plain)) < _LEAST_DISTINCT:
        return True
    steps = sum(abs(ord(after) - ord(before)) <= 1 for before, after in pairwise(plain))
    return steps / (len(plain) - 1) >= _MOST_STEPS


def _is_common(plain: str) -> bool:
    if any(plain[:8] in row or plain[:8] in row[::-1] for row in _KEYBOARD):
        return True
    return any(re.sub(r"[^a-z]", "", text) in _STEMS for text in (plain, plain.translate(_LOOKALIKE)))


def _is_of(plain: str, name: str) -> bool:
    known = unicodedata.normalize("NFKC", name).casefold()
    return len(known) >= 2 and known in plain and len(plain.replace(known, "")) < LEAST_LENGTH

"""What a screen said in; the same as every database and page can hold it out: no NUL, no half characters, and what
nobody would see spelt out: it stands between words of the office's own.
"""

from __future__ import annotations

from typing import Any

from signage.base.unseen import show_unseen


def plain_text(text: str) -> str:
    """Give the text with a mark in place of what cannot be kept."""
    return show_unseen(text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode())


def plain_values(value: Any) -> Any:
    """Give lists and dicts with every text in them made plain."""
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, dict):
        return {key: plain_values(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(one) for one in value]
    return value

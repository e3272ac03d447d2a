"""A text that anybody may have written in, the same as a table program takes it for a text out."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def plain_cell(text: str) -> str:
    """Give the text with a quote before it where a table program would take it for a formula. Source: OWASP."""
    return f"'{text}" if text.startswith(_FORMULA) else text

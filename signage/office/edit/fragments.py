"""Plain values in, YAML text out, as the store's files are written: two spaces, block texts, short lists in a row."""

from __future__ import annotations

import json
from typing import Any

from signage.base.yaml import parse

STEP = 2
_LONGEST_ROW = 100
_LONGEST_LINE = 100


def scalar(value: str, *, in_flow: bool = False, style: str = "") -> str:
    """Give a text on one line, in quotes only where it needs them, or with those that it had (`style`)."""
    if style == "'" and "\n" not in value:
        return "'" + value.replace("'", "''") + "'"
    if style != '"' and _is_plain(value, in_flow):
        return value
    return json.dumps(value, ensure_ascii=False)


def _is_plain(value: str, in_flow: bool) -> bool:
    if not value or "\n" in value:
        return False
    said: Any = [value, "x"] if in_flow else value
    written = f"[{value}, x]" if in_flow else value
    return bool(parse(f"k: {written}  # c\n".encode(errors="replace"), "").value == {"k": said})


def flow(value: Any) -> str:
    """Give a value on one line."""
    if value is None:
        return "~"
    if isinstance(value, str):
        return scalar(value, in_flow=True)
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return "{" + ", ".join(f"{scalar(key)}: {flow(part)}" for key, part in value.items()) + "}"


def is_block(value: Any) -> bool:
    """Tell whether a text is to be written on lines of its own below its key."""
    if not isinstance(value, str) or not value.strip() or value.startswith((" ", "\t", "\n")):
        return False
    body = value.removesuffix("\n")
    is_printable = all(line.isprintable() and line == line.rstrip() for line in body.split("\n"))
    return is_printable and not body.endswith("\n") and ("\n" in value or len(value) > _LONGEST_LINE)


def after_key(value: Any, column: int, newline: str, comment: str = "") -> str:
    """Give what follows `key:` where the key stands at `column`; `comment` is the rest of its line, with its spaces."""
    if value is None:
        return comment
    if isinstance(value, str):
        if is_block(value):
            return " " + _block_text(value, column + STEP, newline, comment)
        return f" {scalar(value)}{comment}"
    if isinstance(value, list):
        row = flow(value)
        if all(isinstance(part, str) and "\n" not in part for part in value) and len(row) <= _LONGEST_ROW:
            return f" {row}{comment}"
        return comment + "".join(newline + list_part(part, column + STEP, newline) for part in value)
    inner = newline + " " * (column + STEP)
    return comment + inner + inner.join(_pair(key, part, column + STEP, newline) for key, part in value.items())


def list_part(value: Any, column: int, newline: str) -> str:
    """Give one entry of a list whose dashes stand at `column`, without the line's end."""
    dash = " " * column + "- "
    if isinstance(value, dict):
        inner = newline + " " * (column + STEP)
        return dash + inner.join(_pair(key, part, column + STEP, newline) for key, part in value.items())
    if isinstance(value, str):
        return dash + (_block_text(value, column + STEP, newline, "") if is_block(value) else scalar(value))
    return dash + flow(value)


def _pair(key: str, value: Any, column: int, newline: str) -> str:
    return f"{scalar(key)}:{after_key(value, column, newline)}"


def _block_text(value: str, column: int, newline: str, comment: str) -> str:
    mark = "|" if value.endswith("\n") else "|-"
    lines = value.removesuffix("\n").split("\n")
    return mark + comment + "".join(newline + (" " * column + line if line else "") for line in lines)

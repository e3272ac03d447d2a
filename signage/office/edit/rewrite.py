"""A YAML file's bytes and what it shall say come in; bytes that say it go out, with no more changed than needed.

Only the stretch of text of a value that differs is replaced; every other character stays: comments, order, quotes,
blank lines. One step at a time is taken and the strict reader reads again, until it reads what was wanted: so what
goes out is proven, or there is an error (deploy/decisions/yaml-edits.md).
"""

from __future__ import annotations

import codecs
from typing import Any

from signage.base.yaml import parse
from signage.base.yamlspans import Span, content_end
from signage.office.edit.alignment import origins
from signage.office.edit.errors import RewriteError
from signage.office.edit.fragments import STEP, after_key, flow, is_block, list_part, scalar
from signage.office.edit.listblocks import ListBlocks

_MOST_STEPS = 2000
_ALIAS = "uses an alias (*name) here, so that a change would be one elsewhere, too; change its text"
_ALIAS_ZH = "这里用了引用（*），改一处会连带改别处；请在“文本”页里直接改"


def rewrite(raw: bytes, target: dict[str, Any]) -> bytes:
    """Give the file with `target` as what it says (plain values as `base.yaml` gives them).

    Raises:
        RewriteError: the file is broken, or uses aliases where the change is; change it by hand.
    """
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    text = raw.removeprefix(mark).decode("utf-8", "surrogateescape")
    for _ in range(_MOST_STEPS):
        document = parse(text.encode("utf-8", "surrogateescape"), "")
        value: Any = document.value
        if document.is_broken or not (value is None or isinstance(value, dict)):
            raise RewriteError("cannot be changed here; mend its text first")
        if value == target:
            return mark + text.encode("utf-8", "surrogateescape")
        root = document.span()
        if root is None or value is None:
            text += after_key(target, -2, "\n").lstrip("\n") + "\n"
            continue
        before, text = text, _Text(text).change_mapping(root, value, target)
        if text == before:
            break
    raise RewriteError("is written in a way that cannot be changed here; change its text")


class _Text:
    """The text of one moment; each method gives the text after one change of it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._newline = "\r\n" if "\r\n" in text else "\n"

    def change_mapping(self, span: Span, old: dict[str, Any], new: dict[str, Any]) -> str:
        self._refuse_shared(span)
        for key, value in old.items():
            if key in new and value != new[key]:
                return self._change_value(span, key, value, new[key])
        for key in new:
            if key not in old:
                return self._add(span, key, new[key], list(new))
        return self._remove(span, next(key for key in old if key not in new))

    def _change_value(self, span: Span, key: str, old: Any, new: Any) -> str:
        value = span.value_of(key)
        assert value is not None
        self._refuse_shared(value)
        if isinstance(old, dict) and isinstance(new, dict) and new:
            return self.change_mapping(value, old, new)
        if isinstance(old, list) and isinstance(new, list) and old and new:
            return self._change_list(value, old, new)
        return self._replace(span, key, new)

    def _change_list(self, span: Span, old: list[Any], new: list[Any]) -> str:
        self._refuse_shared(span)
        found = origins(old, new)
        if found != list(range(len(old))):
            return self._reorder(span, new, found)
        at = next(at for at, value in enumerate(old) if value != new[at])
        part = span.parts[at]
        self._refuse_shared(part)
        if isinstance(old[at], dict) and isinstance(new[at], dict) and new[at]:
            return self.change_mapping(part, old[at], new[at])
        if isinstance(old[at], list) and isinstance(new[at], list) and old[at] and new[at]:
            return self._change_list(part, old[at], new[at])
        if span.is_flow:
            return self._spliced(part.start, part.end, _in_flow(new[at], part.style))
        is_on_line = part.style not in ("|", ">") and part.start < part.end
        if isinstance(new[at], str) and not is_block(new[at]) and is_on_line:
            return self._spliced(part.start, part.end, scalar(new[at], style=part.style))
        return self._replace_part(span, part, new[at])

    def _replace_part(self, span: Span, part: Span, new: Any) -> str:
        """Write one entry of a block list anew, with the comment of its line."""
        column = ListBlocks(self._text, span).column
        is_on_line = part.is_flow or (part.kind == "scalar" and part.style not in ("|", ">"))
        end = content_end(self._text, part)
        comment = self._comment_after(end if is_on_line else part.start) if part.kind == "scalar" or is_on_line else ""
        first, newline, rest = list_part(new, column, self._newline)[column + STEP :].partition(self._newline)
        return self._spliced(part.start, end + len(comment) * is_on_line, first + comment + newline + rest)

    def _reorder(self, span: Span, new: list[Any], found: list[int | None]) -> str:
        if span.is_flow:
            parts = [
                flow(value) if at is None else self._text[span.parts[at].start : span.parts[at].end]
                for value, at in zip(new, found, strict=True)
            ]
            return self._spliced(span.start, span.end, "[" + ", ".join(parts) + "]")
        blocks = ListBlocks(self._text, span)
        fresh = [
            list_part(value, blocks.column, self._newline) for value, at in zip(new, found, strict=True) if at is None
        ]
        return blocks.joined(found, fresh)

    def _replace(self, span: Span, key: str, new: Any) -> str:
        value, name = span.value_of(key), span.key_of(key)
        assert value is not None
        assert name is not None
        if span.is_flow:
            return self._spliced(value.start, value.end, _in_flow(new, value.style))
        is_on_line = value.kind == "scalar" and value.style not in ("|", ">")
        if is_on_line and value.start < value.end and isinstance(new, str) and not is_block(new):
            return self._spliced(value.start, value.end, scalar(new, style=value.style))
        colon = self._text.index(":", name.end) + 1
        end = max(colon, content_end(self._text, value))
        comment_from = value.end if (is_on_line or value.is_flow) and value.start < value.end else colon
        comment = self._comment_after(comment_from)
        if comment_from + len(comment) > end or is_on_line:
            end = max(end, comment_from + len(comment) if comment else end)
        return self._spliced(colon, end, after_key(new, name.column, self._newline, comment))

    def _remove(self, span: Span, key: str) -> str:
        at = next(at for at, (name, _, _) in enumerate(span.pairs) if name == key)
        _, name, value = span.pairs[at]
        following = span.pairs[at + 1][1] if at + 1 < len(span.pairs) else None
        if span.is_flow:
            if following is not None:
                return self._spliced(name.start, following.start, "")
            return self._spliced(span.pairs[at - 1][2].end if at else name.start, value.end, "")
        line = self._text.rfind("\n", 0, name.start) + 1
        if self._text[line : name.start].strip():
            if following is None:
                raise RewriteError("cannot be emptied here; change its text")
            return self._spliced(name.start, following.start, "")
        colon = self._text.index(":", name.end) + 1
        return self._spliced(line, self._line_end(max(colon, content_end(self._text, value))) + 1, "")

    def _add(self, span: Span, key: str, value: Any, order: list[str]) -> str:
        written = f"{scalar(key)}:"
        if span.is_flow:
            inner = self._text[span.start + 1 : span.end - 1].rstrip()
            comma = ", " if inner.strip() else ""
            return self._spliced(span.start + 1, span.end - 1, f"{inner}{comma}{written} {flow(value)}")
        before = set(order[: order.index(key)])
        leading = [(name, part) for known, name, part in span.pairs if known in before]
        column = span.pairs[0][1].column
        if not leading:
            first = span.pairs[0][1].start
            lines = written + after_key(value, column, self._newline) + self._newline + " " * column
            return self._spliced(first, first, lines)
        name, part = leading[-1]
        end = self._line_end(max(self._text.index(":", name.end) + 1, content_end(self._text, part)))
        lines = self._newline + " " * column + written + after_key(value, column, self._newline)
        return self._spliced(end, end, lines)

    def _comment_after(self, start: int) -> str:
        """Give the comment on the rest of the line, with the spaces before it; empty if there is none."""
        rest = self._text[start : self._line_end(start)]
        at = rest.find("#")
        while at > 0 and not rest[at - 1].isspace():
            at = rest.find("#", at + 1)
        if at <= 0:
            return ""
        spaces = len(rest[:at]) - len(rest[:at].rstrip())
        return rest[at - spaces :]

    def _line_end(self, start: int) -> int:
        end = self._text.find("\n", start)
        end = len(self._text) if end < 0 else end
        return end - 1 if end > start and self._text[end - 1] == "\r" else end

    def _spliced(self, start: int, end: int, written: str) -> str:
        return self._text[:start] + written + self._text[end:]

    def _refuse_shared(self, span: Span) -> None:
        if span.is_shared:
            raise RewriteError(_ALIAS, _ALIAS_ZH)


def _in_flow(value: Any, style: str) -> str:
    return scalar(value, in_flow=True, style=style) if isinstance(value, str) else flow(value)

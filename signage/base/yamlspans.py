"""The nodes of a YAML document in, the stretch of its text that each takes out: for edits that touch no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Span:
    """One value in the text: [start, end) in characters; `column` from 0. `end` of a block includes what follows it.

    `pairs` are (key, its span, its value's span) of a mapping, `parts` those of a list. `is_shared`: it stands at
    several places by an alias (`*name`), so that a change here changes those, too. `style` is "|", ">", a quote or "".
    """

    kind: str
    start: int
    end: int
    column: int
    is_flow: bool = False
    style: str = ""
    is_shared: bool = False
    pairs: tuple[tuple[str, Span, Span], ...] = ()
    parts: tuple[Span, ...] = ()

    def value_of(self, key: str) -> Span | None:
        return next((value for name, _, value in self.pairs if name == key), None)

    def key_of(self, key: str) -> Span | None:
        return next((span for name, span, _ in self.pairs if name == key), None)


def span_of(node: Any) -> Span:
    """Give the span of a node of PyYAML, with all that it holds. The document must not hold itself."""
    counts: dict[int, int] = {}
    _count(node, counts)
    return _span(node, counts)


def _count(node: Any, counts: dict[int, int]) -> None:
    counts[id(node)] = counts.get(id(node), 0) + 1
    if counts[id(node)] == 1:
        for child in _children(node):
            _count(child, counts)


def _children(node: Any) -> list[Any]:
    if node.id == "mapping":
        return [child for pair in node.value for child in pair]
    return list(node.value) if node.id == "sequence" else []


def _span(node: Any, counts: dict[int, int]) -> Span:
    pairs: tuple[tuple[str, Span, Span], ...] = ()
    parts: tuple[Span, ...] = ()
    if node.id == "mapping":
        pairs = tuple((key.value, _span(key, counts), _span(value, counts)) for key, value in node.value)
    elif node.id == "sequence":
        parts = tuple(_span(child, counts) for child in node.value)
    return Span(
        node.id,
        node.start_mark.index,
        node.end_mark.index,
        node.start_mark.column,
        bool(getattr(node, "flow_style", False)),
        getattr(node, "style", None) or "",
        counts[id(node)] > 1,
        pairs,
        parts,
    )


def content_end(text: str, span: Span) -> int:
    """Give where the last thing that a value says ends, without comments and blank lines after it."""
    if span.kind == "scalar" or span.is_flow:
        return span.start + len(text[span.start : span.end].rstrip())
    ends = [content_end(text, part) for part in span.parts]
    for _, name, value in span.pairs:
        ends.append(max(text.index(":", name.end) + 1, content_end(text, value) if value.start < value.end else 0))
    return max(ends, default=span.start)

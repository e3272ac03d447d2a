"""Strict YAML: the bytes of a person's file in, plain data with a line for every path out, or Problems.

Every scalar is text, exactly as written (`18:30`, `no`, `010`, `3.10`, `2026-11-25`); only an empty value, `~` or
`null` is None. What a text means (a number, a time, a date) is for the model that reads it. So none of the surprises
of YAML 1.1 can happen, and an amount in a table keeps its last zero.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from signage.base.errors import Problem
from signage.base.text_bytes import read_text
from signage.base.unseen import has_unseen, show_unseen
from signage.base.yamlspans import Span, span_of
from signage.base.yamlwords import WIDE_HYPHEN, WIDE_HYPHENS, WIDE_SPACE, WIDE_SPACES, explain

MAX_BYTES = 16_000_000
MAX_NODES = 2_000_000
MAX_DEPTH = 50

_STR = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"
_COLLECTIONS = ("tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

# PyYAML composes nodes by C recursion and crashes the process at some ten thousand levels; below this it is safe.
_SAFE_DEPTH = 3_000


class _Loader(yaml.CSafeLoader):
    """PyYAML's C loader without the implicit types: only null is resolved."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {
        first: [(_NULL, re.compile(r"^(?:~|null|Null|NULL|)$"))] for first in ("~", "n", "N", "")
    }


@dataclass(frozen=True, slots=True)
class Document:
    """What one YAML file says. `value` is None when the file is empty or `is_broken`.

    Mappings are dicts with text keys in the order of the file; shared parts (aliases) are shared objects: never
    change them. `problems` may hold warnings of a file that is not broken.
    """

    value: Any
    problems: tuple[Problem, ...] = ()
    _root: yaml.Node | None = field(default=None, repr=False, compare=False)

    @property
    def is_broken(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)

    def span(self) -> Span | None:
        """Give which part of the text each value takes; None where the document is empty or broken."""
        return span_of(self._root) if self._root is not None and not self.is_broken else None

    def line_of(self, path: Sequence[str | int]) -> int:
        """Give the line (from 1) of the key or list entry at `path`, or of the deepest part of it that exists.

        A number that steps into something that is no list is passed over, so that a short form (one thing in place
        of a list of one) has the lines of the long one.
        """
        node, line = self._root, 1
        if node is not None and isinstance(node, yaml.MappingNode) and node.value:
            line = node.start_mark.line + 1
        for step in path:
            found = _child(node, step)
            if found is None and isinstance(step, int) and not isinstance(node, yaml.SequenceNode):
                continue
            if found is None:
                break
            node, line = found
        return line


def parse(raw: bytes, file: str) -> Document:
    """Read one YAML document of a person's file; `file` is the name for its Problems. Never raises for any bytes."""
    if len(raw) > MAX_BYTES:
        return _broken(file, 0, f"too large ({len(raw):,} bytes; at most {MAX_BYTES:,})", "文件过大")
    text, problems = read_text(raw, file)
    if text is None:
        return Document(None, tuple(problems))
    try:
        if _depth_bound(text) > _SAFE_DEPTH and _is_deeper_than(text, MAX_DEPTH):
            return _too_deep(file, 0)
        root = _compose(text)
    except yaml.YAMLError as error:
        return Document(None, (*problems, explain(error, text, file)))
    if root is None:
        return Document(None, tuple(problems))
    reader = _NodeReader(file)
    value = reader.read(root, 0)
    if reader.size_of(root) > MAX_NODES:
        return _broken(file, 0, "its aliases (*name) expand to too much; write the values out", "引用(*)展开后过大")
    document = Document(value, (*problems, *reader.problems), root)
    return Document(None, document.problems, root) if document.is_broken else document


def _compose(text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
    finally:
        loader.dispose()
    return node


def _child(node: yaml.Node | None, step: str | int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
        child = node.value[step]
        return child, child.start_mark.line + 1
    return None


def _depth_bound(text: str) -> int:
    """Give an upper bound of the nesting: flow levels need a bracket each, block levels half a column each."""
    longest = max(map(len, text.splitlines()), default=0)
    return text.count("[") + text.count("{") + 2 * longest


def _is_deeper_than(text: str, limit: int) -> bool:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > limit:
                return True
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return False


class _NodeReader:
    """Turns the nodes of one document into plain data and collects what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._done: dict[int, tuple[Any, int]] = {}
        self._open: set[int] = set()

    def size_of(self, node: yaml.Node) -> int:
        """Give the number of nodes with every alias written out."""
        return self._done[id(node)][1] if id(node) in self._done else 1

    def read(self, node: yaml.Node, depth: int) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self._done:
            return self._done[id(node)][0]
        if id(node) in self._open:
            self._add(node, "refers to itself; remove the alias", "引用了自身，请删除该引用")
            return None
        if depth >= MAX_DEPTH:
            self._add(node, f"nested more than {MAX_DEPTH} levels deep", f"嵌套超过 {MAX_DEPTH} 层")
            return None
        if node.tag not in _COLLECTIONS:
            self._refuse_tag(node)
        self._open.add(id(node))
        value = self._mapping(node, depth) if isinstance(node, yaml.MappingNode) else self._sequence(node, depth)
        self._open.discard(id(node))
        children = [child for pair in node.value for child in pair] if isinstance(value, dict) else node.value
        size = 1 + sum(1 if isinstance(child, yaml.ScalarNode) else self.size_of(child) for child in children)
        self._done[id(node)] = (value, size)
        return value

    def _scalar(self, node: yaml.ScalarNode) -> str | None:
        text: str = node.value
        if node.tag != _STR:
            if node.tag == _NULL:
                return None
            self._refuse_tag(node)
        if not text.isprintable() and _CONTROL.search(text):
            self._add(
                node, "contains an invisible control character; type the text again", "含有不可见的控制字符，请重新输入"
            )
        return text

    def _sequence(self, node: yaml.Node, depth: int) -> list[Any]:
        return [self.read(child, depth + 1) for child in node.value]

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == _NULL:
                self._add(key_node, "a key must be a word", "键名必须是文字")
            elif key in lines:
                first = lines[key]
                self._add(
                    key_node, f"{key}: written twice (first on line {first})", f"{key}：重复填写（首次在第 {first} 行）"
                )
            elif key.startswith(WIDE_SPACES):
                self._add(key_node, *WIDE_SPACE)
            elif key.startswith(tuple(WIDE_HYPHENS)):
                self._add(key_node, *WIDE_HYPHEN)
            elif key.startswith("-"):
                self._add(key_node, "put a space after '-'", "短横线“-”后面要空一格（半角空格）")
            elif has_unseen(key):
                shown = show_unseen(key)
                self._add(
                    key_node,
                    f"{shown}: holds a sign that cannot be seen; type the key again",
                    f"{shown}：键名里有看不见的字符，请重新输入键名",
                )
            elif key == "<<":
                self._add(
                    key_node, "<<: merging is not supported; write the keys out", "不支持 << 合并，请直接写出各项"
                )
            else:
                lines[key] = key_node.start_mark.line + 1
                self._scalar(key_node)
                values[key] = self.read(value_node, depth + 1)
        return values

    def _refuse_tag(self, node: yaml.Node) -> None:
        tag = node.tag.replace("tag:yaml.org,2002:", "!!")
        self._add(node, f"the tag {tag} is not supported; remove it", f"不支持标签 {tag}，请删除")

    def _add(self, node: yaml.Node, message: str, message_zh: str) -> None:
        self.problems.append(Problem(self._file, node.start_mark.line + 1, message, message_zh=message_zh))


def _too_deep(file: str, line: int) -> Document:
    return _broken(file, line, f"nested more than {MAX_DEPTH} levels deep", f"嵌套超过 {MAX_DEPTH} 层")


def _broken(file: str, line: int, message: str, message_zh: str) -> Document:
    return Document(None, (Problem(file, line, message, message_zh=message_zh),))

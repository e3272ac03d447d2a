"""pydantic's errors about one YAML document in, Problems at their lines in words for people out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from signage.base.errors import Problem
from signage.base.yaml import Document
from signage.content.notation import NotationError, shorten
from signage.content.spelling import closest, did_you_mean

Path = Sequence[str | int]


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Give the keys that a person may write."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def problems_of(
    error: ValidationError, file: str, document: Document, prefix: Path, keys: Mapping[int, Iterable[str]]
) -> list[Problem]:
    """Give one Problem for each fault. `keys` are the known keys by the depth of the mapping below `prefix`."""
    problems = []
    for fault in error.errors(include_url=False):
        place = fault["loc"]
        message, zh = _in_words(fault, keys.get(len(place) - 1, ()))
        name = next((str(step) for step in reversed(place) if isinstance(step, str)), "")
        label, label_zh = (f"{name}: ", f"{name}：") if name else ("", "")
        line = document.line_of([*prefix, *place])
        problems.append(Problem(file, line, label + message, message_zh=label_zh + zh))
    return problems


def empty_keys(value: Any, file: str, document: Document, place: tuple[str | int, ...] = ()) -> list[Problem]:
    """Give a Problem for each key without a value: an empty `where:` must not come to mean every screen."""
    problems: list[Problem] = []
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in parts:
        if part is None and isinstance(step, str):
            line = document.line_of([*place, step])
            problems.append(
                Problem(
                    file,
                    line,
                    f"{step}: is empty; write a value or remove the key",
                    message_zh=f"{step}：未填写，请填写或删除此项",
                )
            )
        elif isinstance(part, dict | list):
            problems += empty_keys(part, file, document, (*place, step))
    return problems


def _in_words(fault: Any, keys: Iterable[str]) -> tuple[str, str]:
    kind, value, context = fault["type"], fault.get("input"), fault.get("ctx") or {}
    cause = context.get("error")
    if isinstance(cause, NotationError):
        return str(cause), cause.zh
    if kind == "missing":
        return "is missing", "缺少此项"
    if kind == "extra_forbidden":
        guess = did_you_mean(closest(str(fault["loc"][-1]), keys))
        return f"is not a known key{guess.en}", f"不是可用的键名{guess.zh}"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return (
            f"must be a mapping of keys (got {_got(value)})",
            f"必须是“键: 值”的形式（现为{_got(value, is_zh=True)}）",
        )
    if kind == "list_type":
        return f"must be a list (got {_got(value)})", f"必须是列表（现为{_got(value, is_zh=True)}）"
    if kind == "too_short":
        return "is empty; write a value or remove the key", "未填写，请填写或删除此项"
    if kind == "too_long":
        most = context.get("max_length")
        return f"has too many entries (at most {most})", f"条目过多（最多 {most} 条）"
    return str(fault["msg"]), str(fault["msg"])


def _got(value: Any, *, is_zh: bool = False) -> str:
    if value is None:
        return "空" if is_zh else "nothing"
    if isinstance(value, str):
        return f"文字“{shorten(value)}”" if is_zh else f"the text {shorten(value)}"
    if isinstance(value, list):
        return "列表" if is_zh else "a list"
    return "映射" if is_zh else "a mapping"

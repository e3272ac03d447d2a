"""Frozen values in, plain JSON values out, and strictly back again: what is unknown, missing or mistyped is refused.

A dataclass becomes an object without the keys that stand at their defaults; a set becomes a sorted list. The rules are
worked out once for each type, so a field that a value gains later is carried without a line here.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from signage.release.errors import ReleaseError

Turn = Callable[[Any], Any]
Rule = tuple[Turn, Turn]
"""How a type is encoded and how it is decoded; decoding raises ReleaseError, ValueError, TypeError or KeyError."""


class Codec:
    """Encodes and decodes values. `special` gives rules of their own to some types, such as a reference by name."""

    def __init__(self, special: Mapping[type, Rule] | None = None) -> None:
        self._rules: dict[Any, Rule] = {**_PLAIN, **(special or {})}

    def encode(self, kind: Any, value: Any) -> Any:
        """Give the JSON value of `value`, which is of the type `kind`."""
        return self._rule(kind)[0](value)

    def decode(self, kind: Any, raw: Any) -> Any:
        """Give the value of the type `kind`.

        Raises:
            ReleaseError: `raw` is not such a value; the message says where.
        """
        try:
            return self._rule(kind)[1](raw)
        except (ValueError, TypeError, KeyError, OverflowError, ZeroDivisionError) as error:
            raise ReleaseError(f"{getattr(kind, '__name__', kind)}: not as it must be ({error})") from error

    def _rule(self, kind: Any) -> Rule:
        rule = self._rules.get(kind)
        if rule is None:
            rule = self._rules[kind] = self._make(kind)
        return rule

    def _make(self, kind: Any) -> Rule:
        origin, parts = typing.get_origin(kind), typing.get_args(kind)
        if origin in (types.UnionType, typing.Union):
            (inner,) = (part for part in parts if part is not types.NoneType)
            encode, decode = self._rule(inner)
            return _or_none(encode), _or_none(decode)
        if origin is tuple and parts[1:] == (...,):
            encode, decode = self._rule(parts[0])
            return (lambda many: [encode(one) for one in many]), (lambda raw: tuple(map(decode, _list(raw))))
        if origin is tuple:
            rules = [self._rule(part) for part in parts]
            return (
                lambda many: [rule[0](one) for rule, one in zip(rules, many, strict=True)],
                lambda raw: tuple(rule[1](one) for rule, one in zip(rules, _list(raw), strict=True)),
            )
        if origin is frozenset:
            encode, decode = self._rule(parts[0])
            return (lambda many: sorted(map(encode, many))), (lambda raw: frozenset(map(decode, _list(raw))))
        if isinstance(kind, type) and issubclass(kind, Enum):
            return (lambda member: member.value), (lambda raw: kind(_same_type(raw, kind)))
        if dataclasses.is_dataclass(kind):
            return self._dataclass(kind)
        raise TypeError(f"no rule for {kind}; a value must be plain, frozen and typed")

    def _dataclass(self, kind: Any) -> Rule:
        hints = typing.get_type_hints(kind)
        fields = {field.name: (self._rule(hints[field.name]), _default(field)) for field in dataclasses.fields(kind)}

        def encode(value: Any) -> dict[str, Any]:
            said = {}
            for name, (rule, default) in fields.items():
                part = getattr(value, name)
                if default is dataclasses.MISSING or part != default:
                    said[name] = rule[0](part)
            return said

        def decode(raw: Any) -> Any:
            if not isinstance(raw, dict) or not raw.keys() <= fields.keys():
                raise ReleaseError(f"{kind.__name__}: has keys that are not known here, or none at all")
            return kind(**{name: fields[name][0][1](part) for name, part in raw.items()})

        return encode, decode


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _or_none(turn: Turn) -> Turn:
    return lambda one: None if one is None else turn(one)


def _list(raw: Any) -> list[Any]:
    if not isinstance(raw, list):
        raise TypeError(f"a list is wanted, not {type(raw).__name__}")
    return raw


def _same_type(raw: Any, kind: type[Enum]) -> Any:
    """Refuse True for 1."""
    return _checked(type(next(iter(kind)).value))(raw)


def _checked(kind: type) -> Turn:
    def check(raw: Any) -> Any:
        if type(raw) is not kind:
            raise TypeError(f"{kind.__name__} is wanted, not {type(raw).__name__}")
        return raw

    return check


def _same(value: Any) -> Any:
    return value


def _float(raw: Any) -> float:
    if type(raw) not in (int, float):
        raise TypeError(f"a number is wanted, not {type(raw).__name__}")
    return float(raw)


def _text_to(turn: Turn) -> Turn:
    checked = _checked(str)
    return lambda raw: turn(checked(raw))


_PLAIN: dict[Any, Rule] = {
    int: (_same, _checked(int)),
    str: (_same, _checked(str)),
    bool: (_same, _checked(bool)),
    float: (_same, _float),
    date: (date.isoformat, _text_to(date.fromisoformat)),
    Fraction: (str, _text_to(Fraction)),
    ZoneInfo: (lambda zone: zone.key, _text_to(ZoneInfo)),
}

"""The types of the keys in a store's YAML files: how a text becomes a value, and its JSON Schema for editors."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from signage.content import notation, whenwords
from signage.content.notation import NotationError, shorten
from signage.content.spelling import closest, did_you_mean
from signage.content.values import DayClass, Fit, Hours, Priority, Transition

V = TypeVar("V")
E = TypeVar("E", bound=Enum)


def scalar(parse: Callable[[str], V]) -> Callable[[Any], V]:
    """Give a validator that hands one written scalar to `parse` and refuses everything else."""

    def validate(value: Any) -> V:
        if isinstance(value, str) and value.strip():
            return parse(value.strip())
        if value is None or isinstance(value, str):
            raise NotationError("is empty; write a value or remove the key", "未填写，请填写或删除此项")
        raise NotationError("must be one value, not a list or a mapping", "只能填一个值，不能是列表或映射")

    return validate


def text(limit: int, *, is_one_line: bool = True) -> Callable[[Any], str]:
    """Give a validator for a text of at most `limit` characters."""

    def parse(value: str) -> str:
        if len(value) > limit:
            raise NotationError(
                f"is too long ({len(value)} characters; at most {limit})", f"过长（{len(value)} 字，最多 {limit} 字）"
            )
        if is_one_line and "\n" in value:
            raise NotationError("must be on one line", "只能写一行")
        return value

    return scalar(parse)


def choice(options: dict[str, V]) -> Callable[[Any], V]:
    """Give a validator for one of the words in `options`."""

    def parse(value: str) -> V:
        if (plain := notation.half_width(value)) in options:
            return options[plain]
        guess = did_you_mean(closest(value, options))
        *most, last = (f"'{option}'" for option in options)
        words = f"{', '.join(most)} or {last}" if most else last
        raise NotationError(
            f"must be {'one of ' if len(most) > 1 else ''}{words} (got {shorten(value)}){guess.en}",
            f"只能是 {'、'.join(options)} 之一（现为“{shorten(value)}”）{guess.zh}",
        )

    return scalar(parse)


def listed(value: Any) -> Any:
    """Let one thing stand for a list of one, and nothing for an empty list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def listed_words(value: Any) -> Any:
    """Let `mon, wed` or `周一、周三` stand for a list of the words, too, and a wide comma part the words of a list."""
    if isinstance(value, str):
        return re.split(r"\s*[,，、;；]\s*", value.strip())
    parted = [re.split(r"\s*[，、；]\s*", word) if isinstance(word, str) else [word] for word in listed(value)]
    return [word for words in parted for word in words]


_BEIJING = re.compile(r"beijing|peking|北京|中国|(?:utc|gmt)\s*\+\s*0?8", re.IGNORECASE)
"""What staff write for the time of China, whose zone is called after Shanghai."""


@cache
def _timezones() -> frozenset[str]:
    """Give the names of all time zones; asked once, for it reads several hundred files."""
    return frozenset(available_timezones())


def _parse_timezone(value: str) -> ZoneInfo:
    names = _timezones()
    if value in names:
        return ZoneInfo(value)
    guess = did_you_mean("Asia/Shanghai" if _BEIJING.search(value) else closest(value, sorted(names)))
    raise NotationError(
        f"is not a time zone such as Asia/Shanghai (got {shorten(value)}){guess.en}",
        f"不是时区名，如 Asia/Shanghai（现为“{shorten(value)}”）{guess.zh}",
    )


def _pair(parse: Callable[[str], V]) -> Callable[[Any], V]:
    """Accept `960x540` as well as `[960, 540]`."""

    def validate(value: Any) -> V:
        if isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value):
            value = ",".join(value)
        return scalar(parse)(value)

    return validate


def schema(**keys: Any) -> WithJsonSchema:
    """Give the JSON Schema of a key, for editors."""
    return WithJsonSchema(keys)


def _words(options: dict[str, Any]) -> WithJsonSchema:
    return schema(enum=list(options))


_FITS = {fit.value: fit for fit in Fit}
_TRANSITIONS = {transition.value: transition for transition in Transition}
_PRIORITIES = {priority.name.lower(): priority for priority in Priority}
_ORDERS = {"name": "name", "newest": "newest", "shuffle": "shuffle"}
_ZONES = {"main": "main", "side": "side", "ticker": "ticker"}
_LAYOUTS = {"full": "full", "banner": "banner", "side": "side"}

_DATE_SCHEMA = schema(type="string", pattern=r"^\s*\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?\s*$", examples=["2026-12-31"])
_LENGTH_SCHEMA = schema(
    anyOf=[
        {"type": "number", "exclusiveMinimum": 0, "maximum": notation.MAX_SECONDS},
        {"type": "string", "pattern": r"^[\d.\s]+[\d.\s hmsinec小时分钟秒]*$"},
    ],
    examples=[12, "12s", "1m30s"],
)

Title = Annotated[str, PlainValidator(text(80)), schema(type=["string", "number"], maxLength=80)]
Name = Annotated[str, PlainValidator(text(80)), schema(type=["string", "number"], maxLength=80)]
MediaPath = Annotated[str, PlainValidator(text(400)), schema(type="string", examples=["unity/poster-01.jpg"])]
Seconds = Annotated[int, PlainValidator(scalar(notation.parse_seconds)), _LENGTH_SCHEMA]
Weight = Annotated[
    Fraction, PlainValidator(scalar(notation.parse_weight)), schema(type="number", exclusiveMinimum=0, examples=[1, 3])
]
Date = Annotated[date, PlainValidator(scalar(notation.parse_date)), _DATE_SCHEMA]
FitWord = Annotated[Fit, PlainValidator(choice(_FITS)), _words(_FITS)]
TransitionWord = Annotated[Transition, PlainValidator(choice(_TRANSITIONS)), _words(_TRANSITIONS)]
PriorityWord = Annotated[Priority, PlainValidator(choice(_PRIORITIES)), _words(_PRIORITIES)]
OrderWord = Annotated[str, PlainValidator(choice(_ORDERS)), _words(_ORDERS)]
ZoneWord = Annotated[str, PlainValidator(choice(_ZONES)), _words(_ZONES)]
LayoutWord = Annotated[str, PlainValidator(choice(_LAYOUTS)), _words(_LAYOUTS)]
Limit = Annotated[
    int,
    PlainValidator(scalar(lambda text: notation.parse_whole(text, 1, 10_000))),
    schema(type="integer", minimum=1, maximum=10_000),
]
Switch = Annotated[
    bool,
    PlainValidator(scalar(notation.parse_switch)),
    schema(enum=[True, False, "yes", "no", "on", "off", "是", "否", "开", "关"]),
]
Size = Annotated[
    tuple[int, int], PlainValidator(_pair(notation.parse_size)), schema(type=["string", "array"], examples=["960x540"])
]
Position = Annotated[
    tuple[int, int], PlainValidator(_pair(notation.parse_position)), schema(type=["string", "array"], examples=["0,0"])
]
Rotation = Annotated[
    int, PlainValidator(choice({"0": 0, "90": 90, "180": 180, "270": 270})), schema(enum=[0, 90, 180, 270])
]
Place = Annotated[
    tuple[float, float],
    PlainValidator(_pair(notation.parse_place)),
    schema(type=["string", "array"], examples=["24.92, 102.48"]),
]
Timezone = Annotated[
    ZoneInfo, PlainValidator(scalar(_parse_timezone)), schema(type="string", examples=["Asia/Shanghai"])
]

_Days = Annotated[
    tuple[frozenset[int], DayClass | None],
    PlainValidator(scalar(whenwords.parse_days)),
    schema(
        anyOf=[
            {"enum": [word for word in whenwords.DAY_WORDS if not word.isdigit()]},
            {"type": "integer", "minimum": 1, "maximum": 7},
            {"type": "string", "pattern": r"^[^\s~～至到-]+\s*[-~～至到]\s*[^\s~～至到-]+$"},
        ]
    ),
]
_Hours = Annotated[
    Hours,
    PlainValidator(scalar(whenwords.parse_hours)),
    schema(type="string", examples=["07:00-22:00", "22:00-06:00", "sunrise+0:30-sunset"]),
]
_Lunar = Annotated[
    frozenset[tuple[int, int]],
    PlainValidator(scalar(whenwords.parse_lunar_span)),
    schema(type="string", examples=["6-24", "闰6-24", "腊月三十"]),
]
_Year = Annotated[
    int,
    PlainValidator(scalar(lambda text: notation.parse_whole(text, 2000, 2200))),
    schema(type="integer", minimum=2000, maximum=2200),
]
_Span = Annotated[
    tuple[date, date],
    PlainValidator(scalar(notation.parse_date_span)),
    schema(type="string", examples=["2027-01-30", "2027-01-01~2027-01-03"]),
]

T = TypeVar("T")
OneOrMore = Annotated[list[T], BeforeValidator(listed), Field(min_length=1, max_length=1000)]
"""A list, or one thing in its place; its JSON Schema is widened by `signage.content.schema`."""

Words = Annotated[list[T], BeforeValidator(listed_words), Field(min_length=1, max_length=1000)]
"""As `OneOrMore`, of words without commas: one text may hold several."""

DaysList = Words[_Days]
HoursList = Words[_Hours]
LunarList = Words[_Lunar]
EntryList = Annotated[list[Any], BeforeValidator(listed), Field(min_length=1, max_length=100_000)]
NameList = Words[Name]
YearList = OneOrMore[_Year]
SpanList = OneOrMore[_Span]

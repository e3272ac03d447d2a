"""JSON bytes in, plain values out, in the one way in which they can be read: no doubled keys, no NaN, no infinity."""

from __future__ import annotations

import json
import math
from typing import Any


def read_json(data: bytes | str) -> Any:
    """Give the value.

    Raises:
        ValueError: it is no JSON, or could be read in two ways.
        RecursionError: it is nested without end.
    """
    return json.loads(data, object_pairs_hook=_once_each, parse_constant=_no_number, parse_float=_finite)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) != len(pairs):
        raise ValueError("a key is said twice")
    return said


def _no_number(said: str) -> float:
    raise ValueError(f"{said} is no number")


def _finite(said: str) -> float:
    number = float(said)
    if not math.isfinite(number):
        raise ValueError(f"{said[:20]} is too large")
    return number

"""What a file said, what another and what I made of it come in; both in one goes out, and where the two clash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Place = tuple[str | int, ...]
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs; None on a side where it is not there."""

    place: Place
    old: Any
    new: Any


def differences(old: Any, new: Any, place: Place = ()) -> list[Difference]:
    """Give what differs, as deep down as it can be said. Lists of other lengths differ as a whole."""
    if old == new:
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        return [found for key in keys for found in differences(old.get(key), new.get(key), (*place, key))]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [found for at, (one, other) in pairs for found in differences(one, other, (*place, at))]
    return [Difference(place, old, new)]


def merge(base: Any, mine: Any, theirs: Any) -> tuple[Any, list[Place]]:
    """Give both changes in one, and the places where both changed the same to something else (mine stands there)."""
    clashes: list[Place] = []
    merged = _merge(base, mine, theirs, (), clashes)
    return merged, clashes


def _merge(base: Any, mine: Any, theirs: Any, place: Place, clashes: list[Place]) -> Any:
    if mine == theirs or theirs == base:
        return mine
    if mine == base:
        return theirs
    if all(isinstance(one, dict) for one in (base, mine, theirs)):
        made = {}
        for key in [*theirs, *(key for key in mine if key not in theirs)]:
            parts = (base.get(key, _ABSENT), mine.get(key, _ABSENT), theirs.get(key, _ABSENT))
            value = _merge(*parts, (*place, key), clashes)
            if value is not _ABSENT:
                made[key] = value
        return made
    if all(isinstance(one, list) for one in (base, mine, theirs)) and len(base) == len(mine) == len(theirs):
        triples = enumerate(zip(base, mine, theirs, strict=True))
        return [_merge(*triple, (*place, at), clashes) for at, triple in triples]
    clashes.append(place)
    return mine

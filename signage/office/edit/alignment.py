"""Two lists of plain values in; for each value of the new one, which of the old it was, out."""

from __future__ import annotations

from typing import Any

_KINDS = ("file", "folder", "template", "text", "name", "hours")


def origins(old: list[Any], new: list[Any]) -> list[int | None]:
    """Give the index in `old` of each value of `new`; None for one that is new. No index comes twice.

    Equal values are found wherever they moved to; what is left is matched by what it has in common.
    """
    found: list[int | None] = [None] * len(new)
    free = set(range(len(old)))
    for at, value in enumerate(new):
        if at in free and old[at] == value:
            found[at] = at
            free.discard(at)
    for at, value in enumerate(new):
        if found[at] is None:
            found[at] = next((index for index in sorted(free) if old[index] == value), None)
            free.discard(found[at] if found[at] is not None else -1)
    for at, value in enumerate(new):
        if found[at] is None and free:
            best = max(free, key=lambda index: (_likeness(old[index], value), -abs(index - at)))
            if _likeness(old[best], value) > 0:
                found[at] = best
                free.discard(best)
    return found


def _likeness(old: Any, new: Any) -> int:
    """Give how much two values have in common; 0 where they are different things."""
    if isinstance(old, dict) and isinstance(new, dict):
        kinds = [{kind for kind in _KINDS if kind in value} for value in (old, new)]
        if kinds[0] and kinds[1] and not kinds[0] & kinds[1]:
            return 0
        if not old.keys() & new.keys():
            return 0
        # A card of another template with the same words is the card that was there, looking otherwise.
        shared = len([key for key in old if key in new and old[key] == new[key]])
        return max(0, shared - 1) if old.get("template") != new.get("template") else 1 + shared
    if isinstance(old, list) and isinstance(new, list):
        return 1 + len([one for one, other in zip(old, new, strict=False) if one == other])
    if isinstance(old, str) and isinstance(new, dict):
        return 3 if old in new.values() else 0
    return int(isinstance(old, str) and isinstance(new, str))

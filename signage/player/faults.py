"""Failures of items come in; which items rest for now, and why, goes out."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass

from signage.base.clock import Clock
from signage.content.values import Item, Kind

_log = logging.getLogger(__name__)

_REST_S = (60.0, 300.0, 1800.0, 3600.0)
_REST_OF_LAST_RESORT_S = 5.0
_MOST_REMEMBERED = 1000


@dataclass(slots=True)
class _Fault:
    count: int
    until_s: float
    reason: str


class Faults:
    """Remembers by content what could not be shown, so that it is not tried in each of its slots.

    An item rests 1 minute after its first failure, then 5, 30 and 60. The slate and black, which nothing can stand
    in for, rest 5 seconds. A thousand items are remembered; the oldest are forgotten.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._faults: OrderedDict[tuple[str, int], _Fault] = OrderedDict()

    def note(self, item: Item, reason: str) -> None:
        """Let the item rest; says so in the log when it is the first failure in a row."""
        key = _key(item)
        fault = self._faults.pop(key) if key in self._faults else _Fault(0, 0.0, "")
        if not fault.count:
            _log.warning("%s cannot be shown: %s", item.name, reason)
        rest_s = _REST_S[min(fault.count, len(_REST_S) - 1)]
        if item.kind in (Kind.SLATE, Kind.OFF):
            rest_s = _REST_OF_LAST_RESORT_S
        self._faults[key] = _Fault(fault.count + 1, self._clock.monotonic_s() + rest_s, reason)
        if len(self._faults) > _MOST_REMEMBERED:
            self._faults.popitem(last=False)

    def clear(self, item: Item) -> None:
        """Forget the item's failures: it was shown to its end."""
        if self._faults.pop(_key(item), None) is not None:
            _log.info("%s can be shown again", item.name)

    def let_all_try(self) -> None:
        """End every rest: what kept items from being shown may be over. Failing again, they rest longer."""
        for fault in self._faults.values():
            fault.until_s = 0.0

    def reason(self, item: Item) -> str | None:
        """Give why the item rests; None when it may be tried."""
        fault = self._faults.get(_key(item)) if self._faults else None
        if fault is None or self._clock.monotonic_s() >= fault.until_s:
            return None
        return fault.reason


def _key(item: Item) -> tuple[str, int]:
    return (item.sha256 or item.name, item.page)

"""Wrong tries in, whether another may be made out: in memory, bounded, by name and by address."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Iterable

from signage.base.clock import Clock

_MOST_KEYS = 10_000


class Throttle:
    """Allows `most` wrong tries of one key within `window_s`. Any one of the keys that ran out is enough to refuse."""

    def __init__(self, clock: Clock, *, most: int, window_s: float) -> None:
        self._clock = clock
        self._most = most
        self._window_s = window_s
        self._lock = threading.Lock()
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()

    def may(self, *keys: str) -> bool:
        """Tell whether one more try is allowed now."""
        oldest_s = self._clock.monotonic_s() - self._window_s
        with self._lock:
            return all(sum(at_s > oldest_s for at_s in self._tries.get(key, ())) < self._most for key in keys)

    def note(self, *keys: str) -> None:
        """Count a wrong try."""
        with self._lock:
            self._note(keys)

    def take(self, *keys: str) -> bool:
        """Count a try before it is known to be wrong, if one more is allowed: many at once are no more than one by one.

        Who was right after all gives it back.
        """
        oldest_s = self._clock.monotonic_s() - self._window_s
        with self._lock:
            if any(sum(at_s > oldest_s for at_s in self._tries.get(key, ())) >= self._most for key in keys):
                return False
            self._note(keys)
        return True

    def give_back(self, *keys: str) -> None:
        """Take the newest try of each key back: it was right."""
        with self._lock:
            for key in keys:
                if self._tries.get(key):
                    self._tries[key].pop()

    def _note(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._tries.setdefault(key, deque(maxlen=self._most)).append(self._clock.monotonic_s())
            self._tries.move_to_end(key)
        while len(self._tries) > _MOST_KEYS:
            self._tries.popitem(last=False)

    def forget(self, *keys: str) -> None:
        """The right answer came: earlier tries do not count any more."""
        with self._lock:
            for key in keys:
                self._tries.pop(key, None)

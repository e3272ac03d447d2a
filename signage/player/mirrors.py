"""Addresses that serve the same files come in; in which order to ask them goes out, those that failed last."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from tuf.api.exceptions import DownloadError

from signage.base.clock import Clock
from signage.release.strictjson import read_json

_REST_S = 10.0
_LONGEST_REST_S = 300.0


class Mirrors:
    """The addresses of one office, in its order; one that fails rests for a while. For several threads."""

    def __init__(self, base_urls: Sequence[str], clock: Clock) -> None:
        """Each address ends in a slash."""
        self.urls = tuple(dict.fromkeys(url if url.endswith("/") else f"{url}/" for url in base_urls))
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = dict.fromkeys(self.urls, 0)
        self._rests_until_s = dict.fromkeys(self.urls, 0.0)

    def best_first(self) -> list[str]:
        """Give all addresses: those that rest come last, the one whose rest ends soonest before the others."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            return sorted(self.urls, key=lambda url: max(now_s, self._rests_until_s[url]))

    def newest_first(self, timestamp_of: Callable[[str], bytes]) -> list[str]:
        """Give all addresses: of those that do not rest, the one with the newest timestamp first; one may lag behind.

        What they claim is not verified here; one that lies is refused, and rests. `timestamp_of` raises DownloadError.
        """
        urls, now_s = self.best_first(), self._clock.monotonic_s()
        awake = [url for url in urls if self._rests_until_s[url] <= now_s] if len(urls) > 1 else []
        claims = {url: _claimed_version(timestamp_of, url) for url in awake}
        return sorted(urls, key=lambda url: -claims.get(url, -1))

    def blame(self, url: str) -> None:
        """It failed: let it rest, longer each time."""
        with self._lock:
            rest_s = min(_LONGEST_REST_S, _REST_S * 2 ** min(10, self._failures[url]))
            self._failures[url] += 1
            self._rests_until_s[url] = self._clock.monotonic_s() + rest_s

    def praise(self, url: str) -> None:
        """It served well: it is as good as new."""
        with self._lock:
            self._failures[url] = 0
            self._rests_until_s[url] = 0.0


def _claimed_version(timestamp_of: Callable[[str], bytes], url: str) -> int:
    try:
        version = read_json(timestamp_of(url))["signed"]["version"]
    except (DownloadError, OSError, ValueError, TypeError, KeyError, RecursionError):
        return -1
    return version if type(version) is int else -1

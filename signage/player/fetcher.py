"""Addresses of signed metadata come in, their bytes go out to python-tuf, packed on the way and within limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tuf.api.exceptions import DownloadError, DownloadHTTPError, DownloadLengthMismatchError
from tuf.ngclient import FetcherInterface

from signage.player.answers import FetchError, Limits, TooLongError
from signage.player.download import HttpPort

METADATA_LIMITS = Limits(most_bytes=64_000_000, total_s=60.0, headers_s=10.0)
_PACKED = {"Accept-Encoding": "gzip"}


class Fetcher(FetcherInterface):
    """Fetches for python-tuf: no redirect, a limit for length, time and silence, and a least speed.

    What a hint brought along is given instead of asking for it; it is trusted no more than what the office answers.
    """

    def __init__(self, http: HttpPort, limits: Limits = METADATA_LIMITS) -> None:
        self._http = http
        self._limits = limits
        self._offered: Mapping[str, bytes] = {}
        self._asks_for_root = True

    def offer(self, files: Mapping[str, bytes], asks_for_root: bool = False) -> None:
        """Give these bytes where they are asked for: by path below the published folder. Replaces what was offered.

        With a hint's files no newer root is asked for: every full look does, and where one is needed, what the hint
        brought is refused and asked for anew.
        """
        self._offered = dict(files)
        self._asks_for_root = asks_for_root or not files

    def download_bytes(self, url: str, max_length: int) -> bytes:
        """Give the content of `url`.

        Raises:
            DownloadLengthMismatchError: it is longer than `max_length`.
            DownloadHTTPError: the office has no such file, or trouble.
            DownloadError: it cannot be had now.
        """
        if (offered := self._find_offered(url)) is not None and len(offered) <= max_length:
            return offered
        if not self._asks_for_root and url.endswith(".root.json"):
            raise DownloadHTTPError(f"{url}: not asked for", 404)
        return b"".join(self._chunks(url, max_length))

    def _fetch(self, url: str) -> Iterator[bytes]:
        return self._chunks(url, self._limits.most_bytes)

    def _chunks(self, url: str, most_bytes: int) -> Iterator[bytes]:
        try:
            with self._http.open(url, replace(self._limits, most_bytes=most_bytes), _PACKED) as answer:
                if answer.status != 200:
                    raise DownloadHTTPError(f"{url}: answered {answer.status}", answer.status)
                yield from answer.chunks()
        except TooLongError as error:
            raise DownloadLengthMismatchError(str(error)) from error
        except FetchError as error:
            raise DownloadError(str(error)) from error

    def _find_offered(self, url: str) -> bytes | None:
        return next((data for path, data in self._offered.items() if url.endswith(f"/{path}")), None)

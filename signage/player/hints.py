"""An office's stream of events comes in; hints of news, and wishes for a report, go out. Other events are nothing."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.player.answers import FetchError, Limits
from signage.player.download import HttpPort
from signage.release.errors import ReleaseError
from signage.release.hint import EVENT, EVENTS_PATH, MOST_BYTES, decode_hint

_log = logging.getLogger(__name__)

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_GOOD_AFTER_S = 30.0
_CLOSE_LIMIT_S = 3.0
_MOST_EVENT_BYTES = 4 * MOST_BYTES
_FLOOD_BYTES = 4_000_000
_FLOOD_S = 10.0
STREAM_LIMITS = Limits(most_bytes=2**50, total_s=None, silence_s=45.0)
"""The office writes every 15 s, if only a comment."""

TakeHint = Callable[[Mapping[str, bytes]], None]
TakeWish = Callable[[frozenset[str]], None]
_HINTS = frozenset({"", "message", EVENT})


class HintsPort(Protocol):
    """What hears hints."""

    def start(self) -> None: ...
    def close(self) -> None: ...


class HintStream:
    """Listens to the office on a thread of its own, and reconnects for ever. Without it a screen still polls."""

    def __init__(
        self,
        base_urls: Sequence[str],
        take_hint: TakeHint,
        http: HttpPort,
        clock: Clock,
        *,
        take_wish: TakeWish = lambda _screens: None,
        limits: Limits = STREAM_LIMITS,
        dice: random.Random | None = None,
    ) -> None:
        """`take_hint` is called on the stream's thread, with the files that the hint brought by their path.

        `take_wish` is told, there too, which screens shall report now; often none.
        """
        self._take_wish = take_wish
        self._urls = [url.rstrip("/") + "/" for url in base_urls if url.startswith(("http:", "https:"))]
        self._take_hint = take_hint
        self._http = http
        self._clock = clock
        self._limits = limits
        self._dice = dice or random.Random()
        self._closing = threading.Event()
        self.pause: Callable[[float], object] = self._closing.wait
        self._thread = threading.Thread(target=self._listen_on, name="hints", daemon=True)

    def start(self) -> None:
        if self._urls:
            self._thread.start()

    def close(self) -> None:
        """End the thread; whoever owns the network cuts off what it waits for."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(_CLOSE_LIMIT_S)

    def _listen_on(self) -> None:
        failures = 0
        while not self._closing.is_set():
            began_s = self._clock.monotonic_s()
            try:
                self._listen(self._urls[failures % len(self._urls)])
            except SignageError as error:
                _log.debug("no hints: %s", error)
            except Exception:  # noqa: BLE001 - the boundary of one connection: the screen must go on listening
                _log.exception("listening for hints failed; it goes on")
            failures = 0 if self._clock.monotonic_s() - began_s > _GOOD_AFTER_S else failures + 1
            self.pause(min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(10, failures)) * self._dice.uniform(0.5, 1.5))

    def _listen(self, base_url: str) -> None:
        """Hear one connection to its end.

        Raises:
            FetchError: there is none, or it broke.
        """
        with self._http.open(base_url + EVENTS_PATH, self._limits, {"Accept": "text/event-stream"}) as answer:
            if answer.status != 200 or "text/event-stream" not in answer.headers.get("content-type", ""):
                raise FetchError(f"{base_url}{EVENTS_PATH}: answered {answer.status}, no stream of events")
            for name, data in events(self._no_flood(answer.chunks())):
                if name in _HINTS:
                    self._take_hint(_brought(data))
                else:
                    self._take_wish(_wished(name, data))

    def _no_flood(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Give the chunks while they come no faster than any office sends: reading a flood would make pictures stutter.

        Raises:
            FetchError: it is a flood.
        """
        since_s, came = self._clock.monotonic_s(), 0
        for chunk in chunks:
            if self._clock.monotonic_s() - since_s > _FLOOD_S:
                since_s, came = self._clock.monotonic_s(), 0
            came += len(chunk)
            if came > _FLOOD_BYTES:
                raise FetchError(f"a stream of more than {_FLOOD_BYTES} bytes in {_FLOOD_S:g} s")
            yield chunk


def events(chunks: Iterator[bytes]) -> Iterator[tuple[str, str]]:
    """Give name and data of each event in a stream.

    Raises:
        FetchError: an event is longer than any may be.

    Source: HTML Standard, 9.2.6.
    """
    rest, name, lines, length = b"", "", [], 0
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            line = line.rstrip(b"\r")
            if line.startswith(b"data:"):
                lines.append(line[5:].removeprefix(b" ").decode("utf-8", "replace"))
                length += len(line)
            elif line.startswith(b"event:"):
                name = line[6:].removeprefix(b" ").decode("utf-8", "replace")
            elif not line:
                if lines:
                    yield name, "\n".join(lines)
                name, lines, length = "", [], 0
        if len(rest) + length > _MOST_EVENT_BYTES:
            raise FetchError(f"an event of more than {_MOST_EVENT_BYTES} bytes")


def _wished(name: str, data: str) -> frozenset[str]:
    """Give the screens of a wish; one that cannot be read, and an event of another name, is for none.

    What reads it is loaded when the first comes: a player must start quickly.
    """
    from signage.player.wirejson import AnswerError, read_wish
    from signage.wire import WISH_EVENT

    if name != WISH_EVENT:
        return frozenset()
    try:
        return read_wish(data)
    except AnswerError as error:
        _log.debug("%s", error)
        return frozenset()


def _brought(data: str) -> dict[str, bytes]:
    """Give what a hint brings; one that cannot be read is a hint all the same."""
    try:
        return decode_hint(data)
    except ReleaseError as error:
        _log.debug("%s", error)
        return {}

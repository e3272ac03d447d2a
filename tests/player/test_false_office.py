"""Somebody else answers where the office did: what a screen reads of it is bounded, and so is what it writes down."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator, Mapping

import pytest

from signage.base.clock import ManualClock, SystemClock
from signage.player.answers import Answer, FetchError, Limits
from signage.player.hints import HintStream
from signage.player.http import Http
from tests.office.desk import START
from tests.player.syncing import SHORT


class Flood:
    """A stream of events without end, as fast as it is read; `takes_ms` pass with each chunk."""

    def __init__(self, clock: ManualClock, takes_ms: int) -> None:
        self.clock, self.takes_ms = clock, takes_ms
        self.chunks = 0

    def open(self, url: str, limits: Limits, headers: Mapping[str, str] | None = None) -> Answer:
        return Answer(200, {"content-type": "text/event-stream"}, self._chunks(), lambda: None)

    def _chunks(self) -> Iterator[bytes]:
        for _ in range(1_000):
            self.chunks += 1
            self.clock.advance(self.takes_ms)
            yield b"event: release\ndata: {}\n\n" * 1_000


def listen(flood: Flood) -> int:
    """Hear one connection to its end; give how many hints came."""
    hints = itertools.count()
    stream = HintStream(["http://office"], lambda _files: next(hints) and None, flood, flood.clock)
    stream._listen("http://office/")
    return next(hints)


def test_a_flood_of_events_is_broken_off() -> None:
    flood = Flood(ManualClock(START), takes_ms=0)

    with pytest.raises(FetchError, match="a stream of more than"):
        listen(flood)

    assert flood.chunks < 200


def test_as_many_events_over_a_long_time_are_no_flood() -> None:
    assert listen(Flood(ManualClock(START), takes_ms=1_000)) == 1_000_000


def test_what_is_no_http_writes_no_lines_and_no_long_ones_into_the_log() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:

        def answer() -> None:
            caller, _ = door.accept()
            with caller:
                caller.recv(4096)
                caller.sendall(b"\x1b[2J\rINFO all is well " + b"x" * 9_000 + b"\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(FetchError) as caught:
            Http(SystemClock()).open(f"http://127.0.0.1:{door.getsockname()[1]}/", SHORT)
        thread.join()

    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500

"""An application in, its server out: connections that ask for nothing are cut, and all end when the server does."""

from __future__ import annotations

import asyncio
import gc
import logging
import resource
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from signage.base.errors import SignageError
from signage.office.hints import Hints

GRACE_S = 2
BACKLOG = 4096
MOST_OF_ONE_ADDRESS = 2_000
"""Connections of another machine at once: hundreds of screens behind one router, but not all that there can be."""
MOST_CONNECTIONS = 20_000
_PART_OF_FILES = 0.75
"""How many of the files that this process may have open are connections; the rest are for what these ask for."""
HERE = ("127.0.0.1", "::1")
BODY_S = 30.0
"""How long a body that is being sent may stand still."""
HEADERS_S = 20.0
"""How long a connection may take until its first request is there, and each later one from its first byte on."""


_SELDOM_S, _MOST_KINDS, _KIND_LETTERS = 600.0, 100, 80


class LimitedProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's own, which waits for ever for the headers of a request: a few thousand such hold everybody else out."""

    of_address: Counter[str] = Counter()
    """How many connections each other machine has. Each server has a class, and so a count, of its own."""

    most = MOST_CONNECTIONS
    """How many connections there may be in all: where files ran out, no page and no database could be opened."""

    _limit: asyncio.TimerHandle | None = None
    _body_limit: asyncio.TimerHandle | None = None
    _address = ""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        _send_at_once(transport.get_extra_info("socket"))
        peer = transport.get_extra_info("peername")
        if len(self.connections) > self.most:
            transport.close()
        self._address = str(peer[0]) if isinstance(peer, tuple) and peer[0] not in HERE else ""
        if self._address:
            self.of_address[self._address] += 1
            if self.of_address[self._address] > MOST_OF_ONE_ADDRESS:
                transport.close()
        self._arm()

    def data_received(self, data: bytes) -> None:
        if not self._is_answering:
            self._arm()
        super().data_received(data)
        if self._is_answering:
            self._disarm()
            self._await_body()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        if self._body_limit is not None:
            self._body_limit.cancel()
        if self._address:
            self.of_address[self._address] -= 1
            if self.of_address[self._address] <= 0:
                del self.of_address[self._address]
        super().connection_lost(exc)

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _arm(self) -> None:
        if self._limit is None:
            self._limit = self.loop.call_later(HEADERS_S, self._cut)

    def _disarm(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _await_body(self) -> None:
        """Give the sender of a body that is not whole yet some seconds for its next part."""
        if self._body_limit is not None:
            self._body_limit.cancel()
        self._body_limit = self.loop.call_later(BODY_S, self._cut_body) if self._is_owed_a_body else None

    @property
    def _is_owed_a_body(self) -> bool:
        return self._is_answering and bool(self.cycle.more_body)

    def _cut_body(self) -> None:
        self._body_limit = None
        if self._is_owed_a_body and self.flow.read_paused:
            self._await_body()  # it is we who do not read
        elif self._is_owed_a_body:
            self.transport.close()

    def _cut(self) -> None:
        self._limit = None
        if not self._is_answering:
            self.transport.close()


def _send_at_once(door: Any) -> None:
    """Have the end of each answer sent at once. asyncio does so itself only for sockets that it has opened."""
    with suppress(OSError, AttributeError):
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class StreamServer(uvicorn.Server):
    """uvicorn's own, which ends the streams of hints before it waits for the connections to end."""

    def __init__(self, config: uvicorn.Config, hints: Hints) -> None:
        super().__init__(config)
        self._hints = hints

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hints.close()
        await super().shutdown(sockets)


def run_server(app: Starlette, door: socket.socket) -> None:
    """Serve an application, whose `state.hints` are its streams, at a listening socket until SIGINT or SIGTERM."""
    files = _allow_many_streams()
    most = min(MOST_CONNECTIONS, int(files * _PART_OF_FILES))
    protocol = type("Protocol", (LimitedProtocol,), {"of_address": Counter(), "most": most})
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        backlog=BACKLOG,
        server_header=False,
        http=protocol,
    )
    with _collecting_seldom(), _said_seldom():
        StreamServer(config, app.state.hints).run(sockets=[door])


def listening(host: str, port: int) -> socket.socket:
    """Give a socket that listens there; port 0 takes a free one.

    Raises:
        SignageError: the address is taken, or is none of this machine's.
    """
    try:
        if not 0 <= port < 65_536:
            raise OSError("a port is a number from 0 to 65535")
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise SignageError(
            f"{host}:{port}: cannot be listened on ({error}); another program may have it (端口被占用)"
        ) from error


def _allow_many_streams() -> int:
    """Raise how many files may be open as far as may be; give how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return most if most != resource.RLIM_INFINITY else sys.maxsize


class _Seldom(logging.Filter):
    """Lets a message of one kind pass once in ten minutes: else strangers write over all that the log files hold."""

    def __init__(self) -> None:
        super().__init__()
        self._said_s: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        kind, now_s = str(record.msg)[:_KIND_LETTERS], time.monotonic()
        if now_s - self._said_s.get(kind, -_SELDOM_S) < _SELDOM_S:
            return False
        if len(self._said_s) >= _MOST_KINDS:
            self._said_s.clear()
        self._said_s[kind] = now_s
        return True


@contextmanager
def _said_seldom() -> Iterator[None]:
    """Have what every bad request, and every connection too many, would write said once in a while."""
    seldom = _Seldom()
    loggers = [logging.getLogger(name) for name in ("uvicorn.error", "asyncio")]
    for logger in loggers:
        logger.addFilter(seldom)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(seldom)


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Tune garbage collection for streams: one of thousands of idle ones stops the world for a second.

    What is here at the start is not looked at again, and the rest seldom.
    """
    thresholds = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()

"""Connections to the office's server come in; those that ask for nothing go out again, and all do when it ends."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from signage.office.hints import Hints

HEADERS_S = 20.0
"""How long a connection may take until its first request is there, and each later one from its first byte on."""


class LimitedProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's own, which waits for ever for the headers of a request: a few thousand such hold everybody else out."""

    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._arm()

    def data_received(self, data: bytes) -> None:
        if not self._is_answering:
            self._arm()
        super().data_received(data)
        if self._is_answering:
            self._disarm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
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

    def _cut(self) -> None:
        self._limit = None
        if not self._is_answering:
            self.transport.close()


class StreamServer(uvicorn.Server):
    """uvicorn's own, which ends the streams of hints before it waits for the connections to end."""

    def __init__(self, config: uvicorn.Config, hints: Hints) -> None:
        super().__init__(config)
        self._hints = hints

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hints.close()
        await super().shutdown(sockets)

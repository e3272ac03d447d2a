"""Connections that take and give nothing: cut, so that a few machines cannot hold everybody else out."""

from __future__ import annotations

import logging
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from signage.office.connections import LimitedProtocol, StreamServer, _said_seldom, run_server
from signage.office.hints import Hints

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"


async def take(request: Request) -> Response:
    try:
        return Response(str(len(await request.body())))
    except ClientDisconnect:
        return Response(status_code=400)


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """An application that reads whole bodies, on a free port of the loopback; bodies may stand still for 0.3 s."""
    monkeypatch.setattr("signage.office.connections.BODY_S", 0.3)
    with serving(tmp_path, LimitedProtocol) as at:
        yield at


@contextmanager
def serving(folder: Path, protocol: type[LimitedProtocol]) -> Iterator[int]:
    protocol = type("Protocol", (protocol,), {"of_address": Counter()})
    app = Starlette(routes=[Route("/", take, methods=["GET", "POST"])])
    with socket.create_server(("127.0.0.1", 0)) as door:
        config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, http=protocol)
        server = StreamServer(config, Hints(folder))
        thread = threading.Thread(target=server.run, args=([door],), name="served")
        thread.start()
        try:
            yield door.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(10)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


@pytest.mark.parametrize("said", [b"", b"x" * 999])
def test_a_body_that_stands_still_is_not_waited_for(port: int, said: bytes) -> None:
    with connect(port) as slow:
        slow.sendall(HEAD + said)

        assert slow.recv(100) == b""


def test_a_body_that_comes_in_parts_is_taken(port: int) -> None:
    with connect(port) as patient:
        patient.sendall(HEAD)
        for _ in range(5):
            threading.Event().wait(0.1)
            patient.sendall(b"x" * 200)

        assert b"200 OK" in patient.recv(1000)


def test_one_machine_does_not_take_all_connections(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signage.office.connections.HERE", ())
    monkeypatch.setattr("signage.office.connections.MOST_OF_ONE_ADDRESS", 2)

    with connect(port) as first, connect(port) as second, connect(port) as third:
        assert third.recv(100) == b""
        for one in (first, second):
            one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"200 OK" in one.recv(1000)


def test_the_end_of_an_answer_does_not_wait_until_its_beginning_is_acknowledged(tmp_path: Path) -> None:
    seen: list[int] = []

    class Seen(LimitedProtocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            seen.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    with serving(tmp_path, Seen) as port, connect(port) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in one.recv(1000)

    assert seen == [1]


def test_there_are_never_so_many_connections_that_no_file_can_be_opened(tmp_path: Path) -> None:
    class Few(LimitedProtocol):
        most = 2

    with serving(tmp_path, Few) as port, connect(port) as first, connect(port) as second:
        for one in (first, second):
            one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"200 OK" in one.recv(1000)
        with connect(port) as third:
            assert third.recv(100) == b""


def test_bad_requests_do_not_write_over_the_log(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("uvicorn.error", "asyncio"):
        caplog.set_level(logging.WARNING, name)
    with _said_seldom():
        for number in range(50):
            logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
            logging.getLogger("asyncio").error("socket.accept() out of system resource\nsocket: %d", number)
        logging.getLogger("uvicorn.error").error("Exception in ASGI application")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")

    said = [record.msg.partition("\n")[0] for record in caplog.records]
    assert said == [
        "Invalid HTTP request received.",
        "socket.accept() out of system resource",
        "Exception in ASGI application",
        "Invalid HTTP request received.",
    ]


def test_connections_leave_some_of_the_files_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[type[LimitedProtocol]] = []
    monkeypatch.setattr("signage.office.connections._allow_many_streams", lambda: 1000)
    monkeypatch.setattr(StreamServer, "run", lambda self, **_: made.append(self.config.http))
    app = Starlette()
    app.state.hints = Hints(Path())

    with socket.socket() as door:
        run_server(app, door)

    assert made[0].most == 750

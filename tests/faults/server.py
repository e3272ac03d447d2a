"""A web server over a folder that answers as bad networks and attackers do: which way, the test or a seed decides."""

from __future__ import annotations

import contextlib
import random
import socket
import socketserver
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.faults.loopback import OnLoopback

TRICKLE_S = 0.02
_OVERSIZE_BYTES = 4_000_000


class Fault(Enum):
    """What is done to one answer."""

    TRUNCATED = auto()
    RESET = auto()
    WRONG_BYTES = auto()
    ERROR_500 = auto()
    MISSING_404 = auto()
    OVERSIZE = auto()
    ENDLESS = auto()
    IGNORED_RANGE = auto()
    WRONG_CONTENT_RANGE = auto()
    UNSATISFIABLE_416 = auto()
    RANGE_WITH_200 = auto()
    REDIRECT = auto()
    TRICKLE = auto()
    STALL = auto()
    SLOW_HEADERS = auto()
    NO_LENGTH = auto()
    PACKED = auto()


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    headers: dict[str, str]

    @property
    def start(self) -> int | None:
        """Where the wanted range begins; None without one."""
        wanted = self.headers.get("range", "").removeprefix("bytes=")
        return int(wanted.rstrip("-")) if wanted else None


Choose = Callable[[Request], Fault | None]


@dataclass
class FaultyServer(OnLoopback):
    """Serves `root` on loopback. `choose` is asked for every request; `requests` keeps them all."""

    root: Path
    choose: Choose = field(default=lambda _request: None)
    cut_at: float = 0.5
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    bytes_sent: int = 0

    def __post_init__(self) -> None:
        self.serve_with(_Server(self), "faulty-server")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def of(self, path: str) -> list[Request]:
        """Give the requests for one path."""
        return [request for request in self.requests if request.path == path]


def in_turn(*faults: Fault | None, only: str = "") -> Choose:
    """Give these faults to the first requests (whose path contains `only`), and none to those after."""
    left: Iterator[Fault | None] = iter(faults)
    return lambda request: next(left, None) if only in request.path else None


def at_random(seed: int, share: float = 0.3, without: tuple[Fault, ...] = ()) -> Choose:
    """Give a fault to this share of the requests, in an order that the seed fixes."""
    dice = random.Random(seed)
    faults = [fault for fault in Fault if fault not in without]
    return lambda _request: dice.choice(faults) if dice.random() < share else None


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False
    request_queue_size = 64

    def __init__(self, owner: FaultyServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what these tests are about."""


class _Handler(socketserver.BaseRequestHandler):
    request: socket.socket
    server: _Server

    def handle(self) -> None:
        owner = self.server.owner
        self.request.settimeout(5)
        while not owner.closing.is_set() and (asked := self._read_request()) is not None:
            owner.requests.append(asked)
            if not self._answer(owner, asked, owner.choose(asked)):
                return

    def _read_request(self) -> Request | None:
        head = b""
        with contextlib.suppress(OSError):
            while b"\r\n\r\n" not in head:
                self.request.settimeout(0.1 if not head else 5)
                try:
                    piece = self.request.recv(65_536)
                except TimeoutError:
                    if self.server.owner.closing.is_set():
                        return None
                    continue
                if not piece:
                    return None
                head += piece
            lines = head.decode("latin-1").split("\r\n")
            pairs = [line.split(": ", 1) for line in lines[1:] if ": " in line]
            return Request(unquote(lines[0].split(" ")[1]), {name.lower(): value for name, value in pairs})
        return None

    def _answer(self, owner: FaultyServer, asked: Request, fault: Fault | None) -> bool:
        """Answer, with the fault; tell whether the connection can go on."""
        path = owner.root / asked.path.lstrip("/")
        if fault in _STATUSES:
            return self._send(_STATUSES[fault], {}, b"no")
        if fault is Fault.REDIRECT:
            return self._send("302 Found", {"Location": "/elsewhere"}, b"")
        if not path.is_file():
            return self._send("404 Not Found", {}, b"no such file")
        content = path.read_bytes()
        tag = f'"{len(content)}-{hash(content) & 0xFFFFFF:x}"'
        start = asked.start
        if asked.headers.get("if-range") not in (None, tag) or fault is Fault.IGNORED_RANGE:
            start = None
        if start is not None and start >= len(content):
            return self._send("416 Range Not Satisfiable", {}, b"")
        headers = owner.headers | {"ETag": tag, "Content-Length": str(len(content) - (start or 0))}
        status = "200 OK"
        if start is not None:
            shift = 1 if fault is Fault.WRONG_CONTENT_RANGE else 0
            headers["Content-Range"] = f"bytes {start + shift}-{len(content) - 1}/{len(content)}"
            status = "200 OK" if fault is Fault.RANGE_WITH_200 else "206 Partial Content"
        return self._send_badly(owner, status, headers, content[start or 0 :], fault)

    def _send_badly(
        self, owner: FaultyServer, status: str, headers: dict[str, str], body: bytes, fault: Fault | None
    ) -> bool:
        half = max(1, int(len(body) * owner.cut_at))
        if fault is Fault.WRONG_BYTES:
            body = body[:-1] + bytes([body[-1] ^ 1]) if body else body
        elif fault is Fault.OVERSIZE:
            body += bytes(_OVERSIZE_BYTES)
            headers["Content-Length"] = str(len(body))
        elif fault is Fault.PACKED:
            headers["Content-Encoding"] = "gzip"
        elif fault in (Fault.NO_LENGTH, Fault.ENDLESS):
            del headers["Content-Length"]
        if fault in (Fault.TRUNCATED, Fault.RESET, Fault.STALL):
            self._send(status, headers, body[:half])
            if fault is Fault.RESET:
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif fault is Fault.STALL:
                owner.closing.wait(20)
            return False
        if fault is Fault.TRICKLE:
            self._send(status, headers, b"")
            return self._drip(body)
        if fault is Fault.SLOW_HEADERS:
            return self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 5_000)
        if fault is Fault.ENDLESS:
            self._send(status, headers, body)
            while not owner.closing.is_set() and self._push(bytes(65_536)):
                pass
            return False
        return self._send(status, headers, body) and fault is not Fault.NO_LENGTH

    def _drip(self, content: bytes) -> bool:
        """Send a byte at a time, for a client to lose patience."""
        for value in content:
            if self.server.owner.closing.wait(TRICKLE_S) or not self._push(bytes([value])):
                break
        return False

    def _send(self, status: str, headers: dict[str, str], body: bytes) -> bool:
        if status[:1] in "345":
            headers = headers | {"Content-Length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return self._push(f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body)

    def _push(self, content: bytes) -> bool:
        try:
            self.request.sendall(content)
        except OSError:
            return False
        self.server.owner.bytes_sent += len(content)
        return True


_STATUSES = {
    Fault.ERROR_500: "500 Internal Server Error",
    Fault.MISSING_404: "404 Not Found",
    Fault.UNSATISFIABLE_416: "416 Range Not Satisfiable",
}

"""The office's side of the screens' API over real sockets, for the tests of screens: it lets in, and takes reports."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from signage.base.clock import SystemClock
from signage.player.enrolled import digest_of
from signage.wire import ASRUN_PATH, HEARTBEAT_PATH, PAIRINGS_PATH, PICTURE_PATH
from tests.faults.loopback import OnLoopback

LIMIT_S = 60.0


class FleetOffice(OnLoopback):
    """Gives codes, lets in whom the test says, and keeps every report. `answer` may change what a path answers."""

    def __init__(self, root_bytes: bytes = b"", folder: Path | None = None) -> None:
        """`folder` is a published one to serve beside."""
        self.root_bytes = root_bytes
        self.folder = folder
        self.changed = threading.Condition()
        self.codes = iter(["BCDFGH", "JKLMNP", "QRSTVW", "XZBCDF"])
        self.expires_s = 600.0
        self.poll_s = 0.1
        self.pairings: dict[str, str] = {}
        self.let_in: dict[str, tuple[str, str]] = {}
        self.tokens: set[str] = set()
        self.wishes: list[dict[str, Any]] = []
        self.heartbeats: list[dict[str, Any]] = []
        self.rows: dict[int, dict[str, Any]] = {}
        self.batches: list[list[int]] = []
        self.pictures: list[tuple[int, bytes]] = []
        self.wants_picture = False
        self.order: Callable[..., bytes] = lambda *_: b""
        self.overrides: dict[str, Callable[[], tuple[int, bytes]]] = {}
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        server.daemon_threads = True
        self.serve_with(server, "fleet-office")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait(self, is_so: Callable[[], object]) -> None:
        """Wait until it is so, looking after every request."""
        with self.changed:
            assert self.changed.wait_for(is_so, LIMIT_S), "the office waited in vain"

    def accept(self, code: str, screen: str, title: str = "") -> None:
        """Let the screen in that shows this code."""
        with self.changed:
            self.let_in[code] = (screen, title)

    def answer(self, method: str, path: str, body: bytes, token: str, taken_ms: str) -> tuple[int, bytes]:
        for prefix, override in self.overrides.items():
            if path.startswith(f"/{prefix}"):
                return override()
        if method == "POST" and path == f"/{PAIRINGS_PATH}":
            return self._take_wish(json.loads(body))
        if method == "GET" and path.startswith(f"/{PAIRINGS_PATH}/"):
            return self._poll(path.rpartition("/")[2], token)
        if method == "GET" and self.folder is not None:
            file = self.folder / path.lstrip("/")
            return (200, file.read_bytes()) if file.is_file() else (404, b"")
        if digest_of(token) not in self.tokens:
            return 401, b'{"detail": "unknown token"}'
        if method == "POST" and path == f"/{HEARTBEAT_PATH}":
            self.heartbeats.append(json.loads(body))
            wants, self.wants_picture = self.wants_picture, False
            return 200, json.dumps({"server_ms": SystemClock().now_ms(), "wants_picture": wants}).encode()
        if method == "POST" and path == f"/{ASRUN_PATH}":
            return self._take_rows(json.loads(body)["rows"])
        if method == "PUT" and path == f"/{PICTURE_PATH}":
            self.pictures.append((int(taken_ms), body))
            return 204, b""
        return 404, b"{}"

    def _take_wish(self, wish: dict[str, Any]) -> tuple[int, bytes]:
        self.wishes.append(wish)
        code = next(self.codes)
        self.pairings[code] = wish["token_sha256"]
        return 201, json.dumps({"code": code, "expires_s": self.expires_s, "poll_s": self.poll_s}).encode()

    def _poll(self, code: str, token: str) -> tuple[int, bytes]:
        if self.pairings.get(code) != digest_of(token):
            return 404, b"{}"
        if code not in self.let_in:
            return 202, b"{}"
        self.tokens.add(digest_of(token))
        screen, title = self.let_in[code]
        root = base64.b64encode(self.root_bytes).decode()
        return 200, json.dumps({"screen": screen, "title": title, "root_base64": root, "more": 1}).encode()

    def _take_rows(self, rows: list[dict[str, Any]]) -> tuple[int, bytes]:
        new = [row for row in rows if row["key"] not in self.rows]
        self.rows |= {row["key"]: row for row in new}
        self.batches.append([row["key"] for row in rows])
        return 200, json.dumps({"stored": len(rows), "new": len(new)}).encode()

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        office = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
                taken_ms = self.headers.get("X-Taken-Ms") or "0"
                with office.changed:
                    status, data = office.answer(self.command, self.path, body, token, taken_ms)
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                with office.changed:
                    office.changed.notify_all()

            def do_POST(self) -> None:
                self.do_GET()

            def do_PUT(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


@contextlib.contextmanager
def fleet_office(root_bytes: bytes = b"", folder: Path | None = None) -> Iterator[FleetOffice]:
    with FleetOffice(root_bytes, folder) as office:
        yield office

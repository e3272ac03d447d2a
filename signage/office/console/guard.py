"""Every request passes here first: where it comes from, who sends it, and what its answer may do in a browser.

Plain ASGI, so that streams pass unbuffered.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
from collections.abc import Callable, Collection
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signage.office.console.sessions import COOKIE, Sessions

_log = logging.getLogger(__name__)

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_PATH = 2000
_HOST = re.compile(r"(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::[0-9]{1,5})?", re.IGNORECASE)
BUSY = (
    "现在读不出来或存不下来（数据库忙，或硬盘满了）。请过一会儿再试；屏幕照常播放。\n"
    "This cannot be read or kept now: the database is busy or the disk is full. Try again; screens play on.\n"
)
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}

_OPENER = ("cross-origin-opener-policy", "same-origin")
"""Only for https and this machine: elsewhere browsers do not heed it, and write an error of each page.

Source: HTML Standard, 7.1.3, and W3C Secure Contexts, 3.1 (potentially trustworthy origins).
"""


class Guard:
    """Refuses foreign hosts and foreign origins, finds the person of the session, and sets the safe headers.

    A browser on a plain-HTTP LAN sends no Sec-Fetch-Site, but always Origin with a POST: so that decides
    (Source: field notes 5). `hosts` gives the names that this office answers to, besides addresses.
    """

    def __init__(self, app: ASGIApp, sessions: Sessions, hosts: Callable[[], tuple[str, ...]]) -> None:
        self._app = app
        self._sessions = sessions
        self._hosts = hosts
        self._is_troubled = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if len(scope["path"]) > _LONGEST_PATH:
            await PlainTextResponse("too long\n", 414, dict(HEADERS))(scope, receive, send)
            return
        try:
            fault = await run_in_threadpool(self._fault_of, scope, headers)
            if fault:
                await PlainTextResponse(fault, 403, dict(HEADERS))(scope, receive, send)
                return
            token = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
            state: dict[str, Any] = scope.setdefault("state", {})
            state["person"] = await run_in_threadpool(self._sessions.person_of, token) if token else None
        except SQLAlchemyError as error:
            self._note_trouble(error)
            await PlainTextResponse(BUSY, 503, dict(HEADERS) | {"retry-after": "10"})(scope, receive, send)
            return
        self._note_fine()

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    answer.setdefault(name, value)
                if _is_trustworthy(scope["scheme"], headers.get("host", "")):
                    answer.setdefault(*_OPENER)
                if "text/html" in answer.get("content-type", ""):
                    answer.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, send_safely)

    def _note_trouble(self, error: SQLAlchemyError) -> None:
        if not self._is_troubled:
            _log.error("the console cannot ask its database (%s)", error)
        self._is_troubled = True

    def _note_fine(self) -> None:
        if self._is_troubled:
            _log.warning("the console can ask its database again")
        self._is_troubled = False

    def _fault_of(self, scope: Scope, headers: Headers) -> str:
        host = headers.get("host", "")
        if not is_own_host(host, self._hosts()):
            name = host.rpartition(":")[0] or host
            return f"不认识的主机名 {name}；请在“设置”里加上它\nunknown host name {name}; add it under Settings\n"
        if scope["method"] in _SAFE:
            return ""
        origin = headers.get("origin", "")
        if origin != f"{scope['scheme']}://{host}" or headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return "请从管理台自己的网页操作\nthis request does not come from the console's own pages\n"
        return ""


def is_own_host(host: str, names: Collection[str]) -> bool:
    """Tell whether a request's Host is this office: an address, this machine's own name, or one of `names`."""
    if not _HOST.fullmatch(host):
        return False
    name = _name_in(host)
    return _is_address(name) or name in _own_names() or name in names


@cache
def _own_names() -> frozenset[str]:
    own = socket.gethostname().lower()
    return frozenset({"localhost", "testserver", own, f"{own}.local"})


def _name_in(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:  # brackets around what is no address
        return ""


def _is_trustworthy(scheme: str, host: str) -> bool:
    name = _name_in(host)
    return scheme == "https" or name == "localhost" or (_is_address(name) and ipaddress.ip_address(name).is_loopback)


def _is_address(name: str) -> bool:
    """Tell whether this is an IP address: a page of another site cannot be reached under one by DNS rebinding."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True

"""Every request passes here first: where it comes from, who sends it, and what its answer may do in a browser.

Plain ASGI, so that streams pass unbuffered.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signage.office.console.sessions import COOKIE, Sessions

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
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
        self._own = {"localhost", "testserver", socket.gethostname().lower(), f"{socket.gethostname().lower()}.local"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        fault = await run_in_threadpool(self._fault_of, scope, headers)
        if fault:
            await PlainTextResponse(fault, 403, dict(HEADERS))(scope, receive, send)
            return
        token = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        state: dict[str, Any] = scope.setdefault("state", {})
        state["person"] = await run_in_threadpool(self._sessions.person_of, token) if token else None

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

    def _fault_of(self, scope: Scope, headers: Headers) -> str:
        host = headers.get("host", "")
        name = urlsplit(f"//{host}").hostname or ""
        if not (_is_address(name) or name in self._own or name in self._hosts()):
            return f"不认识的主机名 {name}；请在“设置”里加上它\nunknown host name {name}; add it under Settings\n"
        if scope["method"] in _SAFE:
            return ""
        origin = headers.get("origin", "")
        if origin != f"{scope['scheme']}://{host}" or headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return "请从管理台自己的网页操作\nthis request does not come from the console's own pages\n"
        return ""


def _is_trustworthy(scheme: str, host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    return scheme == "https" or name == "localhost" or (_is_address(name) and ipaddress.ip_address(name).is_loopback)


def _is_address(name: str) -> bool:
    """Tell whether this is an IP address: a page of another site cannot be reached under one by DNS rebinding."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True

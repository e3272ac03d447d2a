"""Requests come in; those whose body is longer than any form of their page is are refused before it is read."""

from __future__ import annotations

from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

OF_ANYBODY_BYTES = 200_000
OF_STAFF_BYTES = 64_000_000
OF_FILES_BYTES = 8_600_000_000
_FILES = ("/media/upload", "/urgent/order", "/urgent/files", "/review/take")
_ANYBODY = ("/login", "/logout", "/language", "/setup", "/public")


class LimitedBodies:
    """Limits bodies by path and by whether somebody is signed in; it stands behind the guard, which knows who."""

    def __init__(self, app: ASGIApp) -> None:
        self._anybody = RequestBodyLimitMiddleware(app, OF_ANYBODY_BYTES)
        self._staff = RequestBodyLimitMiddleware(app, OF_STAFF_BYTES)
        self._files = RequestBodyLimitMiddleware(app, OF_FILES_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope.get("state", {}).get("person") is None or path.startswith(_ANYBODY):
            await self._anybody(scope, receive, send)
        elif path in _FILES:
            await self._files(scope, receive, send)
        else:
            await self._staff(scope, receive, send)

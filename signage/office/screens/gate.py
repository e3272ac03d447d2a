"""What screens send in, before it is read; what may be read out: of a screen that is let in, and not too much.

FastAPI reads and takes apart a whole body before it asks who sent it, and writes down each fault of a list, be it long.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from signage.office.screens.roll import Roll
from signage.wire import MOST_BATCH, MOST_PICTURE_BYTES

_log = logging.getLogger(__name__)

RETRY = {"Retry-After": "30"}
_MOST_BYTES = {"pairings": 20_000, "heartbeat": 200_000, "asrun": 4_000_000, "picture": MOST_PICTURE_BYTES}
_REPORTS = {"heartbeat": "POST", "asrun": "POST", "picture": "PUT"}


class Limited:
    """Refuses a body that is too long for its path before it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self._limited: Mapping[str, ASGIApp] = {
            name: RequestBodyLimitMiddleware(app, most) for name, most in _MOST_BYTES.items()
        }
        self._other = RequestBodyLimitMiddleware(app, min(_MOST_BYTES.values()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._limited.get(_last_of(scope), self._other)(scope, receive, send)


class Gate:
    """Lets the report of a screen that is let in pass; of anybody else not one byte of the body is read.

    `count` is told the kind of report and the screen, and tells whether that is not too many. The screen's name is in
    the request's `state` from then on, as `screen`.
    """

    def __init__(self, app: ASGIApp, roll: Roll, count: Callable[[str, str], bool]) -> None:
        self._app = app
        self._roll = roll
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = _last_of(scope)
        if scope["type"] == "http" and "origin" in Headers(scope=scope):
            # No screen says it. A page of another site could come here by a name of its own that points to the office.
            await JSONResponse({"detail": "this is for screens, not for browsers"}, 403)(scope, receive, send)
            return
        if scope["type"] == "http" and _REPORTS.get(kind) == scope["method"]:
            try:
                screen = await run_in_threadpool(self._roll.screen_of, _bearer_of(scope))
            except SQLAlchemyError as error:
                await unkept(error)(scope, receive, send)
                return
            if screen is None:
                said = {"detail": "no token of a screen that is let in"}
                await JSONResponse(said, 401, {"WWW-Authenticate": "Bearer"})(scope, receive, send)
                return
            if not self._count(kind, screen):
                await JSONResponse({"detail": "too many reports"}, 429, RETRY)(scope, receive, send)
                return
            scope.setdefault("state", {})["screen"] = screen
        await self._app(scope, receive, send)


def refuse_long(said: Any) -> Any:
    """Give what was said, where no list in it has more parts than any may have: each fault in a million would be noted.

    Raises:
        ValueError: one has.
    """
    if isinstance(said, dict) and any(isinstance(part, list) and len(part) > MOST_BATCH for part in said.values()):
        raise ValueError(f"a list has more than {MOST_BATCH} parts")
    return said


def unkept(error: Exception) -> JSONResponse:
    """Give the answer for what cannot be kept; what stands in the way stands in the log already, once: see `inbox`."""
    _log.debug("a screen's report could not be kept: %s", error)
    return JSONResponse({"detail": "cannot be kept now; send it again later"}, 503, RETRY)


def _last_of(scope: Scope) -> str:
    return str(scope.get("path", "")).rstrip("/").rpartition("/")[2]


def _bearer_of(scope: Scope) -> str:
    scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""

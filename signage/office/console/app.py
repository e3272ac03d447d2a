"""A desk in, the console's ASGI application out: guard, static files and every page."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from signage.base.errors import SignageError
from signage.office.console.guard import BUSY, Guard
from signage.office.console.limits import LimitedBodies
from signage.office.console.pages import account, auditlog, settings, setup, signin, staff
from signage.office.console.pages import keys as keypages
from signage.office.console.roster import Roster
from signage.office.console.sessions import Sessions
from signage.office.console.shell import SORTABLE_FILE, Shell, htmx_file
from signage.office.keyroom import KeyRoom

_log = logging.getLogger(__name__)

_TOLD_AGAIN_S = 600.0
STATIC = Path(__file__).parent / "static"


def make_console(shell: Shell, keys: KeyRoom, pages: Sequence[BaseRoute]) -> ASGIApp:
    """Give the application of these pages, with sign-in and what every page needs."""
    desk = shell.desk
    sessions = Sessions(desk.database, desk.clock)
    roster = Roster(desk, shell.tell_signed_out)

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return shell.render(request, "refused.html", error.status_code, code=error.status_code, said=error.detail)

    told_s: list[float] = []

    def failed(request: Request, error: Exception) -> Response:
        """Say what stands in the way, a folder that is away most often, where a page has no words of its own for it."""
        assert isinstance(error, SignageError)
        said = shell.in_page_words(request, error)
        return shell.render(request, "refused.html", 503, code=503, said=said)

    def busy(_request: Request, error: Exception) -> Response:
        """Say so in plain words, and in the log not more often than somebody can read."""
        now_s = desk.clock.monotonic_s()
        if not told_s or now_s - told_s[-1] > _TOLD_AGAIN_S:
            told_s[:] = [now_s]
            _log.error("the database does not take what a page asks for (%s)", error)
        return PlainTextResponse(BUSY, 503, {"retry-after": "10"})

    routes: list[BaseRoute] = [
        Route("/static/htmx.js", _file(htmx_file()), methods=["GET"]),
        Route("/static/sortable.js", _file(SORTABLE_FILE), methods=["GET"]),
        Mount("/static", StaticFiles(directory=STATIC)),
        *signin.routes(shell, sessions),
        *setup.routes(shell, sessions, roster, keys),
        *staff.routes(shell, sessions, roster, keys),
        *account.routes(shell, sessions, roster),
        *settings.routes(shell),
        *keypages.routes(shell, roster, keys),
        *auditlog.routes(shell),
        *pages,
    ]
    app = Starlette(
        routes=routes, exception_handlers={HTTPException: refused, SQLAlchemyError: busy, SignageError: failed}
    )
    return Guard(setup.BeforeSetUp(LimitedBodies(app), desk), sessions, lambda: desk.settings.read().hosts)


def _file(path: Path) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(_request: Request) -> Response:
        if not path.is_file():
            return Response("", media_type="text/javascript")
        return FileResponse(path, media_type="text/javascript", headers={"cache-control": "max-age=3600"})

    return endpoint

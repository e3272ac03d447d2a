"""A desk in, the console's ASGI application out: guard, static files and every page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from signage.office.console.guard import Guard
from signage.office.console.limits import LimitedBodies
from signage.office.console.pages import account, auditlog, settings, setup, signin, staff
from signage.office.console.pages import keys as keypages
from signage.office.console.roster import Roster
from signage.office.console.sessions import Sessions
from signage.office.console.shell import SORTABLE_FILE, Shell, htmx_file
from signage.office.keyroom import KeyRoom

STATIC = Path(__file__).parent / "static"


def make_console(shell: Shell, pages: Sequence[BaseRoute]) -> ASGIApp:
    """Give the application of these pages, with sign-in and what every page needs."""
    desk = shell.desk
    sessions = Sessions(desk.database, desk.clock)
    roster, keys = Roster(desk, shell.tell_signed_out), KeyRoom(desk)

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return shell.render(request, "refused.html", error.status_code, code=error.status_code, said=error.detail)

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
    app = Starlette(routes=routes, exception_handlers={HTTPException: refused})
    return Guard(setup.BeforeSetUp(LimitedBodies(app), desk), sessions, lambda: desk.settings.read().hosts)


def _file(path: Path) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(_request: Request) -> Response:
        if not path.is_file():
            return Response("", media_type="text/javascript")
        return FileResponse(path, media_type="text/javascript", headers={"cache-control": "max-age=3600"})

    return endpoint

"""`signage office STORE` in, one process out that serves screens and staff until it is told to end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from signage.base.supervisor import Supervisor
from signage.office.connections import listening, run_server
from signage.office.console.app import make_console
from signage.office.console.changes import Gallery
from signage.office.console.pages import direct as pages_direct
from signage.office.console.pages import (
    files,
    media,
    pairing,
    playlistparts,
    playlists,
    public,
    reports,
    review,
    schedule,
    screenpage,
    urgent,
    wall,
)
from signage.office.console.shell import Shell
from signage.office.desk import Desk
from signage.office.direct import DirectPublishing
from signage.office.edit.book import PlaylistBook
from signage.office.edit.checking import Shelf
from signage.office.edit.screensfile import ScreensBook
from signage.office.hints import Hints
from signage.office.keyroom import KeyRoom
from signage.office.medialist import MediaList
from signage.office.metrics import Counted
from signage.office.nightly import Nightly
from signage.office.proposal import Proposals
from signage.office.pulse import keep_telling
from signage.office.releasing import Releasing
from signage.office.runs import Runs
from signage.office.screens.api import MOUNT as SCREENS_MOUNT
from signage.office.screens.api import ScreensApi
from signage.office.screens.fleet import Fleet
from signage.office.screens.rollup import sum_up
from signage.office.screens.watch import FleetWatch
from signage.office.serve import beside_streams, published_routes
from signage.office.services import Services
from signage.office.upkeep import Upkeep

_log = logging.getLogger(__name__)


def make_office_app(desk: Desk) -> Starlette:
    """Give the whole application: the published folder and its hints, the screens' API, the console."""
    office = desk.office()
    shell = Shell(desk)
    published, hints = published_routes(office)
    screens = ScreensApi(desk)
    fleet = Fleet(desk, screens.heard)
    watch = FleetWatch(fleet, desk.database, desk.clock, desk.alarms)
    services = Services()
    nightly = Nightly(desk, lambda: sum_up(desk))
    services.add(screens.close)
    services.add(nightly.close, nightly.start)
    upkeep = Upkeep(desk, services)
    keys = KeyRoom(desk)
    keys.on_change(nightly.hurry)
    routes: list[BaseRoute] = [
        *published,
        *upkeep.routes,
        Mount(SCREENS_MOUNT, screens.asgi),
        Route("/api/openapi.json", _json(screens.openapi), methods=["GET"]),
        Mount(
            "/",
            make_console(
                shell,
                keys,
                [*_screen_pages(shell, screens, fleet, hints), *_content_pages(shell), *_pages(shell, services, keys)],
            ),
        ),
    ]

    @asynccontextmanager
    async def beside(_app: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(desk.start)
        await run_in_threadpool(services.start)
        tasks = [
            asyncio.create_task(watch.run()),
            asyncio.create_task(keep_telling(Supervisor(os.environ), upkeep.status_line)),
        ]
        try:
            async with beside_streams(office, hints):
                yield
        finally:
            await run_in_threadpool(desk.studio.close)  # requests that wait for pictures would hold up the end
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await run_in_threadpool(services.close)

    app = Starlette(routes=routes, lifespan=beside, middleware=[Middleware(Counted, metrics=upkeep.metrics)])
    app.state.hints = hints
    return app


def _json(give: Callable[[], Any]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(_request: Request) -> Response:
        return JSONResponse(give())

    return endpoint


def _screen_pages(shell: Shell, screens: ScreensApi, fleet: Fleet, hints: Hints) -> list[BaseRoute]:
    """Give the routes of what is about screens: the wall, one screen, pairing, reports."""
    book = ScreensBook(shell.desk.store)
    return [
        *wall.routes(shell, fleet, screens.pictures),
        *screenpage.routes(shell, screens, fleet, book, hints),
        *pairing.routes(shell, screens, fleet, book),
        *reports.routes(shell, fleet),
    ]


def _content_pages(shell: Shell) -> list[BaseRoute]:
    """Give the routes of what plays: media, playlists, their pictures."""
    book, listing = make_book(shell.desk), MediaList(shell.desk.keeper, shell.desk.database)
    return [
        *files.routes(shell, book),
        *media.routes(shell, book, listing),
        *playlistparts.routes(shell, listing),
        *playlists.routes(shell, book),
        *schedule.routes(shell),
    ]


def _pages(shell: Shell, services: Services, keys: KeyRoom) -> Sequence[BaseRoute]:
    """Give the routes of every area of the console; what has to run beside them is added to `services`."""
    proposals, runs, gallery = Proposals(shell.desk), Runs(), Gallery(shell.desk)
    releasing = Releasing(shell.desk, proposals)
    direct = DirectPublishing(shell.desk, proposals, releasing)
    releasing.on_going_back(direct.stop)
    keys.on_new_signers(direct.stop)
    services.add(proposals.close)
    services.add(runs.close)
    services.add(direct.close, direct.start)
    return [
        *pages_direct.routes(shell, direct, releasing),
        *review.routes(shell, proposals, releasing, runs, gallery),
        *urgent.routes(shell, gallery, services),
        *public.routes(shell),
    ]


def make_book(desk: Desk) -> PlaylistBook:
    """Give what changes the playlists of the desk's store."""

    def shelf() -> Shelf:
        view = desk.keeper.view()
        return Shelf(tuple(view.store.screens.values()), view.files.keys(), view.folders)

    return PlaylistBook(desk.store, desk.folder, desk.clock, shelf)


def run_office(desk: Desk, host: str, port: int, say: Callable[[int], None] = lambda _port: None) -> int:
    """Serve until Ctrl-C or SIGTERM; give the exit code. `say` is told the port once it is listened on.

    Raises:
        SignageError: the address is taken.
    """
    app = make_office_app(desk)
    with listening(host, port) as door, _ending_in_order():
        at = door.getsockname()[:2]
        say(at[1])
        _log.info("the office has started at %s:%d for the store %s", *at, desk.store)
        try:
            run_server(app, door)
        finally:
            _log.info("the office has ended")
    return 0


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Make SIGTERM an exit that closes everything. uvicorn sends it again when it has ended: that would kill us."""

    def end(_number: int, _frame: object) -> None:
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

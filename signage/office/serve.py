"""The office's published folder in, an HTTP server for its screens out: static files with Range, and hints.

Any web server can serve the folder as well; only the hints need this one. Nothing is believed of what it sends.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from signage.base.errors import SignageError
from signage.base.files import open_plain
from signage.office.connections import listening, run_server
from signage.office.hints import Hints
from signage.office.office import Office
from signage.office.people import show_roles
from signage.office.resigning import is_online_aging, renew
from signage.release.hint import EVENTS_PATH

_log = logging.getLogger(__name__)

RENEW_S = 600.0
_FIRST_LOOK_S = 1.0
_FOR_EVER = "public, max-age=31536000, immutable"
_SHORTEST_ZIPPED = 400
_MOST_SMALL_BYTES = 8_000_000


def make_app(office: Office) -> Starlette:
    """Give the application; it renews the online signatures while it runs. Its `state.hints` are to end with it."""
    routes, hints = published_routes(office)

    @asynccontextmanager
    async def beside(_app: Starlette) -> AsyncIterator[None]:
        async with beside_streams(office, hints):
            yield

    app = Starlette(routes=routes, lifespan=beside)
    app.state.hints = hints
    return app


def published_routes(office: Office) -> tuple[list[BaseRoute], Hints]:
    """Give the routes of the published folder, and the hints that `beside_streams` keeps going."""
    folder = office.repository.folder
    hints, small = Hints(folder), _SmallFiles(folder)
    routes: list[BaseRoute] = [
        Route(f"/{EVENTS_PATH}", hints, methods=["GET"]),
        Route("/metadata/{path}", small.metadata, methods=["GET"]),
        Route("/targets/{path:path}", small.target, methods=["GET"]),
        Mount("/blobs", _Blobs(directory=folder / "blobs", check_dir=False)),
    ]
    return routes, hints


@asynccontextmanager
async def beside_streams(office: Office, hints: Hints) -> AsyncIterator[None]:
    """Watch for news and renew signatures for as long as the block lasts."""
    tasks = [asyncio.create_task(hints.watch()), asyncio.create_task(_keep_fresh(office))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def serve(office: Office, host: str, port: int) -> int:
    """Serve until Ctrl-C or SIGTERM; give the exit code.

    Raises:
        SignageError: nothing is published there, or the address is taken.
    """
    office.repository.root()
    with listening(host, port) as door:
        run_server(make_app(office), door)
    return 0


async def _keep_fresh(office: Office) -> None:
    """Sign timestamp and snapshot anew before half of their life is over; what is wrong is told once.

    So is what only a person can renew, 30 days before it expires.
    """
    fault, told = "", set[str]()
    while True:
        try:
            if not office.repository.exists:  # the first-run wizard makes it
                await asyncio.sleep(_FIRST_LOOK_S)
                continue
            if is_online_aging(office):
                await asyncio.to_thread(renew, office, only_online=True)
            for state in show_roles(office):
                if state.is_expiring and state.role not in told:
                    _log.warning("%s: what it signed expires on %s; renew it in time", state.role, state.expires)
                    told.add(state.role)
            if fault:
                _log.warning("the online signatures can be renewed again")
            fault = ""
        except (SignageError, OSError) as error:
            if str(error) != fault:
                _log.error("the online signatures cannot be renewed: %s", error)
            fault = str(error)
        await asyncio.sleep(RENEW_S)


class _SmallFiles:
    """Metadata and targets: short, read whole, zipped for those who can."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def metadata(self, request: Request) -> Response:
        name = request.path_params["path"]
        # Two timestamps of one second have equal length: by time and length a server would call the new one unchanged.
        is_timestamp = name == "timestamp.json"
        return self._answer(request, f"metadata/{name}", "no-store" if is_timestamp else _FOR_EVER)

    async def target(self, request: Request) -> Response:
        return self._answer(request, f"targets/{request.path_params['path']}", _FOR_EVER)

    def _answer(self, request: Request, path: str, caching: str) -> Response:
        if any(part in ("", "..") or part.startswith(".") for part in path.split("/")) or "\0" in path:
            raise HTTPException(404)
        try:
            # Not by a link, which could lead to a key, nor for ever, as from a pipe.
            place = self._folder / path
            if place.is_symlink():
                raise HTTPException(404)
            with open_plain(place) as file:
                data = file.read(_MOST_SMALL_BYTES + 1)
            if len(data) > _MOST_SMALL_BYTES:
                raise HTTPException(404)
        except OSError:
            # Every poll asks for a root that is not there yet: the answer is as short as can be.
            return Response(status_code=404)
        headers = {"cache-control": caching}
        if len(data) >= _SHORTEST_ZIPPED and "gzip" in request.headers.get("accept-encoding", ""):
            headers |= {"content-encoding": "gzip", "vary": "accept-encoding"}
            data = _zipped(data)
        # Without a content type: a poll is two short answers, and nobody but screens reads these.
        return Response(data, headers=headers)


@lru_cache(maxsize=64)
def _zipped(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


class _Blobs(StaticFiles):
    """Blobs by their digest, with Range; one never changes."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        if Path(full_path).name.startswith("."):
            raise HTTPException(404)
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["cache-control"] = _FOR_EVER
        return response

"""The messages of `signage.wire` in by HTTP, their answers out: the only place that screens send anything to.

A FastAPI application of its own, outside the console's guard: a session's cookie counts for nothing here, and a
screen's token for nothing anywhere else.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BeforeValidator
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp

from signage.base.errors import SignageError
from signage.office.console.throttle import Throttle
from signage.office.database.tables import ScreenRow
from signage.office.desk import Desk
from signage.office.edit.screensfile import ScreensBook
from signage.office.screens import asrun, heartbeats
from signage.office.screens.gate import RETRY, Gate, Limited, refuse_long, unkept
from signage.office.screens.inbox import Inbox, InboxFullError
from signage.office.screens.pairing import Fate, Pairings, neighbour_of
from signage.office.screens.pictures import Pictures, jpeg_size
from signage.office.screens.roll import Roll
from signage.office.screens.room import AsRunRoom
from signage.wire import (
    CODE_LENGTH,
    AsRunAnswer,
    AsRunBatch,
    Enrolment,
    Heartbeat,
    HeartbeatAnswer,
    Pairing,
    PairingWish,
)

_log = logging.getLogger(__name__)

MOST_TITLE = 60

MOUNT = "/api/screens"
_MOST_WISHES, _MOST_WRONG, _WINDOW_S = 30, 60, 600.0
_MOST_REPORTS = {"heartbeat": 600, "asrun": 120, "picture": 60}
"""Of one screen within a minute."""
_LATEST_MS = 253_402_300_799_000
_REFUSED: dict[int | str, dict[str, Any]] = {401: {"description": "no token of a screen that is let in"}}
_BUSY: dict[int | str, dict[str, Any]] = {
    413: {"description": "the body is too long"},
    429: {"description": "far too many; wait"},
    503: {"description": "cannot be kept now; send it again later"},
}


class ScreensApi:
    """What the endpoints share. `beside` has to run as long as they do."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.inbox = Inbox(desk.database)
        self.roll = Roll(desk.database, desk.audit, desk.clock)
        self.pictures = Pictures(desk.folder / "pictures")
        self.pairings = Pairings(desk.database, desk.audit, desk.clock, self.roll, self.root_bytes)
        self.wishes = Throttle(desk.clock, most=_MOST_WISHES, window_s=_WINDOW_S)
        self.wrong = Throttle(desk.clock, most=_MOST_WRONG, window_s=_WINDOW_S)
        self._reports = {kind: Throttle(desk.clock, most=most, window_s=60.0) for kind, most in _MOST_REPORTS.items()}
        self.room = AsRunRoom(desk.folder, desk.clock)
        self.heard = heartbeats.Heard()
        self.app = _application(self)

    def _count(self, kind: str, screen: str) -> bool:
        """Count a report of a screen; tell whether it sends no more than a screen has to tell."""
        return self._reports[kind].take(screen)

    def root_bytes(self) -> bytes:
        """Give the newest root of trust, as it is published.

        Raises:
            SignageError: there is none yet.
        """
        repository = self.desk.office().repository
        return repository.read(f"metadata/{repository.root().signed.version}.root.json")

    def title_of(self, screen: str) -> str:
        """Give what the store's files call a screen; empty where they do not name it, or cannot be read."""
        try:
            written = ScreensBook(self.desk.store).get(screen)
        except SignageError:
            return ""
        return str(written.said.get("title") or "")[:MOST_TITLE] if written else ""

    @property
    def asgi(self) -> ASGIApp:
        """Give the application with its limits, to be mounted."""
        return Limited(Gate(self.app, self.roll, self._count))

    def openapi(self) -> dict[str, Any]:
        """Give the description of the API."""
        return self.app.openapi()

    def close(self) -> None:
        self.inbox.close()


_BEARER = HTTPBearer(auto_error=False, description="The token that the screen made itself when it asked to be let in.")
Token = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


def _application(api: ScreensApi) -> FastAPI:
    app = FastAPI(
        title="signage: the screens' API",
        version="1",
        description="How screens are let in and report. Everything that they show comes by the signed road instead.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        servers=[{"url": MOUNT}],
        root_path_in_servers=False,
    )
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(StarletteHTTPException)(_refused)
    app.exception_handler(InboxFullError)(_busy)
    app.exception_handler(SQLAlchemyError)(_busy)
    app.exception_handler(SignageError)(_busy)
    _add_pairings(app, api)
    by_token = Depends(_screen_of)
    _add_reports(app, api, by_token)
    _add_picture(app, api, by_token)
    return app


def _add_pairings(app: FastAPI, api: ScreensApi) -> None:
    @app.post("/pairings", status_code=201, responses=_BUSY)
    def ask(wish: PairingWish, request: Request) -> Pairing:
        """Ask to be let in. The answer's code is shown on the screen, for staff to type."""
        address = _address(request)
        if not api.wishes.take(neighbour_of(address)):
            raise HTTPException(429, "too many wishes from this address", RETRY)
        return api.pairings.ask(wish, address)

    @app.get(
        "/pairings/{code}",
        responses=_REFUSED
        | {
            202: {"description": "not yet"},
            404: {"description": "no such code of this token"},
            410: {"description": "its time is over"},
            429: {"description": "too many wrong codes"},
            503: _BUSY[503],
        },
    )
    def look(code: Annotated[str, Path(min_length=CODE_LENGTH, max_length=CODE_LENGTH)], token: Token,
             request: Request, response: Response) -> Enrolment | None:  # fmt: skip
        """Give the enrolment once a person has let this screen in; 202 until then."""
        address = _address(request)
        if not api.wrong.may(neighbour_of(address)):
            raise HTTPException(429, "too many wrong codes from this address", RETRY)
        if token is None:
            raise HTTPException(401, "a bearer token is needed", {"WWW-Authenticate": "Bearer"})
        found = api.pairings.look(code, token.credentials)
        if isinstance(found, Enrolment):
            return replace(found, title=api.title_of(found.screen))
        if found is Fate.WAITING:
            response.status_code = 202
            return None
        api.wrong.note(neighbour_of(address))
        raise HTTPException(404 if found is Fate.UNKNOWN else 410)


def _screen_of(request: Request, _token: Token) -> str:
    """Give the screen that the gate has let pass. The token stands here for the description of the API."""
    screen: str = request.scope["state"]["screen"]
    return screen


def _add_reports(app: FastAPI, api: ScreensApi, by_token: Any) -> None:
    @app.post("/heartbeat", responses=_REFUSED | _BUSY)
    async def take_heartbeat(
        heartbeat: Annotated[Heartbeat, BeforeValidator(refuse_long)], screen: str = by_token
    ) -> HeartbeatAnswer:
        """Take what the screen says of itself."""
        try:
            said = heartbeats.plain(heartbeat)
        except ValueError as error:
            fault = {"loc": ("body",), "msg": "a number is not finite", "type": "finite_number"}
            raise RequestValidationError([fault]) from error
        now_ms = api.desk.clock.now_ms()
        try:
            answer = await api.inbox.put(heartbeats.keep(screen, said, now_ms))
        except (SQLAlchemyError, InboxFullError):
            api.heard.note(screen, said, now_ms)
            raise
        api.heard.forget(screen)
        if answer is None:
            raise HTTPException(401)
        return answer

    @app.post("/asrun", responses=_REFUSED | _BUSY)
    async def take_asrun(
        batch: Annotated[AsRunBatch, BeforeValidator(refuse_long)], screen: str = by_token
    ) -> AsRunAnswer:
        """Keep rows of the as-run log. Answered when they are on the disk; the same again changes nothing."""
        if not batch.rows:
            return AsRunAnswer(0, 0)
        await run_in_threadpool(api.room.take, screen, batch)
        return await api.inbox.put(asrun.keep(screen, batch.rows))


def _add_picture(app: FastAPI, api: ScreensApi, by_token: Any) -> None:
    @app.put(
        "/picture",
        status_code=204,
        responses=_REFUSED | _BUSY | {415: {"description": "no JPEG"}},
        openapi_extra={"requestBody": {"required": True, "content": {"image/jpeg": {"schema": _BINARY}}}},
    )
    async def take_picture(
        request: Request,
        x_taken_ms: Annotated[int | None, Header(ge=0, le=_LATEST_MS)] = None,  # noqa: ARG001 - described so
        screen: str = by_token,
    ) -> None:
        """Keep a picture of the output. It counts from when it came: a screen's clock may be wrong."""
        data = await request.body()
        if jpeg_size(data) is None:
            raise HTTPException(415, "a JPEG is wanted, whole and at most 8192 px wide and high")
        now_ms = api.desk.clock.now_ms()
        await run_in_threadpool(api.pictures.keep, screen, now_ms, data)
        await api.inbox.put(_note_picture(screen, now_ms))


_BINARY = {"type": "string", "format": "binary"}


def _note_picture(screen: str, at_ms: int) -> Any:
    def write(session: Session) -> None:
        values = {"picture_ms": at_ms, "wants_picture": False}
        session.execute(update(ScreenRow).where(ScreenRow.name == screen).values(**values))

    return write


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def _invalid(_request: Request, error: Exception) -> Response:
    """Say what is wrong without sending back what was sent."""
    assert isinstance(error, RequestValidationError)
    _let_go(error)
    faults = [{"loc": list(one["loc"]), "msg": one["msg"], "type": one["type"]} for one in error.errors()[:20]]
    return JSONResponse({"detail": faults}, 422)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)
    _let_go(error)
    return await http_exception_handler(request, error)


def _let_go(error: Exception) -> None:
    """Break the circle of an error and the frames that it came through: they hold what was sent, megabytes of it.

    Circles are looked for seldom in this process: see `connections`.
    """
    error.__traceback__ = error.__cause__ = error.__context__ = None


async def _busy(_request: Request, error: Exception) -> Response:
    return unkept(error)

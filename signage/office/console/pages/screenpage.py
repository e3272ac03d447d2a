"""One screen: its picture, its day as a timeline, its history, health and settings."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import select
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from signage.base.errors import SignageError
from signage.base.moments import to_ms
from signage.office.console.pages.pairing import fields_of
from signage.office.console.roles import Role
from signage.office.console.shell import Shell, action, go_to, local_now, page, person_of, text_of
from signage.office.database.tables import ShownRow
from signage.office.edit.screensfile import ScreensBook, ScreensFileError
from signage.office.hints import Hints
from signage.office.screens.api import ScreensApi
from signage.office.screens.fleet import Fleet, ScreenView
from signage.office.screens.outputfit import misfit_of
from signage.office.screens.plans import releases_between
from signage.office.screens.states import State
from signage.office.screens.timeline import changes_of, day_of_screen
from signage.wire import WISH_EVENT

_DAY_MS = 86_400_000
_TOLD_AFTER_MS = 300_000
_ROWS, _STATES, _STRIP = 40, 40, 8
_FIELDS = ("title", "tags", "layout", "rotate", "sound", "hours", "size", "place")


def routes(shell: Shell, api: ScreensApi, fleet: Fleet, book: ScreensBook, hints: Hints) -> list[BaseRoute]:
    """Give the routes of this area."""
    pages = _ScreenPage(shell, api, fleet, book, hints)
    return [
        Route("/screens/{name}", page(pages.show), methods=["GET"]),
        Route("/screens/{name}/output", page(pages.output), methods=["GET"]),
        Route("/screens/{name}/look", action(pages.look), methods=["POST"]),
        Route("/screens/{name}/settings", action(pages.change, Role.ADMINISTRATOR), methods=["POST"]),
        Route("/screens/{name}/revoke", action(pages.revoke, Role.ADMINISTRATOR), methods=["POST"]),
    ]


class _ScreenPage:
    def __init__(self, shell: Shell, api: ScreensApi, fleet: Fleet, book: ScreensBook, hints: Hints) -> None:
        self._shell = shell
        self._desk = shell.desk
        self._api = api
        self._fleet = fleet
        self._book = book
        self._hints = hints

    def show(self, request: Request) -> Response:
        return self._page(request, self._view(request))

    def output(self, request: Request) -> Response:
        """Give the picture and state alone; nothing where nothing has changed since `serial`."""
        one = self._view(request)
        if request.query_params.get("serial") == str(one.serial):
            return Response(status_code=204)
        return self._shell.render(request, "wall/output.html", **self._output(one))

    def look(self, request: Request, _form: FormData) -> Response:
        """Ask the screen for a picture now: at once over the hints, else with its next heartbeat."""
        one = self._view(request)
        if not self._api.roll.want_picture(one.name):
            raise HTTPException(404)
        self._hints.tell(WISH_EVENT, json.dumps({"screens": [one.name]}))
        if "hx-request" in request.headers:
            return self._shell.render(
                request, "wall/output.html", **self._output(one) | {"is_asked": True, "is_later": not one.is_live}
            )
        return go_to(f"/screens/{quote(one.name)}")

    def change(self, request: Request, form: FormData) -> Response:
        one, person, t = self._view(request), person_of(request), self._shell.words(request)
        assert person is not None
        said = fields_of(form)
        try:
            self._book.put(one.name, said, text_of(form, "version") or None)
        except ScreensFileError as error:
            return self._page(request, one, t(error.zh, str(error)), said)
        except SignageError as error:
            return self._page(request, one, self._shell.in_page_words(request, error), said)
        self._desk.audit.note(person.name, "screen.changed", one.name, said)
        self._desk.keeper.refresh()
        return go_to(f"/screens/{quote(one.name)}?saved=1")

    def revoke(self, request: Request, _form: FormData) -> Response:
        one, person = self._view(request), person_of(request)
        assert person is not None
        self._api.roll.shut_out(one.name, person.name)
        return go_to(f"/screens/{quote(one.name)}")

    def _view(self, request: Request) -> ScreenView:
        found = self._fleet.view(fresh=True).find(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        return found

    def _output(self, one: ScreenView) -> dict[str, Any]:
        times = self._api.pictures.times(one.name)[:_STRIP]
        return {"one": one, "times": times, "is_asked": False, "is_later": False}

    def _page(self, request: Request, one: ScreenView, fault: str = "", said: dict[str, Any] | None = None) -> Response:
        now = local_now(self._desk)
        back = min(60, max(0, int(request.query_params.get("back", "0") or 0))) if _is_number(request) else 0
        start = (now - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
        start_ms = to_ms(start)
        manifest = self._fleet.on_air.now().manifests.get(one.name)
        aired = list(releases_between(self._desk, start_ms, start_ms + _DAY_MS))
        written = self._book.get(one.name)
        return self._shell.render(
            request,
            "wall/screen.html",
            422 if fault else 200,
            **self._output(one),
            misfit=misfit_of(one.screen, one.heartbeat),
            fault=fault,
            is_saved="saved" in request.query_params,
            date=f"{start:%Y-%m-%d}",
            back=back,
            start_ms=start_ms,
            day=day_of_screen(
                self._desk.database,
                aired,
                one.name,
                start_ms,
                start_ms + _DAY_MS,
                lambda zone: self._told(one, zone),
            ),
            changes=changes_of(aired, one.name, start_ms),
            now_minute=(self._desk.clock.now_ms() - start_ms) / 60_000,
            rows=self._rows(one.name, start_ms),
            history=[
                (State(row.state) if row.state in set(State) else None, row)
                for row in self._api.roll.history(one.name, _STATES)
            ],
            written=written,
            lists={one.name: one.title or one.name for one in manifest.store.playlists} if manifest else {},
            said=_shown_fields((dict(written.said) if written else {}) | (said or {})),
        )

    def _told(self, one: ScreenView, zone: str) -> tuple[int, int]:
        """Give from when until when rows should be here: what is on screen now tells when it has ended."""
        now_ms = self._desk.clock.now_ms()
        until_ms = min(now_ms - _TOLD_AFTER_MS, one.known.revoked_ms or now_ms)
        beat = one.heartbeat
        if beat and one.is_live:
            until_ms = min([until_ms, *(shown.since_ms for shown in beat.on_air if shown.zone == zone)])
        return one.known.enrolled_ms or now_ms, until_ms

    def _rows(self, name: str, start_ms: int) -> list[ShownRow]:
        found = select(ShownRow).where(
            ShownRow.screen == name, ShownRow.started_ms >= start_ms, ShownRow.started_ms < start_ms + _DAY_MS
        )
        with self._desk.database.reading() as session:
            return list(session.scalars(found.order_by(ShownRow.started_ms.desc()).limit(_ROWS)))


def _is_number(request: Request) -> bool:
    text = request.query_params.get("back", "")
    return text.isdecimal() and len(text) < 4


def _shown_fields(said: Any) -> dict[str, str]:
    """Give settings as the form shows them: lists with commas between."""
    return dict.fromkeys(_FIELDS, "") | {
        key: "，".join(map(str, value)) if isinstance(value, list) else str(value or "") for key, value in said.items()
    }

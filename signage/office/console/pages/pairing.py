"""Letting a new screen in: its code in, a name for it, and waiting until it reports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from signage.base.errors import SignageError
from signage.office.console.roles import Role
from signage.office.console.shell import Shell, action, go_to, page, person_of, text_of
from signage.office.console.throttle import Throttle
from signage.office.edit.screensfile import ScreensBook, ScreensFileError
from signage.office.screens.api import ScreensApi
from signage.office.screens.fleet import Fleet
from signage.office.screens.outputfit import misfit_of
from signage.office.screens.pairing import MANY_PENDING, Waiting
from signage.wire import fingerprint

_MOST_TRIES, _WINDOW_S = 5, 600.0
_NAME = re.compile(r"[^\W_][\w-]{0,39}")
_RESERVED = frozenset({"changes"})  # a page of the wall's own
_SEPARATORS = re.compile(r"[,，、;；\s]+")
LAYOUTS = ("full", "banner", "side")


def routes(shell: Shell, api: ScreensApi, fleet: Fleet, book: ScreensBook) -> list[BaseRoute]:
    """Give the routes of this area."""
    pages = _Pairing(shell, api, fleet, book)
    return [
        Route("/pair", page(pages.ask, Role.ADMINISTRATOR), methods=["GET"]),
        Route("/pair", action(pages.let_in, Role.ADMINISTRATOR), methods=["POST"]),
        Route("/pair/{code}/done", page(pages.done, Role.ADMINISTRATOR), methods=["GET"]),
        Route("/pair/{code}/state", page(pages.state, Role.ADMINISTRATOR), methods=["GET"]),
    ]


class _Pairing:
    def __init__(self, shell: Shell, api: ScreensApi, fleet: Fleet, book: ScreensBook) -> None:
        self._shell = shell
        self._api = api
        self._fleet = fleet
        self._book = book
        self._tries = Throttle(shell.desk.clock, most=_MOST_TRIES, window_s=_WINDOW_S)

    def ask(self, request: Request) -> Response:
        code = clean_code(request.query_params.get("code", ""))
        if not code:
            return self._code_page(request)
        found = self._find(request, code)
        return found if isinstance(found, Response) else self._found_page(request, found, {})

    def let_in(self, request: Request, form: FormData) -> Response:
        person = person_of(request)
        assert person is not None
        t = self._shell.words(request)
        found = self._find(request, clean_code(text_of(form, "code")))
        if isinstance(found, Response):
            return found
        which, said = text_of(form, "which"), fields_of(form)
        name = which or text_of(form, "name") or self._free_name()
        view = self._fleet.view(fresh=True).find(name)
        if not which and (not _NAME.fullmatch(name) or name in _RESERVED):
            fault = t("代号只能用字母、数字、汉字和短横线", "The name may have letters, digits and hyphens only")
            return self._found_page(request, found, said | {"name": name}, fault)
        is_enrolled = view is not None and view.known.enrolled_ms is not None and view.known.revoked_ms is None
        if is_enrolled and not form.get("replace"):
            return self._found_page(request, found, said | {"name": name, "which": which}, asks_to_replace=name)
        try:
            if view is None or not view.is_in_store:
                self._book.put(name, said)
        except ScreensFileError as error:
            return self._found_page(request, found, said | {"name": name}, t(error.zh, str(error)))
        except SignageError as error:
            return self._found_page(request, found, said | {"name": name}, self._shell.in_page_words(request, error))
        if not self._api.pairings.let_in(found.code, name, person.name):
            return self._code_page(request, t("这个配对码刚刚过期了，请看屏幕上的新码", "This code has just expired"))
        self._fleet.view(fresh=True)
        return go_to(f"/pair/{found.code}/done", request)

    def done(self, request: Request) -> Response:
        return self._shell.render(request, "pairing/done.html", **self._progress(request))

    def state(self, request: Request) -> Response:
        return self._shell.render(request, "pairing/state.html", **self._progress(request))

    def _progress(self, request: Request) -> dict[str, Any]:
        found = self._api.pairings.find(request.path_params["code"])
        if found is None or found.screen is None:
            raise HTTPException(404)
        view = self._fleet.view(fresh=True).find(found.screen)
        return {
            "code": found.code,
            "name": found.screen,
            "title": self._api.title_of(found.screen) or found.screen,
            "view": view,
            "is_heard": view is not None and view.known.heard_ms is not None,
            "has_content": view is not None and view.wanted.release > 0,
            "misfit": misfit_of(view.screen, view.heartbeat) if view is not None else None,
            "fingerprint": self._fingerprint(),
        }

    def _find(self, request: Request, code: str) -> Waiting | Response:
        person = person_of(request)
        assert person is not None
        t = self._shell.words(request)
        if not self._tries.may(person.name):
            fault = t("错的次数太多了，请十分钟后再试", "Too many wrong codes; wait ten minutes")
            return self._code_page(request, fault, 429)
        found = self._api.pairings.find(code)
        if found is None or found.screen is not None:
            self._tries.note(person.name)
            fault = t(
                "没有屏幕在显示这个码。码只有十分钟有效，请再看一眼屏幕。",
                "No screen shows this code. A code lasts ten minutes; look at the screen again.",
            )
            return self._code_page(request, fault, 404, code)
        return found

    def _code_page(self, request: Request, fault: str = "", status: int = 200, code: str = "") -> Response:
        pending = self._api.pairings.pending()
        return self._shell.render(
            request, "pairing/code.html", status, fault=fault, code=code, pending=pending, many=MANY_PENDING
        )

    def _found_page(
        self,
        request: Request,
        found: Waiting,
        said: Mapping[str, Any],
        fault: str = "",
        *,
        asks_to_replace: str = "",
    ) -> Response:
        views = [view for view in self._fleet.view(fresh=True).screens if view.is_in_store or view.known.enrolled_ms]
        is_in = [(view, view.known.enrolled_ms is not None and view.known.revoked_ms is None) for view in views]
        free = [view for view, is_enrolled in is_in if not is_enrolled]
        # The first screen of an office that has described one is most likely that one.
        likely = free[0].name if len(free) == len(is_in) == 1 and not said else ""
        width, height = [*(found.machine.get("output_px") or ()), 0, 0][:2]
        return self._shell.render(
            request,
            "pairing/found.html",
            422 if fault else 200,
            found=found,
            size=f"{width}×{height}" if width and height else "",
            said={"name": "", "title": "", "tags": [], "layout": "full", "rotate": "", "which": likely} | dict(said),
            fault=fault,
            asks_to_replace=asks_to_replace,
            free=free,
            taken=[view for view, is_enrolled in is_in if is_enrolled],
            fingerprint=self._fingerprint(),
            suggested=self._free_name(),
        )

    def _fingerprint(self) -> str:
        try:
            return fingerprint(self._api.root_bytes())
        except SignageError:
            return ""

    def _free_name(self) -> str:
        taken = {view.name for view in self._fleet.view().screens}
        return next(name for number in range(1, 10_000) if (name := f"screen-{number}") not in taken)


def clean_code(text: str) -> str:
    """Give a code as it is known, from what somebody has typed: small letters, spaces and hyphens do not matter."""
    return re.sub(r"[\s-]+", "", text).upper()[:12]


def fields_of(form: FormData) -> dict[str, Any]:
    """Give a screen's settings from a form, as `screens.yaml` has them; what was not asked is not in it."""
    said: dict[str, Any] = {
        name: text_of(form, name) for name in ("title", "layout", "size", "place", "position") if name in form
    }
    if "tags" in form:
        said["tags"] = [tag for tag in _SEPARATORS.split(text_of(form, "tags")) if tag]
    if "hours" in form:
        hours = [part for part in _SEPARATORS.split(text_of(form, "hours")) if part]
        said["hours"] = hours if len(hours) > 1 else "".join(hours)
    if "rotate" in form:
        said["rotate"] = (
            text_of(form, "rotate").removeprefix("0") if text_of(form, "rotate") == "0" else text_of(form, "rotate")
        )
    if "sound" in form:
        said["sound"] = "yes" if text_of(form, "sound") == "yes" else "no"
    return said

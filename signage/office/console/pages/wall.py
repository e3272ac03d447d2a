"""屏幕总览: every screen with its picture, state and what it plays; kept up to date by short polls."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from signage.office.console.shell import Shell, page
from signage.office.screens.fleet import Fleet, FleetView, ScreenView
from signage.office.screens.pictures import Pictures
from signage.office.screens.states import State

_DENSE, _DENSER = 24, 80
_APART = (State.UNENROLLED, State.EMPTY)


def routes(shell: Shell, fleet: Fleet, pictures: Pictures) -> list[BaseRoute]:
    """Give the routes of this area."""
    wall = _Wall(shell, fleet, pictures)
    return [
        Route("/", page(wall.show), methods=["GET"]),
        Route("/screens", page(wall.show), methods=["GET"]),
        Route("/screens/changes", page(wall.changes), methods=["GET"]),
        Route("/screens/{name}/picture", page(wall.picture), methods=["GET"]),
    ]


class _Wall:
    def __init__(self, shell: Shell, fleet: Fleet, pictures: Pictures) -> None:
        self._shell = shell
        self._fleet = fleet
        self._pictures = pictures

    def show(self, request: Request) -> Response:
        view = self._fleet.view()
        state, tag = _wanted(request)
        number = sum(_is_shown(one, state, tag) for one in view.screens)
        density = "denser" if number > _DENSER else "dense" if number > _DENSE else ""
        return self._shell.render(
            request,
            "wall/wall.html",
            view=view,
            state=state,
            tag=tag,
            tags=sorted({tag for one in view.screens for tag in one.screen.tags}),
            number=number,
            density=density,
            names=_names_mark(view.screens),
            card_id=card_id,
            heard=_heard(view),
            is_shown=lambda one: _is_shown(one, state, tag),
        )

    def changes(self, request: Request) -> Response:
        """Give only the cards that have changed since the page's last look, and the counts with them."""
        view = self._fleet.view()
        if request.query_params.get("names", "") != _names_mark(view.screens):
            return Response(status_code=204, headers={"hx-refresh": "true"})
        since = request.query_params.get("since", "")
        since_serial = int(since) if since.isdecimal() and len(since) < 19 else 0
        state, tag = _wanted(request)
        return self._shell.render(
            request,
            "wall/changes.html",
            view=view,
            state=state,
            tag=tag,
            names=_names_mark(view.screens),
            changed=[one for one in view.screens if one.serial > since_serial],
            card_id=card_id,
            heard=_heard(view),
            is_shown=lambda one: _is_shown(one, state, tag),
        )

    def picture(self, request: Request) -> Response:
        name, at = request.path_params["name"], request.query_params.get("at", "")
        times = self._pictures.times(name)
        if not times or not (at == "" or at.isdecimal()):
            raise HTTPException(404)
        path = self._pictures.path(name, int(at) if at and int(at) in times else times[0])
        # Named by its instant, a picture never changes.
        caching = "private, max-age=86400, immutable" if at and path.stem == at else "no-store"
        return FileResponse(path, media_type="image/jpeg", headers={"cache-control": caching})


def card_id(name: str) -> str:
    """Give the id of a screen's card: any name will do."""
    return f"card-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _wanted(request: Request) -> tuple[State | None, str]:
    state = request.query_params.get("state", "")
    return State(state) if state in set(State) else None, request.query_params.get("tag", "")


def _is_shown(view: ScreenView, state: State | None, tag: str) -> bool:
    return (state is None or view.state is state) and (not tag or tag in view.screen.tags)


def _names_mark(views: Iterable[ScreenView]) -> str:
    """Give what changes when a screen comes, goes, is let in or has its first content: the page is made anew then."""
    marks = sorted(f"{view.name} {view.state if view.state in _APART else ''}" for view in views)
    return hashlib.sha256("\0".join(marks).encode()).hexdigest()[:12]


def _heard(view: FleetView) -> str:
    """Give when each screen was heard last, for the page to count from: `card-1:1790000000000 card-2:...`."""
    return " ".join(f"{card_id(one.name)}:{one.known.heard_ms}" for one in view.screens if one.known.heard_ms)

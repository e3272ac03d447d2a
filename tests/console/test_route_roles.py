"""Every route of the console against nobody, every role and a temporary password: a new route has to be listed here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from signage.office.console.roles import Role
from signage.office.database.tables import PersonRow
from signage.office.desk import Desk

E, R, P, D, A = Role.EDITOR, Role.REVIEWER, Role.PUBLISHER, Role.DUTY, Role.ADMINISTRATOR
ANYBODY: frozenset[Role] | None = None
"""Of the routes that need no sign-in."""
STAFF = frozenset(Role)

ROUTES: dict[str, frozenset[Role] | None] = {
    "GET /static/htmx.js": ANYBODY,
    "GET /static/sortable.js": ANYBODY,
    "GET /login": ANYBODY,
    "POST /login": ANYBODY,
    "POST /logout": ANYBODY,
    "POST /language": ANYBODY,
    "GET /setup": ANYBODY,
    "GET /setup/done": frozenset({A}),
    "GET /setup/{step}": ANYBODY,
    "POST /setup/{step}": ANYBODY,
    "GET /settings/people": frozenset({A}),
    "POST /settings/people": frozenset({A}),
    "GET /settings/people/{id:int}": frozenset({A}),
    "GET /settings/people/{id:int}/{what}": frozenset({A}),
    "POST /settings/people/{id:int}/{what}": frozenset({A}),
    "GET /account": STAFF,
    "POST /account/end": STAFF,
    "GET /password": STAFF,
    "POST /password": STAFF,
    "GET /settings": frozenset({A}),
    "POST /settings": frozenset({A}),
    "POST /settings/alarm-test": frozenset({A}),
    "POST /settings/backup": frozenset({A}),
    "GET /settings/keys": frozenset({A}),
    "GET /settings/keys/{what}": frozenset({A}),
    "POST /settings/keys/{what}": frozenset({A}),
    "GET /settings/audit": frozenset({A}),
    "GET /settings/audit/audit.csv": frozenset({A}),
    "GET /settings/audit/audit.jsonl": frozenset({A}),
    "GET /": STAFF,
    "GET /screens": STAFF,
    "GET /screens/changes": STAFF,
    "GET /screens/{name}/picture": STAFF,
    "GET /screens/{name}": STAFF,
    "GET /screens/{name}/output": STAFF,
    "POST /screens/{name}/look": STAFF,
    "POST /screens/{name}/settings": frozenset({A}),
    "POST /screens/{name}/revoke": frozenset({A}),
    "GET /pair": frozenset({A}),
    "POST /pair": frozenset({A}),
    "GET /pair/{code}/done": frozenset({A}),
    "GET /pair/{code}/state": frozenset({A}),
    "GET /reports": STAFF,
    "GET /reports/coverage": STAFF,
    "GET /reports/shown.csv": STAFF,
    "GET /reports/shown.xlsx": STAFF,
    "GET /files/media/{path:path}": STAFF,
    "GET /files/entry/{number:int}/{name:path}": STAFF,
    "GET /files/moment/{screen}/{at_ms:int}": STAFF,
    "GET /media": STAFF,
    "GET /media/trash": STAFF,
    "POST /media/restore": frozenset({E}),
    "GET /media/taken": frozenset({E}),
    "POST /media/upload": frozenset({E}),
    "GET /media/file/{path:path}": STAFF,
    "GET /media/card/{path:path}": STAFF,
    "POST /media/move": frozenset({E}),
    "POST /media/delete": frozenset({E}),
    "POST /playlist-parts/preview": STAFF,
    "GET /playlist-parts/entry": frozenset({E}),
    "GET /playlist-parts/window": frozenset({E}),
    "GET /playlist-parts/choose": STAFF,
    "GET /playlist-parts/sample/{template}": STAFF,
    "GET /playlists": STAFF,
    "POST /playlists": frozenset({E}),
    "GET /playlists/{name:path}": STAFF,
    "POST /playlists/{name:path}": frozenset({E}),
    "GET /schedule": STAFF,
    "GET /schedule/moment": STAFF,
    "GET /review/direct": STAFF,
    "POST /review/direct": frozenset({P}),
    "GET /review/pictures/{key}": STAFF,
    "GET /review/items/{key}": STAFF,
    "GET /review/films/{key}": STAFF,
    "GET /review": STAFF,
    "GET /review/changes": STAFF,
    "POST /review/submit": frozenset({E, P}),
    "GET /review/runs/{run:int}": STAFF,
    "POST /review/take": frozenset({R, P}),
    "GET /review/{number:int}": STAFF,
    "POST /review/{number:int}/approve": frozenset({R}),
    "POST /review/{number:int}/return": frozenset({R, E, P}),
    "GET /review/{number:int}/draft": frozenset({R, P}),
    "GET /review/{number:int}/back": frozenset({P}),
    "POST /review/{number:int}/back": frozenset({P}),
    "GET /urgent": frozenset({D, A}),
    "GET /urgent/situation": frozenset({D, A}),
    "GET /urgent/texts": frozenset({D, A}),
    "POST /urgent/texts": frozenset({D, A}),
    "GET /urgent/card": frozenset({D, A}),
    "POST /urgent/unlock": frozenset({D}),
    "POST /urgent/lock": frozenset({D}),
    "POST /urgent/order": frozenset({D}),
    "POST /urgent/files": frozenset({D}),
    "GET /urgent/files/{id}": frozenset({D}),
    "GET /urgent/files/{id}/picture": frozenset({D}),
    "GET /urgent/orders/{id}.order.json": frozenset({D}),
    "GET /urgent/{what:str}": frozenset({D}),
    "GET /public": ANYBODY,
    "GET /public/manage": frozenset({P, A}),
    "POST /public/hide": frozenset({P}),
    "GET /public/photos/{digest}": ANYBODY,
    "GET /public/{key}": ANYBODY,
}
_PARTS = {"path": "a.jpg", "id:int": "1", "number:int": "1", "run:int": "1", "at_ms:int": "1", "what:str": "blackout"}


@pytest.fixture
def people(desk: Desk, browser: Callable[..., TestClient]) -> dict[Role, TestClient]:
    return {role: browser(role) for role in Role}


def test_every_route_of_the_console_stands_in_the_table(browser: Callable[..., TestClient]) -> None:
    app: Any = browser().app

    found = set(_routes_of(_console_of(app.routes[-1])))

    assert found == ROUTES.keys()


def test_nobody_reaches_what_staff_see(browser: Callable[..., TestClient]) -> None:
    stranger = browser()

    let_in = [route for route, roles in ROUTES.items() if roles is not None and not _is_refused(stranger, route)]

    assert let_in == []


def test_each_route_is_for_its_roles(people: dict[Role, TestClient]) -> None:
    let_in = [
        f"{route} for {role}"
        for route, roles in ROUTES.items()
        for role in STAFF - (STAFF if roles is None else roles)
        if not _is_refused(people[role], route)
    ]

    assert let_in == []


def test_with_a_temporary_password_nothing_is_seen_but_the_page_that_changes_it(
    desk: Desk, browser: Callable[..., TestClient]
) -> None:
    client = browser(*Role, name="新来的")
    with desk.database.writing() as session:
        for person in session.query(PersonRow):
            person.must_change = True

    let_in = [
        route
        for route, roles in ROUTES.items()
        if roles is not None and not route.endswith(" /password") and not _is_refused(client, route)
    ]

    assert let_in == []


def test_whoever_is_shut_out_is_out_with_the_next_request(desk: Desk, browser: Callable[..., TestClient]) -> None:
    client = browser(*Role, name="走了的")
    with desk.database.writing() as session:
        for person in session.query(PersonRow):
            person.is_active = False

    let_in = [route for route, roles in ROUTES.items() if roles is not None and not _is_refused(client, route)]

    assert let_in == []


def _is_refused(client: TestClient, route: str) -> bool:
    method, _, path = route.partition(" ")
    place = re.sub(
        r"\{([^}]+)\}", lambda found: _PARTS.get(found[1], _PARTS.get(found[1].partition(":")[0], "x")), path
    )
    answer = client.request(method, place, follow_redirects=False)
    onward = answer.headers.get("location", "").partition("?")[0]
    return answer.status_code == 403 or (answer.status_code == 303 and onward in ("/login", "/password"))


def _console_of(mount: Any) -> list[Any]:
    app = mount.app
    while not hasattr(app, "routes"):
        app = next(vars(app)[name] for name in ("_app", "_anybody", "app") if name in vars(app))
    return list(app.routes)


def _routes_of(routes: list[Any]) -> Iterator[str]:
    for route in routes:
        if isinstance(route, Mount):
            assert route.path == "/static"
            continue
        assert isinstance(route, Route)
        yield from (f"{method} {route.path}" for method in sorted((route.methods or set()) - {"HEAD"}))

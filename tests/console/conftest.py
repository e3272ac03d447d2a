"""A running office without a network: its desk, its application, and browsers that are signed in.

`SIGNAGE_TEST_DATABASE=postgresql pytest tests/console` runs all of it on a real PostgreSQL.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.office.console.roles import Role
from signage.office.desk import Desk
from signage.office.server import make_office_app
from tests.office import postgres
from tests.office.desk import PASSWORD, START, let_sign_in, make_desk


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a PostgreSQL server; empty where the tests run on SQLite."""
    with (
        postgres.running_server() if os.environ.get("SIGNAGE_TEST_DATABASE") == "postgresql" else nullcontext("") as at
    ):
        yield at


@pytest.fixture
def desk(tmp_path: Path, clock: ManualClock, server: str) -> Iterator[Desk]:
    """An office that is set up, with a starter store and without people."""
    with (
        postgres.fresh_database(server) if server else nullcontext("") as database,
        closing(make_desk(tmp_path, clock, database)) as desk,
    ):
        yield desk


@pytest.fixture
def browser(desk: Desk) -> Iterator[Callable[..., TestClient]]:
    """Give a browser that is signed in as a person with these roles: `browser(Role.EDITOR)`; no roles: nobody."""
    with TestClient(make_office_app(desk), headers={"origin": "http://testserver"}) as first:

        def open_browser(*roles: Role, name: str = "") -> TestClient:
            client = TestClient(first.app, headers={"origin": "http://testserver"})
            if roles:
                name = name or f"person-{'-'.join(roles)}"
                let_sign_in(desk, name, *roles)
                answer = client.post("/login", data={"name": name, "password": PASSWORD}, follow_redirects=False)
                assert answer.status_code == 303, answer.text
            return client

        yield open_browser

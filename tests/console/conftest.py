"""A running office without a network: its desk, its application, and browsers that are signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.office.console.auth import hash_password
from signage.office.console.roles import Role
from signage.office.database.tables import PersonRow
from signage.office.desk import Desk, open_desk
from signage.office.server import make_office_app
from signage.starter import make_store
from tests.office.desk import START, make_office

PASSWORD = "a password for tests"
_HASH = hash_password(PASSWORD)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def desk(tmp_path: Path, clock: ManualClock) -> Iterator[Desk]:
    """An office that is set up: a starter store, keys without review levels (all sealed with PASSPHRASE), no people."""
    make_store(tmp_path / "store")
    make_office(tmp_path / "office", clock)
    desk = open_desk(tmp_path / "store", tmp_path / "office", clock=clock, takes_in=False)
    desk.settings.change(is_set_up=True, community="石榴社区")
    yield desk
    desk.close()


def add_person(desk: Desk, name: str, *roles: Role) -> None:
    with desk.database.writing() as session:
        session.add(PersonRow(name=name, password_hash=_HASH, roles=list(roles), made_ms=desk.clock.now_ms()))


@pytest.fixture
def browser(desk: Desk) -> Iterator[Callable[..., TestClient]]:
    """Give a browser that is signed in as a person with these roles: `browser(Role.EDITOR)`; no roles: nobody."""
    with TestClient(make_office_app(desk), headers={"origin": "http://testserver"}) as first:

        def open_browser(*roles: Role, name: str = "") -> TestClient:
            client = TestClient(first.app, headers={"origin": "http://testserver"})
            if roles:
                name = name or f"person-{'-'.join(roles)}"
                add_person(desk, name, *roles)
                answer = client.post("/login", data={"name": name, "password": PASSWORD}, follow_redirects=False)
                assert answer.status_code == 303, answer.text
            return client

        yield open_browser

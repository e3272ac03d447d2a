"""An office, its clock, a store and a screen that follows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.content.values import Store
from signage.office.desk import Desk
from signage.office.office import Office
from tests.office import postgres
from tests.office.desk import START, Follower, make_desk, make_office, make_store


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of an empty PostgreSQL database, for the tests of one file."""
    if postgres.binaries() is None:
        pytest.skip(postgres.WHY_NOT)
    with postgres.running_server() as url:
        yield url


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def office(tmp_path: Path, clock: ManualClock) -> Office:
    """An office whose own key signs its releases."""
    return make_office(tmp_path / "office", clock)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return make_store(tmp_path / "store", {"a.png": b"a", "b.png": b"b"})


@pytest.fixture
def screen(tmp_path: Path, office: Office, clock: ManualClock) -> Follower:
    return Follower(tmp_path / "screen", office, clock)


@pytest.fixture
def desk(tmp_path: Path, clock: ManualClock) -> Iterator[Desk]:
    """A whole office that is set up; nothing of it runs."""
    with closing(make_desk(tmp_path, clock)) as desk:
        yield desk

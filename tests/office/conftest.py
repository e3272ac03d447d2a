"""An office, its clock, a store and a screen that follows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.content.values import Store
from signage.office.desk import Desk, open_desk
from signage.office.office import Office
from signage.starter import make_store as make_starter_store
from tests.office.desk import START, Follower, make_office, make_store


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
    """A whole office that is set up: a starter store, its keys, its database; nothing of it runs."""
    make_starter_store(tmp_path / "store")
    make_office(tmp_path / "office", clock)
    desk = open_desk(tmp_path / "store", tmp_path / "office", clock=clock, takes_in=False)
    desk.settings.change(is_set_up=True, community="石榴社区")
    yield desk
    desk.close()

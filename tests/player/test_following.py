"""A screen is enrolled with a root once, and follows its office from then on."""

from __future__ import annotations

import queue
from pathlib import Path

import pytest

from signage.base.clock import SystemClock
from signage.base.errors import SignageError
from signage.content.values import Screen, Store
from signage.player.following import Office, address_of, follow
from signage.release.orders import OrderKind
from tests.conftest import ExpectLog
from tests.player.office import SmallOffice

LIMIT_S = 60.0


@pytest.fixture
def office(tmp_path: Path) -> SmallOffice:
    return SmallOffice(tmp_path / "office", SystemClock())


def play(office: Office, state: Path, count: int = 1) -> tuple[Store, bytes, str]:
    """Follow the office until so many stores came; give the last, the content of its file, and what plays now."""
    stores: queue.Queue[Store] = queue.Queue()
    clock = SystemClock()
    followed = follow(office, "lobby", state, clock)
    followed.source.start(stores.put)
    store = [stores.get(timeout=LIMIT_S) for _ in range(count)][-1]
    programme = followed.make_programme(store, store.screens["lobby"], "main")
    shown = programme.slot_at(clock.now_ms()).item
    content = followed.locate(store.media["a.png"]).read_bytes()
    followed.source.close()
    return store, content, shown.name


def test_the_root_is_named_once_and_kept(tmp_path: Path, office: SmallOffice) -> None:
    office.publish({"a.png": b"one"})
    root = tmp_path / "root.json"
    root.write_bytes(office.root_bytes)
    first = play(Office((str(office.folder),), root), tmp_path / "state")
    root.unlink()

    second = play(Office((str(office.folder),)), tmp_path / "state")

    assert first[1:] == second[1:] == (b"one", "a.png")


def test_without_a_root_nothing_is_trusted(tmp_path: Path, office: SmallOffice) -> None:
    with pytest.raises(SignageError, match="--root FILE"):
        follow(Office((str(office.folder),)), "lobby", tmp_path / "state", SystemClock())


def test_a_file_that_is_no_root_is_refused(tmp_path: Path, office: SmallOffice) -> None:
    root = tmp_path / "root.json"
    root.write_bytes(bytes(600_000))

    with pytest.raises(SignageError, match="is no root of an office"):
        follow(Office((str(office.folder),), root), "lobby", tmp_path / "state", SystemClock())


def test_an_order_is_in_the_programmes_that_are_made(
    tmp_path: Path, office: SmallOffice, expect_log: ExpectLog
) -> None:
    expect_log("blackout from now on")
    office.publish({"a.png": b"one"}, screen=Screen(name="lobby", layout="banner"))
    office.order(OrderKind.BLACKOUT)
    root = tmp_path / "root.json"
    root.write_bytes(office.root_bytes)
    play(Office((str(office.folder),), root), tmp_path / "state", count=2)

    store, _, shown = play(Office((str(office.folder),)), tmp_path / "state")

    assert shown == "off"
    assert store.screens["lobby"].layout == "full"


def test_an_address_may_be_a_folder(tmp_path: Path) -> None:
    assert address_of("http://office:8080/") == "http://office:8080/"
    assert address_of(str(tmp_path)) == tmp_path.as_uri()

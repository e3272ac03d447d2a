"""A disk that fails, a process that dies: whichever write did not happen, screens see the old release or the new."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.base.files import write_durably
from signage.content.values import Store
from signage.office.approval import approve
from signage.office.office import Office
from signage.office.people import add_person, rotate_key
from signage.office.publish import publish
from signage.office.urgent import give_order
from signage.release.keys import new_key
from signage.release.orders import OrderKind
from signage.release.verify import Accepted
from tests.office.desk import COST, PASSPHRASE, Follower, add_reviewer, make_office, make_store


class FailingWrites:
    """Lets the first `good` durable writes of the repository through and fails every later one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, good: int) -> None:
        self.left = good
        self.has_failed = False
        monkeypatch.setattr("signage.release.repository.write_durably", self.write)

    def write(self, path: Path, content: bytes) -> None:
        if self.left <= 0:
            self.has_failed = True
            raise SignageError(f"{path}: cannot be written (No space left on device)")
        self.left -= 1
        write_durably(path, content)


def edit_publish(office: Office, folder: Path) -> None:
    publish(office, make_store(folder, {f"{number:04}.png": b"new %d" % number for number in range(250)}))


def edit_order(office: Office, folder: Path) -> None:
    give_order(office, OrderKind.BLACKOUT)


@pytest.mark.parametrize("edit", [edit_publish, edit_order])
def test_whichever_write_fails_screens_see_old_or_new_and_the_next_try_succeeds(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clock: ManualClock,
    edit: Callable[[Office, Path], None],
) -> None:
    for good in range(50):
        office = make_office(tmp_path / f"office{good}", clock)
        publish(office, make_store(tmp_path / "store", {"old.png": b"old"}))
        screen = Follower(tmp_path / f"screen{good}", office, clock)
        screen.look()
        with monkeypatch.context() as patch:
            disk = FailingWrites(patch, good)
            try:
                edit(office, tmp_path / "store")
            except SignageError:
                assert disk.has_failed

        outcome = screen.look()
        edit(office, tmp_path / "store")
        after = screen.look()

        assert isinstance(outcome, Accepted)
        assert isinstance(after, Accepted)
        if not disk.has_failed:
            return
    raise AssertionError("the edit never came to its end")


def test_whichever_write_fails_while_the_keys_are_made_the_next_try_makes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    for good in range(30):
        folder = tmp_path / f"office{good}"
        with monkeypatch.context() as patch:
            disk = FailingWrites(patch, good)
            patch.setattr("signage.release.keys.write_durably", disk.write)
            with suppress(SignageError):
                make_office(folder, clock)
        if not disk.has_failed:
            assert good > 6
            return

        office = make_office(folder, clock)
        publish(office, make_store(tmp_path / "store", {"a.png": b"a"}))

        assert isinstance(Follower(tmp_path / f"screen{good}", office, clock).look(), Accepted)
    raise AssertionError("the keys never came to their end")


def test_nobody_waits_for_a_passphrase_that_somebody_else_is_asked_for(
    tmp_path: Path, clock: ManualClock, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signage.release.folderlock._LOCK_LIMIT_S", 0.0)
    add_reviewer(office, "li", 1)
    publish(office, make_store(tmp_path / "store", {"a.png": b"a"}))

    def ask(name: str) -> str:
        with office.repository.locked():
            return PASSPHRASE

    slow = Office(office.folder, ask, clock, COST)
    approve(slow, 1, "li")
    give_order(Office(office.folder, ask, clock, COST), OrderKind.BLACKOUT)
    add_person(Office(office.folder, ask, clock, COST), "wang", "review2", public=new_key("wang").public)
    rotate_key(Office(office.folder, lambda name: PASSPHRASE, clock, COST), "targets")


def test_a_lock_that_is_never_given_back_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signage.release.folderlock._LOCK_LIMIT_S", 0.0)

    with office.repository.locked(), pytest.raises(SignageError, match="try again"), office.repository.locked():
        pass


def test_a_rotation_that_stops_half_way_is_mended_by_the_next_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    for good in range(6):
        office = make_office(tmp_path / f"office{good}", clock)
        publish(office, make_store(tmp_path / "store", {"old.png": b"old"}))
        screen = Follower(tmp_path / f"screen{good}", office, clock)
        screen.look()
        with monkeypatch.context() as patch:
            disk = FailingWrites(patch, good)
            try:
                rotate_key(office, "timestamp")
            except SignageError:
                assert disk.has_failed

        screen.look()
        restarted = screen.restart()
        publish(
            Office(office.folder, lambda name: PASSPHRASE, clock, COST), make_store(tmp_path / "s", {"n.png": b"n"})
        )

        assert restarted.manifest.number == 1
        assert screen.shows(screen.look()) == ["n.png"]


def test_two_that_publish_at_once_make_two_releases(office: Office, tmp_path: Path, screen: Follower) -> None:
    stores = [make_store(tmp_path / f"store{number}", {f"{number}.png": b"%d" % number}) for number in range(6)]

    def go(store: Store) -> int:
        mine = Office(office.folder, lambda name: PASSPHRASE, office.clock, COST)
        published = publish(mine, store)
        assert published is not None
        return published.number

    with ThreadPoolExecutor(6) as pool:
        numbers = sorted(pool.map(go, stores))

    assert numbers == [1, 2, 3, 4, 5, 6]
    assert isinstance(screen.look(), Accepted)
    assert screen.number == 6

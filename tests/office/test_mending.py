"""An office that is restored from a backup of before its keys were changed: screens follow it all the same."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.content.values import Store
from signage.office.backup import make_backup
from signage.office.desk import Desk
from signage.office.mending import ROOT_LEAP, mend, needs_mending
from signage.office.office import Office
from signage.office.people import rotate_key, show_roles
from signage.office.publish import publish
from signage.office.restore import Restored, restore
from signage.release.errors import Reason, ReleaseError
from signage.release.verify import Accepted, Refused
from tests.office.desk import COST, PASSPHRASE, Follower, make_desk, make_store


@pytest.fixture
def desk(tmp_path: Path, clock: ManualClock) -> Iterator[Desk]:
    with closing(make_desk(tmp_path, clock)) as desk:
        yield desk


@pytest.fixture
def office(desk: Desk, clock: ManualClock) -> Office:
    return open_office(desk.folder, clock)


def open_office(folder: Path, clock: ManualClock) -> Office:
    return Office(folder, lambda _name: PASSPHRASE, clock, COST)


def lose_and_restore(desk: Desk, backup: Path, *roots: Path) -> Restored:
    """Restore onto an empty disk: of the office nothing is left but the backup."""
    kept = backup.parents[2] / "kept.tar.gz"
    if backup.exists():
        shutil.copy(backup, kept)
    desk.close()
    shutil.rmtree(desk.folder)
    return restore(kept, desk.folder, clock=desk.clock, roots=roots)


@pytest.mark.parametrize("roles", [["timestamp"], ["snapshot", "timestamp", "targets"], ["targets"] * 6, []])
def test_screens_that_followed_newer_keys_are_led_on_by_the_root_key_alone(
    desk: Desk, office: Office, store: Store, screen: Follower, clock: ManualClock, tmp_path: Path, roles: list[str]
) -> None:
    publish(office, store)
    backup = make_backup(desk).path
    for role in roles:
        rotate_key(office, role)
    publish(office, make_store(tmp_path / "later", {"later.png": b"later"}))
    screen.look()

    done = lose_and_restore(desk, backup)
    again = open_office(desk.folder, clock)
    publish(again, make_store(tmp_path / "next", {"c.png": b"c"}))
    before = screen.look()
    version = mend(again)
    publish(again, make_store(tmp_path / "next", {"d.png": b"d"}))

    assert done.lost_keys == ()
    assert isinstance(before, Refused if roles else Accepted)
    assert version == 1 + ROOT_LEAP
    assert not needs_mending(again)
    assert screen.shows(screen.look()) == ["d.png"]
    assert isinstance(screen.restart(), Accepted)


def test_keys_that_were_replaced_after_the_backup_do_not_come_back(
    desk: Desk, office: Office, store: Store, clock: ManualClock
) -> None:
    publish(office, store)
    backup = make_backup(desk).path
    before = {one.role: one.people for one in show_roles(office)}

    lose_and_restore(desk, backup)
    mend(again := open_office(desk.folder, clock))

    now = {one.role: one.people for one in show_roles(again)}
    assert all(now[role] != before[role] for role in ("targets", "snapshot", "timestamp"))
    assert all(now[role] == before[role] for role in ("root", "review1", "urgent"))


@pytest.mark.parametrize("role", ["root", "targets", "timestamp"])
def test_what_the_old_folder_still_has_is_taken_from_it(
    desk: Desk, office: Office, store: Store, screen: Follower, clock: ManualClock, tmp_path: Path, role: str
) -> None:
    publish(office, store)
    backup = make_backup(desk).path
    rotate_key(office, role)
    screen.look()
    desk.close()

    done = restore(backup, desk.folder, force=True, clock=clock)
    again = open_office(desk.folder, clock)
    mend(again)
    publish(again, make_store(tmp_path / "next", {"c.png": b"c"}))

    assert done.found.roots == (2,)
    assert done.found.keys == (f"{role}-2",)
    assert (desk.folder / "keys" / f"{role}-2.key").stat().st_mode & 0o777 == 0o600
    assert screen.shows(screen.look()) == ["c.png"]


def test_a_new_root_key_from_a_stick_and_the_roots_that_a_screen_keeps_are_enough(
    desk: Desk, office: Office, store: Store, screen: Follower, clock: ManualClock, tmp_path: Path
) -> None:
    publish(office, store)
    backup = make_backup(desk).path
    rotate_key(office, "root")
    rotate_key(office, "targets")
    shutil.copytree(desk.folder / "keys", tmp_path / "stick" / "keys")
    screen.look()

    done = lose_and_restore(desk, backup, tmp_path / "stick", screen.folder)
    again = open_office(desk.folder, clock)
    mend(again)
    publish(again, make_store(tmp_path / "next", {"c.png": b"c"}))

    assert done.found.roots == (2, 3)
    assert "root-2" in done.found.keys
    assert screen.shows(screen.look()) == ["c.png"]


def test_without_the_new_root_key_it_is_said_which_is_wanted(
    desk: Desk, office: Office, store: Store, screen: Follower, clock: ManualClock
) -> None:
    publish(office, store)
    backup = make_backup(desk).path
    rotate_key(office, "root")
    screen.look()

    done = lose_and_restore(desk, backup, screen.folder)

    assert done.lost_keys == ("root-2",)
    with pytest.raises(ReleaseError, match="root-2"):
        mend(open_office(desk.folder, clock))


def test_roots_of_another_office_beside_it_are_passed_over(
    desk: Desk, office: Office, store: Store, clock: ManualClock, tmp_path: Path
) -> None:
    from tests.office.desk import make_office

    publish(office, store)
    backup = make_backup(desk).path
    foreign = make_office(tmp_path / "foreign", clock)
    rotate_key(foreign, "root")

    done = lose_and_restore(desk, backup, foreign.folder)

    assert done.found.roots == ()
    assert office.repository.root().signed.version == 1


def test_nobody_without_the_root_key_leads_screens_on(
    desk: Desk, office: Office, store: Store, screen: Follower, clock: ManualClock
) -> None:
    publish(office, store)
    backup = make_backup(desk).path
    rotate_key(office, "timestamp")
    screen.look()
    lose_and_restore(desk, backup)

    again = Office(desk.folder, lambda _name: "not the passphrase", clock, COST)
    with pytest.raises(ReleaseError, match="口令不对"):
        mend(again)

    assert isinstance(refused := screen.look(), Refused)
    assert refused.reason in (Reason.NOT_SIGNED, Reason.ROLLED_BACK, Reason.DAMAGED)
    assert again.repository.root().signed.version == 1


def test_an_office_that_was_not_restored_has_nothing_to_mend(office: Office) -> None:
    with pytest.raises(ReleaseError, match="不需要"):
        mend(office)

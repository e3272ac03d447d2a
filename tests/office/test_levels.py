"""Fewer review levels: screens follow without being let in anew, what waited is returned, nothing slips through."""

from __future__ import annotations

from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.content.values import Store
from signage.office.approval import approve, list_drafts
from signage.office.drafts import DraftState
from signage.office.levels import lower_levels, noted_levels, review_levels
from signage.office.office import Office
from signage.office.people import add_person, revoke_person
from signage.office.publish import number_on_air, publish
from signage.office.urgent import give_order
from signage.release.errors import Reason, ReleaseError
from signage.release.orders import OrderKind
from signage.release.verify import Accepted, Refused
from tests.office.desk import PASSPHRASE, Follower, make_office, make_reviewed_office, make_store


@pytest.fixture
def office(tmp_path: Path, clock: ManualClock, store: Store) -> Office:
    """An office with two levels, li and wang, and release 1 on air."""
    return make_reviewed_office(tmp_path / "office", clock, store)


def test_with_one_level_left_its_approval_is_enough_and_screens_follow(
    tmp_path: Path, office: Office, screen: Follower
) -> None:
    screen.look()

    done = lower_levels(office, 1)
    at_once = screen.look()
    publish(office, make_store(tmp_path / "store", {"c.png": b"c"}))
    approve(office, 2, "li")

    assert (done.before, done.after, done.people, done.number) == (2, 1, ("wang",), None)
    assert isinstance(at_once, Accepted)
    assert screen.shows(screen.look()) == ["c.png"]
    assert screen.restart().manifest.number == 2


@pytest.mark.parametrize("steps", [(0,), (1, 0)])
def test_with_no_level_left_the_offices_own_key_publishes_and_what_is_on_air_stays_signed(
    tmp_path: Path, office: Office, screen: Follower, steps: tuple[int, ...]
) -> None:
    screen.look()

    done = [lower_levels(office, levels) for levels in steps][-1]
    at_once = screen.look()
    published = publish(office, make_store(tmp_path / "store", {"c.png": b"c"}))

    assert done.number == 2
    assert review_levels(office) == 0
    assert screen.shows(at_once) == ["a.png", "b.png"]
    assert published is not None
    assert published.is_published
    assert screen.shows(screen.look()) == ["c.png"]


def test_a_screen_that_was_off_all_the_time_follows_too(tmp_path: Path, office: Office, screen: Follower) -> None:
    lower_levels(office, 0)
    publish(office, make_store(tmp_path / "store", {"c.png": b"c"}))

    assert screen.shows(screen.look()) == ["c.png"]


def test_what_waits_is_returned_with_the_reason_and_never_goes_out_for_want_of_a_level(
    tmp_path: Path, office: Office, screen: Follower
) -> None:
    publish(office, make_store(tmp_path / "store", {"c.png": b"c"}))
    approve(office, 2, "li")

    done = lower_levels(office, 1)
    line = list_drafts(office)[-1]

    assert done.returned == (2,)
    assert (line.state, line.why) == (DraftState.RETURNED, "审核级数由 2 级改为 1 级，请重新提交")
    assert number_on_air(office) == 1
    assert screen.shows(screen.look()) == ["a.png", "b.png"]
    with pytest.raises(ReleaseError, match="returned"):
        approve(office, 2, "li")


def test_orders_stand_over_it(office: Office, screen: Follower) -> None:
    given = give_order(office, OrderKind.BLACKOUT)

    lower_levels(office, 0)

    assert screen.look().news.orders == (given.order,)


def test_the_chain_of_roots_tells_for_ever_that_there_was_less_review(office: Office) -> None:
    before = noted_levels(office.repository.root().signed)

    lower_levels(office, 1)

    assert before is None
    assert noted_levels(office.repository.root().signed) == 1
    assert office.repository.root().signed.version == 2


@pytest.mark.parametrize("role", ["root", "targets"])
def test_without_the_key_of_root_and_of_targets_nothing_changes(office: Office, screen: Follower, role: str) -> None:
    office.key_path(role).unlink()

    with pytest.raises(ReleaseError, match="missing"):
        lower_levels(Office(office.folder, lambda _name: PASSPHRASE, office.clock), 0)

    assert review_levels(office) == 2
    assert isinstance(screen.look(), Accepted)


@pytest.mark.parametrize("levels", [2, 3, -1])
def test_there_are_only_ever_fewer(office: Office, levels: int) -> None:
    with pytest.raises(ReleaseError, match="只能改得更少"):
        lower_levels(office, levels)


def test_an_office_without_reviewers_has_nothing_to_lower(tmp_path: Path, clock: ManualClock) -> None:
    with pytest.raises(ReleaseError, match="0 级审核"):
        lower_levels(make_office(tmp_path / "other", clock), 0)


def test_what_only_a_revoked_key_approved_is_not_approved_by_the_office(
    tmp_path: Path, office: Office, screen: Follower, store: Store
) -> None:
    screen.look()
    add_person(office, "zhao", "review2")
    revoke_person(office, "wang")

    done = lower_levels(office, 0)
    meanwhile = screen.look()
    publish(office, store)

    assert done.number is None
    assert done.is_unsigned
    assert isinstance(meanwhile, Refused)
    assert meanwhile.reason is Reason.UNDER_SIGNED
    assert isinstance(screen.look(), Accepted)


def test_levels_can_grow_again_with_the_same_people_and_new_keys(
    tmp_path: Path, office: Office, screen: Follower
) -> None:
    lower_levels(office, 0)
    screen.look()
    old = office.key_path("wang").read_bytes()

    add_person(office, "wang", "review1")
    add_person(office, "li", "review2")
    publish(office, make_store(tmp_path / "store", {"c.png": b"c"}))
    number = list_drafts(office)[-1].number
    approve(office, number, "wang")
    approve(office, number, "li")

    assert office.key_path("wang").read_bytes() != old
    assert office.key_path("wang").with_name("wang.key.old-1").read_bytes() == old
    assert screen.shows(screen.look()) == ["c.png"]


def test_the_keys_of_a_level_that_went_sign_nothing_any_more(tmp_path: Path, office: Office) -> None:
    lower_levels(office, 1)
    publish(office, make_store(tmp_path / "store", {"c.png": b"c"}))

    with pytest.raises(ReleaseError, match="不属于任何审核级别"):
        approve(office, 2, "wang")


def test_a_release_of_before_is_gone_back_to_with_the_levels_of_now(
    tmp_path: Path, office: Office, screen: Follower
) -> None:
    from signage.office.publish import roll_back

    lower_levels(office, 0)
    publish(office, make_store(tmp_path / "store", {"c.png": b"c"}))

    roll_back(office, 1)

    assert screen.shows(screen.look()) == ["a.png", "b.png"]

"""Keys of the office: what expires is told in time, what is online renews itself, the rest is rotated and followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.content.values import Store
from signage.office.office import Office
from signage.office.people import (
    add_person,
    create_office,
    revoke_person,
    rotate_key,
    show_roles,
)
from signage.office.publish import publish
from signage.office.resigning import is_online_aging, renew
from signage.office.urgent import give_order
from signage.release.errors import Reason, ReleaseError
from signage.release.orders import OrderKind
from signage.release.verify import Accepted, Refused
from tests.office.desk import COST, PASSPHRASE, Follower, make_office, make_store

DAY_MS = 86_400_000


def test_every_role_has_its_own_key_and_only_two_lie_unsealed(office: Office) -> None:
    people = [person for one in show_roles(office) for person in one.people]

    unsealed = [path.stem for path in (office.folder / "keys").iterdir() if b"plain" in path.read_bytes()]

    assert len(set(people)) == len(people) == 6
    assert sorted(unsealed) == ["snapshot", "timestamp"]


def test_keys_are_never_made_anew_over_old_ones(office: Office) -> None:
    with pytest.raises(ReleaseError, match="already"):
        create_office(office)


def test_what_expires_within_30_days_is_told(office: Office, store: Store, clock: ManualClock) -> None:
    publish(office, store)

    clock.advance(340 * DAY_MS)

    assert [one.role for one in show_roles(office) if one.is_expiring] == ["review1"]
    assert [one.role for one in show_roles(office) if one.is_expired] == ["snapshot", "timestamp"]


def test_online_signatures_are_renewed_by_themselves_with_no_passphrase(
    tmp_path: Path, office: Office, store: Store, clock: ManualClock, screen: Follower
) -> None:
    publish(office, store)
    nobody = Office(office.folder, None, clock, COST)
    clock.advance(4 * DAY_MS)
    is_aging = is_online_aging(nobody)

    renew(nobody, only_online=True)
    is_fresh = not is_online_aging(nobody)
    clock.advance(4 * DAY_MS)

    assert is_aging
    assert is_fresh
    assert isinstance(screen.look(), Accepted)


def test_root_and_targets_are_renewed_once_half_of_their_life_is_over(
    office: Office, store: Store, clock: ManualClock, screen: Follower
) -> None:
    publish(office, store)
    early = renew(office)
    clock.advance(600 * DAY_MS)

    late = renew(office)
    publish(office, store)

    assert early == ["snapshot", "timestamp"]
    assert late == ["root", "targets", "snapshot", "timestamp"]
    assert isinstance(screen.look(), Accepted)


def test_orders_are_renewed_with_the_rest_and_stand(
    office: Office, store: Store, clock: ManualClock, screen: Follower
) -> None:
    publish(office, store)
    given = give_order(office, OrderKind.BLACKOUT)
    clock.advance(340 * DAY_MS)

    renewed = renew(office)
    publish(office, store)
    clock.advance(60 * DAY_MS)
    renew(office, only_online=True)
    outcome = screen.look()

    assert "urgent" in renewed
    assert outcome.news.orders == (given.order,)


def test_publishing_again_signs_anew_what_is_about_to_expire(
    office: Office, store: Store, clock: ManualClock, screen: Follower
) -> None:
    publish(office, store)
    clock.advance(350 * DAY_MS)

    again = publish(office, store)

    assert again is not None
    assert again.number == 2
    assert not [one for one in show_roles(office) if one.is_expiring or one.is_expired]


@pytest.mark.parametrize("role", ["root", "targets", "snapshot", "timestamp", "urgent"])
def test_after_a_rotation_screens_follow_the_new_key(
    tmp_path: Path, office: Office, store: Store, screen: Follower, role: str
) -> None:
    publish(office, store)
    screen.look()

    name = rotate_key(office, role)
    publish(office, make_store(tmp_path / "store", {"c.png": b"c"}))
    give_order(office, OrderKind.BLACKOUT)
    outcome = screen.look()

    assert name == f"{role}-2"
    assert isinstance(outcome, Accepted)
    assert outcome.manifest.number == 2
    assert outcome.news.orders is not None
    assert len(outcome.news.orders) == 1


def test_after_the_release_key_is_rotated_the_release_is_signed_anew(
    office: Office, store: Store, screen: Follower
) -> None:
    publish(office, store)
    screen.look()

    rotate_key(office, "release")
    meanwhile = screen.look()
    publish(office, store)

    assert isinstance(meanwhile, Refused)
    assert meanwhile.reason is Reason.UNDER_SIGNED
    assert isinstance(screen.look(), Accepted)


def test_a_key_that_is_not_here_is_asked_for_by_name(office: Office, store: Store) -> None:
    office.key_path("release").unlink()

    published = publish(office, store)

    assert published is not None
    assert published.missing == {"review1": 1}
    office.key_path("timestamp").unlink()
    with pytest.raises(ReleaseError, match="missing: timestamp"):
        renew(Office(office.folder, lambda name: PASSPHRASE, office.clock, COST))


def test_a_person_can_be_let_give_urgent_orders(office: Office) -> None:
    add_person(office, "duty", "urgent")

    given = give_order(office, OrderKind.BLACKOUT, people=["duty"])

    assert given.order.kind is OrderKind.BLACKOUT
    with pytest.raises(ReleaseError, match="not of the role"):
        give_order(office, OrderKind.BLACKOUT, people=["release"])


def test_nobody_unknown_is_revoked(office: Office) -> None:
    with pytest.raises(ReleaseError, match="nobody called"):
        revoke_person(office, "li")


def test_levels_have_a_limit(tmp_path: Path, clock: ManualClock) -> None:
    with pytest.raises(ReleaseError, match="0 to 8"):
        make_office(tmp_path / "many", clock, levels=9)

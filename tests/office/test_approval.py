"""Review: nothing goes out before every level has signed exactly it, wherever the reviewers sit."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.content.values import Store
from signage.office.approval import approve, approve_copy, list_drafts, return_draft, take_signatures
from signage.office.drafts import DraftState, draft_path, load_draft
from signage.office.office import Office
from signage.office.people import add_person, revoke_person, show_roles
from signage.office.prune import prune
from signage.office.publish import number_on_air, publish, roll_back
from signage.office.resigning import renew
from signage.release.errors import Reason, ReleaseError
from signage.release.keys import new_key, save_key
from signage.release.layout import blob_path
from signage.release.verify import Accepted, Refused
from tests.office.desk import COST, PASSPHRASE, Follower, add_reviewer, make_office, make_store


@pytest.fixture
def office(tmp_path: Path, clock: ManualClock) -> Office:
    """An office with two levels: li, then wang."""
    office = make_office(tmp_path / "office", clock, levels=2)
    add_reviewer(office, "li", 1)
    add_reviewer(office, "wang", 2)
    return office


def test_a_release_goes_out_with_the_last_signature(office: Office, store: Store, screen: Follower) -> None:
    draft = publish(office, store)
    first = approve(office, 1, "li")
    before = screen.look()

    last = approve(office, 1, "wang")
    after = screen.look()

    assert draft is not None
    assert draft.missing == {"review1": 1, "review2": 1}
    assert first.missing == {"review2": 1}
    assert isinstance(before, Refused)
    assert last.is_published
    assert screen.shows(after) == ["a.png", "b.png"]


def test_the_order_of_signing_does_not_matter(office: Office, store: Store) -> None:
    publish(office, store)

    approve(office, 1, "wang")

    assert approve(office, 1, "li").is_published


def test_what_waits_for_review_can_be_had_by_nobody(office: Office, store: Store) -> None:
    publish(office, store)

    published = [path for path in office.repository.folder.rglob("*") if path.is_file()]

    assert not [path for path in published if path.parts[-3] == "blobs" or "review1" in path.name]


def test_staff_may_change_their_files_while_a_draft_waits(office: Office, store: Store, screen: Follower) -> None:
    publish(office, store)
    shutil.rmtree(store.root)

    approve(office, 1, "li")
    approve(office, 1, "wang")

    assert screen.shows(screen.look()) == ["a.png", "b.png"]


def test_a_draft_is_signed_on_another_machine_from_a_copy(
    tmp_path: Path, office: Office, store: Store, screen: Follower, clock: ManualClock
) -> None:
    key = new_key("zhao")
    save_key(tmp_path / "zhao.key", key, PASSPHRASE, COST)
    add_person(office, "zhao", "review2", public=key.public)
    publish(office, store)
    approve(office, 1, "li")
    stick = tmp_path / "stick.draft"
    shutil.copy(draft_path(office.drafts, 1), stick)
    elsewhere = Office(tmp_path / "elsewhere", lambda name: PASSPHRASE, clock, COST)

    approve_copy(elsewhere, stick, "zhao", tmp_path / "zhao.key")
    published = take_signatures(office, stick)

    assert published.is_published
    assert isinstance(screen.look(), Accepted)


def test_a_copy_that_says_something_else_is_not_taken(
    tmp_path: Path, office: Office, store: Store, clock: ManualClock
) -> None:
    publish(office, store)
    other = make_office(tmp_path / "other", clock, levels=2)
    publish(other, make_store(tmp_path / "evil", {"evil.png": b"evil"}))

    with pytest.raises(ReleaseError, match="not a copy"):
        take_signatures(office, draft_path(other.drafts, 1))


@pytest.mark.parametrize("where", ["manifests", "roles", "number", "screens"])
def test_a_draft_whose_parts_do_not_fit_is_not_signed(office: Office, store: Store, where: str) -> None:
    publish(office, store)
    path = draft_path(office.drafts, 1)
    said = json.loads(path.read_text("utf-8"))
    if where == "manifests":
        said["manifests"]["gate"] = said["manifests"]["gate"].replace("a.png", "x.png")
    elif where == "roles":
        said["roles"]["review2"]["signed"]["targets"]["review2/gate.json"]["length"] += 1
    elif where == "number":
        said["number"] = 2
    else:
        said["roles"]["review1"]["signed"]["targets"]["review1/gate.json"]["custom"]["screens"] = ["gate"]
    path.write_text(json.dumps(said), "utf-8")

    with pytest.raises(ReleaseError):
        approve(office, 1, "li")


def test_a_returned_draft_is_never_published(office: Office, store: Store) -> None:
    publish(office, store)
    approve(office, 1, "li")

    return_draft(office, 1, "照片里的人没有同意")

    with pytest.raises(ReleaseError, match="已退回"):
        approve(office, 1, "wang")
    (line,) = list_drafts(office)
    assert (line.state, line.why) == (DraftState.RETURNED, "照片里的人没有同意")
    assert number_on_air(office) == 0


def test_a_return_needs_a_reason(office: Office, store: Store) -> None:
    publish(office, store)

    with pytest.raises(ReleaseError, match="why"):
        return_draft(office, 1, "  ")


def test_a_draft_older_than_what_is_on_air_cannot_go_out(tmp_path: Path, office: Office, store: Store) -> None:
    publish(office, store)
    publish(office, make_store(tmp_path / "store", {"c.png": b"c"}))
    approve(office, 2, "li")
    approve(office, 2, "wang")

    with pytest.raises(ReleaseError, match="too old"):
        approve(office, 1, "li")
    assert [line.state for line in list_drafts(office)] == [DraftState.SUPERSEDED, DraftState.APPROVED]


def test_a_rollback_needs_every_level_again(tmp_path: Path, office: Office, store: Store, screen: Follower) -> None:
    for number, content in enumerate((b"1", b"2"), start=1):
        publish(office, make_store(tmp_path / "store", {f"{number}.png": content}))
        approve(office, number, "li")
        approve(office, number, "wang")

    published = roll_back(office, 1)
    before = screen.shows(screen.look())
    approve(office, 3, "li")
    approve(office, 3, "wang")

    assert not published.is_published
    assert before == ["2.png"]
    assert screen.shows(screen.look()) == ["1.png"]


def test_whoever_is_of_no_level_signs_nothing(office: Office, store: Store) -> None:
    publish(office, store)

    with pytest.raises(ReleaseError, match="no review level"):
        approve(office, 1, "urgent")
    with pytest.raises(ReleaseError, match="no such key file"):
        approve(office, 1, "nobody")


def test_a_signature_given_before_its_person_was_revoked_does_not_count(office: Office, store: Store) -> None:
    add_reviewer(office, "zhao", 1)
    publish(office, store)
    approve(office, 1, "li")
    revoke_person(office, "li")

    after = approve(office, 1, "wang")

    assert after.missing == {"review1": 1}


def test_revoking_tells_which_level_has_to_sign_anew(office: Office, store: Store, screen: Follower) -> None:
    add_reviewer(office, "zhao", 1)
    publish(office, store)
    approve(office, 1, "li")
    approve(office, 1, "wang")
    screen.look()

    unsigned = revoke_person(office, "li")
    meanwhile = screen.look()
    publish(office, store)
    approve(office, 2, "zhao")
    approve(office, 2, "wang")

    assert unsigned == ["review1"]
    assert isinstance(meanwhile, Refused)
    assert meanwhile.reason is Reason.UNDER_SIGNED
    assert isinstance(screen.look(), Accepted)


def test_the_last_person_of_a_level_cannot_be_revoked(office: Office) -> None:
    with pytest.raises(ReleaseError, match="add somebody first"):
        revoke_person(office, "li")


def test_a_level_with_threshold_2_needs_two_people(office: Office, store: Store) -> None:
    add_reviewer(office, "zhao", 1, threshold=2)
    publish(office, store)
    approve(office, 1, "wang")

    first = approve(office, 1, "li")

    assert first.missing == {"review1": 1}
    assert approve(office, 1, "zhao").is_published


def test_adding_a_level_makes_the_next_release_wait_for_it(tmp_path: Path, clock: ManualClock, store: Store) -> None:
    office = make_office(tmp_path / "one", clock)
    publish(office, store)

    add_reviewer(office, "wang", 2)
    published = publish(office, make_store(tmp_path / "store", {"c.png": b"c"}))

    assert published is not None
    assert published.missing == {"review2": 1}
    assert approve(office, 2, "wang").is_published


def test_the_first_person_of_level_1_takes_the_place_of_the_offices_own_key(
    tmp_path: Path, clock: ManualClock, store: Store
) -> None:
    office = make_office(tmp_path / "one", clock)

    add_reviewer(office, "li", 1)

    assert {one.role: one.people for one in show_roles(office)}["review1"] == ("li",)
    published = publish(office, store)
    assert published is not None
    assert not published.is_published


@pytest.mark.parametrize("name", ["", "release", "timestamp-2", "a/b", "..", "x" * 41, "snapshot"])
def test_a_name_that_could_pass_for_a_role_or_a_path_is_refused(office: Office, name: str) -> None:
    with pytest.raises(ReleaseError):
        add_person(office, name, "review1")


def test_levels_are_made_one_after_the_other(office: Office) -> None:
    with pytest.raises(ReleaseError, match="can be made is 3"):
        add_reviewer(office, "zhao", 4)


def test_a_draft_that_is_not_there_is_told(office: Office) -> None:
    with pytest.raises(SignageError, match="no such draft"):
        load_draft(draft_path(office.drafts, 9))


def test_what_a_waiting_rollback_needs_is_not_pruned(
    tmp_path: Path, clock: ManualClock, office: Office, screen: Follower
) -> None:
    for number in range(1, 5):
        publish(office, make_store(tmp_path / "store", {f"{number}.png": b"%d" % number}))
        approve(office, number, "li")
        approve(office, number, "wang")
    roll_back(office, 1)
    clock.advance(400 * 86_400_000)
    renew(office)

    with office.repository.locked():
        gone = prune(office, keep=1, slack=0)
    approve(office, 5, "li")

    assert gone > 0
    assert approve(office, 5, "wang").is_published
    assert (office.repository.folder / blob_path(sha256(b"1").hexdigest())).exists()


def test_a_draft_whose_files_were_lost_is_not_published(office: Office, store: Store) -> None:
    publish(office, store)
    approve(office, 1, "li")
    shutil.rmtree(office.pending)

    with pytest.raises(ReleaseError, match="gone"):
        approve(office, 1, "wang")

    assert number_on_air(office) == 0

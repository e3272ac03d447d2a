"""Attacks: each is something that whoever owns the network, the server or the shared folder might try on a screen."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, Targets

from signage.base.clock import ManualClock
from signage.content.values import Store
from signage.office.approval import approve
from signage.office.office import Office
from signage.office.people import add_person, revoke_person, rotate_key
from signage.office.publish import publish
from signage.release.errors import Reason, ReleaseError
from signage.release.keys import new_key
from signage.release.manifest import Manifest, encode_manifest
from signage.release.parts import split
from signage.release.repository import Change, make_target, target_file
from signage.release.verify import Accepted, Refused, verify_from_disk
from tests.office.desk import Follower, add_reviewer, make_office, make_reviewed_office, make_store

Spoil = Callable[[str, bytes], bytes]


def flip(data: bytes) -> bytes:
    """Change one byte in the middle."""
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.fixture
def reviewed(tmp_path: Path, clock: ManualClock, store: Store) -> Office:
    """An office with two review levels; release 1 is approved by li (level 1) and wang (level 2)."""
    return make_reviewed_office(tmp_path / "office", clock, store)


@pytest.fixture
def screen(tmp_path: Path, reviewed: Office, clock: ManualClock) -> Follower:
    """A screen that has release 1."""
    follower = Follower(tmp_path / "screen", reviewed, clock)
    assert isinstance(follower.look(), Accepted)
    return follower


def refused(outcome: Accepted | Refused) -> Reason:
    assert isinstance(outcome, Refused), outcome
    return outcome.reason


@pytest.mark.parametrize(
    ("file", "reasons"),
    [
        ("timestamp.json", {Reason.NOT_SIGNED, Reason.DAMAGED}),
        ("snapshot.json", {Reason.DAMAGED}),
        ("review1.json", {Reason.DAMAGED}),
        ("review2.json", {Reason.DAMAGED}),
        ("gate.json", {Reason.DAMAGED}),
    ],
)
def test_a_changed_byte_is_refused(
    reviewed: Office, screen: Follower, tmp_path: Path, file: str, reasons: set[Reason]
) -> None:
    publish(reviewed, make_store(tmp_path / "store", {"c.png": b"c"}))
    approve(reviewed, 2, "li")
    approve(reviewed, 2, "wang")
    screen.fetcher.spoil = lambda path, data: flip(data) if path.endswith(file) else data

    outcome = screen.look()

    assert refused(outcome) in reasons
    assert screen.restart().manifest.number == 1


def test_bytes_after_the_end_are_refused(reviewed: Office, screen: Follower, tmp_path: Path) -> None:
    publish(reviewed, make_store(tmp_path / "store", {"c.png": b"c"}))
    approve(reviewed, 2, "li")
    approve(reviewed, 2, "wang")
    screen.fetcher.spoil = lambda path, data: data + b" " * 20_000

    outcome = screen.look()

    assert refused(outcome) is Reason.DAMAGED


@pytest.mark.parametrize("emptied", [False, True], ids=["with its memory", "after python-tuf's files were emptied"])
def test_an_old_repository_is_not_taken_again(
    reviewed: Office, screen: Follower, tmp_path: Path, emptied: bool
) -> None:
    shutil.copytree(reviewed.repository.folder, tmp_path / "old")
    publish(reviewed, make_store(tmp_path / "store", {"c.png": b"c"}))
    approve(reviewed, 2, "li")
    approve(reviewed, 2, "wang")
    screen.look()
    if emptied:
        for path in (screen.folder / "trust" / "metadata").rglob("*.json"):
            if not path.is_symlink():
                path.write_bytes(b"")
    screen.fetcher.folder = tmp_path / "old"

    outcome = screen.look()

    assert refused(outcome) is Reason.ROLLED_BACK
    assert screen.restart().manifest.number == 2


def test_an_old_repository_is_not_taken_when_everything_but_the_number_on_air_was_lost(
    reviewed: Office, screen: Follower, tmp_path: Path
) -> None:
    shutil.copytree(reviewed.repository.folder, tmp_path / "old")
    publish(reviewed, make_store(tmp_path / "store", {"c.png": b"c"}))
    approve(reviewed, 2, "li")
    approve(reviewed, 2, "wang")
    screen.look()
    shutil.rmtree(screen.folder / "trust")
    screen.fetcher.folder = tmp_path / "old"

    outcome = screen.look()

    assert refused(outcome) is Reason.ROLLED_BACK


def test_after_a_replay_the_genuine_office_is_followed_again(
    reviewed: Office, screen: Follower, tmp_path: Path
) -> None:
    shutil.copytree(reviewed.repository.folder, tmp_path / "old")
    publish(reviewed, make_store(tmp_path / "store", {"c.png": b"c"}))
    approve(reviewed, 2, "li")
    approve(reviewed, 2, "wang")
    screen.look()
    for path in (screen.folder / "trust" / "metadata").glob("*.json"):
        if not path.is_symlink():
            path.write_bytes(b"")
    screen.fetcher.folder = tmp_path / "old"
    screen.look()
    screen.fetcher.folder = reviewed.repository.folder

    outcome = screen.look()

    assert isinstance(outcome, Accepted)
    assert outcome.manifest.number == 2


def test_another_office_is_not_followed(
    reviewed: Office, screen: Follower, tmp_path: Path, clock: ManualClock, store: Store
) -> None:
    foreign = make_office(tmp_path / "foreign", clock)
    for number in range(6):
        publish(foreign, make_store(tmp_path / "foreign-store", {"x.png": b"%d" % number}))
    screen.fetcher.folder = foreign.repository.folder

    outcome = screen.look()

    assert refused(outcome) is Reason.NOT_SIGNED


def test_with_one_level_missing_nothing_changes(reviewed: Office, screen: Follower, tmp_path: Path) -> None:
    publish(reviewed, make_store(tmp_path / "store", {"c.png": b"c"}))
    approve(reviewed, 2, "li")

    outcome = screen.look()

    assert isinstance(outcome, Accepted)
    assert outcome.manifest.number == 1


def test_what_only_one_level_has_signed_is_refused_even_if_the_office_server_puts_it_out(
    reviewed: Office, screen: Follower, tmp_path: Path
) -> None:
    put_role(reviewed, 1, "li", manifest_for(screen, tmp_path))

    outcome = screen.look()

    assert refused(outcome) is Reason.UNDER_SIGNED


def test_levels_that_signed_different_contents_are_refused(reviewed: Office, screen: Follower, tmp_path: Path) -> None:
    put_role(reviewed, 1, "li", manifest_for(screen, tmp_path, b"one"))
    put_role(reviewed, 2, "wang", manifest_for(screen, tmp_path, b"other"))

    outcome = screen.look()

    assert refused(outcome) is Reason.UNDER_SIGNED


def test_a_key_of_level_1_cannot_sign_for_level_2(reviewed: Office, screen: Follower, tmp_path: Path) -> None:
    data = manifest_for(screen, tmp_path)
    put_role(reviewed, 1, "li", data)
    put_role(reviewed, 2, "li", data)

    outcome = screen.look()

    assert refused(outcome) is Reason.UNDER_SIGNED


def test_a_revoked_reviewer_signs_nothing_any_more(reviewed: Office, screen: Follower, tmp_path: Path) -> None:
    add_reviewer(reviewed, "zhao", 1)
    revoke_person(reviewed, "li")
    data = manifest_for(screen, tmp_path)
    put_role(reviewed, 1, "li", data)
    put_role(reviewed, 2, "wang", data)

    outcome = screen.look()

    assert refused(outcome) is Reason.UNDER_SIGNED
    assert screen.restart().manifest.number == 1


def test_one_person_signing_twice_is_one_signature(tmp_path: Path, clock: ManualClock, store: Store) -> None:
    office = make_office(tmp_path / "two", clock, levels=1)
    add_reviewer(office, "li", 1)
    add_reviewer(office, "wang", 1, threshold=2)
    publish(office, store)
    screen = Follower(tmp_path / "two-screen", office, clock)

    approve(office, 1, "li")
    with pytest.raises(ReleaseError, match="already"):
        approve(office, 1, "li")
    put_role(office, 1, "li", encode_manifest(Manifest("gate", 9, 1, store)), twice=True)

    assert refused(screen.look()) is Reason.UNDER_SIGNED


def test_a_person_stands_in_one_level_only(reviewed: Office) -> None:
    public = reviewed.open_key("li").public

    with pytest.raises(ReleaseError, match="one place"):
        add_person(reviewed, "li", "review2")
    with pytest.raises(ReleaseError, match="one place"):
        add_person(reviewed, "li-under-another-name", "review2", public=public)


def test_a_key_that_stands_in_two_levels_is_refused_by_the_screen(
    reviewed: Office, screen: Follower, tmp_path: Path
) -> None:
    targets = reviewed.repository.targets()
    targets.signed.add_key(reviewed.open_key("li").public, "review2")
    put_targets(reviewed, targets)
    data = manifest_for(screen, tmp_path)
    put_role(reviewed, 1, "li", data)
    put_role(reviewed, 2, "li", data)

    outcome = screen.look()

    assert refused(outcome) is Reason.UNDER_SIGNED


def test_the_office_alone_cannot_lower_the_number_of_levels(reviewed: Office, screen: Follower, tmp_path: Path) -> None:
    targets = reviewed.repository.targets()
    targets.signed.unrecognized_fields["x-signage"] = {"levels": 1}
    targets.signatures.clear()
    targets.signed.version += 1
    targets.sign(new_key("not the targets key").signer)
    reviewed.repository.commit(Change(targets=targets), reviewed.online_signers())

    outcome = screen.look()

    assert refused(outcome) is Reason.NOT_SIGNED


def test_an_expired_release_is_refused_and_the_one_on_disk_stays(screen: Follower, clock: ManualClock) -> None:
    clock.advance(8 * 86_400_000)

    outcome = screen.look()

    assert refused(outcome) is Reason.EXPIRED
    assert screen.restart().manifest.number == 1


def test_a_clock_set_back_does_not_make_the_expired_valid(
    reviewed: Office, screen: Follower, clock: ManualClock
) -> None:
    clock.advance(20 * 86_400_000)
    publish(reviewed, make_store(screen.folder, {"c.png": b"c"}))
    reviewed.repository.commit(Change(), reviewed.online_signers())
    old = (reviewed.repository.folder / "metadata" / "timestamp.json").read_bytes()
    screen.look()
    clock.advance(20 * 86_400_000)
    reviewed.repository.commit(Change(), reviewed.online_signers())
    screen.look()
    clock.jump(-40 * 86_400_000)
    screen.fetcher.spoil = lambda path, data: old if path.endswith("timestamp.json") else data

    outcome = screen.look()

    assert isinstance(outcome, Refused)


def test_a_clock_that_cannot_be_right_is_told(screen: Follower, clock: ManualClock) -> None:
    clock.jump(-86_400_000)

    outcome = screen.look()

    assert isinstance(outcome, Accepted)
    assert "set the clock" in outcome.news.clock_fault


def test_a_rotated_root_is_followed_and_the_old_one_signs_nothing_more(
    reviewed: Office, screen: Follower, tmp_path: Path
) -> None:
    for role in ("root", "targets", "snapshot", "timestamp", "root"):
        rotate_key(reviewed, role)
    publish(reviewed, make_store(tmp_path / "store", {"c.png": b"c"}))
    approve(reviewed, 2, "li")
    approve(reviewed, 2, "wang")

    outcome = screen.look()

    assert isinstance(outcome, Accepted)
    assert outcome.manifest.number == 2
    assert screen.restart().manifest.number == 2


def test_a_screen_starts_from_disk_long_after_everything_expired(screen: Follower, clock: ManualClock) -> None:
    clock.advance(10 * 365 * 86_400_000)

    assert screen.restart().manifest.number == 1


def test_whatever_byte_of_a_kept_release_changes_it_is_not_shown(screen: Follower) -> None:
    folder = screen.folder / "release"
    wrong = []
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        for at in range(0, len(whole), max(1, len(whole) // 40)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            try:
                shown = verify_from_disk(folder, screen.root, "gate").manifest
            except ReleaseError:
                continue
            if encode_manifest(shown) != encode_manifest(screen_manifest(screen, whole, path)):
                wrong.append((path.name, at))
        path.write_bytes(whole)

    assert wrong == []


def screen_manifest(screen: Follower, whole: bytes, path: Path) -> Manifest:
    """Give what the untouched folder says."""
    touched = path.read_bytes()
    path.write_bytes(whole)
    try:
        return verify_from_disk(path.parent, screen.root, "gate").manifest
    finally:
        path.write_bytes(touched)


@pytest.mark.parametrize("cut", [0, 1, 100])
def test_a_kept_release_with_a_file_cut_short_is_not_shown(screen: Follower, cut: int) -> None:
    for path in sorted((screen.folder / "release").iterdir()):
        whole = path.read_bytes()
        if len(whole) <= cut:
            continue
        path.write_bytes(whole[:cut])

        with pytest.raises(ReleaseError):
            screen.restart()

        path.write_bytes(whole)


def test_the_enrolled_root_decides_not_the_one_on_disk(tmp_path: Path, screen: Follower, clock: ManualClock) -> None:
    foreign = make_office(tmp_path / "foreign", clock)
    root = (foreign.repository.folder / "metadata" / "1.root.json").read_bytes()

    with pytest.raises(ReleaseError):
        verify_from_disk(screen.folder / "release", root, "gate")


def manifest_for(screen: Follower, tmp_path: Path, content: bytes = b"evil") -> bytes:
    store = make_store(tmp_path / "evil", {"evil.png": content})
    return encode_manifest(Manifest("gate", 50, 1, store))


def put_role(office: Office, level: int, name: str, manifest: bytes, *, twice: bool = False) -> None:
    """Put out what only this person has signed for a level, as one could who owns the office's server."""
    target, _ = split(manifest)
    path = f"review{level}/gate.json"
    before = office.repository.role(f"review{level}")
    version = before.signed.version + 1 if before else 1
    role = Targets(version=version, expires=office.repository.expiry(f"review{level}"))
    role.targets[path] = make_target(path, target, {"screens": ["gate", "hall"]})
    metadata = Metadata(role)
    signer = office.open_key(name).signer
    metadata.sign(signer)
    if twice:
        said = metadata.to_dict()
        said["signatures"].append({"keyid": "0" * 64, "sig": said["signatures"][0]["sig"]})
        metadata = Metadata[Targets].from_dict(json.loads(json.dumps(said)))
    change = Change(files={target_file(path, role.targets[path]): target}, roles={f"review{level}": metadata})
    office.repository.commit(change, office.online_signers())


def put_targets(office: Office, targets: Metadata[Targets]) -> None:
    targets.signed.version += 1
    targets.signatures.clear()
    targets.sign(office.open_key("targets").signer)
    office.repository.commit(Change(targets=targets), office.online_signers())

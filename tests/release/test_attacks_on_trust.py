"""Attacks with one key, or with a clock: what an online key alone can say must not last longer than the key."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, Timestamp

from signage.base.clock import ManualClock
from signage.content.values import Screen, Store
from signage.office.office import Office
from signage.office.people import rotate_key
from signage.office.publish import publish
from signage.release.errors import Reason, ReleaseError
from signage.release.manifest import decode_manifest
from signage.release.repository import Change
from signage.release.trust import CUSTOM
from signage.release.verify import Accepted, Refused
from tests.office.desk import Follower, make_office, make_store

YEAR_MS = 365 * 86_400_000


@pytest.fixture
def office(tmp_path: Path, clock: ManualClock, store: Store) -> Office:
    office = make_office(tmp_path / "office", clock)
    publish(office, store)
    return office


@pytest.fixture
def screen(tmp_path: Path, office: Office, clock: ManualClock) -> Follower:
    follower = Follower(tmp_path / "screen", office, clock)
    assert isinstance(follower.look(), Accepted)
    return follower


def sign_timestamp(office: Office, made_ms: object, version: int | None = None) -> None:
    """Put a timestamp out that says anything, as one can who has the online key."""
    root = office.repository.root().signed
    metadata = office.repository.timestamp()
    metadata.signed.version = version or metadata.signed.version + 1
    metadata.signed.unrecognized_fields[CUSTOM] = {"made_ms": made_ms}
    signed = Metadata[Timestamp](metadata.signed)
    for key_id in root.roles["timestamp"].keyids:
        signed.sign(next(one for one in office.online_signers() if one.public_key.keyid == key_id))
    (office.repository.folder / "metadata" / "timestamp.json").write_bytes(signed.to_bytes())


@pytest.mark.parametrize("made_ms", [2**53 - 1, 2**70, -1, True, "1", None, [1]])
def test_a_timestamp_that_names_no_time_harms_nothing(
    office: Office, screen: Follower, tmp_path: Path, made_ms: object
) -> None:
    sign_timestamp(office, made_ms)
    screen.look()
    publish(office, make_store(tmp_path / "next", {"next.png": b"next"}))

    outcome = screen.look()

    assert screen.shows(outcome) == ["next.png"]


def test_a_stolen_timestamp_key_that_puts_the_time_ahead_harms_nothing_once_it_is_replaced(
    office: Office, screen: Follower, tmp_path: Path, clock: ManualClock
) -> None:
    clock.jump(20 * YEAR_MS)
    office.repository.commit(Change(), office.online_signers())
    clock.jump(-20 * YEAR_MS)
    screen.look()

    rotate_key(office, "timestamp")
    publish(office, make_store(tmp_path / "next", {"next.png": b"next"}))

    assert screen.shows(screen.look()) == ["next.png"]


def test_a_stolen_timestamp_key_that_uses_up_the_numbers_harms_nothing_once_it_is_replaced(
    office: Office, screen: Follower, tmp_path: Path
) -> None:
    before = (office.repository.folder / "metadata" / "timestamp.json").read_bytes()
    sign_timestamp(office, 0, 2**53)
    screen.look()
    (office.repository.folder / "metadata" / "timestamp.json").write_bytes(before)

    rotate_key(office, "timestamp")
    publish(office, make_store(tmp_path / "next", {"next.png": b"next"}))

    assert screen.shows(screen.look()) == ["next.png"]


def test_an_office_whose_clock_has_fallen_back_signs_nothing_that_screens_would_call_expired(
    office: Office, tmp_path: Path, clock: ManualClock
) -> None:
    clock.jump(-30 * 86_400_000)

    with pytest.raises(ReleaseError, match="clock"):
        publish(office, make_store(tmp_path / "next", {"next.png": b"next"}))


@pytest.mark.parametrize("shift_ms", [-YEAR_MS, -8 * 86_400_000, 8 * 86_400_000, YEAR_MS])
def test_an_expired_office_stays_expired_whatever_the_screens_clock_says_afterwards(
    office: Office, screen: Follower, clock: ManualClock, shift_ms: int
) -> None:
    clock.advance(8 * 86_400_000)
    office.repository.commit(Change(), office.online_signers())
    screen.look()
    clock.advance(8 * 86_400_000)
    assert isinstance(screen.look(), Refused)

    clock.jump(shift_ms)
    outcome = screen.look()

    if shift_ms > 0:
        assert isinstance(outcome, Refused)
        assert outcome.reason is Reason.EXPIRED
    assert screen.restart().manifest.number == 1


@pytest.mark.parametrize(
    "spoilt",
    [
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"signed": {"_type": "timestamp", "version": ' + b"9" * 100_000 + b"}}",
        b'{"signed": NaN, "signatures": NaN}',
        b'{"signed": {"_type": "timestamp", "version": 1e999}, "signatures": []}',
        b"[" * 16_000,
        b"\xff\xfe\x00",
        b"",
        b"null",
        b'{"signed": {}, "signed": {}, "signatures": []}',
    ],
)
@pytest.mark.parametrize("file", ["timestamp.json", ".root.json"])
def test_json_that_is_made_to_break_readers_is_refused(
    office: Office, screen: Follower, tmp_path: Path, file: str, spoilt: bytes
) -> None:
    if file == ".root.json":
        (office.repository.folder / "metadata" / "2.root.json").write_bytes(spoilt)
    screen.fetcher.spoil = lambda path, data: spoilt if path.endswith(file) else data

    outcome = screen.look()

    assert isinstance(outcome, Refused)
    assert screen.restart().manifest.number == 1


def test_doubled_keys_in_signed_metadata_do_not_say_two_things(office: Office, screen: Follower) -> None:
    path = office.repository.folder / "metadata" / "timestamp.json"
    said = path.read_bytes()
    path.write_bytes(said.replace(b'"version":', b'"version":99,"version":', 1))

    outcome = screen.look()

    assert isinstance(outcome, Refused) or outcome.manifest.number == 1


def test_a_manifest_of_one_channel_is_not_taken_for_another_screen(tmp_path: Path, clock: ManualClock) -> None:
    office = make_office(tmp_path / "two", clock)
    screens = {"gate": Screen("gate", tags=frozenset({"out"})), "hall": Screen("hall")}
    store = make_store(tmp_path / "s", {"a.png": b"a"}, screens)
    only_gate = replace(store.playlists[0], name="only", where=frozenset({"gate"}))
    publish(office, replace(store, playlists=(*store.playlists, only_gate)))
    hall = Follower(tmp_path / "hall", office, clock, "hall")
    files = {
        path.name.partition(".")[2]: path.read_bytes()
        for path in (office.repository.folder / "targets" / "review1").iterdir()
    }
    assert set(files) == {"gate.json", "hall.json"}
    hall.fetcher.spoil = lambda path, data: files["gate.json"] if path.endswith(".hall.json") else data

    outcome = hall.look()

    assert isinstance(outcome, Refused)


def test_a_role_file_of_another_version_is_not_mixed_in(office: Office, screen: Follower, tmp_path: Path) -> None:
    old = (office.repository.folder / "metadata" / "1.review1.json").read_bytes()
    publish(office, make_store(tmp_path / "next", {"next.png": b"next"}))
    screen.fetcher.spoil = lambda path, data: old if path.endswith("review1.json") else data

    assert isinstance(screen.look(), Refused)
    assert screen.restart().manifest.number == 1


def test_a_root_that_was_lost_in_between_leaves_the_screen_as_it_is(
    office: Office, screen: Follower, tmp_path: Path
) -> None:
    rotate_key(office, "root")
    rotate_key(office, "timestamp")
    (office.repository.folder / "metadata" / "2.root.json").rename(tmp_path / "lost")

    outcome = screen.look()

    assert isinstance(outcome, Refused)
    assert screen.restart().manifest.number == 1
    (tmp_path / "lost").rename(office.repository.folder / "metadata" / "2.root.json")
    assert isinstance(screen.look(), Accepted)


def test_the_office_knows_that_a_root_is_lost(office: Office) -> None:
    rotate_key(office, "root")
    rotate_key(office, "root")
    assert office.repository.missing_roots() == []

    (office.repository.folder / "metadata" / "2.root.json").unlink()

    assert office.repository.missing_roots() == [2]


@pytest.mark.parametrize(
    "line",
    [
        b'{"screen":{"name":"x","place":[NaN,1.0]}}',
        b'{"screen":{"name":"x","place":[1e999,1.0]}}',
        b'{"screen":{"name":"x"},"screen":{"name":"y"}}',
        b'{"screen":{"name":"x","name":"y"}}',
        b'{"calendar":{"years":[' + b"9" * 5000 + b"]}}",
        b'{"calendar":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_json_that_two_readers_could_read_differently_is_no_manifest(line: bytes) -> None:
    head = json.dumps({"signage": {"channel": "gate", "format": 1, "made_ms": 1, "number": 1}}).encode()
    screen = b'{"screen":{"name":"gate"}}'

    with pytest.raises(ReleaseError):
        decode_manifest(b"\n".join([head, screen, line, b""]))

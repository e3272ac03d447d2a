"""Attacks on the reviewers: what they see is what they sign, and one person is one person."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tuf.api.metadata import Metadata

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.content.values import Card, Entry, Item, Kind, Playlist, Screen, Store
from signage.office.approval import approve, approve_copy, take_signatures
from signage.office.drafts import check_draft, draft_path, load_draft, save_draft
from signage.office.office import Office
from signage.office.people import add_person
from signage.office.publish import make_draft, publish
from signage.office.review import differences
from signage.office.said import Said
from signage.release.errors import ReleaseError
from signage.release.keys import new_key, public_text, read_public
from signage.release.manifest import Manifest, encode_manifest
from signage.release.repository import Change
from signage.release.verify import Refused
from tests.office.desk import SCREENS, Follower, make_reviewed_office, make_store


@pytest.fixture
def office(tmp_path: Path, clock: ManualClock, store: Store) -> Office:
    """Two levels, li and wang; release 1 is on air and draft 2 waits."""
    office = make_reviewed_office(tmp_path / "office", clock, store)
    publish(office, make_store(tmp_path / "next", {"a.png": b"another", "b.png": b"b"}))
    return office


def rewrite(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    said = json.loads(path.read_bytes())
    change(said)
    path.write_text(json.dumps(said, ensure_ascii=False))


def copy_of(office: Office, tmp_path: Path) -> Path:
    path = tmp_path / "2.draft"
    path.write_bytes(draft_path(office.drafts, 2).read_bytes())
    return path


def test_a_copy_that_says_that_nothing_changes_is_not_shown_and_not_signed(office: Office, tmp_path: Path) -> None:
    path = copy_of(office, tmp_path)
    rewrite(path, lambda said: said.update(before=said["manifests"]))

    with pytest.raises(ReleaseError, match="before"):
        load_draft(path)
    with pytest.raises(ReleaseError, match="before"):
        approve_copy(office, path, "li")


def test_a_copy_that_hides_what_was_before_by_signing_something_else_is_not_taken(
    office: Office, tmp_path: Path
) -> None:
    path = copy_of(office, tmp_path)
    draft = load_draft(path)
    screens = {channel: sorted(one.store.screens) for channel, one in draft.decoded().items()}
    forged = make_draft(office, 2, draft.manifests, screens, draft.manifests, "")
    save_draft(path, forged)
    approve_copy(office, path, "li")

    with pytest.raises(ReleaseError, match="something else"):
        take_signatures(office, path)


def two_channels(office: Office, number: int, change: Callable[[Store], Store]) -> dict[str, bytes]:
    """Give manifests as only an office server that was broken into would make them: `hall` gets something else."""
    (before,) = load_draft(draft_path(office.drafts, 2)).decoded().values()
    gate = replace(before.store, screens={"gate": SCREENS["gate"]})
    hall = change(replace(before.store, screens={"hall": SCREENS["hall"]}))
    return {
        "gate": encode_manifest(Manifest("gate", number, 1, gate)),
        "hall": encode_manifest(Manifest("hall", number, 1, hall)),
    }


def other_playlist(store: Store) -> Store:
    evil = Item("card", Kind.CARD, "0" * 64, 5000, card=Card("notice", '{"title":"evil"}'))
    return replace(store, playlists=(replace(store.playlists[0], entries=(Entry((evil,)),)),))


def same_screen(store: Store) -> Store:
    return replace(store, screens=SCREENS)


@pytest.mark.parametrize("change", [other_playlist, same_screen])
def test_a_playlist_or_screen_that_differs_from_channel_to_channel_is_no_draft(
    office: Office, change: Callable[[Store], Store]
) -> None:
    manifests = two_channels(office, 3, change)
    screens = {
        channel: sorted(SCREENS if change is same_screen and channel == "hall" else [channel]) for channel in manifests
    }
    draft = make_draft(office, 3, manifests, screens, {}, "")

    with pytest.raises(ReleaseError, match="channel"):
        check_draft(draft)


def test_a_playlist_that_one_screen_no_longer_plays_is_told(office: Office) -> None:
    before = load_draft(draft_path(office.drafts, 2)).decoded()
    none = lambda store: replace(store, playlists=())  # noqa: E731
    manifests = two_channels(office, 3, none)
    after = make_draft(office, 3, manifests, {"gate": ["gate"], "hall": ["hall"]}, {}, "").decoded()

    told = [str(one) for one in differences(before, after)]

    assert any("播放的屏幕" in line and "hall" in line for line in told), told


def photo_card(photo: str, store: Store) -> Manifest:
    media = store.media[photo]
    fields = json.dumps({"title": "t", "photo": "a.png"})
    item = Item("notice:t", Kind.CARD, media.sha256, 9000, card=Card("notice", fields, (replace(media, path="a.png"),)))
    return Manifest("gate", 1, 1, Store(Path(), (Playlist("p", "p", (Entry((item,)),)),), {"gate": Screen("gate")}))


def test_a_photo_of_a_card_that_was_replaced_is_told_in_words(store: Store) -> None:
    (difference,) = differences({"gate": photo_card("a.png", store)}, {"gate": photo_card("b.png", store)})

    assert difference.before != difference.after
    assert store.media["b.png"].sha256[:8] in difference.after.zh


def test_a_template_that_was_changed_is_told_in_words(store: Store) -> None:
    before = photo_card("a.png", store)
    item = before.store.playlists[0].entries[0].items[0]
    assert item.card is not None
    alert = replace(item, card=replace(item.card, template="alert"), sha256="1" * 64)
    after = replace(
        before, store=replace(before.store, playlists=(replace(before.store.playlists[0], entries=(Entry((alert,)),)),))
    )

    (difference,) = differences({"gate": before}, {"gate": after})

    assert difference.after == Said("模板：紧急通知", "Template: Alert")


@pytest.mark.parametrize("made_ms", [10**18, -(10**18), "Infinity", 2**70])
def test_a_draft_of_no_time_is_no_draft(office: Office, tmp_path: Path, made_ms: object) -> None:
    path = copy_of(office, tmp_path)
    said = path.read_text()
    path.write_text(said.replace('"made_ms": ', f'"made_ms": {made_ms}, "was_ms": ', 1))

    with pytest.raises(ReleaseError):
        load_draft(path)


def test_a_draft_that_is_no_file_does_not_wait_for_ever(office: Office, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "9.draft")

    with pytest.raises(SignageError):
        load_draft(tmp_path / "9.draft")


def test_media_that_were_changed_while_the_draft_waited_stop_it(office: Office) -> None:
    approve(office, 2, "li")
    (changed,) = office.pending.glob("blobs/*/*")
    changed.write_bytes(b"x" * changed.stat().st_size)

    with pytest.raises(ReleaseError, match="changed"):
        approve(office, 2, "wang")


def test_a_draft_tells_a_code_that_any_change_changes(office: Office, tmp_path: Path) -> None:
    first = load_draft(draft_path(office.drafts, 2)).code
    approve(office, 2, "li")
    signed = load_draft(draft_path(office.drafts, 2)).code
    publish(office, make_store(tmp_path / "other", {"c.png": b"c"}))

    assert signed == first
    assert load_draft(draft_path(office.drafts, 3)).code != first


def test_nobody_signs_in_anothers_name(office: Office) -> None:
    with pytest.raises(ReleaseError, match="li"):
        approve(office, 2, "wang", office.key_path("li"))


@pytest.mark.parametrize(
    "name",
    [
        "Ｌｉ",
        "LI",
        "\uf914",
        "li\u200b",
        "il\u202e",
        "e\u0301",
        "timestamp2",
        "Timestamp-3",
        "release2",
        "urgent-9",
        "ROOT",
        "review1",
        "a\nb",
        "<b>",
    ],
)
def test_a_name_that_could_pass_for_another_is_refused(office: Office, name: str) -> None:
    with pytest.raises(ReleaseError):
        add_person(office, name, "review2")


def public_file(tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    path = tmp_path / "new.pub"
    path.write_text(public_text(new_key("zhao").public))
    rewrite(path, change)
    return path


@pytest.mark.parametrize("claimed", ["wang", "release", "timestamp", "<script>"])
def test_the_office_names_a_key_not_whoever_made_it(office: Office, tmp_path: Path, claimed: str) -> None:
    path = public_file(tmp_path, lambda said: said["public"].update({"x-signage-name": claimed}))

    add_person(office, "zhao", "review1", public=read_public(path))

    assert [key.unrecognized_fields["x-signage-name"] for key in office.repository.delegated("review1")[1]] == [
        "li",
        "zhao",
    ]


def test_a_key_file_cannot_take_the_place_of_anothers_key(office: Office, tmp_path: Path) -> None:
    mine = office.repository.delegated("review1")[1][0].keyid

    with pytest.raises(ReleaseError):
        read_public(public_file(tmp_path, lambda said: said.update(keyid=mine)))


@pytest.mark.parametrize("spelt", [str.upper, lambda public: f"{public[:2]} {public[2:]}"])
def test_one_key_spelt_in_two_ways_is_one_key(office: Office, tmp_path: Path, spelt: Callable[[str], str]) -> None:
    path = tmp_path / "li.pub"
    path.write_text(public_text(office.repository.delegated("review1")[1][0]))

    def respell(said: dict[str, Any]) -> None:
        said["public"]["keyval"]["public"] = spelt(said["public"]["keyval"]["public"])

    rewrite(path, respell)

    with pytest.raises(ReleaseError):
        add_person(office, "li2", "review2", public=read_public(path))


def test_a_screen_knows_one_key_spelt_in_two_ways(office: Office, tmp_path: Path, clock: ManualClock) -> None:
    screen = Follower(tmp_path / "screen", office, clock)
    screen.look()
    targets = office.repository.targets()
    said = targets.to_dict()
    (li,) = targets.signed.delegations.roles["review1"].keyids  # type: ignore[union-attr, index]
    twin = dict(said["signed"]["delegations"]["keys"][li])
    twin["keyval"] = {"public": twin["keyval"]["public"].upper()}
    said["signed"]["delegations"]["keys"]["0" * 64] = twin
    said["signed"]["delegations"]["roles"][1]["keyids"].append("0" * 64)
    said["signed"]["version"] += 1
    changed = Metadata[Any].from_dict(said)
    changed.signatures.clear()
    changed.sign(office.open_key("targets").signer)
    office.repository.commit(Change(targets=changed), office.online_signers())

    assert isinstance(screen.look(), Refused)

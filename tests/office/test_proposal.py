"""What publishing would change, told without making anything."""

from __future__ import annotations

from dataclasses import replace

from signage.content.values import Card, Entry, Item, Kind, MediaFile, Store
from signage.office.drafts import draft_numbers
from signage.office.office import Office
from signage.office.proposal import propose
from signage.office.publish import content_digest, on_air, publish
from tests.office.desk import make_store


def with_photo_card(store: Store, title: str = "一封信") -> Store:
    photo: MediaFile = replace(store.media["a.png"], mtime_ns=1_700_000_000)
    card = Card("work-update", f'{{"headline":"{title}","photos":["a.png"]}}', (photo,))
    item = Item(f"work-update:{title}", Kind.CARD, "c" * 64, 10_000, card=card)
    playlist = store.playlists[0]
    return replace(store, playlists=(replace(playlist, entries=(*playlist.entries, Entry((item,)))),))


def test_what_would_be_published_is_told_and_nothing_is_made(office: Office, store: Store) -> None:
    proposal = propose(office, store)

    assert [one.what.zh for one in proposal.differences] == ["gate", "hall", "整个播放列表", "a.png", "b.png"]
    assert (proposal.new_files, proposal.new_bytes) == (2, 2)
    assert draft_numbers(office.drafts) == []
    assert not office.pending.exists()


def test_what_is_published_then_is_what_was_told(office: Office, store: Store) -> None:
    proposal = propose(office, store)

    publish(office, store, seen=proposal.digest)

    assert content_digest(on_air(office)) == proposal.digest
    assert propose(office, store).differences == ()


def test_files_and_photos_that_did_not_change_are_no_difference(office: Office, store: Store) -> None:
    publish(office, with_photo_card(store))
    grown = with_photo_card(make_store(store.root, {"a.png": b"a", "b.png": b"b", "c.png": b"c"}))

    proposal = propose(office, grown)

    assert [(one.kind, one.what.zh) for one in proposal.differences] == [("added", "c.png")]

"""Publishing: what reaches a screen, what it costs, and what is left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.content.values import Screen, Store
from signage.office.office import Office
from signage.office.publish import kept_releases, publish, roll_back
from signage.release.errors import Reason, ReleaseError
from signage.release.layout import blob_path
from signage.release.verify import Accepted, Refused
from tests.office.desk import Follower, make_store


def test_what_is_published_reaches_the_screen_with_its_files(office: Office, store: Store, screen: Follower) -> None:
    published = publish(office, store)

    outcome = screen.look()

    assert published is not None
    assert published.is_published
    assert screen.shows(outcome) == ["a.png", "b.png"]
    for media in store.media.values():
        assert (office.repository.folder / blob_path(media.sha256)).read_bytes() == store.path_of(media).read_bytes()


def test_before_anything_is_published_a_screen_is_told_so(screen: Follower) -> None:
    outcome = screen.look()

    assert isinstance(outcome, Refused)
    assert outcome.reason is Reason.NOTHING_PUBLISHED


def test_publishing_the_same_again_makes_no_release(office: Office, store: Store) -> None:
    publish(office, store)

    again = publish(office, store)

    assert again is None
    assert kept_releases(office) == [1]


def test_two_releases_within_one_second_both_arrive(
    tmp_path: Path, office: Office, store: Store, screen: Follower
) -> None:
    publish(office, store)
    first = screen.look()
    publish(office, make_store(tmp_path / "store", {"c.png": b"c"}))

    second = screen.look()

    assert screen.shows(first) == ["a.png", "b.png"]
    assert screen.shows(second) == ["c.png"]


def test_with_nothing_new_a_screen_asks_two_short_questions(office: Office, store: Store, screen: Follower) -> None:
    publish(office, store)
    screen.look()
    screen.fetcher.asked.clear()

    outcome = screen.look()

    assert isinstance(outcome, Accepted)
    assert screen.fetcher.asked == ["metadata/2.root.json", "metadata/timestamp.json"]


def test_a_change_for_other_screens_costs_no_manifest(
    tmp_path: Path, office: Office, clock: ManualClock, screen: Follower
) -> None:
    root = tmp_path / "store"
    both = make_store(root, {"a.png": b"a"}, {"gate": Screen("gate"), "hall": Screen("hall")})
    hall = replace(make_store(root, {"b.png": b"b"}).playlists[0], name="hall-only", where=frozenset({"hall"}))
    publish(office, replace(both, playlists=(both.playlists[0], hall)))
    screen.look()
    screen.fetcher.asked.clear()
    hall = replace(hall, entries=make_store(root, {"c.png": b"c"}).playlists[0].entries)
    publish(office, replace(both, playlists=(both.playlists[0], hall)))

    outcome = screen.look()

    assert isinstance(outcome, Accepted)
    assert outcome.manifest.number == 1
    assert not [path for path in screen.fetcher.asked if path.startswith("targets/")]


def test_a_change_of_one_file_in_thousands_costs_one_part(tmp_path: Path, office: Office, screen: Follower) -> None:
    contents = {f"{number:05}.png": b"%d" % number for number in range(3000)}
    publish(office, make_store(tmp_path / "store", contents))
    screen.look()
    screen.fetcher.asked.clear()
    sizes: list[int] = []
    screen.fetcher.spoil = lambda path, data: (sizes.append(len(data)), data)[1]
    publish(office, make_store(tmp_path / "store", contents | {"01500.png": b"other"}))

    outcome = screen.look()

    assert isinstance(outcome, Accepted)
    assert outcome.manifest.number == 2
    assert sum(path.startswith("blobs/") for path in screen.fetcher.asked) <= 2
    assert sum(sizes) < 100_000


def test_rolling_back_says_the_old_content_under_a_new_number(
    tmp_path: Path, office: Office, store: Store, screen: Follower
) -> None:
    publish(office, store)
    publish(office, make_store(tmp_path / "store", {"c.png": b"c"}))
    screen.look()

    published = roll_back(office, 1)
    outcome = screen.look()

    assert published.number == 3
    assert screen.shows(outcome) == ["a.png", "b.png"]
    assert screen.number == 3


def test_a_release_that_is_not_kept_cannot_be_gone_back_to(office: Office, store: Store) -> None:
    publish(office, store)

    with pytest.raises(ReleaseError, match="there are: 1"):
        roll_back(office, 7)


def test_a_store_with_nothing_to_play_is_not_published(office: Office, store: Store) -> None:
    with pytest.raises(ReleaseError, match="nothing to play"):
        publish(office, replace(store, playlists=()))


def test_a_file_that_changes_while_it_is_published_stops_the_release(
    office: Office, store: Store, screen: Follower
) -> None:
    (store.root / "media" / "b.png").write_bytes(b"changed since it was checked")

    with pytest.raises(ReleaseError, match="changed since it was checked"):
        publish(office, store)

    assert isinstance(screen.look(), Refused)
    assert not list(office.pending.rglob("*.tmp"))


def test_a_screen_that_the_store_does_not_know_is_told_so(
    tmp_path: Path, office: Office, store: Store, clock: ManualClock
) -> None:
    publish(office, store)

    outcome = Follower(tmp_path / "other", office, clock, "lift").look()

    assert isinstance(outcome, Refused)
    assert outcome.reason is Reason.NOT_FOR_THIS_SCREEN


def test_old_releases_are_pruned_with_their_files_but_never_what_is_on_air(
    tmp_path: Path, office: Office, clock: ManualClock, screen: Follower
) -> None:
    for number in range(25):
        publish(office, make_store(tmp_path / "store", {"same.png": b"same", "new.png": b"%d" % number}))
        clock.advance(3 * 86_400_000)
    clock.advance(365 * 86_400_000)

    publish(office, make_store(tmp_path / "store", {"same.png": b"same", "new.png": b"last"}))

    kept = kept_releases(office)
    assert len(kept) < 25
    assert kept[-1] == 26
    assert screen.shows(screen.look()) == ["same.png", "new.png"]
    blobs = [path for path in (office.repository.folder / "blobs").rglob("*") if path.is_file()]
    assert len(blobs) == len(kept) + 1


def test_a_release_that_is_gone_says_so(office: Office, store: Store) -> None:
    with pytest.raises(SignageError, match="cannot be read"):
        office.repository.read("targets/none")

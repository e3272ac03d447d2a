"""What is on air is whole and stays: whatever write fails, the switch names the old release or the new."""

from __future__ import annotations

from pathlib import Path

import pytest

from signage.base.errors import SignageError
from signage.player.cache import Blob, Cache, CacheError, DiskFullError, Switch
from tests.player.syncing import FailingDisk, content_of, put_blob


def fill(cache: Cache, seed: int, length: int = 1000) -> Blob:
    """Put a whole file into the cache."""
    blob = put_blob(cache.folder, content_of(seed, length))
    assert cache.has(blob)
    return blob


def release(cache: Cache, name: str, blobs: list[Blob]) -> None:
    cache.add_release(name, {"manifest.json": name.encode(), "metadata/root.json": b"{}"})
    cache.switch(name, blobs)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def test_before_the_first_release_there_is_no_switch(cache: Cache) -> None:
    assert cache.current() is None


def test_the_release_before_is_kept_as_previous(cache: Cache) -> None:
    blob = fill(cache, 1)

    for name in ("1", "2", "2", "3"):
        release(cache, name, [blob])

    assert cache.current() == Switch("3", "2")


def test_a_release_whose_files_are_missing_is_not_switched_to(cache: Cache) -> None:
    release(cache, "1", [fill(cache, 1)])
    cache.add_release("2", {"manifest.json": b"2"})

    with pytest.raises(CacheError, match="1 files of release 2 are missing"):
        cache.switch("2", [Blob("a" * 64, 5)])

    assert cache.current() == Switch("1")


def test_a_file_of_the_wrong_length_counts_as_missing(cache: Cache) -> None:
    blob = fill(cache, 1)

    cache.path_of(blob.sha256).write_bytes(b"")

    assert cache.missing([blob]) == [blob]


def test_whichever_write_fails_the_switch_names_the_old_release_or_the_new(tmp_path: Path) -> None:
    seen = set()
    for fail_at in range(1, 200):
        disk = FailingDisk()
        cache = Cache(tmp_path / str(fail_at), disk=disk)
        first, second = fill(cache, 1), fill(cache, 2)
        release(cache, "1", [first])
        disk.calls, disk.fail_at = 0, fail_at
        why = ""
        try:
            release(cache, "2", [first, second])
        except SignageError as error:
            why = str(error)

        found = Cache(tmp_path / str(fail_at)).current()
        assert found in (Switch("1"), Switch("2", "1"))
        assert found is not None
        assert (cache.release_folder(found.now) / "manifest.json").read_bytes() == found.now.encode()
        seen.add(found)
        if not why:
            break
        assert "No space left" in why
    else:
        pytest.fail("it never got through")

    assert seen == {Switch("1"), Switch("2", "1")}
    assert fail_at > 10


@pytest.mark.parametrize("said", [b"", b"{}", b"[1]", b'{"now": "../1", "previous": null}', b'{"now": 5}', b"\xff"])
def test_a_damaged_switch_leaves_the_newest_releases(cache: Cache, said: bytes) -> None:
    blob = fill(cache, 1)
    for name in ("0001", "0002", "0003"):
        release(cache, name, [blob])

    (cache.folder / "current").write_bytes(said)

    assert cache.current() == Switch("0003", "0002")


@pytest.mark.parametrize("sha256", ["", "../../etc/passwd", "A" * 64, "a" * 63, "/" + "a" * 63, "a" * 64 + "\n"])
def test_a_file_is_named_by_a_hash_and_nothing_else(sha256: str) -> None:
    with pytest.raises(ValueError, match="no file's hash"):
        Blob(sha256, 5)


@pytest.mark.parametrize("name", ["..", ".hidden", "a/b", "", "/etc"])
def test_a_release_has_no_name_that_leads_elsewhere(cache: Cache, name: str) -> None:
    with pytest.raises(ValueError, match="no name of a release"):
        cache.add_release(name, {})


def test_what_is_on_air_and_what_was_before_are_never_collected(cache: Cache) -> None:
    blobs = [fill(cache, seed) for seed in range(4)]
    for name, blob in zip(("1", "2", "3"), blobs, strict=False):
        release(cache, name, [blob])

    cache.collect({blobs[1].sha256, blobs[2].sha256})

    assert [cache.has(blob) for blob in blobs] == [False, True, True, False]
    assert not cache.release_folder("1").exists()
    assert cache.release_folder("2").exists()
    assert cache.release_folder("3").exists()


def test_partial_files_that_nobody_wants_go_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path, free_bytes=lambda _path: 100_000_000)
    wanted, unwanted, old = Blob("a" * 64, 50), Blob("b" * 64, 50), fill(cache, 1)
    for blob in (wanted, unwanted):
        cache.partial_of(blob).write_bytes(b"x" * 20)
        cache.partial_of(blob).with_suffix(".from").write_bytes(b"[]")

    cache.make_room([wanted], kept=())

    assert cache.partial_of(wanted).exists()
    assert not cache.partial_of(unwanted).exists()
    assert not cache.partial_of(unwanted).with_suffix(".from").exists()
    assert cache.has(old), "with room enough nothing else is deleted"


def test_old_files_go_when_room_is_needed_and_what_is_kept_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path, free_bytes=lambda path: 30_000 - room_taken(path), headroom_bytes=10_000)
    kept, old = fill(cache, 1, 10_000), fill(cache, 2, 9_000)

    cache.make_room([Blob("c" * 64, 8_000)], kept={kept.sha256})

    assert cache.has(kept)
    assert not cache.has(old)


def test_what_does_not_fit_is_refused_and_a_smaller_release_gets_in(tmp_path: Path) -> None:
    cache = Cache(tmp_path, free_bytes=lambda path: 30_000 - room_taken(path), headroom_bytes=10_000)
    kept, stale = fill(cache, 1, 10_000), Blob("d" * 64, 50_000)
    cache.partial_of(stale).write_bytes(bytes(9_500))

    with pytest.raises(DiskFullError, match="are needed"):
        cache.make_room([stale], kept={kept.sha256})
    cache.make_room([Blob("c" * 64, 8_000)], kept={kept.sha256})

    assert cache.has(kept)
    assert not cache.partial_of(stale).exists()


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(CacheError, match="check that the disk"):
        Cache(tmp_path / "file")


def room_taken(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

"""On a full disk what is on air stays, and a later release that fits gets in without anyone's help."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.player.cache import Cache, DiskFullError
from signage.player.download import Downloader
from signage.player.http import Http
from signage.player.sync import Sync
from signage.release.orders import OrderKind
from tests.conftest import ExpectLog
from tests.faults.server import Fault, FaultyServer
from tests.player.mounts import CannotMountError, mounted
from tests.player.office import SmallOffice
from tests.player.syncing import SHORT, content_of

HEADROOM = 1_000_000


@pytest.fixture
def office(tmp_path: Path) -> SmallOffice:
    return SmallOffice(tmp_path / "office", ManualClock(datetime(2026, 11, 23, 8, 0, tzinfo=UTC)))


@contextmanager
def syncing(folder: Path, office: SmallOffice, url: str = "") -> Iterator[Sync]:
    clock = ManualClock(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    http = Http(clock)
    cache = Cache(folder, headroom_bytes=HEADROOM)
    downloader = Downloader(http, cache, clock, limits=SHORT, workers=1)
    downloader.pause = lambda _seconds: None
    sync = Sync(
        folder,
        [url or office.folder.as_uri()],
        office.root_bytes,
        "lobby",
        clock,
        http,
        cache=cache,
        metadata_limits=SHORT,
        downloader=downloader,
    )
    sync.restore()
    yield sync
    http.close()


@contextmanager
def small_disk(tmp_path: Path, megabytes: int) -> Iterator[Path]:
    """Give a folder in which so much fits; skip the test where this machine has none."""
    try:
        with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", f"size={megabytes}m", "none") as folder:
            yield folder
    except CannotMountError as error:
        pytest.skip(str(error))


def update(sync: Sync) -> None:
    assert sync.look()
    if sync.has_work:
        sync.fetch()


def test_a_small_disk_keeps_what_is_on_air_and_takes_what_fits(
    tmp_path: Path, office: SmallOffice, expect_log: ExpectLog
) -> None:
    expect_log("are needed and")
    with small_disk(tmp_path, 14) as disk, syncing(disk, office) as sync:
        office.publish({"a.png": content_of(1, 3_000_000)})
        update(sync)
        office.publish({"a.png": content_of(2, 30_000_000)})
        with pytest.raises(DiskFullError):
            update(sync)
        during = sync.status.number
        office.publish({"a.png": content_of(3, 4_000_000)})
        update(sync)
        office.publish({"a.png": content_of(4, 4_000_000)})
        update(sync)
        number = sync.status.number

    assert during == 1
    assert number == 4


def test_partial_files_of_a_release_that_was_withdrawn_do_not_stand_in_the_way(
    tmp_path: Path, office: SmallOffice, expect_log: ExpectLog
) -> None:
    expect_log("what is on air stays: 1 of 1 files are still to come")
    with (
        small_disk(tmp_path, 12) as disk,
        FaultyServer(office.folder) as server,
        syncing(disk, office, server.url) as sync,
    ):
        server.cut_at = 0.9
        office.publish({"a.png": content_of(1, 9_000_000)})
        server.choose = lambda request: Fault.TRUNCATED if "/blobs/" in request.path else None
        with pytest.raises(SignageError):
            update(sync)
        left = [path.stat().st_size for path in (disk / "partials").glob("*[0-9a-f]")]
        server.choose = lambda _request: None
        office.publish({"a.png": content_of(2, 8_000_000)})
        update(sync)
        number = sync.status.number

    assert max(left) > 5_000_000
    assert number == 2


def test_a_disk_that_is_full_to_the_last_byte_still_takes_a_blackout(
    tmp_path: Path, office: SmallOffice, expect_log: ExpectLog
) -> None:
    expect_log("blackout from now on")
    expect_log("would be lost by a restart", required=False)
    expect_log("what is on air stays: disk", required=False)
    with small_disk(tmp_path, 4) as disk, syncing(disk, office) as sync:
        office.publish({"a.png": b"one"})
        update(sync)
        fill(disk / "junk")
        office.order(OrderKind.BLACKOUT)

        sync.look()
        standing = sync.in_force

    assert standing


def fill(path: Path) -> None:
    """Write until nothing more fits."""
    with path.open("wb", buffering=0) as junk, pytest.raises(OSError, match="No space"):
        list(map(junk.write, [bytes(4096)] * 10_000))


def test_a_limit_on_the_length_of_files_is_met_like_a_full_disk(
    tmp_path: Path, office: SmallOffice, expect_log: ExpectLog
) -> None:
    expect_log("File too large")
    with syncing(tmp_path / "screen", office) as sync:
        office.publish({"a.png": b"one"})
        update(sync)
        office.publish({"a.png": content_of(1, 900_000)})
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, hard))
        try:
            with pytest.raises(DiskFullError):
                update(sync)
            during = sync.status.number
            office.publish({"a.png": content_of(2, 400_000)})
            update(sync)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        number = sync.status.number

    assert during == 1
    assert number == 3

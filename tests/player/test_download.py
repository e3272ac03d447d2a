"""Files come whole and checked through any fault of the network, and go on where they broke off."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from signage.base.clock import SystemClock
from signage.player.answers import FetchError
from signage.player.cache import Blob, Cache, CacheError, DiskFullError
from signage.player.download import Downloader, DownloadError
from signage.player.http import Http
from tests.faults.server import Fault, FaultyServer, at_random, in_turn
from tests.player.syncing import SHORT, FailingDisk, content_of, put_blob

LONG = 600_000


@pytest.fixture
def office(tmp_path: Path) -> Path:
    (tmp_path / "office").mkdir()
    return tmp_path / "office"


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http(SystemClock())
    yield http
    http.close()


def downloader(http: Http, cache: Cache, workers: int = 1, disk: FailingDisk | None = None) -> Downloader:
    """Give a downloader that waits for nothing between its tries."""
    made = Downloader(
        http, cache, SystemClock(), limits=SHORT, workers=workers, dice=random.Random(1), disk=disk or FailingDisk()
    )
    made.pause = lambda _seconds: None
    return made


@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.name.lower())
def test_a_file_arrives_whole_after_any_fault(office: Path, cache: Cache, http: Http, fault: Fault) -> None:
    content = content_of(1, LONG)
    blob = put_blob(office, content)

    with FaultyServer(office, in_turn(fault, fault)) as server:
        downloader(http, cache).fetch([blob], [server.url])
        http.close()

    assert cache.path_of(blob.sha256).read_bytes() == content
    assert not list((cache.folder / "partials").iterdir())


RANGE_FAULTS = (Fault.IGNORED_RANGE, Fault.WRONG_CONTENT_RANGE, Fault.UNSATISFIABLE_416, Fault.RANGE_WITH_200)


@pytest.mark.parametrize("fault", RANGE_FAULTS, ids=lambda fault: fault.name.lower())
def test_a_resumed_file_arrives_whole_whatever_becomes_of_the_range(
    office: Path, cache: Cache, http: Http, fault: Fault
) -> None:
    content = content_of(2, LONG)
    blob = put_blob(office, content)

    with FaultyServer(office, in_turn(Fault.TRUNCATED, fault)) as server:
        downloader(http, cache).fetch([blob], [server.url])
        http.close()

    assert cache.path_of(blob.sha256).read_bytes() == content


@pytest.mark.parametrize("fault", [Fault.TRUNCATED, Fault.RESET, Fault.STALL], ids=lambda fault: fault.name.lower())
def test_a_long_file_goes_on_where_it_broke_off(office: Path, cache: Cache, http: Http, fault: Fault) -> None:
    blob = put_blob(office, content_of(3, LONG))

    with FaultyServer(office, in_turn(fault)) as server:
        downloader(http, cache).fetch([blob], [server.url])
        http.close()

    first, second = server.requests
    assert first.start is None
    assert (second.start or 0) > 0
    assert "if-range" in second.headers


def test_a_long_file_goes_on_after_a_restart_of_the_player(office: Path, cache: Cache, http: Http) -> None:
    blob = put_blob(office, content_of(4, LONG))
    with FaultyServer(office, lambda _request: Fault.TRUNCATED) as server, pytest.raises(DownloadError):
        downloader(http, cache).fetch([blob], [server.url])
    half = cache.partial_of(blob).stat().st_size

    with FaultyServer(office) as server:
        came = downloader(http, Cache(cache.folder)).fetch([blob], [server.url])
        http.close()

    assert 0 < half < LONG
    assert came == LONG - half
    assert cache.has(blob)


def test_bytes_that_were_kept_damaged_are_fetched_anew(office: Path, cache: Cache, http: Http) -> None:
    content = content_of(5, LONG)
    blob = put_blob(office, content)
    cache.partial_of(blob).write_bytes(b"x" + content[1:400_000])

    with FaultyServer(office) as server:
        downloader(http, cache).fetch([blob], [server.url])
        http.close()

    assert cache.path_of(blob.sha256).read_bytes() == content
    assert [request.start for request in server.requests] == [400_000, None]


def test_a_partial_file_longer_than_the_file_is_dropped(office: Path, cache: Cache, http: Http) -> None:
    blob = put_blob(office, content_of(6, LONG))
    cache.partial_of(blob).write_bytes(bytes(LONG + 1))

    with FaultyServer(office) as server:
        downloader(http, cache).fetch([blob], [server.url])
        http.close()

    assert cache.has(blob)


def test_what_is_here_is_never_fetched_again(office: Path, cache: Cache, http: Http) -> None:
    blobs = [put_blob(office, content_of(seed, 1000)) for seed in range(3)]

    with FaultyServer(office) as server:
        downloader(http, cache).fetch(blobs[:2], [server.url])
        downloader(http, cache).fetch([*blobs, *blobs], [server.url])
        http.close()

    assert [len(server.of(f"/blobs/{blob.place}")) for blob in blobs] == [1, 1, 1]


def test_files_come_in_the_order_given(office: Path, cache: Cache, http: Http) -> None:
    blobs = [put_blob(office, content_of(seed, 1000)) for seed in range(6)]

    with FaultyServer(office) as server:
        downloader(http, cache).fetch(blobs, [server.url])
        http.close()

    assert [request.path for request in server.requests] == [f"/blobs/{blob.place}" for blob in blobs]


def test_a_mirror_serves_what_the_first_address_does_not(
    office: Path, tmp_path: Path, cache: Cache, http: Http
) -> None:
    blobs = [put_blob(office, content_of(seed, 1000)) for seed in range(5)]

    with FaultyServer(tmp_path) as empty, FaultyServer(office) as full:
        downloader(http, cache).fetch(blobs, [empty.url, full.url])
        http.close()

    assert not cache.missing(blobs)
    assert len(empty.requests) == 1, "an address that failed rests"


def test_a_mirror_that_lies_harms_nothing(office: Path, cache: Cache, http: Http) -> None:
    blobs = [put_blob(office, content_of(seed, LONG)) for seed in range(3)]

    with FaultyServer(office, lambda _request: Fault.WRONG_BYTES) as liar, FaultyServer(office) as honest:
        downloader(http, cache).fetch(blobs, [liar.url, honest.url])
        http.close()

    assert not cache.missing(blobs)


def test_a_stick_serves_as_an_office_does(office: Path, cache: Cache, http: Http) -> None:
    content = content_of(7, LONG)
    blob = put_blob(office, content)
    cache.partial_of(blob).write_bytes(content[:400_000])

    came = downloader(http, cache).fetch([blob], [office.as_uri()])

    assert came == LONG - 400_000
    assert cache.path_of(blob.sha256).read_bytes() == content


def test_a_file_that_is_nowhere_does_not_hold_back_the_others(office: Path, cache: Cache, http: Http) -> None:
    absent = Blob("0" * 64, 10)
    blobs = [put_blob(office, content_of(seed, 1000)) for seed in range(6)]

    with FaultyServer(office) as server, pytest.raises(DownloadError, match=r"1 of 7 files are still to come: .*404"):
        downloader(http, cache, workers=2).fetch([absent, *blobs], [server.url])

    assert cache.missing([absent, *blobs]) == [absent]


def test_an_office_that_is_gone_is_not_asked_for_every_file(office: Path, cache: Cache, http: Http) -> None:
    blobs = [put_blob(office, content_of(seed, 1000)) for seed in range(200)]

    with (
        FaultyServer(office, lambda _request: Fault.ERROR_500) as server,
        pytest.raises(DownloadError, match="200 of 200 files"),
    ):
        downloader(http, cache).fetch(blobs, [server.url])

    assert len(server.requests) <= 10


def test_a_bad_network_delivers_in_the_end(office: Path, cache: Cache, http: Http) -> None:
    blobs = [put_blob(office, content_of(seed, 5_000 if seed % 3 else 300_000)) for seed in range(30)]
    slow = (Fault.TRICKLE, Fault.STALL, Fault.SLOW_HEADERS)

    with FaultyServer(office, at_random(3, 0.4, without=slow)) as server:
        for _ in range(10):
            try:
                downloader(http, cache, workers=4).fetch(blobs, [server.url])
                break
            except DownloadError:
                continue
        http.close()

    assert not cache.missing(blobs)
    assert all((office / "blobs" / b.place).read_bytes() == cache.path_of(b.sha256).read_bytes() for b in blobs)


def test_whichever_write_fails_no_file_is_half(office: Path, tmp_path: Path, http: Http) -> None:
    blob = put_blob(office, content_of(8, LONG))
    failures = 0

    with FaultyServer(office) as server:
        for fail_at in range(1, 100):
            disk = FailingDisk(fail_at)
            cache = Cache(tmp_path / f"cache-{fail_at}", disk=disk)
            why = ""
            try:
                downloader(http, cache, disk=disk).fetch([blob], [server.url])
            except CacheError as error:
                why = str(error)
            if not why:
                break
            failures += 1
            assert "No space left" in why
            assert not cache.has(blob)
            disk.fail_at = None
            downloader(http, cache, disk=disk).fetch([blob], [server.url])
            assert cache.has(blob)
        http.close()

    assert failures > 3


def test_a_download_stops_before_it_eats_into_the_headroom(office: Path, tmp_path: Path, http: Http) -> None:
    cache = Cache(tmp_path / "cache", free_bytes=lambda _path: 1_000_000, headroom_bytes=900_000)
    blob = put_blob(office, content_of(9, LONG))

    with FaultyServer(office) as server, pytest.raises(DiskFullError, match=r"only 1\.0 MB are free"):
        downloader(http, cache).fetch([blob], [server.url])

    assert not server.requests


def test_a_slow_trickle_is_given_up(office: Path, http: Http) -> None:
    blob = put_blob(office, content_of(10, 5_000))

    with FaultyServer(office, lambda _request: Fault.TRICKLE) as server:
        with http.open(f"{server.url}blobs/{blob.place}", SHORT) as answer, pytest.raises(FetchError, match="comes at"):
            answer.read()
        http.close()


def test_headers_that_never_end_are_given_up(office: Path, http: Http) -> None:
    blob = put_blob(office, content_of(11, 5_000))

    with FaultyServer(office, lambda _request: Fault.SLOW_HEADERS) as server:
        with pytest.raises(FetchError, match=r"took longer than 0\.5 s"):
            http.open(f"{server.url}blobs/{blob.place}", SHORT)
        http.close()


def test_limits_hold_again_after_a_moment_in_which_no_thread_could_be_started(
    office: Path, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = put_blob(office, content_of(14, 5_000))
    start = threading.Thread.start

    def start_others(thread: threading.Thread) -> None:
        if thread.name == "http-deadlines":
            raise RuntimeError("can't start new thread")
        start(thread)

    with FaultyServer(office, lambda _request: Fault.SLOW_HEADERS) as server:
        with monkeypatch.context() as short_of_memory:
            short_of_memory.setattr(threading.Thread, "start", start_others)
            with pytest.raises(RuntimeError):
                http.open(f"{server.url}blobs/{blob.place}", SHORT)

        with pytest.raises(FetchError, match=r"took longer than 0\.5 s"):
            http.open(f"{server.url}blobs/{blob.place}", SHORT)
        http.close()


def test_a_redirect_is_not_followed(office: Path, cache: Cache, http: Http) -> None:
    blob = put_blob(office, content_of(12, 5_000))

    with (
        FaultyServer(office, lambda _request: Fault.REDIRECT) as server,
        pytest.raises(DownloadError, match="answered 302"),
    ):
        downloader(http, cache).fetch([blob], [server.url])

    assert not server.of("/elsewhere")


def test_closing_cuts_off_what_is_under_way(office: Path, http: Http) -> None:
    blob = put_blob(office, content_of(13, LONG))

    with FaultyServer(office, lambda _request: Fault.STALL) as server:
        answer = http.open(f"{server.url}blobs/{blob.place}", SHORT)
        http.close()
        with answer, pytest.raises(FetchError, match="closing"):
            answer.read()
    with pytest.raises(FetchError, match="closing"):
        http.open(server.url, SHORT)

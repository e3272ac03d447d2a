"""Attacks from the network: mirrors that lie or lag, answers that unpack without end, streams that never make sense."""

from __future__ import annotations

import gzip
import itertools
import shutil
import tracemalloc
from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.player.answers import FetchError
from signage.player.cache import Cache
from signage.player.download import Downloader
from signage.player.hints import events
from signage.player.http import Http
from signage.release.errors import ReleaseError
from signage.release.hint import decode_hint
from tests.conftest import ExpectLog
from tests.faults.server import Fault, FaultyServer, Request, in_turn
from tests.player.office import SmallOffice
from tests.player.rig import ScreenRig
from tests.player.syncing import SHORT, content_of, put_blob

ONE, TWO = {"a.png": b"first"}, {"a.png": b"second", "b.png": b"more"}
LONG = 900_000


def test_a_mirror_that_spoils_the_first_half_and_breaks_off_does_not_hold_up_the_honest_one(
    tmp_path: Path, clock: ManualClock
) -> None:
    honest, liar = tmp_path / "honest", tmp_path / "liar"
    blob = put_blob(honest, content_of(1, LONG))
    shutil.copytree(honest, liar)
    (liar / "blobs" / blob.place).write_bytes(content_of(2, LONG))
    http = Http(clock)
    cache = Cache(tmp_path / "screen", headroom_bytes=0)
    downloader = Downloader(http, cache, clock, limits=SHORT, workers=1)
    downloader.pause = lambda _seconds: None

    with FaultyServer(liar, lambda _request: Fault.TRUNCATED) as bad, FaultyServer(honest) as good:
        downloader.fetch([blob], [bad.url, good.url])
        http.close()

    assert not cache.missing([blob])
    assert len(good.requests) <= 2


def test_the_newest_of_several_mirrors_is_followed_though_an_older_one_answers_first(
    office: SmallOffice, screen: ScreenRig, tmp_path: Path, clock: ManualClock
) -> None:
    office.publish(ONE)
    shutil.copytree(office.folder, tmp_path / "lagging")
    screen.urls[:] = [(tmp_path / "lagging").as_uri(), office.folder.as_uri()]
    screen.start()
    screen.update()
    office.publish(TWO)

    for _ in range(3):
        clock.advance(700_000)
        screen.update()

    assert screen.shown == TWO


def test_a_mirror_that_claims_to_be_newer_and_is_not_signed_holds_nothing_up(
    office: SmallOffice, screen: ScreenRig, tmp_path: Path, clock: ManualClock
) -> None:
    office.publish(ONE)
    shutil.copytree(office.folder, tmp_path / "liar")
    path = tmp_path / "liar" / "metadata" / "timestamp.json"
    path.write_bytes(path.read_bytes().replace(b'"version":', b'"version":9'))
    screen.urls[:] = [(tmp_path / "liar").as_uri(), office.folder.as_uri()]
    screen.start()

    screen.update()
    office.publish(TWO)
    clock.advance(700_000)
    screen.update()

    assert screen.shown == TWO


@pytest.mark.parametrize("packings", [1, 3])
def test_an_answer_that_unpacks_without_end_costs_no_memory(tmp_path: Path, clock: ManualClock, packings: int) -> None:
    bomb = bytes(200_000_000)
    for _ in range(packings):
        bomb = gzip.compress(bomb, 6)
    (tmp_path / "bomb").write_bytes(bomb)
    http = Http(clock)

    with FaultyServer(tmp_path, headers={"Content-Encoding": ", ".join(["gzip"] * packings)}) as server:
        tracemalloc.start()
        try:
            with (
                pytest.raises(FetchError),
                http.open(f"{server.url}bomb", SHORT, {"Accept-Encoding": "gzip"}) as answer,
            ):
                answer.read()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            http.close()

    assert peak < 40_000_000, f"{peak / 1e6:.0f} MB"


def test_a_stream_of_events_without_content_takes_no_memory() -> None:
    chunks = itertools.repeat(b"data:\n" * 10_000, 1_000)

    with pytest.raises(FetchError):
        list(events(iter(chunks)))


@pytest.mark.parametrize("path", ["", "json", "timestamp.json", "/etc/passwd", "../x", "metadata/../timestamp.json"])
def test_a_hint_with_odd_paths_changes_nothing(office: SmallOffice, screen: ScreenRig, path: str) -> None:
    office.publish(ONE)
    screen.update()
    office.publish(TWO)

    was_heard = screen.sync.look({path: b'{"signed": {}}'})
    screen.sync.fetch()

    assert was_heard
    assert screen.shown == TWO


@pytest.mark.parametrize("poisoned", ["timestamp.json", "snapshot.json", "review1.json", "lobby.json", "orders.json"])
def test_one_spoilt_file_in_a_hint_costs_a_request_and_nothing_else(
    office: SmallOffice, screen: ScreenRig, poisoned: str
) -> None:
    office.publish(ONE)
    screen.update()
    office.publish(TWO)
    offered = {
        path.relative_to(office.folder).as_posix(): path.read_bytes()
        for top in ("metadata", "targets")
        for path in (office.folder / top).rglob("*.json")
    }
    spoilt = {path: b"{}" if path.endswith(poisoned) else data for path, data in offered.items()}

    screen.sync.look(spoilt)
    if screen.sync.has_work:
        screen.sync.fetch()

    assert screen.shown == TWO


@pytest.mark.parametrize(
    "data", ['{"files": {"a": "b", "a": "c"}}', '{"files": NaN}', '{"files": 1e999}', "[" * 30_000]
)
def test_a_hint_that_could_be_read_in_two_ways_is_none(data: str) -> None:
    with pytest.raises(ReleaseError):
        decode_hint(data)


def test_a_tag_of_one_mirror_is_not_shown_to_another(tmp_path: Path, clock: ManualClock) -> None:
    blob = put_blob(tmp_path / "office", content_of(1, LONG))
    http = Http(clock)
    cache = Cache(tmp_path / "screen", headroom_bytes=0)
    downloader = Downloader(http, cache, clock, limits=SHORT, workers=1)
    downloader.pause = lambda _seconds: None
    seen: list[Request] = []

    def note(request: Request) -> None:
        seen.append(request)

    with FaultyServer(tmp_path / "office", in_turn(Fault.RESET)) as first:
        with FaultyServer(tmp_path / "office", note) as second:
            downloader.fetch([blob], [first.url, second.url])
        http.close()

    assert not cache.missing([blob])
    assert seen[0].start
    assert "if-range" not in seen[0].headers


def test_a_mirror_that_answers_after_an_endless_chain_of_roots_is_given_up(
    office: SmallOffice, screen: ScreenRig, tmp_path: Path, expect_log: ExpectLog
) -> None:
    expect_log("what is on air stays")
    office.publish(ONE)
    screen.update()
    shutil.copytree(office.folder, tmp_path / "liar")
    root = (tmp_path / "liar" / "metadata" / "1.root.json").read_bytes()
    for version in range(2, 40):
        (tmp_path / "liar" / "metadata" / f"{version}.root.json").write_bytes(root)
    screen.urls[:] = [(tmp_path / "liar").as_uri()]
    screen.start()

    assert not screen.update()

    assert screen.shown == ONE


def test_files_that_differ_by_case_only_are_two_files(office: SmallOffice, screen: ScreenRig) -> None:
    both = {"A.png": b"upper", "a.png": b"lower"}
    office.publish(both)

    screen.update()

    assert screen.shown == both

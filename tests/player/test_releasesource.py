"""A screen that follows its office, with all its threads: what is out is handed on at once, and closing ends all."""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from signage.base.clock import SystemClock
from signage.content.values import Store
from signage.player.answers import FetchError
from signage.player.cache import Cache
from signage.player.download import Downloader
from signage.player.hints import HintsPort, HintStream, events
from signage.player.http import Http
from signage.player.releasesource import ReleaseSource
from signage.player.sync import Sync
from signage.release.hint import MOST_BYTES, encode_hint
from signage.release.orders import FILE_ENDING, OrderKind
from tests.conftest import ExpectLog
from tests.faults.server import Fault, FaultyServer, Request
from tests.player.office import SmallOffice, takeover_item
from tests.player.syncing import SHORT, content_of

LIMIT_S = 60.0


class HandHints:
    """Hints that the test gives."""

    def __init__(self, take: Callable[[Mapping[str, bytes]], None]) -> None:
        self.take = take
        self.closed = False

    def start(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


class Following:
    """A release source over an office's folder or server, with every store that it gave."""

    def __init__(self, folder: Path, office: SmallOffice, url: str) -> None:
        clock = SystemClock()
        self.http = Http(clock)
        cache = Cache(folder, headroom_bytes=0)
        downloader = Downloader(self.http, cache, clock, limits=SHORT, workers=2)
        self.sync = Sync(
            folder,
            [url],
            office.root_bytes,
            "lobby",
            clock,
            self.http,
            cache=cache,
            metadata_limits=SHORT,
            downloader=downloader,
        )
        self.stores: queue.Queue[Store] = queue.Queue()
        self.hints: HandHints | None = None
        self.source = ReleaseSource(
            self.sync, clock, hints=self._make_hints, dice=random.Random(1), close=self.http.close
        )

    def _make_hints(self, take: Callable[[Mapping[str, bytes]], None]) -> HintsPort:
        self.hints = HandHints(take)
        return self.hints

    def hint(self) -> None:
        assert self.hints
        self.hints.take({})

    def next_store(self) -> Store:
        return self.stores.get(timeout=LIMIT_S)

    def next_where(self, is_right: Callable[[Store], bool]) -> Store:
        while not is_right(store := self.next_store()):
            pass
        return store


@pytest.fixture
def office(tmp_path: Path) -> SmallOffice:
    return SmallOffice(tmp_path / "office", SystemClock())


@pytest.fixture
def follow(tmp_path: Path, office: SmallOffice) -> Iterator[Callable[..., Following]]:
    made = []

    def follow(url: str = "", name: str = "screen") -> Following:
        following = Following(tmp_path / name, office, url or office.folder.as_uri())
        made.append(following)
        following.source.start(following.stores.put)
        return following

    yield follow
    for following in made:
        following.source.close()


def test_the_release_on_the_disk_comes_first_and_the_office_s_next(
    office: SmallOffice, follow: Callable[..., Following]
) -> None:
    office.publish({"a.png": b"one"})
    first = follow()
    first.next_store()
    first.source.close()
    office.publish({"a.png": b"two"})

    second = follow()

    assert first.sync.store
    assert second.next_store().revision == first.sync.store.revision
    assert second.next_store().revision != first.sync.store.revision


def test_a_hint_is_followed_at_once(office: SmallOffice, follow: Callable[..., Following]) -> None:
    office.publish({"a.png": b"one"})
    following = follow()
    before = following.next_store()

    office.publish({"a.png": b"second"})
    following.hint()

    assert following.next_store().revision != before.revision


def test_an_order_does_not_wait_for_a_long_download(
    office: SmallOffice, follow: Callable[..., Following], expect_log: ExpectLog
) -> None:
    expect_log("blackout from now on")
    expect_log("what is on air stays", required=False)
    office.publish({"a.png": b"one"})
    film = {"a.png": b"one", "film.png": content_of(1, 400_000)}
    held = threading.Event()

    def choose(request: Request) -> Fault | None:
        if "/blobs/" in request.path and request.path in long_paths:
            held.set()
            return Fault.STALL
        return None

    long_paths: list[str] = []
    with FaultyServer(office.folder, choose) as server:
        following = follow(server.url)
        following.next_store()
        media = office.publish(film).media["film.png"]
        long_paths.append(f"/blobs/{media.sha256[:2]}/{media.sha256}")
        following.hint()
        assert held.wait(LIMIT_S)

        office.order(OrderKind.BLACKOUT)
        following.hint()
        store = following.next_store()
        standing = following.sync.in_force
        following.source.close()

    assert standing
    assert "film.png" not in store.media


def test_an_order_that_ends_by_itself_gives_the_screen_back(
    office: SmallOffice, follow: Callable[..., Following], expect_log: ExpectLog
) -> None:
    expect_log("takeover from now on")
    office.publish({"a.png": b"one"})
    following = follow()
    following.next_store()

    item = takeover_item(office.blob("fire.png", b"fire"))
    office.order(OrderKind.TAKEOVER, item, SystemClock().now_ms() + 700)
    following.hint()
    following.next_store()
    during = following.sync.in_force
    following.next_store()

    assert during
    assert following.sync.in_force is None


def test_an_order_on_a_stick_counts_soon_also_while_the_office_answers(
    office: SmallOffice, follow: Callable[..., Following], expect_log: ExpectLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_log("blackout from now on")
    monkeypatch.setattr("signage.player.releasesource._STICK_S", 0.05)
    office.publish({"a.png": b"one"})
    following = follow()
    following.next_store()

    (office.folder / f"black{FILE_ENDING}").write_bytes(office.envelope(OrderKind.BLACKOUT))
    following.next_store()

    assert following.sync.in_force


def test_before_the_first_release_an_order_is_shown_all_the_same(
    office: SmallOffice, follow: Callable[..., Following], expect_log: ExpectLog
) -> None:
    expect_log("blackout from now on")
    expect_log("what is on air stays: nothing-published")
    office.order(OrderKind.BLACKOUT)

    following = follow()

    assert list(following.next_store().screens) == ["lobby"]
    assert following.sync.in_force


def test_a_fault_of_our_own_does_not_end_following(
    office: SmallOffice, follow: Callable[..., Following], expect_log: ExpectLog
) -> None:
    expect_log("following the office failed")
    office.publish({"a.png": b"one"})
    following = follow()
    following.next_store()
    look, was_called = following.sync.look, threading.Event()

    def break_down(_offered: dict[str, bytes] | None = None) -> bool:
        was_called.set()
        raise ZeroDivisionError

    following.sync.look = break_down  # type: ignore[method-assign]
    following.hint()
    assert was_called.wait(LIMIT_S)
    office.publish({"a.png": b"second"})
    following.sync.look = look  # type: ignore[method-assign]
    following.hint()

    assert following.next_store().media["a.png"].length_bytes == 6


def test_a_stream_of_events_gives_each_event_s_data() -> None:
    sent = b": hello\r\n\r\nevent: hint\r\ndata: one\r\ndata: two\r\n\r\n:\n\n" + event({}) + b"data: lost"

    for cut in range(1, 9):
        pieces = [sent[at : at + cut] for at in range(0, len(sent), cut)]
        assert list(events(iter(pieces))) == [("hint", "one\ntwo"), ("release", '{"files":{}}')]


def test_an_event_without_end_is_refused() -> None:
    with pytest.raises(FetchError, match="an event of more than"):
        list(events(iter([b"data: " + b"x" * MOST_BYTES] * 5)))


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"null", b"nothing at all"])
def test_a_hint_that_says_nothing_is_still_a_hint(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "events").write_bytes(b"data: " + data + b"\n\n")

    assert heard_from(tmp_path, 1) == [{}]


def test_a_stream_that_ends_is_listened_to_anew(tmp_path: Path) -> None:
    brought = {"metadata/timestamp.json": '{"a": "中文\\n"}'.encode()}
    (tmp_path / "events").write_bytes(event(brought))

    assert heard_from(tmp_path, 6) == [brought] * 6


def heard_from(root: Path, count: int) -> list[Mapping[str, bytes]]:
    """Give the first hints that are heard from a server over `root`, whose stream ends after each."""
    heard: queue.Queue[Mapping[str, bytes]] = queue.Queue()
    clock = SystemClock()
    http = Http(clock)
    with FaultyServer(root, headers={"Content-Type": "text/event-stream"}) as server:
        stream = HintStream([server.url], heard.put, http, clock, limits=SHORT)
        stream.pause = lambda _seconds: None
        stream.start()
        got = [heard.get(timeout=LIMIT_S) for _ in range(count)]
        http.close()
        stream.close()
    return got


def event(files: Mapping[str, bytes]) -> bytes:
    return f"event: release\ndata: {encode_hint(files)}\n\n".encode()


def test_a_release_that_the_station_could_not_take_is_given_again(
    tmp_path: Path, office: SmallOffice, expect_log: ExpectLog
) -> None:
    expect_log("following the office failed .give")
    office.publish({"a.png": b"one"})
    following, tried = Following(tmp_path / "screen", office, office.folder.as_uri()), threading.Semaphore(0)

    def fail_twice(store: Store) -> None:
        tried.release()
        if fails:
            fails.pop()
            raise MemoryError
        following.stores.put(store)

    fails = [1, 2]
    following.source.start(fail_twice)
    try:
        for _ in range(2):
            assert tried.acquire(timeout=LIMIT_S)
            following.hint()
        store = following.next_store()
    finally:
        following.source.close()

    assert store.media["a.png"].length_bytes == 3
    assert len(expect_log.messages) == 1

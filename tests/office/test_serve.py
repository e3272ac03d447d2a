"""The office's server over real sockets: what it gives out, what it keeps to itself, and how soon it tells of news."""

from __future__ import annotations

import asyncio
import gzip
import logging
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
import uvicorn

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.content.values import Store
from signage.office.connections import LimitedProtocol, StreamServer
from signage.office.office import Office
from signage.office.publish import publish
from signage.office.resigning import is_online_aging
from signage.office.serve import make_app, serve
from signage.release.hint import EVENT, EVENTS_PATH, decode_hint
from signage.release.layout import blob_path
from tests.conftest import ExpectLog
from tests.office.desk import make_store


@dataclass
class Served:
    """A server that runs, and a way to ask it."""

    port: int
    server: uvicorn.Server

    def ask(self, path: str, method: str = "GET", **headers: str) -> HTTPResponse:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, f"/{path}", headers={name.replace("_", "-"): text for name, text in headers.items()})
        answer = connection.getresponse()
        answer.body = answer.read()  # type: ignore[attr-defined]
        connection.close()
        return answer


class Stream:
    """A stream of hints, as a screen holds it open."""

    def __init__(self, served: Served) -> None:
        self._connection = HTTPConnection("127.0.0.1", served.port, timeout=10)
        self._connection.request("GET", f"/{EVENTS_PATH}")
        self._answer = self._connection.getresponse()

    def next_event(self) -> dict[str, bytes]:
        """Wait for the next event and give the files that it carries."""
        while (line := self._answer.readline()) != f"event: {EVENT}\n".encode():
            assert line, "the stream has ended"
        return decode_hint(self._answer.readline().decode().removeprefix("data: "))

    def rest(self) -> bytes:
        """Read to the end of the stream, which the server makes."""
        return self._answer.read()

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


@pytest.fixture
def served(office: Office, store: Store) -> Iterator[Served]:
    """The office's application on a free port of the loopback, with release 1 published."""
    publish(office, store)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        app = make_app(office)
        config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, http=LimitedProtocol)
        server = StreamServer(config, app.state.hints)
        thread = threading.Thread(target=server.run, args=([listening],), name="served")
        thread.start()
        try:
            yield Served(listening.getsockname()[1], server)
        finally:
            server.should_exit = True
            thread.join(10)


def body(answer: HTTPResponse) -> bytes:
    said: bytes = answer.body  # type: ignore[attr-defined]
    return said


def test_metadata_and_blobs_are_given_as_they_are(served: Served, office: Office, store: Store) -> None:
    media = store.media["a.png"]

    timestamp, blob = served.ask("metadata/timestamp.json"), served.ask(blob_path(media.sha256))

    assert body(timestamp) == (office.repository.folder / "metadata" / "timestamp.json").read_bytes()
    assert body(blob) == b"a"
    assert "immutable" in (blob.headers["cache-control"] or "")


def test_the_timestamp_is_never_called_unchanged(served: Served) -> None:
    first = served.ask("metadata/timestamp.json")

    again = served.ask(
        "metadata/timestamp.json",
        if_none_match=first.headers["etag"] or "*",
        if_modified_since="Wed, 01 Jan 2098 00:00:00 GMT",
    )

    assert again.status == 200
    assert first.headers["etag"] is None
    assert first.headers["cache-control"] == "no-store"


def test_a_blob_goes_on_where_it_was_cut(tmp_path: Path, served: Served, office: Office) -> None:
    content = bytes(range(256)) * 40
    store = make_store(tmp_path / "store", {"long.png": content})
    publish(office, store)
    path = blob_path(store.media["long.png"].sha256)
    etag = served.ask(path).headers["etag"] or ""

    rest = served.ask(path, range="bytes=1000-", if_range=etag)
    other = served.ask(path, range="bytes=1000-", if_range='"another"')
    beyond = served.ask(path, range="bytes=99999-")

    assert (rest.status, body(rest)) == (206, content[1000:])
    assert rest.headers["content-range"] == f"bytes 1000-{len(content) - 1}/{len(content)}"
    assert (other.status, body(other)) == (200, content)
    assert beyond.status == 416


def test_long_metadata_is_zipped_for_those_who_can(served: Served, office: Office) -> None:
    path = f"metadata/{office.repository.targets().signed.version}.targets.json"

    zipped, plain = served.ask(path, accept_encoding="gzip"), served.ask(path)

    assert zipped.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body(zipped)) == body(plain)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "metadata/",
        "keys/root.key",
        "../keys/root.key",
        "metadata/../../keys/root.key",
        "metadata/..%2f..%2fkeys%2froot.key",
        "targets/%2e%2e/%2e%2e/keys/root.key",
        "blobs/../../keys/root.key",
        "blobs/%2e%2e/%2e%2e/keys/root.key",
        "metadata/.timestamp.json.tmp",
        "blobs/aa/.hidden",
        "drafts/1.draft",
        "pending/blobs",
        "metadata/nul%00",
    ],
)
def test_nothing_but_the_published_files_is_given_out(served: Served, office: Office, path: str) -> None:
    (office.repository.folder / "metadata" / ".timestamp.json.tmp").write_bytes(b"secret")
    (office.repository.folder / "blobs" / "aa").mkdir(exist_ok=True)
    (office.repository.folder / "blobs" / "aa" / ".hidden").write_bytes(b"secret")

    answer = served.ask(path)

    assert answer.status in (400, 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_put_in(served: Served, method: str) -> None:
    assert served.ask("metadata/timestamp.json", method).status == 405
    assert served.ask("blobs/aa/bb", method).status in (404, 405)


def test_a_stream_brings_the_timestamp_and_then_all_that_is_new(tmp_path: Path, served: Served, office: Office) -> None:
    stream = Stream(served)
    hello = stream.next_event()

    publish(office, make_store(tmp_path / "store", {"c.png": b"c"}))
    news = stream.next_event()
    stream.close()

    assert list(hello) == ["metadata/timestamp.json"]
    assert news["metadata/timestamp.json"] == (office.repository.folder / "metadata" / "timestamp.json").read_bytes()
    assert [path.partition(".")[2] for path in news][1:3] == ["snapshot.json", "review1.json"]
    for path, data in news.items():
        assert data == (office.repository.folder / path).read_bytes()
    assert any(path.startswith("targets/review1/") for path in news)


def test_many_streams_are_told_and_may_leave_without_a_word(tmp_path: Path, served: Served, office: Office) -> None:
    streams = [Stream(served) for _ in range(30)]
    for stream in streams:
        stream.next_event()
    for stream in streams[:15]:
        stream.close()

    publish(office, make_store(tmp_path / "store", {"c.png": b"c"}))
    told = [stream.next_event() for stream in streams[15:]]
    for stream in streams[15:]:
        stream.close()

    assert len({files["metadata/timestamp.json"] for files in told}) == 1


def test_an_office_without_keys_serves_nothing(tmp_path: Path) -> None:
    with pytest.raises(SignageError, match="keys init"):
        serve(Office(tmp_path / "nothing"), "127.0.0.1", 0)


def test_an_address_that_is_taken_is_told(office: Office) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        with pytest.raises(SignageError, match="cannot be listened on"):
            serve(office, "127.0.0.1", taken.getsockname()[1])


def test_the_server_renews_what_is_online_and_tells_what_a_person_must_renew(
    office: Office, store: Store, clock: ManualClock, expect_log: ExpectLog, caplog: pytest.LogCaptureFixture
) -> None:
    expect_log("review1: what it signed expires")
    publish(office, store)
    clock.advance(345 * 86_400_000)

    async def serve_a_moment() -> None:
        app = make_app(office)
        async with app.router.lifespan_context(app):
            for _ in range(2000):
                if not is_online_aging(office) and "review1" in caplog.text:
                    return
                await asyncio.sleep(0.005)

    asyncio.run(serve_a_moment())

    assert not is_online_aging(office)


def test_a_poll_with_nothing_new_brings_less_than_600_bytes(served: Served) -> None:
    answers = [served.ask(path) for path in ("metadata/2.root.json", "metadata/timestamp.json")]

    assert [answer.status for answer in answers] == [404, 200]
    assert sum(len(body(answer)) for answer in answers) < 600
    assert sum(len(f"{name}: {text}") + 2 for one in answers for name, text in one.headers.items()) < 250


@pytest.mark.parametrize("said", [b"", b"GET /metadata/timestamp.json HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_a_connection_that_asks_for_nothing_is_closed(
    served: Served, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr("signage.office.connections.HEADERS_S", 0.2)
    stream = Stream(served)
    stream.next_event()

    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as idle:
        idle.sendall(said)
        closed = idle.recv(1)

    assert closed == b""
    assert served.ask("metadata/timestamp.json").status == 200
    stream.close()


def test_a_request_that_stops_half_way_after_a_good_one_is_closed(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signage.office.connections.HEADERS_S", 0.2)

    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as idle:
        idle.sendall(b"GET /metadata/2.root.json HTTP/1.1\r\nHost: x\r\n\r\n")
        first = idle.recv(10_000)
        idle.sendall(b"GET /meta")
        while piece := idle.recv(10_000):
            first += piece

    assert b"404" in first


@pytest.mark.parametrize("lead", ["link", "pipe"])
def test_what_is_no_plain_file_of_the_folder_is_not_given_out(office: Office, served: Served, lead: str) -> None:
    place = office.repository.folder / "metadata" / "odd.json"
    if lead == "link":
        place.symlink_to(office.key_path("timestamp"))
    else:
        os.mkfifo(place)

    assert served.ask("metadata/odd.json").status == 404
    assert served.ask("metadata/timestamp.json").status == 200


def test_one_machine_does_not_take_all_streams(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signage.office.hints._HERE", ())
    monkeypatch.setattr("signage.office.hints.MOST_OF_ONE_ADDRESS", 2)
    streams = [Stream(served), Stream(served)]
    for stream in streams:
        stream.next_event()

    refused = served.ask(EVENTS_PATH)

    assert refused.status == 503
    for stream in streams:
        stream.close()


def test_a_server_that_ends_ends_its_streams_at_once_and_without_a_word(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("uvicorn.error").setLevel("INFO")
    streams = [Stream(served) for _ in range(3)]
    for stream in streams:
        stream.next_event()

    served.server.should_exit = True
    rests = [stream.rest() for stream in streams]

    assert all(rest.endswith(b"\n") or not rest for rest in rests)
    for stream in streams:
        stream.close()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]

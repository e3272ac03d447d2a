"""The adapter for the conformance suite takes the suite's steps, accepts what is right and refuses what is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from signage.base.clock import SystemClock
from signage.player.conformance import main
from signage.release.layout import manifest_target
from tests.faults.server import FaultyServer
from tests.player.office import CHANNEL, SmallOffice


@pytest.fixture
def office(tmp_path: Path) -> SmallOffice:
    return SmallOffice(tmp_path / "office", SystemClock(), levels=2)


@pytest.fixture
def server(office: SmallOffice) -> Iterator[FaultyServer]:
    with FaultyServer(office.folder) as server:
        yield server


class Client:
    def __init__(self, folder: Path, office: SmallOffice, url: str) -> None:
        self.metadata = folder / "client"
        self.targets = folder / "targets"
        self.metadata.mkdir()
        self.targets.mkdir()
        self._url = url
        (folder / "trusted.json").write_bytes(office.root_bytes)
        assert main(["--metadata-dir", str(self.metadata), "init", str(folder / "trusted.json")]) == 0

    def refresh(self) -> int:
        return main(["--metadata-url", f"{self._url}metadata", "--metadata-dir", str(self.metadata), "refresh"])

    def download(self, *names: str) -> int:
        options = ["--metadata-url", f"{self._url}metadata", "--metadata-dir", str(self.metadata)]
        targets = ["--target-dir", str(self.targets), "--target-base-url", f"{self._url}targets"]
        return main([*options, *(f"--target-name={name}" for name in names), *targets, "download"])


@pytest.fixture
def client(tmp_path: Path, office: SmallOffice, server: FaultyServer) -> Client:
    return Client(tmp_path, office, server.url)


def test_what_is_rightly_signed_is_taken(office: SmallOffice, client: Client) -> None:
    office.publish({"a.png": b"one"})

    codes = [client.refresh(), client.download(manifest_target(1, CHANNEL))]

    assert codes == [0, 0]
    assert (client.metadata / "timestamp.json").exists()
    assert [path.is_file() for path in client.targets.iterdir()] == [True]


def test_what_is_not_rightly_signed_is_refused(
    office: SmallOffice, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    timestamp = office.folder / "metadata" / "timestamp.json"
    timestamp.write_bytes(timestamp.read_bytes().replace(b'"version":2', b'"version":9'))

    code = client.refresh()

    assert code == 1
    assert "UnsignedMetadataError" in capsys.readouterr().err
    assert not (client.metadata / "timestamp.json").exists()


def test_a_target_that_nobody_signed_is_refused(
    office: SmallOffice, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    office.publish({"a.png": b"one"})

    assert client.download("review1/other.json") == 1
    assert "no target" in capsys.readouterr().err


def test_a_target_that_is_there_already_is_not_fetched_again(
    office: SmallOffice, client: Client, server: FaultyServer
) -> None:
    office.publish({"a.png": b"one"})

    codes = [client.download(manifest_target(1, CHANNEL)) for _ in range(2)]

    assert codes == [0, 0]
    assert len([request for request in server.requests if request.path.startswith("/targets/")]) == 1


def test_each_of_several_targets_of_one_run_is_taken(office: SmallOffice, client: Client) -> None:
    office.publish({"a.png": b"one"})

    code = client.download(manifest_target(1, CHANNEL), manifest_target(2, CHANNEL))

    assert code == 0
    assert len(list(client.targets.iterdir())) == 2


def test_one_wrong_target_among_several_is_refused(
    office: SmallOffice, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    office.publish({"a.png": b"one"})

    code = client.download("review1/other.json", manifest_target(2, CHANNEL))

    assert code == 1
    assert "no target review1/other.json" in capsys.readouterr().err


def test_a_server_that_is_gone_is_refused(
    client: Client, server: FaultyServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.root = server.root / "nowhere"

    assert client.refresh() == 1
    assert "404" in capsys.readouterr().err

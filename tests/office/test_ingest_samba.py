"""A shared folder that Windows copies into: a client that stalls, and one that dies half way."""

from __future__ import annotations

import time

import pytest

from signage.content.settled import is_being_written
from signage.office.ingest.states import State
from tests.content.stores import noisy_jpeg
from tests.office.ingesting import IngestingOffice
from tests.office.samba import SMBD, Explorer, samba

pytestmark = pytest.mark.skipif(not SMBD, reason="Samba (smbd) is not installed")

STALL_MS = 6_000


@pytest.fixture
def office(tmp_path):
    office = IngestingOffice(tmp_path)
    yield office
    office.close()


def test_over_samba_a_client_that_stalls_is_waited_for_and_one_that_dies_is_told(office, tmp_path):
    content = noisy_jpeg((1200, 900))
    half = len(content) // 2
    ingest = office.start()
    with samba(office.media, tmp_path / "samba") as port:
        stalling, dying = Explorer(port, "慢.jpg", len(content)), Explorer(port, "断.jpg", len(content))
        stalling.send(content[:half])
        dying.send(content[:half])
        ingest.hint()
        for _ in range(STALL_MS // 500):
            ingest.step()
            office.clock.advance(500)
        sizes = [(office.media / name).stat().st_size for name in ("慢.jpg", "断.jpg")]
        waiting = [office.record(name).state for name in ("慢.jpg", "断.jpg")]
        stalling.send(content[half:])
        stalling.finish()
        dying.die()
        wait_until_closed(office)
        office.settle()

    assert sizes == [len(content)] * 2
    assert waiting == [State.WAITING] * 2
    assert office.record("慢.jpg").state is State.ACCEPTED
    assert office.shown("慢.jpg")[1].read_bytes() == content
    assert "重新复制" in office.refusal("断.jpg").zh
    assert (office.media / "断.jpg.未采用.txt").exists()


def wait_until_closed(office: IngestingOffice) -> None:
    """Wait until the server noticed that both clients are gone: nobody holds the files any more."""
    end = time.monotonic() + 20
    for name in ("慢.jpg", "断.jpg"):
        with (office.media / name).open("rb") as stream:
            while is_being_written(stream.fileno()):
                assert time.monotonic() < end
                time.sleep(0.05)

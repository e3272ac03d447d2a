"""How a screen stands with its office: each lasting fault is said once, however the looks and downloads alternate."""

from __future__ import annotations

from signage.base.clock import ManualClock
from signage.player.contact import STALE_S, Contact
from signage.release.errors import Reason
from tests.conftest import ExpectLog
from tests.player.simulation import START


def test_an_outage_amid_a_download_is_said_once_by_each_that_notices_it(expect_log: ExpectLog) -> None:
    expect_log("what is on air stays: unreachable: no route")
    expect_log("what is on air stays: 3 of 5 files are still to come")
    contact = Contact(ManualClock(START))

    for attempt in range(500):
        contact.note_still_to_come(f"3 of 5 files are still to come: try {attempt}")
        contact.note_refusal(Reason.UNREACHABLE, f"no route {attempt}")

    assert len(expect_log.messages) == 2
    assert contact.status(1, 10).reason is Reason.UNREACHABLE
    assert contact.status(1, 10).message == "no route 499"


def test_an_office_that_answers_again_leaves_only_what_is_still_to_come(expect_log: ExpectLog) -> None:
    expect_log("what is on air stays")
    clock = ManualClock(START)
    contact = Contact(clock)
    contact.note_still_to_come("3 of 5 files are still to come")
    contact.note_refusal(Reason.UNREACHABLE, "no route")

    contact.note_heard()
    coming = contact.status(1, 10)
    contact.note_accepted()
    well = contact.status(2, 0)
    clock.advance(round(STALE_S * 1000) + 1)

    assert (coming.reason, coming.message, coming.is_stale) == (None, "3 of 5 files are still to come", False)
    assert (well.reason, well.message) == (None, "")
    assert contact.status(2, 0).is_stale

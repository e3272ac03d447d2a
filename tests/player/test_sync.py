"""What a screen shows is what its office has signed, whole; whatever else comes, what is on air stays."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.release.errors import Reason
from signage.release.orders import OrderKind
from tests.conftest import ExpectLog
from tests.faults.server import Fault, FaultyServer, at_random
from tests.player.office import SmallOffice, takeover_item
from tests.player.rig import ScreenRig

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
STAYS = "what is on air stays"


ONE, TWO = {"a.png": b"first"}, {"a.png": b"second", "b.png": b"more"}


def test_a_release_is_on_air_once_all_of_it_is_here(office: SmallOffice, screen: ScreenRig) -> None:
    office.publish(TWO)

    assert screen.update()

    assert screen.shown == TWO
    assert screen.sync.status.number == 1
    assert not screen.sync.status.is_stale
    assert screen.sync.status.reason is None
    assert screen.sync.fault == ""


def test_a_screen_starts_from_its_own_disk_without_the_office(office: SmallOffice, screen: ScreenRig) -> None:
    office.publish(TWO)
    screen.update()
    shutil.rmtree(office.folder / "blobs")
    shutil.rmtree(office.folder / "targets")

    screen.start()

    assert screen.shown == TWO
    assert screen.sync.status.is_stale


def test_an_expired_release_on_the_disk_is_still_shown(
    office: SmallOffice, screen: ScreenRig, clock: ManualClock, expect_log: ExpectLog
) -> None:
    expect_log(f"{STAYS}: expired")
    office.publish(ONE)
    screen.update()
    clock.advance(400 * DAY_MS)

    screen.start()
    was_heard = screen.update()

    assert not was_heard
    assert screen.shown == ONE
    assert screen.sync.status.reason is Reason.EXPIRED
    assert screen.sync.status.is_stale
    assert "expired" in screen.sync.fault


def test_only_what_is_not_here_is_fetched(office: SmallOffice, screen: ScreenRig) -> None:
    office.publish({f"{number}.png": bytes([number]) * 1000 for number in range(20)})
    with FaultyServer(office.folder) as server:
        screen.urls = [server.url]
        screen.start()
        screen.update()
        office.publish({f"{number}.png": bytes([max(1, number)]) * 1000 for number in range(20)} | {"new": b"new"})
        before = len(server.requests)
        screen.update()
        blobs = [request for request in server.requests[before:] if "/blobs/" in request.path]
        screen.https[-1].close()

    assert len(blobs) == 1
    assert screen.shown["new"] == b"new"


def test_with_nothing_new_one_request_of_few_bytes_is_made(
    office: SmallOffice, screen: ScreenRig, clock: ManualClock
) -> None:
    office.publish(TWO)
    with FaultyServer(office.folder) as server:
        screen.urls = [server.url]
        screen.start()
        screen.update()
        requests, sent = len(server.requests), server.bytes_sent
        screen.update()
        sent = server.bytes_sent - sent
        paths = [request.path for request in server.requests[requests:]]
        clock.advance(HOUR_MS)
        screen.update()
        later = [request.path for request in server.requests[requests + 1 :]]
        screen.https[-1].close()

    assert paths == ["/metadata/timestamp.json"]
    assert sent < 800
    assert later == ["/metadata/2.root.json", "/metadata/timestamp.json"]


def test_the_release_before_is_shown_when_the_one_on_the_disk_is_damaged(
    office: SmallOffice, screen: ScreenRig, expect_log: ExpectLog
) -> None:
    expect_log("cannot be used")
    for contents in (ONE, TWO):
        office.publish(contents)
        screen.update()
    switch = screen.sync.cache.current()
    assert switch
    path = screen.sync.cache.release_folder(switch.now) / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b"pictures", b"pictureX"))

    screen.start()

    assert screen.shown == ONE


@pytest.mark.parametrize("content", [b"SECOND", b"seco", b""], ids=["changed", "cut", "empty"])
def test_a_damaged_file_is_never_shown_and_comes_anew(
    office: SmallOffice, screen: ScreenRig, expect_log: ExpectLog, content: bytes
) -> None:
    expect_log("cannot be used")
    for contents in (ONE, TWO):
        office.publish(contents)
        screen.update()
    store = screen.sync.store
    assert store
    store.path_of(store.media["a.png"]).write_bytes(content)

    screen.start()
    shown_at_start = screen.shown
    screen.update()

    assert shown_at_start == ONE
    assert screen.shown == TWO


def test_without_a_good_release_on_the_disk_there_is_none(
    office: SmallOffice, screen: ScreenRig, expect_log: ExpectLog
) -> None:
    expect_log("cannot be used")
    office.publish(ONE)
    screen.update()
    for folder in (screen.folder / "releases").iterdir():
        shutil.rmtree(folder)

    screen.start()

    assert screen.sync.store is None


def test_a_foreign_office_in_its_place_is_refused(
    office: SmallOffice, screen: ScreenRig, tmp_path: Path, clock: ManualClock, expect_log: ExpectLog
) -> None:
    expect_log(f"{STAYS}: not-signed")
    office.publish(ONE)
    screen.update()
    foreign = SmallOffice(tmp_path / "foreign", clock)
    for _ in range(5):
        foreign.publish(TWO, number=9)

    screen.urls = [foreign.folder.as_uri()]
    screen.start()
    screen.update()

    assert screen.shown == ONE
    assert screen.sync.status.reason is Reason.NOT_SIGNED


@pytest.mark.parametrize("lost", ["none", "timestamp", "all"])
def test_an_old_copy_of_the_office_is_refused_also_after_local_files_were_emptied(
    office: SmallOffice, screen: ScreenRig, tmp_path: Path, expect_log: ExpectLog, lost: str
) -> None:
    expect_log(f"{STAYS}: rolled-back")
    office.publish(ONE)
    old = shutil.copytree(office.folder, tmp_path / "old")
    office.publish(TWO)
    screen.update()
    for path in (screen.folder / "trusted" / "metadata").glob("*.json"):
        if lost == "all" or (lost == "timestamp" and path.name == "timestamp.json"):
            path.write_bytes(b"")

    screen.urls = [old.as_uri()]
    screen.start()
    screen.update()

    assert screen.shown == TWO
    assert screen.sync.status.reason is Reason.ROLLED_BACK


def test_a_release_that_one_level_has_not_signed_is_refused(
    tmp_path: Path, clock: ManualClock, expect_log: ExpectLog
) -> None:
    expect_log(f"{STAYS}: under-signed")
    office = SmallOffice(tmp_path / "office", clock, levels=2)
    screen = ScreenRig(tmp_path / "screen", office, clock)
    office.publish(ONE)
    screen.update()
    office.publish(TWO, levels=[1])

    screen.update()
    status = screen.sync.status
    screen.https[0].close()

    assert screen.shown == ONE
    assert status.reason is Reason.UNDER_SIGNED


def test_a_refusal_is_logged_once_while_it_lasts(
    office: SmallOffice, screen: ScreenRig, caplog: pytest.LogCaptureFixture
) -> None:
    office.publish(ONE)
    screen.update()
    gone = office.folder.rename(office.folder.with_name("gone"))

    for _ in range(5):
        screen.update()
    gone.rename(office.folder)
    screen.update()

    said = [record for record in caplog.records if STAYS in record.getMessage()]
    assert len(said) == 1
    assert screen.sync.status.reason is None


def test_bytes_that_were_not_approved_are_never_shown(
    office: SmallOffice, screen: ScreenRig, expect_log: ExpectLog
) -> None:
    expect_log("other bytes than were approved")
    office.publish(ONE)
    screen.update()
    store = office.publish(TWO)
    media = store.media["b.png"]
    (office.folder / "blobs" / media.sha256[:2] / media.sha256).write_bytes(b"evil")

    with pytest.raises(SignageError, match=r"are still to come"):
        screen.update()

    assert screen.shown == ONE


def test_a_clock_that_is_set_far_back_is_noticed_and_blanks_nothing(
    office: SmallOffice, screen: ScreenRig, clock: ManualClock, expect_log: ExpectLog
) -> None:
    expect_log("set the clock")
    office.publish(ONE)
    screen.update()
    clock.jump(-365 * DAY_MS)
    office._clock = ManualClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    office.repository._clock = office._clock
    office.publish(TWO)

    screen.start()
    screen.update()

    assert screen.shown == TWO
    assert "set the clock" in screen.sync.status.clock_fault


def test_a_clock_set_back_does_not_make_an_expired_office_valid(
    office: SmallOffice, screen: ScreenRig, clock: ManualClock, tmp_path: Path, expect_log: ExpectLog
) -> None:
    expect_log(f"{STAYS}: (rolled-back|expired)")
    office.publish(ONE)
    old = shutil.copytree(office.folder, tmp_path / "old")
    clock.advance(30 * DAY_MS)
    office.publish(TWO)
    screen.update()
    clock.jump(-30 * DAY_MS)

    screen.urls = [old.as_uri()]
    screen.start()
    screen.update()

    assert screen.shown == TWO


def test_a_release_comes_through_a_bad_network(office: SmallOffice, screen: ScreenRig, expect_log: ExpectLog) -> None:
    expect_log(STAYS, required=False)
    contents = {f"{number}.png": bytes([number]) * 20_000 for number in range(12)}
    office.publish(contents)
    slow = (Fault.TRICKLE, Fault.STALL, Fault.SLOW_HEADERS)

    with FaultyServer(office.folder, at_random(5, 0.3, without=slow)) as server:
        screen.urls = [server.url]
        screen.start()
        for _ in range(60):
            try:
                if screen.update() and screen.shown:
                    break
            except SignageError:
                continue
        screen.https[-1].close()

    assert screen.shown == contents


def test_two_releases_within_one_second_both_arrive(office: SmallOffice, screen: ScreenRig) -> None:
    with FaultyServer(office.folder) as server:
        screen.urls = [server.url]
        screen.start()
        office.publish(ONE)
        screen.update()
        first = screen.shown
        office.publish(TWO)
        screen.update()
        screen.https[-1].close()

    assert first == ONE
    assert screen.shown == TWO


def test_what_a_hint_brings_is_not_asked_for_and_is_not_trusted(
    office: SmallOffice, screen: ScreenRig, expect_log: ExpectLog
) -> None:
    office.publish(ONE)
    with FaultyServer(office.folder) as server:
        screen.urls = [server.url]
        screen.start()
        screen.update()
        office.publish(TWO)
        folder = office.folder / "metadata"
        brought = {f"metadata/{path.name}": path.read_bytes() for path in folder.iterdir()}
        before = len(server.requests)
        screen.sync.look(brought)
        asked = [request.path for request in server.requests[before:]]
        lied = screen.sync.look({name: data.replace(b"sig", b"gis") for name, data in brought.items()})
        screen.sync.fetch()
        screen.https[-1].close()

    assert not [path for path in asked if path.startswith("/metadata/")]
    assert lied, "a hint that lies costs requests and nothing else"
    assert screen.shown == TWO


def test_a_file_that_is_lost_while_it_is_on_air_is_fetched_again(office: SmallOffice, screen: ScreenRig) -> None:
    office.publish(ONE)
    screen.update()
    store = screen.sync.store
    assert store
    store.path_of(store.media["a.png"]).unlink()

    screen.update()

    assert screen.shown == ONE


def test_a_release_that_is_on_air_is_not_put_there_again(office: SmallOffice, screen: ScreenRig) -> None:
    office.publish(ONE)
    screen.sync.look()
    screen.sync.fetch()
    folder = screen.sync.cache.release_folder(screen.sync.cache.current().now)  # type: ignore[union-attr]
    before = folder.stat().st_ino
    store = screen.sync.store
    assert store
    office.renew()

    screen.update()
    store.path_of(store.media["a.png"]).unlink()
    screen.update()

    assert folder.stat().st_ino == before, "what signs the release on air is never taken away, not for a moment"
    assert screen.shown == ONE


def test_a_release_that_a_second_look_found_while_it_came_is_fetched_once(
    office: SmallOffice, screen: ScreenRig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    office.publish(ONE)
    screen.sync.look()
    first = screen.sync._wanted
    screen.sync.look()
    screen.sync.fetch()
    screen.sync._wanted = first

    screen.sync.fetch()

    assert sum("is here whole" in record.getMessage() for record in caplog.records) == 1
    assert not screen.sync.has_work


def test_old_releases_leave_the_disk(office: SmallOffice, screen: ScreenRig) -> None:
    for number in range(6):
        office.publish({"a.png": bytes([number]) * 100, "same.png": b"same"})
        screen.update()

    blobs = [path for path in (screen.folder / "blobs").rglob("*") if path.is_file()]
    assert len(blobs) <= 4
    assert len(list((screen.folder / "releases").iterdir())) == 2


def test_a_blackout_stands_over_a_restart_without_the_office(
    office: SmallOffice, screen: ScreenRig, tmp_path: Path, expect_log: ExpectLog
) -> None:
    expect_log("blackout from now on")
    expect_log(STAYS, required=False)
    office.publish(ONE)
    office.order(OrderKind.BLACKOUT)
    screen.update()
    office.folder.rename(tmp_path / "gone")

    screen.start()
    screen.update()

    standing = screen.sync.in_force
    assert standing
    assert standing.order.kind is OrderKind.BLACKOUT


def test_a_signed_resume_ends_a_blackout_and_the_blackout_played_again_does_not_return(
    office: SmallOffice, screen: ScreenRig, expect_log: ExpectLog
) -> None:
    expect_log("from now on")
    office.publish(ONE)
    blackout = office.order(OrderKind.BLACKOUT)
    screen.update()
    office.order(OrderKind.RESUME)
    screen.update()
    after_resume = screen.sync.in_force

    (office.folder / "old.order.json").write_bytes(blackout)
    screen.start()
    screen.update()

    assert after_resume is None
    assert screen.sync.in_force is None


def test_a_takeover_ends_at_its_own_time(
    office: SmallOffice, screen: ScreenRig, clock: ManualClock, expect_log: ExpectLog
) -> None:
    expect_log("takeover from now on")
    office.publish(ONE)
    office.order(OrderKind.TAKEOVER, takeover_item(office.blob("fire.png", b"fire")), clock.now_ms() + HOUR_MS)
    screen.update()
    during = screen.sync.in_force

    clock.advance(HOUR_MS)

    assert during
    assert screen.sync.in_force is None


def test_a_takeover_waits_for_its_file_and_no_longer(
    office: SmallOffice, screen: ScreenRig, expect_log: ExpectLog
) -> None:
    expect_log("takeover from now on")
    office.publish(ONE)
    screen.update()
    office.order(OrderKind.TAKEOVER, takeover_item(office.blob("fire.png", b"fire")))

    screen.sync.look()
    before = screen.sync.in_force
    screen.sync.fetch()
    standing = screen.sync.in_force

    assert before is None
    assert standing
    assert screen.sync.cache.path_of(standing.files[0].sha256).read_bytes() == b"fire"


def test_an_order_on_a_stick_counts_without_the_office(
    office: SmallOffice, screen: ScreenRig, tmp_path: Path, expect_log: ExpectLog
) -> None:
    expect_log("blackout from now on")
    expect_log(STAYS, required=False)
    office.publish(ONE)
    screen.update()
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "now.order.json").write_bytes(office.envelope(OrderKind.BLACKOUT))

    screen.urls = [stick.as_uri()]
    screen.start()
    screen.update()

    assert screen.sync.in_force
    assert screen.shown == ONE


def test_an_order_that_the_urgent_people_did_not_sign_is_refused(
    office: SmallOffice, screen: ScreenRig, expect_log: ExpectLog
) -> None:
    expect_log("an order is refused: .*0 of 1 signatures")
    office.publish(ONE)
    screen.update()
    forged = office.envelope(OrderKind.BLACKOUT, signer=office.reviewers[0])
    (office.folder / "now.order.json").write_bytes(forged)

    screen.update()

    assert screen.sync.in_force is None


def test_an_order_for_other_screens_is_left_to_them(office: SmallOffice, screen: ScreenRig) -> None:
    office.publish(ONE)
    office.order(OrderKind.BLACKOUT, screens=frozenset({"gate"}))

    screen.update()

    assert screen.sync.in_force is None


def test_a_takeover_that_ends_by_its_own_time_leaves_a_blackout_black(
    office: SmallOffice, screen: ScreenRig, clock: ManualClock, expect_log: ExpectLog
) -> None:
    expect_log("from now on")
    office.publish(ONE)
    office.order(OrderKind.BLACKOUT)
    office.order(OrderKind.TAKEOVER, takeover_item(office.blob("fire.png", b"fire")), clock.now_ms() + HOUR_MS)
    screen.update()
    during = screen.sync.in_force

    clock.advance(2 * HOUR_MS)
    screen.start()
    screen.update()

    standing = screen.sync.in_force
    assert during
    assert standing
    assert (during.order.kind, standing.order.kind) == (OrderKind.BLACKOUT, OrderKind.BLACKOUT)


def test_a_takeover_that_is_over_does_not_return_when_the_clock_falls_back(
    office: SmallOffice, screen: ScreenRig, clock: ManualClock, expect_log: ExpectLog
) -> None:
    expect_log("from now on")
    expect_log("clock", required=False)
    office.publish(ONE)
    office.order(OrderKind.TAKEOVER, takeover_item(office.blob("fire.png", b"fire")), clock.now_ms() + HOUR_MS)
    screen.update()
    clock.advance(HOUR_MS)
    screen.update()

    clock.jump(-HOUR_MS)
    screen.start()
    screen.update()

    assert screen.sync.in_force is None

"""Attacks on urgent orders: with a stolen key, a crowded stick, or an answer that is spoilt once."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from tuf.api.metadata import Metadata

from signage.base.clock import ManualClock
from signage.content.values import Screen
from signage.player.orderbook import OrderBook
from signage.release.keys import KeyPair, new_key
from signage.release.layout import URGENT_ROLE
from signage.release.orders import FILE_ENDING, OrderKind, UrgentKeys
from signage.release.repository import Change
from tests.conftest import ExpectLog
from tests.player.office import SmallOffice, takeover_item
from tests.player.rig import ScreenRig

LAST = 2**53 - 1
ONE = {"a.png": b"first"}


def replace_urgent_key(office: SmallOffice) -> None:
    """Revoke the office's urgent key, which was stolen, and give it another."""
    stolen, office.urgent = office.urgent, new_key("urgent-2")
    let_order(office, office.urgent, instead_of=stolen)


def let_order(office: SmallOffice, key: KeyPair, instead_of: KeyPair | None = None) -> None:
    targets = office.repository.targets()
    targets.signed.add_key(key.public, URGENT_ROLE)
    if instead_of:
        targets.signed.revoke_key(instead_of.public.keyid, URGENT_ROLE)
    targets.signed.version += 1
    signed = Metadata(targets.signed)
    signed.sign(office.top["targets"].signer)
    office.repository.commit(Change(targets=signed), [key.signer for key in office.top.values()])


def put_on_stick(screen: ScreenRig, name: str, envelope: bytes, mtime_s: float = 0.0) -> Path:
    stick = screen.folder.parent / "stick"
    stick.mkdir(exist_ok=True)
    path = stick / f"{name}{FILE_ENDING}"
    path.write_bytes(envelope)
    os.utime(path, (mtime_s, mtime_s))
    if stick.as_uri() not in screen.urls:
        screen.urls.append(stick.as_uri())
        screen.start()
    return path


def test_a_takeover_by_a_stolen_key_ends_when_the_key_is_replaced_whatever_its_sequence(
    office: SmallOffice,
    screen: ScreenRig,
    expect_log: ExpectLog,
) -> None:
    expect_log("takeover from now on")
    expect_log("of the urgent role")
    office.publish(ONE)
    screen.update()
    evil = office.envelope(OrderKind.TAKEOVER, takeover_item(office.blob("a.png", ONE["a.png"])), sequence=LAST)
    stick = put_on_stick(screen, "evil", evil)
    screen.update()
    assert screen.sync.in_force is not None

    replace_urgent_key(office)
    screen.update()

    assert screen.sync.in_force is None
    stick.unlink()
    screen.start()
    assert screen.sync.in_force is None


def test_a_resume_by_a_stolen_key_does_not_silence_later_orders_for_ever(
    office: SmallOffice,
    screen: ScreenRig,
    expect_log: ExpectLog,
) -> None:
    expect_log("resume from now on")
    expect_log("blackout from now on")
    expect_log("of the urgent role")
    office.publish(ONE)
    screen.update()
    put_on_stick(screen, "evil", office.envelope(OrderKind.RESUME, sequence=LAST))
    screen.update()
    replace_urgent_key(office)
    office.order(OrderKind.BLACKOUT, sequence=1000)

    screen.update()

    assert screen.sync.in_force is not None
    screen.start()
    assert screen.sync.in_force is not None


def test_an_order_that_a_good_resume_has_ended_stays_ended_when_another_key_is_revoked(
    office: SmallOffice,
    screen: ScreenRig,
    expect_log: ExpectLog,
) -> None:
    expect_log("from now on")
    expect_log("of the urgent role")
    office.publish(ONE)
    screen.update()
    good = new_key("colleague")
    let_order(office, good)
    old = office.envelope(OrderKind.BLACKOUT, sequence=1000, signer=good)
    put_on_stick(screen, "resume", office.envelope(OrderKind.RESUME, sequence=1001, signer=good))
    screen.update()
    put_on_stick(screen, "stolen", office.envelope(OrderKind.RESUME, sequence=LAST))
    screen.update()
    replace_urgent_key(office)
    screen.update()

    put_on_stick(screen, "old", old)
    screen.update()

    assert screen.sync.in_force is None


def test_one_false_order_among_the_kept_does_not_take_the_others_along(
    office: SmallOffice,
    screen: ScreenRig,
    expect_log: ExpectLog,
) -> None:
    expect_log("blackout from now on")
    expect_log("cannot be used")
    office.publish(ONE)
    office.order(OrderKind.BLACKOUT)
    screen.update()
    kept = screen.folder / "orders" / "order.json"
    kept.write_text(kept.read_text().replace('"orders": [', '"orders": [{"since_ms": 1, "is_over": false}, '))

    screen.start()

    assert screen.sync.in_force is not None


def test_an_order_counts_beside_one_that_nobody_may_give_any_more(
    office: SmallOffice,
    screen: ScreenRig,
    expect_log: ExpectLog,
) -> None:
    expect_log("blackout from now on")
    expect_log("of the urgent role")
    office.publish(ONE)
    office.order(OrderKind.TAKEOVER, takeover_item(office.blob("a.png", ONE["a.png"])))
    replace_urgent_key(office)
    office.order(OrderKind.BLACKOUT)

    screen.update()

    standing = screen.sync.in_force
    assert standing is not None
    assert standing.order.kind is OrderKind.BLACKOUT


def test_orders_that_could_not_be_had_once_are_asked_for_at_the_next_look(
    office: SmallOffice,
    screen: ScreenRig,
    expect_log: ExpectLog,
) -> None:
    expect_log("urgent orders cannot be read")
    expect_log("blackout from now on")
    office.publish(ONE)
    screen.update()
    office.order(OrderKind.BLACKOUT)
    (target,) = (office.folder / "targets" / "urgent").glob("*.orders.json")
    target.rename(target.with_name("away"))

    was_heard = screen.update()
    target.with_name("away").rename(target)
    screen.update()

    assert not was_heard, "else the next look comes a minute later"
    assert screen.sync.in_force is not None


def test_a_stick_full_of_other_orders_does_not_hide_the_newest(
    office: SmallOffice,
    screen: ScreenRig,
    expect_log: ExpectLog,
) -> None:
    expect_log("blackout from now on")
    expect_log("an order is refused")
    office.publish(ONE)
    screen.update()
    foreign = new_key("another office")
    for number in range(300):
        put_on_stick(screen, f"{number:03}", office.envelope(OrderKind.BLACKOUT, signer=foreign), 1000.0 + number)
        put_on_stick(screen, f"._{number:03}", b"\0\5\26\7", 9000.0)
    put_on_stick(screen, "zz", office.envelope(OrderKind.BLACKOUT), 2000.0)

    screen.update()

    assert screen.sync.in_force is not None


def test_a_stick_with_things_that_are_no_files_holds_nothing_up(
    office: SmallOffice,
    screen: ScreenRig,
    expect_log: ExpectLog,
) -> None:
    expect_log("blackout from now on")
    office.publish(ONE)
    screen.update()
    path = put_on_stick(screen, "good", office.envelope(OrderKind.BLACKOUT))
    os.mkfifo(path.with_name(f"a{FILE_ENDING}"))
    path.with_name(f"b{FILE_ENDING}").symlink_to("/dev/zero")
    path.with_name(f"c{FILE_ENDING}").mkdir()

    screen.update()

    assert screen.sync.in_force is not None


def test_an_order_dated_far_ahead_stands_from_now_and_ends_with_a_resume(
    office: SmallOffice,
    screen: ScreenRig,
    clock: ManualClock,
    expect_log: ExpectLog,
) -> None:
    expect_log("from now on")
    office.publish(ONE)
    screen.update()
    now_ms = clock.now_ms()
    clock.jump(70 * 365 * 86_400_000)
    ahead = office.envelope(OrderKind.BLACKOUT)
    clock.jump(now_ms - clock.now_ms())
    put_on_stick(screen, "ahead", ahead)

    screen.update()

    standing = screen.sync.in_force
    assert standing is not None
    assert standing.since_ms == now_ms
    office.order(OrderKind.RESUME)
    screen.update()
    assert screen.sync.in_force is None


def test_orders_may_be_asked_for_while_others_are_taken(
    office: SmallOffice, tmp_path: Path, clock: ManualClock, expect_log: ExpectLog
) -> None:
    expect_log("order .* from now on")
    keys = UrgentKeys({office.urgent.public.keyid: office.urgent.public}, 1)
    envelopes = [office.envelope(OrderKind.BLACKOUT) for _ in range(40)]
    book, faults, has_begun, is_over = OrderBook(tmp_path / "book", clock), [], threading.Event(), threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            has_begun.set()
            try:
                assert book.standing or not book.noted or book.standing
            except RuntimeError as error:
                faults.append(error)

    before, asking = sys.getswitchinterval(), threading.Thread(target=ask, name="asking")
    sys.setswitchinterval(1e-6)
    asking.start()
    try:
        has_begun.wait()
        for envelope in envelopes:
            book.take([envelope], keys, Screen("lobby"))
    finally:
        is_over.set()
        asking.join()
        sys.setswitchinterval(before)

    assert not faults
    assert len(book.noted) == 40

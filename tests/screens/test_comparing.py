"""Planned against shown: right over a change of release, a takeover, a blackout, and a screen that was off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from signage.base.clock import ManualClock
from signage.content.store import read_store
from signage.office.desk import Desk
from signage.office.publish import publish
from signage.office.screens import asrun
from signage.office.screens.fleet import Fleet
from signage.office.screens.plans import without
from signage.office.screens.rollup import Coverage, cover
from signage.office.urgent import give_order
from signage.release.manifest import Manifest
from signage.release.orders import OrderKind
from signage.schedule.programme import Programme
from signage.wire import Shown
from tests.office.desk import PASSPHRASE
from tests.screens.conftest import shown

DAY = date(2026, 11, 23)
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
NAME = "default"


@pytest.fixture
def start_ms(desk: Desk, clock: ManualClock) -> int:
    """The starter store is on air; give the instant, an hour before the clock's."""
    _publish(desk)
    clock.advance(HOUR_MS)
    return clock.now_ms() - HOUR_MS


def _publish(desk: Desk) -> Manifest:
    publish(desk.office(lambda _name: PASSPHRASE), read_store(desk.store))
    return Fleet(desk).on_air.now().manifests[NAME]


def _edit(desk: Desk) -> None:
    path = desk.store / "playlists" / "welcome.yaml"
    path.write_text(path.read_text("utf-8").replace("seconds: 12", "seconds: 9"), "utf-8")


def _manifest(desk: Desk) -> Manifest:
    return Fleet(desk).on_air.now().manifests[NAME]


def _plays(manifest: Manifest, start_ms: int, end_ms: int) -> Iterator[Shown]:
    """Give the rows of a player that follows a release from one instant to another, and is cut at the end."""
    for slot in Programme(manifest.store, manifest.store.screens[NAME]).slots(start_ms, end_ms):
        began_ms, ended_ms = max(slot.start_ms, start_ms), min(slot.end_ms, end_ms)
        yield shown(
            began_ms,
            began_ms,
            item=slot.item.name,
            playlist=slot.playlist,
            planned_start_ms=slot.start_ms,
            planned_end_ms=slot.end_ms,
            ended_ms=ended_ms,
            outcome="shown" if ended_ms == slot.end_ms else "cut",
        )


def _keep(desk: Desk, *rows: Shown) -> None:
    with desk.database.writing() as session:
        asrun.keep(NAME, rows)(session)


def _cover(desk: Desk) -> Coverage:
    (found,) = [one for one in cover(desk, DAY, [NAME]) if one.zone == "main"]
    return found


def _order_row(start_ms: int, end_ms: int, item: str = "off", kind: str = "off") -> Shown:
    said = {"planned_start_ms": start_ms, "planned_end_ms": start_ms + DAY_MS, "ended_ms": end_ms, "outcome": "cut"}
    return shown(10**15 + start_ms, start_ms, item=item, kind=kind, playlist=None, **said)


@pytest.mark.parametrize(("item", "kind"), [("off", "off"), ("takeover:停水", "card"), ("flood.jpg", "picture")])
def test_the_time_of_an_urgent_order_is_not_owed(desk: Desk, start_ms: int, item: str, kind: str) -> None:
    manifest, from_ms, to_ms = _manifest(desk), start_ms + 10 * MINUTE_MS + 3000, start_ms + 30 * MINUTE_MS + 500
    before_ms = start_ms - 9 * HOUR_MS
    rows = [*_plays(manifest, before_ms, from_ms), *_plays(manifest, to_ms, start_ms + HOUR_MS)]
    _keep(desk, *rows, _order_row(from_ms, to_ms, item, kind))

    found = _cover(desk)

    assert found.missing == 0
    assert found.share > 0.999
    assert found.planned_ms < 10 * HOUR_MS - 20 * MINUTE_MS + 1000


def test_a_blackout_that_goes_on_is_not_owed_though_its_row_comes_when_it_is_over(
    desk: Desk, clock: ManualClock, start_ms: int
) -> None:
    _keep(desk, *_plays(_manifest(desk), start_ms - 9 * HOUR_MS, clock.now_ms()))
    give_order(desk.office(lambda _name: PASSPHRASE), OrderKind.BLACKOUT)
    clock.advance(HOUR_MS)

    assert _cover(desk).missing == 0


def test_a_screen_that_takes_a_release_with_the_end_of_its_slot_misses_nothing(
    desk: Desk, clock: ManualClock, start_ms: int
) -> None:
    old, change_ms = _manifest(desk), clock.now_ms()
    _edit(desk)
    new = _publish(desk)
    late_ms = change_ms + 45_000
    took_ms = next(slot.end_ms for slot in Programme(old.store, old.store.screens[NAME]).slots(late_ms, late_ms + 1))
    clock.advance(HOUR_MS)
    rows = [*_plays(old, start_ms - 9 * HOUR_MS, took_ms), *_plays(new, took_ms, clock.now_ms())]
    _keep(desk, *rows)

    found = _cover(desk)

    assert old.number != new.number
    assert found.missing == 0
    assert found.share > 0.999


def test_a_release_that_a_screen_never_took_is_missing(desk: Desk, clock: ManualClock, start_ms: int) -> None:
    old = _manifest(desk)
    _edit(desk)
    _publish(desk)
    clock.advance(10 * HOUR_MS)
    _keep(desk, *_plays(old, start_ms - 9 * HOUR_MS, clock.now_ms()))

    assert _cover(desk).share < 0.7


def test_a_screen_that_was_off_all_day_owes_all_of_it(
    desk: Desk, clock: ManualClock, start_ms: int, enrolled: Callable[[str], object]
) -> None:
    enrolled(NAME)
    clock.advance(3 * DAY_MS)

    (found,) = [one for one in cover(desk, date(2026, 11, 24)) if one.screen == NAME and one.zone == "main"]

    assert found.share == 0
    assert found.missing == found.planned > 1000
    assert not cover(desk, date(2026, 11, 22))  # nobody had let it in


def test_what_is_left_is_what_nothing_takes() -> None:
    assert without(0, 100, []) == [(0, 100)]
    assert without(0, 100, [(20, 30), (25, 40), (90, 200)]) == [(0, 20), (40, 90)]
    assert without(0, 100, [(-5, 300)]) == []

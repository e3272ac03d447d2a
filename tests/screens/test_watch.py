"""The watch over the fleet: rows on change, and alarms that do not flutter."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from signage.base.clock import ManualClock
from signage.office.database.tables import ScreenStateRow
from signage.office.desk import Desk
from signage.office.screens.fleet import Fleet
from signage.office.screens.states import State
from signage.office.screens.watch import FleetWatch
from signage.wire import Health, OutputLook
from tests.office.desk import PASSPHRASE
from tests.screens.conftest import AScreen

Enrolled = Callable[[str], AScreen]


class Alarms:
    """Takes alarms down."""

    def __init__(self) -> None:
        self.out: dict[tuple[str, str], str] = {}
        self.english: dict[tuple[str, str], str] = {}
        self.log: list[str] = []

    def begin(self, subject: str, kind: str, message: str, message_en: str = "") -> None:
        self.out[(subject, kind)] = message
        self.english[(subject, kind)] = message_en
        self.log.append(f"+{subject} {kind}")

    def end(self, subject: str, kind: str) -> None:
        if self.out.pop((subject, kind), None):
            self.log.append(f"-{subject} {kind}")


@pytest.fixture
def published(desk: Desk) -> int:
    """Release 1 of the starter store, on air."""
    from signage.content.store import read_store
    from signage.office.publish import publish

    office = desk.office(lambda _name: PASSPHRASE)
    done = publish(office, read_store(desk.store))
    assert done is not None
    return done.number


@pytest.fixture
def alarms() -> Alarms:
    return Alarms()


@pytest.fixture
def name(desk: Desk, published: int) -> str:
    return min(Fleet(desk).on_air.now().manifests)


@pytest.fixture
def watch(desk: Desk, alarms: Alarms, published: int) -> FleetWatch:
    return FleetWatch(Fleet(desk), desk.database, desk.clock, alarms)


def run(watch: FleetWatch, clock: ManualClock, seconds: int, beat: Callable[[], object] = lambda: None) -> None:
    for _ in range(seconds // 5):
        clock.advance(5000)
        beat()
        watch.step()


def states(desk: Desk) -> list[tuple[str, bool]]:
    with desk.database.reading() as session:
        rows = session.scalars(select(ScreenStateRow).order_by(ScreenStateRow.id))
        return [(row.state, row.ended_ms is not None) for row in rows]


def test_a_row_is_written_only_when_the_state_changes(
    desk: Desk, clock: ManualClock, watch: FleetWatch, enrolled: Enrolled, name: str, alarms: Alarms
) -> None:
    screen = enrolled(name)

    def fine() -> None:
        screen.beat(sent_ms=clock.now_ms(), release=1)

    run(watch, clock, 60, fine)
    run(watch, clock, 60, lambda: screen.beat(sent_ms=clock.now_ms(), release=1, output=OutputLook(0, 0, True)))
    run(watch, clock, 60, fine)

    assert states(desk) == [("good", True), ("black", True), ("good", False)]
    assert alarms.log == [f"+{name} black", f"-{name} black"]


def test_seconds_of_flutter_are_no_alarm(
    desk: Desk, clock: ManualClock, watch: FleetWatch, enrolled: Enrolled, name: str, alarms: Alarms
) -> None:
    screen = enrolled(name)
    for number in range(20):
        look = OutputLook(0, 0.0, is_black=number % 3 == 0)
        run(watch, clock, 10, lambda look=look: screen.beat(sent_ms=clock.now_ms(), release=1, output=look))

    assert alarms.log == []


def test_a_screen_that_falls_silent_is_an_alarm_once_and_ends_when_it_is_back(
    desk: Desk, clock: ManualClock, watch: FleetWatch, enrolled: Enrolled, name: str, alarms: Alarms
) -> None:
    screen = enrolled(name)
    run(watch, clock, 120, lambda: screen.beat(sent_ms=clock.now_ms(), release=1))

    run(watch, clock, 600)
    assert alarms.log == [f"+{name} offline"]

    run(watch, clock, 60, lambda: screen.beat(sent_ms=clock.now_ms(), release=1))
    assert alarms.log == [f"+{name} offline", f"-{name} offline"]


def test_an_office_that_was_off_raises_no_alarm_for_screens_that_are_there(
    desk: Desk, clock: ManualClock, watch: FleetWatch, enrolled: Enrolled, name: str
) -> None:
    screen = enrolled(name)
    run(watch, clock, 60, lambda: screen.beat(sent_ms=clock.now_ms(), release=1))
    clock.advance(10 * 3_600_000)
    alarms = Alarms()
    later = FleetWatch(Fleet(desk), desk.database, clock, alarms)

    run(later, clock, 25)
    run(later, clock, 60, lambda: screen.beat(sent_ms=clock.now_ms(), release=1))

    assert alarms.log == []
    assert states(desk) == [("good", False)]


def test_an_alarm_from_before_a_restart_ends(
    desk: Desk, clock: ManualClock, watch: FleetWatch, enrolled: Enrolled, name: str, alarms: Alarms
) -> None:
    screen = enrolled(name)
    alarms.begin(name, State.OFFLINE, "from before")
    run(watch, clock, 60, lambda: screen.beat(sent_ms=clock.now_ms(), release=1))

    assert alarms.out == {}


def test_a_release_that_reaches_no_screen_is_an_alarm(
    desk: Desk, clock: ManualClock, watch: FleetWatch, enrolled: Enrolled, name: str, alarms: Alarms
) -> None:
    screen = enrolled(name)
    run(watch, clock, 300, lambda: screen.beat(sent_ms=clock.now_ms(), release=0))

    assert (name, State.STALE) in alarms.out


def test_an_alarm_has_its_figures_in_english_too(
    desk: Desk, clock: ManualClock, watch: FleetWatch, enrolled: Enrolled, name: str, alarms: Alarms
) -> None:
    screen = enrolled(name)
    full = Health(disk_free_bytes=100_000_000)
    run(watch, clock, 900, lambda: screen.beat(sent_ms=clock.now_ms(), release=1, health=full))

    assert "0.1 GB" in alarms.out[name, "disk"]
    assert "its disk is full but for 0.1 GB" in alarms.english[name, "disk"]

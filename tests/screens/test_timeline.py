"""A screen's day is drawn from what it told, beside what the release of that time had planned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.content.store import read_store
from signage.office.console.roles import Role
from signage.office.console.shell import ZONE
from signage.office.desk import Desk
from signage.office.publish import publish
from signage.office.screens import asrun
from signage.office.screens.fleet import Fleet
from signage.office.screens.plans import releases_between
from signage.office.screens.timeline import ZoneDay, changes_of, day_of_screen
from signage.schedule.days import day_start_ms
from signage.wire import Shown
from tests.office.desk import PASSPHRASE
from tests.screens.conftest import AScreen, shown

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
START_MS = day_start_ms(date(2026, 11, 24), ZONE)
NAME = "default"
Browser = Callable[..., TestClient]


def _publish(desk: Desk, title: str = "") -> None:
    path = desk.store / "playlists" / "welcome.yaml"
    path.write_text(path.read_text("utf-8").replace("title: 民族团结", f"title: {title or '民族团结'}"), "utf-8")
    publish(desk.office(lambda _name: PASSPHRASE), read_store(desk.store))
    Fleet(desk).on_air.now()


@pytest.fixture
def two_releases(desk: Desk, clock: ManualClock) -> None:
    """Release 1 on the 23rd, release 2 on the 24th at noon; now it is the 25th at noon."""
    _publish(desk)
    clock.advance(START_MS + 12 * HOUR_MS - clock.now_ms())
    _publish(desk, "新的")
    clock.advance(DAY_MS)


def _keep(desk: Desk, *rows: Shown) -> None:
    with desk.database.writing() as session:
        asrun.keep(NAME, rows)(session)


def _all_day(start_ms: int, end_ms: int) -> list[Shown]:
    return [shown(at_ms, at_ms, ended_ms=at_ms + 60_000) for at_ms in range(start_ms, end_ms, 60_000)]


def _main(desk: Desk, told: tuple[int, int] = (0, START_MS + DAY_MS)) -> ZoneDay:
    aired = list(releases_between(desk, START_MS, START_MS + DAY_MS))
    return day_of_screen(desk.database, aired, NAME, START_MS, START_MS + DAY_MS, lambda _zone: told)[0]


@pytest.mark.usefixtures("two_releases")
def test_a_past_day_is_planned_by_the_releases_that_were_on_air_then(desk: Desk) -> None:
    planned = _main(desk).planned
    noon_ms = START_MS + 12 * HOUR_MS

    assert {"民族团结" in one.titles for one in planned if one.end_ms <= noon_ms} == {True}
    assert {"新的" in one.titles for one in planned if one.start_ms >= noon_ms} == {True}
    assert all(one.is_known for one in planned)
    (change,) = changes_of(list(releases_between(desk, START_MS, START_MS + DAY_MS)), NAME, START_MS)
    assert change.since_ms == noon_ms


@pytest.mark.usefixtures("two_releases")
def test_the_plan_of_a_release_that_is_not_kept_is_said_to_be_unknown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from signage.office.screens import plans

    real = plans.on_air
    monkeypatch.setattr(plans, "on_air", lambda office, number: real(office, number if number == 2 else 77))
    first, *rest = _main(desk).planned

    assert (first.start_ms, first.end_ms, first.is_known) == (START_MS, START_MS + 12 * HOUR_MS, False)
    assert all(one.is_known for one in rest)


@pytest.mark.usefixtures("two_releases")
def test_gaps_are_where_nothing_was_told_and_a_blackout_is_none(desk: Desk) -> None:
    nine_ms, ten_ms, noon_ms = (START_MS + hour * HOUR_MS for hour in (9, 10, 12))
    black = shown(1, noon_ms, item="off", kind="off", playlist=None, ended_ms=noon_ms + HOUR_MS, outcome="cut")
    _keep(desk, *_all_day(START_MS, nine_ms)[:500], *_all_day(START_MS, nine_ms)[500:], black)
    _keep(desk, *_all_day(ten_ms, noon_ms), *_all_day(noon_ms + HOUR_MS, START_MS + DAY_MS))

    day = _main(desk)

    assert day.gaps == ((nine_ms, ten_ms),)
    (one,) = [bin for bin in day.bins if bin.start_ms == noon_ms]
    assert (one.off, one.shown, one.cut) == (1.0, 0.0, 0.0)
    assert _main(desk, (ten_ms, START_MS + DAY_MS)).gaps == ((nine_ms, ten_ms),)  # it told of the time before


@pytest.mark.usefixtures("two_releases")
def test_before_it_was_let_in_and_after_now_nothing_is_missing(desk: Desk) -> None:
    noon_ms = START_MS + 12 * HOUR_MS

    assert _main(desk, (noon_ms, noon_ms + HOUR_MS)).gaps == ((noon_ms, noon_ms + HOUR_MS),)
    assert _main(desk, (noon_ms, noon_ms + 500_000)).gaps == ()


def test_the_page_says_what_was_told_and_what_was_not(
    desk: Desk, clock: ManualClock, browser: Browser, enrolled: Callable[[str], AScreen]
) -> None:
    _publish(desk)
    enrolled(NAME)
    clock.advance(2 * DAY_MS)

    page = browser(Role.EDITOR).get(f"/screens/{NAME}?back=1").text

    assert "按当时在播的那次发布推算" in page
    assert "没有上报的时间——主画面" in page
    assert "00:00–24:00" in page

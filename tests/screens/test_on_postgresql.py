"""What screens report, and the reports made of it, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.office.console.shell import ZONE
from signage.office.desk import Desk, open_desk
from signage.office.screens.api import ScreensApi
from signage.office.screens.fleet import Fleet
from signage.office.screens.proof import make_report
from signage.office.screens.timeline import day_of_screen
from signage.office.screens.totals import Grouping, Query
from signage.office.screens.watch import FleetWatch
from signage.office.server import make_office_app
from signage.schedule.days import day_start_ms
from signage.starter import make_store
from tests.office import postgres
from tests.office.desk import START, make_office
from tests.screens.conftest import AScreen, shown

DAY = date(2026, 11, 23)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    if postgres.binaries() is None:
        pytest.skip(postgres.WHY_NOT)
    clock = ManualClock(START)
    make_store(tmp_path / "store")
    make_office(tmp_path / "office", clock)
    with postgres.running_server() as url:
        desk = open_desk(tmp_path / "store", tmp_path / "office", database=url, clock=clock, takes_in=False)
        yield desk
        desk.close()


def test_screens_report_and_are_reported_of(desk: Desk) -> None:
    now_ms = desk.clock.now_ms()
    api = ScreensApi(desk)
    with TestClient(make_office_app(desk)) as client:
        screen = AScreen(client)
        api.pairings.let_in(screen.ask(), "gate", "王芳")
        said = f'{{"sent_ms": {now_ms}, "boot": 1, "message": "a NUL \\u0000 and half \\ud800 of a character"}}'
        beat = client.post("/api/screens/heartbeat", content=said, headers=screen.headers)
        rows = [shown(key, now_ms + key * 10_000, outcome="cut" if key == 7 else "shown") for key in range(30)]
        with ThreadPoolExecutor(4) as pool:
            new = [answer.json()["new"] for answer in pool.map(lambda _: screen.report(*rows), range(8))]
    api.close()

    FleetWatch(Fleet(desk), desk.database, desk.clock).step()
    report = make_report(desk, Query(DAY, DAY, by=Grouping.SCREEN), [])
    long = make_report(desk, Query(date(2026, 1, 1), DAY, item="gull"), [])
    start_ms = day_start_ms(DAY, ZONE)
    (zone,) = day_of_screen(desk.database, [], "gate", start_ms, start_ms + 86_400_000, lambda _zone: (0, 0))

    assert beat.status_code in (200, 422)
    assert sum(new) == 30
    assert [(one.label, one.shown, one.cut) for one in report.rows] == [("gate", 29, 1)]
    assert [one.label for one in long.by_day] == ["2026-11"]
    assert [one.count for one in report.mishaps] == [1]
    assert sum(bin.shown for bin in zone.bins) == pytest.approx(290 / 300)

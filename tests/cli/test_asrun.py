"""`signage asrun`: what the log holds, in the form asked for."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from signage.base.clock import ManualClock
from signage.content.values import Item, Kind
from signage.player.journal import Journal
from signage.player.ports import Outcome
from signage.schedule.slots import Slot

KEYS = [
    *("screen", "zone", "playlist", "item", "kind", "sha256"),
    *("planned_start", "planned_end", "started", "ended", "outcome", "reason"),
]


def showing(clock: ManualClock, zone: str, name: str, screen: str = "gate") -> tuple[Slot, Item]:
    item = Item(name, Kind.PICTURE, "ab" * 32, 10_000)
    return Slot(clock.now_ms(), clock.now_ms() + 10_000, screen, zone, "updates", item), item


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Give a log of one item shown, one that failed, one on the ticker, and one that was cut."""
    clock = ManualClock(datetime(2026, 11, 23, 10, 3, 20, tzinfo=UTC))
    folder = tmp_path / "log"
    folder.mkdir()
    journal = Journal(folder, clock)
    slot, item = showing(clock, "main", "one.jpg")
    key = journal.begin(slot, item, clock.now_ms() + 12)
    clock.advance(10_000)
    journal.end(key, clock.now_ms(), Outcome.SHOWN)
    journal.fail(*showing(clock, "main", "two.mp4"), clock.now_ms(), "cannot be decoded")
    ticker = journal.begin(*showing(clock, "ticker", "ticker"), clock.now_ms())
    cut = journal.begin(*showing(clock, "main", "three.jpg", "hall"), clock.now_ms())
    clock.advance(4_000)
    for key in (ticker, cut):
        journal.end(key, clock.now_ms(), Outcome.CUT, "the player ended")
    journal.close()
    return folder


def test_json_gives_every_showing_of_the_main_zone(run: Any, state: Path) -> None:
    rows = run("asrun", "--state", state, "--json").rows

    assert [list(row) for row in rows] == [KEYS] * 3
    assert [(row["item"], row["outcome"], row["reason"]) for row in rows] == [
        ("one.jpg", "shown", ""),
        ("two.mp4", "failed", "cannot be decoded"),
        ("three.jpg", "cut", "the player ended"),
    ]
    assert rows[0]["planned_start"] == "2026-11-23T18:03:20.000+08:00"
    assert rows[0]["started"] == "2026-11-23T18:03:20.012+08:00"
    assert rows[0]["ended"] == "2026-11-23T18:03:30.000+08:00"


def test_csv_says_the_same_as_json(run: Any, state: Path) -> None:
    rows = run("asrun", "--state", state, "--json").rows

    table = list(csv.DictReader(io.StringIO(run("asrun", "--state", state, "--csv").out)))

    assert table == rows


def test_the_table_tells_how_late_each_came(run: Any, state: Path) -> None:
    ran = run("asrun", "--state", state, "--zone", "all")

    assert "18:03:20.012  12 ms" in ran.out
    assert ran.err == "1 shown, 2 cut, 1 failed; times in Asia/Shanghai\n"


def test_since_screen_and_zone_narrow_it_down(run: Any, state: Path) -> None:
    def items(*options: str) -> list[str]:
        return [row["item"] for row in run("asrun", "--state", state, "--json", *options).rows]

    assert items("--since", "2026-11-23 18:03:31") == ["three.jpg"]
    assert items("--since", "2026-11-23T10:03:31Z") == ["three.jpg"]
    assert items("--screen", "hall") == ["three.jpg"]
    assert items("--zone", "ticker") == ["ticker"]
    assert items("--zone", "side") == []


def test_times_are_given_in_the_time_zone_asked_for(run: Any, state: Path) -> None:
    rows = run("asrun", "--state", state, "--timezone", "UTC", "--json").rows

    assert rows[0]["planned_start"] == "2026-11-23T10:03:20.000+00:00"


def test_a_folder_without_a_log_is_one_line(run: Any, tmp_path: Path) -> None:
    ran = run("asrun", "--state", tmp_path)

    assert ran.code == 3
    assert "there is no as-run log" in ran.err
    assert ran.err.count("\n") == 1


def test_a_file_that_is_no_log_is_one_line(run: Any, tmp_path: Path) -> None:
    (tmp_path / "asrun.db").write_text("this is no database, but it is long enough to be taken for one" * 100)

    ran = run("asrun", "--state", tmp_path)

    assert ran.code == 3
    assert "cannot be read" in ran.err


def test_a_time_zone_that_is_misspelt_is_refused_with_the_nearest(run: Any, state: Path) -> None:
    ran = run("asrun", "--state", state, "--timezone", "Asia/Shangai")

    assert (ran.code, ran.err) == (2, "error: there is no time zone 'Asia/Shangai'; did you mean 'Asia/Shanghai'?\n")

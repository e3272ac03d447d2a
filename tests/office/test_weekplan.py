"""The week's plan: what each playlist gets, where nothing plays, and who keeps whom away."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from signage.base.clock import ManualClock
from signage.base.moments import to_datetime
from signage.content.store import StoreReader
from signage.content.values import Store
from signage.office.onair import Standing, standings
from signage.office.weekplan import Remark, WeekPlan, plan_week
from signage.schedule.programme import Programme
from signage.schedule.share import planned_shares

MONDAY = date(2026, 11, 23)
SCREENS = "gate:\n  hours: 08:00-20:00\n"
CARD = "play: [{template: civility, text: 慢, seconds: 10}]\n"


def store_of(folder: Path, **playlists: str) -> Store:
    (folder / "playlists").mkdir()
    (folder / "media").mkdir()
    (folder / "playlists" / "screens.yaml").write_text(SCREENS, "utf-8")
    for name, head in playlists.items():
        (folder / "playlists" / f"{name}.yaml").write_text(f"title: {name}\n{head}{CARD}", "utf-8")
    return StoreReader(folder, clock=ManualClock(datetime(2031, 1, 1, tzinfo=UTC))).read()


def week_of(store: Store) -> WeekPlan:
    return plan_week(store, store.screens["gate"], "main", MONDAY)


def hours_of(remark: Remark) -> tuple[str, str]:
    start, end = (to_datetime(at_ms, ZoneInfo("Asia/Shanghai")) for at_ms in (remark.start_ms, remark.end_ms))
    return f"{start:%a %H:%M}", f"{end:%a %H:%M}"


def test_shares_are_of_the_time_in_which_the_screen_is_on(tmp_path: Path) -> None:
    store = store_of(tmp_path, three="weight: 3\n", one="weight: 1\n")

    plan = week_of(store)

    assert [(share.playlist and share.playlist.name, share.part) for share in plan.shares] == [
        ("three", 0.75),
        ("one", 0.25),
    ]
    assert sum(share.time_ms for share in plan.shares) == 7 * 12 * 3_600_000


def test_the_plan_is_what_the_programme_shows_within_one_item(tmp_path: Path) -> None:
    store = store_of(tmp_path, three="weight: 3\n", one="weight: 1\nwhen: {hours: 09:00-18:00}\n")
    plan = plan_week(store, store.screens["gate"], "main", MONDAY, days=1)
    day = plan.days[0]

    shown = planned_shares(Programme(store, store.screens["gate"]), day.start_ms, day.end_ms)

    planned = {share.playlist.name: share.time_ms for share in plan.shares if share.playlist}
    assert all(abs(planned[one.playlist] - one.shown_ms) <= 20_000 for one in shown if one.playlist)


def test_a_gap_is_named_with_its_hours(tmp_path: Path) -> None:
    store = store_of(tmp_path, day="when: {days: mon-sat, hours: 08:00-19:00}\n")

    gaps = [hours_of(gap) for gap in week_of(store).gaps]

    assert gaps[0] == ("Mon 19:00", "Mon 20:00")
    assert gaps[-1] == ("Sun 08:00", "Sun 20:00")
    assert len(gaps) == 7


def test_a_filler_alone_is_told_and_is_no_gap(tmp_path: Path) -> None:
    plan = week_of(store_of(tmp_path, views="priority: filler\n"))

    assert plan.gaps == ()
    assert len(plan.fillers) == 7


def test_who_is_hidden_by_whom_is_told_with_the_hours(tmp_path: Path) -> None:
    store = store_of(
        tmp_path,
        torch="priority: special\nwhen: {days: wed, hours: 18:00-20:00}\n",
        notice="",
        morning="when: {hours: 08:00-09:00}\n",
        views="priority: filler\n",
    )

    (clash,) = week_of(store).clashes

    assert hours_of(clash) == ("Wed 18:00", "Wed 20:00")
    assert [one.name for one in clash.by] == ["torch"]
    assert [one.name for one in clash.hidden] == ["notice"]


def test_where_each_playlist_stands_now(tmp_path: Path) -> None:
    store = store_of(
        tmp_path,
        special="priority: special\n",
        normal="",
        evening="when: {hours: 19:00-20:00}\n",
        over="expires: 2026-01-01\n",
        elsewhere="where: [hall]\n",
    )
    noon_ms = round(datetime(2026, 11, 25, 4, tzinfo=UTC).timestamp() * 1000)

    found = {name: one.standing for name, one in standings(store, noon_ms).items()}

    assert found == {
        "special": Standing.ON_AIR,
        "normal": Standing.HIDDEN,
        "evening": Standing.WAITING,
        "over": Standing.OVER,
        "elsewhere": Standing.NOWHERE,
    }

"""Proof of play: sums that are right, planned against shown, and tables that Excel opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import openpyxl
import pytest
from sqlalchemy import delete, select
from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.content.store import read_store
from signage.office.asrunwords import reason_words
from signage.office.console.roles import Role
from signage.office.database.tables import CoverageRow, ShownRow
from signage.office.desk import Desk
from signage.office.publish import publish
from signage.office.said import Said
from signage.office.screens import asrun
from signage.office.screens.fleet import Fleet
from signage.office.screens.proof import make_report
from signage.office.screens.rollup import cover, sum_up
from signage.office.screens.totals import Grouping, Query
from signage.schedule.programme import Programme
from signage.wire import Shown
from tests.office.desk import PASSPHRASE
from tests.screens.conftest import shown

Browser = Callable[..., TestClient]
DAY = date(2026, 11, 22)
DAY_MS = 86_400_000


def keep(desk: Desk, screen: str, *rows: Shown) -> None:
    with desk.database.writing() as session:
        asrun.keep(screen, rows)(session)


@pytest.fixture
def rows(desk: Desk, clock: ManualClock) -> None:
    """Two screens, two playlists, two days; one cut, one failed."""
    now_ms = clock.now_ms()
    keep(
        desk,
        "gate",
        shown(1, now_ms - 50_000),
        shown(2, now_ms - 40_000, item="=SUM(A1).jpg"),
        shown(3, now_ms - 30_000, outcome="cut", reason="takeover", ended_ms=now_ms - 26_000),
        shown(4, now_ms - DAY_MS, playlist=None, item="takeover:停水"),
        shown(5, now_ms, item="slate", playlist=None),
    )
    failed = shown(1, now_ms - 20_000, outcome="failed", reason="damaged", ended_ms=now_ms - 20_000)
    keep(desk, "hall", shown(2, now_ms - 10_000), failed)


def test_every_showing_is_in_the_sums_once(desk: Desk, rows: None, clock: ManualClock) -> None:
    report = make_report(desk, Query(DAY, DAY + timedelta(days=1)), [])

    assert (report.total.shown, report.total.cut, report.total.failed) == (4, 1, 1)
    assert report.total.shown_ms == 44_000
    assert [(one.label, one.shown, one.cut, one.failed) for one in report.rows] == [
        ("views/gulls.jpg", 2, 1, 1),
        ("=SUM(A1).jpg", 1, 0, 0),
        ("takeover:停水", 1, 0, 0),
    ]
    assert [one.label for one in report.by_day] == ["2026-11-22", "2026-11-23"]
    assert {(one.outcome, one.reason, one.count) for one in report.mishaps} == {
        ("cut", "takeover", 1),
        ("failed", "damaged", 1),
    }


@pytest.mark.parametrize(
    ("query", "count"),
    [
        (Query(DAY, DAY), 1),
        (Query(DAY, DAY + timedelta(days=1), ("hall",)), 1),
        (Query(DAY, DAY + timedelta(days=1), playlist="views"), 4),
        (Query(DAY, DAY + timedelta(days=1), item="SUM"), 1),
        (Query(DAY, DAY + timedelta(days=1), item="%"), 0),
    ],
)
def test_a_report_is_about_what_was_asked(desk: Desk, rows: None, query: Query, count: int) -> None:
    assert make_report(desk, query, []).total.count == count


def test_sums_stay_when_the_single_rows_are_gone(desk: Desk, rows: None) -> None:
    query = Query(DAY, DAY + timedelta(days=1))
    before = make_report(desk, query, [])
    with desk.database.writing() as session:
        session.execute(delete(ShownRow))

    assert make_report(desk, query, []) == before


@pytest.fixture
def screen(desk: Desk) -> str:
    """The starter store is on air; give a screen of it."""
    publish(desk.office(lambda _name: PASSPHRASE), read_store(desk.store))
    return min(Fleet(desk).on_air.now().manifests)


def _as_planned(desk: Desk, screen: str, start_ms: int, end_ms: int) -> Iterator[Shown]:
    manifest = Fleet(desk).on_air.now().manifests[screen]
    for slot in Programme(manifest.store, manifest.store.screens[screen]).slots(start_ms, end_ms):
        yield shown(
            slot.start_ms,
            slot.start_ms + 20,
            item=slot.item.name,
            playlist=slot.playlist,
            planned_start_ms=slot.start_ms,
            planned_end_ms=slot.end_ms,
            ended_ms=slot.end_ms,
        )


def test_a_day_that_went_as_planned_is_covered_whole(desk: Desk, screen: str, clock: ManualClock) -> None:
    start_ms = clock.now_ms()
    clock.advance(3_600_000)
    rows = list(_as_planned(desk, screen, start_ms - 9 * 3_600_000, clock.now_ms()))
    for start in range(0, len(rows), 500):
        keep(desk, screen, *rows[start : start + 500])

    (found,) = [one for one in cover(desk, date(2026, 11, 23), [screen]) if one.zone == "main"]

    assert found.missing == 0
    assert found.share > 0.99
    assert found.late_median_ms == 20


def test_a_new_screen_owes_nothing_for_the_hours_before_its_first_item(
    desk: Desk, screen: str, clock: ManualClock, enrolled: Callable[[str], object]
) -> None:
    enrolled(screen)
    start_ms = clock.now_ms()
    clock.advance(3_600_000)
    rows = list(_as_planned(desk, screen, start_ms + 600_000, clock.now_ms()))
    waiting = shown(10**9, start_ms, item="slate", playlist=None, ended_ms=start_ms + 600_000)
    keep(desk, screen, waiting, *rows)

    (found,) = [one for one in cover(desk, date(2026, 11, 23), [screen]) if one.zone == "main"]

    assert found.missing == 0
    assert found.planned_ms <= 3_600_000


def test_what_was_not_shown_is_missing_and_what_came_late_is_late(desk: Desk, screen: str, clock: ManualClock) -> None:
    start_ms = clock.now_ms()
    clock.advance(3_600_000)
    rows = list(_as_planned(desk, screen, start_ms - 9 * 3_600_000, clock.now_ms()))
    kept = rows[: len(rows) // 2]
    for start in range(0, len(kept), 500):
        keep(desk, screen, *kept[start : start + 500])

    (found,) = [one for one in cover(desk, date(2026, 11, 23), [screen]) if one.zone == "main"]

    assert 0.4 < found.share < 0.6
    assert found.missing == pytest.approx(found.planned / 2, abs=15)


def test_the_night_compares_whole_days_also_when_rows_came_late(desk: Desk, screen: str, clock: ManualClock) -> None:
    start_ms = clock.now_ms()
    rows = list(_as_planned(desk, screen, start_ms, start_ms + 1_800_000))
    clock.advance(2 * DAY_MS)
    keep(desk, screen, *rows[:3])
    sum_up(desk)
    first = _coverage(desk)
    keep(desk, screen, *rows)
    sum_up(desk)

    assert first[0].date == "2026-11-23"
    assert _coverage(desk)[0].covered_ms > first[0].covered_ms
    assert len(_coverage(desk)) == len(first)


def _coverage(desk: Desk) -> list[CoverageRow]:
    with desk.database.reading() as session:
        return list(session.scalars(select(CoverageRow).where(CoverageRow.zone == "main")))


def test_the_csv_opens_in_excel_and_holds_no_formula(browser: Browser, rows: None) -> None:
    answer = browser(Role.EDITOR).get("/reports/shown.csv?first=2026-11-22&last=2026-11-23")

    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert table[0] == ["素材", "播完次数", "切走次数", "失败次数", "总时长（秒）", "内部名"]
    assert table[1] == ["gulls.jpg", "2", "1", "1", "24.0", "views/gulls.jpg"]
    assert (table[2][0], table[2][5]) == ("'=SUM(A1).jpg", "'=SUM(A1).jpg")
    assert "attachment" in answer.headers["content-disposition"]


def test_the_xlsx_has_every_part_and_numbers_as_numbers(browser: Browser, rows: None, screen: str) -> None:
    answer = browser(Role.EDITOR).get("/reports/shown.xlsx?first=2026-11-22&last=2026-11-23&by=screen")

    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["播出统计", "计划与实际", "按日", "中断与失败"]
    assert [cell.value for cell in book["播出统计"][2]] == ["gate", 3, 1, 0, 34, "gate"]
    assert book["按日"].max_row == 3
    assert [(row[0].is_date, row[0].number_format) for row in book["按日"].iter_rows(min_row=2)] == [
        (True, "yyyy-mm-dd")
    ] * 2


@pytest.mark.parametrize(
    ("language", "items", "reasons"),
    [
        (
            "zh",
            {"车位改造": "work-update:车位改造", "滚动字幕": "ticker", "=1+1": "work-update:=1+1"},
            {
                ("被紧急插播打断", "切走", 1, "takeover"),
                ("顶替“a.jpg”：没来得及准备好", "切走", 1, "instead of views/a.jpg: not ready in time"),
            },
        ),
        (
            "en",
            {"车位改造": "work-update:车位改造", "ticker": "ticker", "=1+1": "work-update:=1+1"},
            {
                ("takeover", "cut", 1, "takeover"),
                ("in place of “a.jpg”: not ready in time", "cut", 1, "instead of views/a.jpg: not ready in time"),
            },
        ),
    ],
)
def test_exports_say_what_the_page_says_in_the_words_of_who_reads_it(
    desk: Desk,
    browser: Browser,
    clock: ManualClock,
    language: str,
    items: dict[str, str],
    reasons: set[tuple[object, ...]],
) -> None:
    now_ms = clock.now_ms()
    said = [
        shown(1, now_ms - 50_000, item="work-update:车位改造"),
        shown(2, now_ms - 40_000, item="ticker"),
        shown(3, now_ms - 30_000, item="work-update:=1+1", outcome="cut", reason="takeover"),
        shown(4, now_ms - 20_000, item="ticker", outcome="cut", reason="instead of views/a.jpg: not ready in time"),
    ]
    keep(desk, "gate", *said)
    person = browser(Role.EDITOR)
    person.cookies.set("signage_lang", language)
    asked = "first=2026-11-22&last=2026-11-23"

    table = list(csv.reader(io.StringIO(person.get(f"/reports/shown.csv?{asked}").content.decode("utf-8-sig"))))
    answer = person.get(f"/reports/shown.xlsx?{asked}")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    shown_rows, mishap_rows = (list(book.worksheets[at].iter_rows(min_row=2)) for at in (0, 3))

    assert {row[0].removeprefix("'"): row[5] for row in table[1:]} == items
    assert "'=1+1" in {row[0] for row in table[1:]}
    assert {row[0].value: row[5].value for row in shown_rows} == items
    assert {cell.data_type for row in shown_rows for cell in row} == {"s", "n"}
    assert {tuple(cell.value for cell in row) for row in mishap_rows} == reasons
    page = person.get(f"/reports?{asked}").text
    assert all(name in page for name in items)
    assert all(str(reason) in page for reason, *_ in reasons)


def test_exports_call_screens_and_playlists_by_their_titles(
    desk: Desk, browser: Browser, clock: ManualClock, screen: str
) -> None:
    manifest = Fleet(desk).on_air.now().manifests[screen]
    title = manifest.store.screens[screen].title
    playlist = next(one for one in manifest.store.playlists if one.title and one.title != one.name)
    keep(desk, screen, shown(1, clock.now_ms() - 20_000, playlist=playlist.name))
    person = browser(Role.EDITOR)

    tables = {
        by: list(csv.reader(io.StringIO(person.get(f"/reports/shown.csv?by={by}").content.decode("utf-8-sig"))))
        for by in ("screen", "playlist")
    }

    assert (tables["screen"][1][0], tables["screen"][1][5]) == (title, screen)
    assert (tables["playlist"][1][0], tables["playlist"][1][5]) == (playlist.title, playlist.name)


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        ("takeover; player stopped", "被紧急插播打断；播放程序被关闭", "takeover; player stopped"),
        ("the clock was set back by 3 s", "电脑时钟被调慢了 3 s", "the clock was set back by 3 s"),
        ("not ready after 10 s", "10 秒还没准备好", "not ready after 10 s"),
        ("", "—", "—"),
        ("damaged", "damaged", "damaged"),
    ],
)
def test_every_reason_has_words(reason: str, zh: str, en: str) -> None:
    assert reason_words(reason) == Said(zh, en)


def test_the_page_tells_the_same(desk: Desk, clock: ManualClock, browser: Browser, rows: None, screen: str) -> None:
    person = browser(Role.EDITOR)
    keep(desk, screen, *_as_planned(desk, screen, clock.now_ms() - 600_000, clock.now_ms()))

    page = person.get("/reports?first=2026-11-22&last=2026-11-23").text
    compared = person.get(f"/reports/coverage?screen={screen}").text

    assert "gulls.jpg" in page
    assert "被紧急插播打断" in page
    assert "覆盖率" in compared


@pytest.mark.parametrize(
    "params",
    [
        "first=x&last=y",
        "first=9999-12-31&last=0001-01-01",
        "by=odd",
        "screen=tag:none",
        "item=%25%27%22",
        "first=2026-11-23&last=2020-01-01",
    ],
)
def test_what_makes_no_sense_is_passed_over(browser: Browser, params: str) -> None:
    assert browser(Role.EDITOR).get(f"/reports?{params}").status_code == 200


def test_the_few_that_went_wrong_are_found_by_their_index(desk: Desk) -> None:
    from signage.office.screens.proof import _single_mishaps

    statement = _single_mishaps(Query(DAY, DAY))
    with desk.database.reading() as session:
        sql = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").all()

    assert any("ix_shown_outcome_started_ms" in str(step) for step in plan), plan


def test_grouping_has_words() -> None:
    assert {str(one) for one in Grouping} == {"item", "playlist", "screen"}


def test_reasons_that_take_long_come_after_the_page(browser: Browser, rows: None, screen: str) -> None:
    person = browser(Role.EDITOR)
    asked = "first=2026-01-01&last=2026-11-23&item=gulls"

    assert "被紧急插播打断" not in person.get(f"/reports?{asked}").text
    assert "被紧急插播打断" in person.get(f"/reports/coverage?{asked}").text

"""Alarms begin once and end once, whoever says so how often."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.office.alarms import Alarms
from signage.office.database.engine import open_database


@pytest.fixture
def alarms(tmp_path: Path, clock: ManualClock) -> Iterator[Alarms]:
    database = open_database(tmp_path / "office.db")
    yield Alarms(database, clock)
    database.close()


def test_an_alarm_that_is_open_is_not_begun_again_and_takes_the_newer_words(alarms: Alarms) -> None:
    told: list[str] = []
    alarms.on_news = lambda: told.append("news")

    first = alarms.begin("gate", "offline", "大门屏离线 2 分钟")
    second = alarms.begin("gate", "offline", "大门屏离线 5 分钟")

    assert (first, second) == (True, False)
    assert [alarm.message for alarm in alarms.open()] == ["大门屏离线 5 分钟"]
    assert told == ["news"]


def test_an_alarm_that_ended_can_begin_anew_and_both_are_kept(alarms: Alarms, clock: ManualClock) -> None:
    alarms.begin("gate", "offline", "离线")
    clock.advance(60_000)

    assert alarms.end("gate", "offline")
    assert not alarms.end("gate", "offline")
    assert alarms.begin("gate", "offline", "又离线")

    assert [alarm.message for alarm in alarms.history("gate")] == ["又离线", "离线"]
    assert len(alarms.open()) == 1


def test_what_a_person_has_seen_stays_open_but_leaves_the_head_of_the_pages(alarms: Alarms) -> None:
    alarms.begin("gate", "offline", "离线")
    alarms.begin("hall", "frozen", "画面卡住")

    alarms.note_seen(next(alarm.id for alarm in alarms.open() if alarm.subject == "gate"), "王芳")

    assert [alarm.subject for alarm in alarms.unseen()] == ["hall"]
    assert len(alarms.open()) == 2


def test_all_alarms_of_a_screen_end_together_where_no_kind_is_named(alarms: Alarms) -> None:
    alarms.begin("gate", "offline", "离线")
    alarms.begin("gate", "hot", "过热")
    alarms.begin("hall", "hot", "过热")

    alarms.end("gate")

    assert [alarm.subject for alarm in alarms.open()] == ["hall"]


def test_what_it_says_in_english_is_kept_and_renewed(alarms: Alarms) -> None:
    alarms.begin("gate", "disk", "只剩 0.4 GB", "0.4 GB left")
    alarms.begin("gate", "disk", "只剩 0.3 GB", "0.3 GB left")

    assert [one.message_en for one in alarms.open()] == ["0.3 GB left"]

"""The head of an English page: an alarm is told in English, and one of an unknown kind at least as it was kept."""

from __future__ import annotations

from signage.office.alarms import OFFICE, Alarm
from signage.office.console.alarmwords import english_of


def test_an_alarm_of_a_screen_is_told_in_english_under_its_name() -> None:
    alarm = Alarm(1, "gate", "black", "大门：黑屏异常。应该有画面，但输出是黑的", 0)

    assert english_of(alarm) == "大门: Black, but should not be"


def test_an_alarm_of_the_office_is_told_in_english() -> None:
    assert english_of(Alarm(1, OFFICE, "backup", "备份没有成功", 0)) == "The nightly backup failed"


def test_an_alarm_of_an_unknown_kind_stays_as_it_was_kept() -> None:
    assert english_of(Alarm(1, OFFICE, "new", "新的问题", 0)) == "新的问题"


def test_an_alarm_that_has_english_of_its_own_keeps_its_figures() -> None:
    alarm = Alarm(1, OFFICE, "disk", "只剩 120 MB", 0, message_en="120 MB are left")

    assert english_of(alarm) == "120 MB are left"

"""What a reviewer is told: every difference that a screen would show, in words, and nothing that is none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from signage.content.values import (
    CalendarData,
    Card,
    DayClass,
    Edge,
    Entry,
    Hours,
    Item,
    Kind,
    MediaFile,
    Playlist,
    Priority,
    Screen,
    Store,
    SunEvent,
    Window,
)
from signage.office.review import differences
from signage.office.whenzh import window_text
from signage.release.manifest import Manifest

FILE = MediaFile("a.png", Kind.PICTURE, "aa" * 32, 5, 0, (1, 1))
ITEM = Item("a.png", Kind.PICTURE, FILE.sha256, 10_000, media=FILE)
OTHER = replace(ITEM, name="b.png", sha256="bb" * 32, media=replace(FILE, path="b.png", sha256="bb" * 32))
WORDS = json.dumps({"title": "停水", "body": "今晚"})
CARD = Item("notice:停水", Kind.CARD, "cc" * 32, 9000, card=Card("notice", WORDS))
REPLACED = replace(ITEM, sha256="dd" * 32, media=replace(FILE, sha256="dd" * 32))
MORNING = (Hours(Edge(28_800), Edge(43_200)),)
DAILY = Playlist("daily", "每日", (Entry((ITEM, OTHER, CARD)),))
GATE = Screen("gate", title="大门")


def manifests(*playlists: Playlist, screen: Screen = GATE, calendar: CalendarData | None = None) -> dict[str, Manifest]:
    store = Store(Path(), playlists, {screen.name: screen}, calendar or CalendarData())
    return {"gate": Manifest("gate", 1, 1, store)}


def said(after: dict[str, Manifest]) -> list[str]:
    return [str(one) for one in differences(manifests(DAILY), after)]


def test_what_is_equal_is_no_difference() -> None:
    touched = replace(ITEM, media=replace(FILE, mtime_ns=99))

    assert said(manifests(replace(DAILY, entries=(Entry((touched, OTHER, CARD)),)))) == []


@pytest.mark.parametrize(
    ("playlist", "expected"),
    [
        (replace(DAILY, entries=(Entry((ITEM, OTHER)),)), ["撤下　每日　停水　9 秒，停水 / 今晚"]),
        (replace(DAILY, entries=(Entry((ITEM, OTHER, CARD, CARD)),)), ["新增　每日　停水　9 秒，停水 / 今晚"]),
        (replace(DAILY, entries=(Entry((OTHER, ITEM, CARD)),)), ["改动　每日　播放次序　按次序 → 按次序"]),
        (replace(DAILY, entries=(Entry((ITEM, OTHER, CARD), True),)), ["改动　每日　播放次序　按次序 → 随机"]),
        (
            replace(DAILY, entries=(Entry((replace(ITEM, duration_ms=65_000), OTHER, CARD)),)),
            ["改动　每日　a.png　10 秒 → 1 分 5 秒"],
        ),
        (
            replace(DAILY, entries=(Entry((REPLACED, OTHER, CARD)),)),
            ["改动　每日　a.png　文件 aaaaaaaa → 文件 dddddddd"],
        ),
        (replace(DAILY, weight=Fraction(3)), ["改动　每日　播放占比　1 份 → 3 份"]),
        (replace(DAILY, priority=Priority.URGENT), ["改动　每日　等级　普通 → 紧急"]),
        (replace(DAILY, where=frozenset({"gate"})), ["改动　每日　屏幕　全部屏幕 → gate"]),
        (replace(DAILY, expires=date(2026, 12, 1)), ["改动　每日　截止　无 → 2026-12-01"]),
        (
            replace(DAILY, windows=(Window(weekdays=frozenset({1, 3})),)),
            ["改动　每日　时段　一直 → 周一、周三"],
        ),
    ],
    ids=range(11),
)
def test_each_difference_is_named(playlist: Playlist, expected: list[str]) -> None:
    assert said(manifests(playlist)) == expected


def test_a_changed_word_of_a_card_is_shown_before_and_after() -> None:
    other = replace(CARD, sha256="ee" * 32, card=Card("notice", json.dumps({"title": "停水", "body": "明晚"})))

    (found,) = differences(manifests(DAILY), manifests(replace(DAILY, entries=(Entry((ITEM, OTHER, other)),))))

    assert (found.before, found.after) == ("停水 / 今晚", "停水 / 明晚")
    assert (found.item_before, found.item_after) == (CARD, other)


def test_a_new_and_a_lost_playlist_are_told_with_all_their_items() -> None:
    found = said(manifests(replace(DAILY, name="other", title="另一个")))

    assert found[0].startswith("撤下　每日　整个播放列表　3 个素材；屏幕 全部屏幕；时段 一直")
    assert sum(line.startswith("新增　另一个") for line in found) == 4


def test_screens_and_calendar_are_told() -> None:
    calendar = CalendarData(frozenset({2027}), frozenset({date(2027, 1, 1)}))

    found = said(manifests(DAILY, screen=replace(GATE, layout="banner", sound=True), calendar=calendar))

    assert found == [
        "改动　屏幕 gate　版式　full → banner",
        "改动　屏幕 gate　声音　无 → 有",
        "改动　日历　收录年份　加上 2027",
        "改动　日历　放假日期　加上 2027-01-01",
    ]


def test_a_new_screen_is_told() -> None:
    found = said({**manifests(DAILY), "hall": manifests(DAILY, screen=Screen("hall", "大厅"))["gate"]})

    assert found == ["新增　屏幕 hall　大厅"]


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (Window(), "一直"),
        (Window(from_date=date(2026, 11, 23)), "2026-11-23 起"),
        (Window(until_date=date(2026, 11, 23)), "至 2026-11-23"),
        (
            Window(day_classes=frozenset({DayClass.WORKDAY}), hours=MORNING),
            "工作日，08:00–12:00",
        ),
        (Window(lunar=frozenset({(6, 24), (-4, 1)})), "农历闰4月1日、农历6月24日"),
        (Window(lunar=frozenset({(12, 23), (12, 24), (12, 25), (1, 1)})), "农历1月1日、农历12月23至25日"),
        (Window(hours=(Hours(Edge(-1800, SunEvent.SUNSET), Edge(0, SunEvent.SUNRISE)),)), "日落前 30 分–日出"),
    ],
    ids=range(7),
)
def test_a_window_is_said_as_staff_say_it(window: Window, words: str) -> None:
    assert window_text(window).replace("，农历", "、农历") == words

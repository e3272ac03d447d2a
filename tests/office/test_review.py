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
    Fit,
    Hours,
    Item,
    Kind,
    MediaFile,
    Playlist,
    Priority,
    Screen,
    Store,
    SunEvent,
    Transition,
    Window,
)
from signage.office.itemwords import card_text
from signage.office.review import Difference, differences
from signage.office.said import Said
from signage.office.whenwords import window_text
from signage.release.manifest import Manifest

FILE = MediaFile("a.png", Kind.PICTURE, "aa" * 32, 5, 0, (1, 1))
ITEM = Item("a.png", Kind.PICTURE, FILE.sha256, 10_000, media=FILE)
OTHER = replace(ITEM, name="b.png", sha256="bb" * 32, media=replace(FILE, path="b.png", sha256="bb" * 32))
WORDS = json.dumps({"title": "停水", "body": "今晚"})
CARD = Item("notice:停水", Kind.CARD, "cc" * 32, 9000, card=Card("notice", WORDS))
CARD_ZH = "9 秒，标题：停水，正文：今晚"
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
        (replace(DAILY, entries=(Entry((ITEM, OTHER)),)), ["撤下　每日　停水　" + CARD_ZH]),
        (replace(DAILY, entries=(Entry((ITEM, OTHER, CARD, CARD)),)), ["新增　每日　停水　" + CARD_ZH]),
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

    assert (found.before, found.after) == (Said("正文：今晚", "Text: 今晚"), Said("正文：明晚", "Text: 明晚"))
    assert (found.item_before, found.item_after) == (CARD, other)


def test_a_new_and_a_lost_playlist_are_told_with_all_their_items() -> None:
    found = said(manifests(replace(DAILY, name="other", title="另一个")))

    assert found[0].startswith("撤下　每日　整个播放列表　3 个素材，屏幕 全部屏幕，时段 一直")
    assert sum(line.startswith("新增　另一个") for line in found) == 4


def test_screens_and_calendar_are_told() -> None:
    calendar = CalendarData(frozenset({2027}), frozenset({date(2027, 1, 1)}))

    found = said(manifests(DAILY, screen=replace(GATE, layout="banner", sound=True), calendar=calendar))

    assert found == [
        "改动　屏幕 gate　版式　全屏 → 上有时钟，下有字幕",
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
    assert window_text(window).zh == words


def test_no_chinese_is_in_what_an_english_reader_is_told_but_names() -> None:
    busy = replace(
        DAILY,
        title="daily",
        windows=(
            Window(
                day_classes=frozenset({DayClass.WORKDAY}), hours=MORNING, lunar=frozenset({(-6, 24), (1, 1), (1, 2)})
            ),
            Window(date(2026, 12, 1), weekdays=frozenset({1, 2, 3, 4, 5})),
            Window(hours=(Hours(Edge(-1800, SunEvent.SUNSET), Edge(0, SunEvent.SUNRISE)),)),
        ),
        priority=Priority.SPECIAL,
        weight=Fraction(1, 2),
        expires=date(2027, 1, 1),
        zone="side",
        entries=(Entry((replace(ITEM, duration_ms=65_000, fit=Fit.COVER, transition=Transition.CUT), OTHER), True),),
    )
    before, calendar = manifests(replace(DAILY, title="daily")), CalendarData(frozenset({2027}))
    after = manifests(busy, screen=replace(GATE, title="gate", layout="banner", sound=True), calendar=calendar)

    found = differences(before, after)

    for one in found:
        words = (one.kind.words, one.place, one.what, one.before, one.after)
        english = " ".join(said.en for said in words).replace("停水", "").replace("大门", "").replace("今晚", "")
        assert not any("\u3000" < sign < "\uffff" for sign in english), english
    assert "workdays, leap lunar month 6, day 24, lunar month 1, days 1–2, 08:00–12:00" in found_text(found)
    assert "30 min before sunset–sunrise" in found_text(found)
    assert "from 2026-12-01, Mon–Fri" in found_text(found)


def found_text(found: list[Difference]) -> str:
    return "\n".join(one.after.en for one in found)


def test_a_card_is_told_by_its_templates_fields_in_their_order() -> None:
    words = {"english": "United", "pattern": "pomegranate", "headline": "团结"}
    card = Card("unity-poster", json.dumps(words))

    told = card_text(Item("unity-poster:团结", Kind.CARD, card.sha256, 9000, card=card))

    assert told.zh == "标题：团结\n英文：United\n图案：石榴"
    assert told.en == "Headline in Chinese: 团结\nThe headline in English: United\nA drawn background: pomegranate"

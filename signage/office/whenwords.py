"""Windows, hours and other rules of a playlist in, the words in which staff speak of them out: Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from signage.content.values import DayClass, Edge, Hours, Playlist, Priority, SunEvent, Window
from signage.office.said import Said, joined, named

_DAYS = tuple(
    Said(f"周{zh}", en)
    for zh, en in zip("一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True)
)
PRIORITIES = {
    Priority.FILLER: Said("垫片", "filler"),
    Priority.NORMAL: Said("普通", "normal"),
    Priority.SPECIAL: Said("专题", "special"),
    Priority.URGENT: Said("紧急", "urgent"),
}
ZONES = {
    "main": Said("主画面", "main picture"),
    "side": Said("侧栏", "side column"),
    "ticker": Said("滚动字幕", "ticker"),
}
CLASSES = {DayClass.WORKDAY: Said("工作日", "workdays"), DayClass.HOLIDAY: Said("休息日", "days off")}
_SUN = {SunEvent.SUNRISE: Said("日出", "sunrise"), SunEvent.SUNSET: Said("日落", "sunset")}
ALWAYS = Said("一直", "always")
NONE = Said("无", "none")
TITLE, PRIORITY, SHARE = Said("标题", "Title"), Said("等级", "Priority"), Said("播放占比", "Share")
LAST_DAY, ZONE = Said("截止", "Last day"), Said("区域", "Zone")


def playlist_facts(playlist: Playlist) -> dict[Said, Said]:
    """Give what a reviewer has to know of a playlist besides its items: by name, in the order to show them."""
    parts = playlist.weight
    where = joined(map(named, sorted(playlist.where)), "、", ", ")
    return {
        TITLE: named(playlist.title or playlist.name),
        Said("屏幕", "Screens"): where or Said("全部屏幕", "all screens"),
        Said("时段", "When"): windows_text(playlist.windows),
        LAST_DAY: named(playlist.expires.isoformat()) if playlist.expires else NONE,
        PRIORITY: PRIORITIES[playlist.priority],
        SHARE: Said(f"{parts} 份", f"{parts} {'part' if parts == 1 else 'parts'}"),
        ZONE: ZONES.get(playlist.zone, named(playlist.zone)),
    }


def is_usual(name: Said, text: Said) -> bool:
    """Tell whether a fact of a new playlist goes without saying."""
    normal = PRIORITIES[Priority.NORMAL]
    usual = {LAST_DAY: NONE, PRIORITY: normal, SHARE: Said("1 份", "1 part"), ZONE: ZONES["main"]}
    return usual.get(name) == text


def when_text(playlist: Playlist, language: str) -> str:
    """Give when the playlist may play, with the day after which it does not."""
    last = playlist.expires
    until = Said(f"到 {last} 为止", f"until {last}") if last else Said("", "")
    return joined([windows_text(playlist.windows), until], "；", "; ").within(language)


def windows_text(windows: Iterable[Window]) -> Said:
    return joined(map(window_text, windows), "；", "; ") or ALWAYS


def window_text(window: Window) -> Said:
    """Give one window in words: `2026-11-23 起，周一至周五，08:00–12:00`."""
    parts = []
    if window.from_date or window.until_date:
        parts.append(span_text(window.from_date, window.until_date))
    if window.weekdays:
        parts.append(_weekdays(sorted(window.weekdays)))
    parts += [CLASSES[one] for one in sorted(window.day_classes)]
    if window.lunar:
        parts.append(joined(map(_lunar, _lunar_spans(window.lunar)), "、", ", "))
    if window.hours:
        parts.append(hours_text(window.hours))
    return joined(parts, "，", ", ") or ALWAYS


def _weekdays(days: list[int]) -> Said:
    """Give weekdays, three and more in a row as a span."""
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        first, last = _DAYS[days[0] - 1], _DAYS[days[-1] - 1]
        return Said(f"{first.zh}至{last.zh}", f"{first.en}–{last.en}")
    return joined((_DAYS[day - 1] for day in days), "、", ", ")


_Lunar = tuple[int, int]


def _lunar_spans(days: Iterable[_Lunar]) -> list[tuple[_Lunar, _Lunar]]:
    """Give lunar days (month, below 0 if leap; day) as spans of days that follow each other within a month."""
    spans: list[tuple[_Lunar, _Lunar]] = []
    for month, day in sorted(days):
        if spans and spans[-1][1] == (month, day - 1):
            spans[-1] = (spans[-1][0], (month, day))
        else:
            spans.append(((month, day), (month, day)))
    return spans


def _lunar(span: tuple[_Lunar, _Lunar]) -> Said:
    (month, first), (_, last) = span
    zh = f"农历{'闰' if month < 0 else ''}{abs(month)}月{first}"
    en = f"{'leap ' if month < 0 else ''}lunar month {abs(month)}, "
    if first == last:
        return Said(f"{zh}日", f"{en}day {first}")
    return Said(f"{zh}至{last}日", f"{en}days {first}–{last}")


def span_text(first: date | None, last: date | None) -> Said:
    """Give a span of days in words, either end of which may be open."""
    if first and last:
        return Said(f"{first} 至 {last}", f"{first} to {last}")
    if first:
        return Said(f"{first} 起", f"from {first}")
    return Said(f"至 {last}", f"until {last}") if last else ALWAYS


def hours_text(hours: Iterable[Hours]) -> Said:
    spans = (joined((_edge(one.start), _edge(one.end)), "–", "–") for one in hours)
    return joined(spans, "、", ", ") or Said("全天", "all day")


def _edge(edge: Edge) -> Said:
    if edge.sun is None:
        return named(f"{edge.offset_s // 3600:02}:{edge.offset_s % 3600 // 60:02}")
    minutes, sun = round(edge.offset_s / 60), _SUN[edge.sun]
    if minutes == 0:
        return sun
    zh, en = ("后", "after") if minutes > 0 else ("前", "before")
    return Said(f"{sun.zh}{zh} {abs(minutes)} 分", f"{abs(minutes)} min {en} {sun.en}")


def length_text(length_ms: int) -> Said:
    """Give a length in seconds, or in minutes and seconds."""
    minutes, seconds = divmod(round(length_ms / 1000), 60)
    if not minutes:
        return Said(f"{seconds} 秒", f"{seconds} s")
    return Said(f"{minutes} 分 {seconds} 秒", f"{minutes} min {seconds} s")

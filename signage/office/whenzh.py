"""Windows, hours and other rules of a playlist in, the Chinese words in which staff speak of them out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from signage.content.values import DayClass, Edge, Hours, Playlist, Priority, SunEvent, Window

_WEEKDAYS = "一二三四五六日"
_PRIORITIES = {Priority.FILLER: "垫片", Priority.NORMAL: "普通", Priority.SPECIAL: "专题", Priority.URGENT: "紧急"}
_ZONES = {"main": "主画面", "side": "侧栏", "ticker": "滚动字幕"}
_CLASSES = {DayClass.WORKDAY: "工作日", DayClass.HOLIDAY: "休息日"}
_SUN = {SunEvent.SUNRISE: "日出", SunEvent.SUNSET: "日落"}


def playlist_facts(playlist: Playlist) -> dict[str, str]:
    """Give what a reviewer has to know of a playlist besides its items: by name, in the order to show them."""
    return {
        "标题": playlist.title or playlist.name,
        "屏幕": "、".join(sorted(playlist.where)) or "全部屏幕",
        "时段": "；".join(map(window_text, playlist.windows)) or "一直",
        "截止": playlist.expires.isoformat() if playlist.expires else "无",
        "等级": _PRIORITIES[playlist.priority],
        "播放占比": f"{playlist.weight} 份",
        "区域": _ZONES.get(playlist.zone, playlist.zone),
    }


def window_text(window: Window) -> str:
    """Give one window in words: `11-23 起，周一、周三，08:00–12:00`."""
    parts = []
    if window.from_date or window.until_date:
        parts.append(span_text(window.from_date, window.until_date))
    if window.weekdays:
        parts.append("、".join(f"周{_WEEKDAYS[day - 1]}" for day in sorted(window.weekdays)))
    parts += [_CLASSES[one] for one in sorted(window.day_classes)]
    parts += [_lunar_zh(first, last) for first, last in lunar_spans(window.lunar)]
    if window.hours:
        parts.append(hours_text(window.hours))
    return "，".join(parts) or "一直"


def lunar_spans(days: Iterable[tuple[int, int]]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Give lunar days (month, below 0 if leap; day) as spans of days that follow each other within a month."""
    spans: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for month, day in sorted(days):
        if spans and spans[-1][1] == (month, day - 1):
            spans[-1] = (spans[-1][0], (month, day))
        else:
            spans.append(((month, day), (month, day)))
    return spans


def _lunar_zh(first: tuple[int, int], last: tuple[int, int]) -> str:
    head = f"农历{'闰' if first[0] < 0 else ''}{abs(first[0])}月{first[1]}"
    return f"{head}日" if first == last else f"{head}至{last[1]}日"


def span_text(first: date | None, last: date | None) -> str:
    """Give a span of days in words, either end of which may be open."""
    if first and last:
        return f"{first.isoformat()} 至 {last.isoformat()}"
    if first:
        return f"{first.isoformat()} 起"
    return f"至 {last.isoformat()}" if last else "一直"


def hours_text(hours: Iterable[Hours]) -> str:
    return "、".join(f"{_edge(one.start)}–{_edge(one.end)}" for one in hours) or "全天"


def _edge(edge: Edge) -> str:
    if edge.sun is None:
        return f"{edge.offset_s // 3600:02}:{edge.offset_s % 3600 // 60:02}"
    minutes = round(edge.offset_s / 60)
    if minutes == 0:
        return _SUN[edge.sun]
    return f"{_SUN[edge.sun]}{'后' if minutes > 0 else '前'} {abs(minutes)} 分"


def length_zh(length_ms: int) -> str:
    """Give a length in seconds, or in minutes and seconds."""
    minutes, seconds = divmod(round(length_ms / 1000), 60)
    return f"{minutes} 分 {seconds} 秒" if minutes else f"{seconds} 秒"

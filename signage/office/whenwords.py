"""A playlist's windows in, the words in which people speak of them out, Chinese or English."""

from __future__ import annotations

from signage.content.values import DayClass, Edge, Playlist, SunEvent, Window
from signage.office.whenzh import lunar_spans, window_text

_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CLASSES_EN = {DayClass.WORKDAY: "workdays", DayClass.HOLIDAY: "days off"}


def when_text(playlist: Playlist, language: str) -> str:
    """Give when the playlist may play, with the day after which it does not."""
    say = _window_en if language == "en" else window_text
    always, until = ("always", "; until {}") if language == "en" else ("一直", "；到 {} 为止")
    joined = ("; " if language == "en" else "；").join(map(say, playlist.windows)) or always
    return joined + (until.format(playlist.expires.isoformat()) if playlist.expires else "")


def _window_en(window: Window) -> str:
    parts = []
    if window.from_date or window.until_date:
        parts.append(f"{window.from_date or '…'} to {window.until_date or '…'}")
    if window.weekdays:
        parts.append(", ".join(_DAYS_EN[day - 1] for day in sorted(window.weekdays)))
    parts += [_CLASSES_EN[one] for one in sorted(window.day_classes)]
    parts += [_lunar_en(first, last) for first, last in lunar_spans(window.lunar)]
    if window.hours:
        parts.append(", ".join(f"{_edge_en(hours.start)}–{_edge_en(hours.end)}" for hours in window.hours))
    return ", ".join(parts) or "always"


def _lunar_en(first: tuple[int, int], last: tuple[int, int]) -> str:
    head = f"lunar {'leap ' if first[0] < 0 else ''}{abs(first[0])}-{first[1]}"
    return head if first == last else f"{head} to {abs(last[0])}-{last[1]}"


def _edge_en(edge: Edge) -> str:
    if edge.sun is None:
        return f"{edge.offset_s // 3600:02}:{edge.offset_s % 3600 // 60:02}"
    name = "sunrise" if edge.sun is SunEvent.SUNRISE else "sunset"
    minutes = round(edge.offset_s / 60)
    return name + (f"{minutes:+} min" if minutes else "")

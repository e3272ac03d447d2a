"""A store, a screen and a stretch of time come in; one self-contained page with timeline and pictures goes out."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from signage.base.clock import SystemClock, now_utc
from signage.base.errors import SignageError
from signage.base.moments import to_datetime, to_ms
from signage.choices import ArgumentError
from signage.content.templates import TEMPLATES
from signage.content.values import Item, Kind, Screen, Store
from signage.preview import planned
from signage.schedule.slots import Slot

Progress = Callable[[int, int], None]

LONGEST_MS = 7 * 86_400_000
_THUMBNAIL_PX = 320
_MOST_THUMBNAILS = 400
_FULL_HD = (1920, 1080)
_COLOURS = (
    *("#b3282d", "#1b7f79", "#d8962a", "#2f5d9b", "#7a4b94", "#4f8a3c", "#c2643b", "#5b7083"),
    *("#a8447a", "#2f9bb3", "#8c7a2b", "#8a3b3b"),
)
_IDLE_COLOUR = "#c9c3b6"
_OFF, _NOTHING = "\0off", "\0nothing"
_IDLE_TITLES = {_OFF: "关屏 screen off", _NOTHING: "无节目 nothing scheduled"}
_WEEKDAYS = "一二三四五六日"
_ZONES_ZH = {"main": "主画面", "side": "侧栏", "ticker": "滚动字幕"}
_KINDS_ZH = {
    Kind.PICTURE: "图片",
    Kind.ANIMATION: "动图",
    Kind.VIDEO: "视频",
    Kind.PAGE: "PDF 页",
    Kind.CARD: "卡片",
    Kind.TICKER: "滚动字幕",
    Kind.SLATE: "待机画面",
    Kind.OFF: "关屏",
}


@dataclass(slots=True)
class Airing:
    """How often and how long something is on air within the window."""

    first_ms: int
    count: int = 0
    length_ms: int = 0

    def add(self, length_ms: int) -> None:
        self.count += 1
        self.length_ms += length_ms


@dataclass(slots=True)
class ZoneDay:
    """What one zone shows in the window: every slot, and the airing of each item and of each playlist."""

    zone: str
    slots: list[Slot] = field(default_factory=list)
    items: dict[str, tuple[Item, str, Airing]] = field(default_factory=dict)
    playlists: dict[str, Airing] = field(default_factory=dict)


def write_day_page(
    path: Path,
    store: Store,
    screen: Screen,
    zones: Sequence[str],
    start_ms: int,
    end_ms: int,
    progress: Progress | None = None,
) -> None:
    """Write the page; it asks for nothing from outside.

    Raises:
        ArgumentError: the stretch is longer than 7 days.
        SignageError: the file cannot be written.
    """
    if end_ms - start_ms > LONGEST_MS:
        raise ArgumentError("a page holds at most 7 days; ask for less with --for, or for --json")
    days = [gather(zone, planned(store, screen, (zone,), start_ms, end_ms), start_ms, end_ms) for zone in zones]
    pictures = _draw(days, store, screen, to_datetime(start_ms, screen.timezone).date(), progress)
    titles = {playlist.name: playlist.title for playlist in store.playlists}
    page = Template((files("signage") / "daypage.html").read_text("utf-8")).substitute(
        title=escape(screen.title or screen.name),
        name=escape(screen.name),
        stretch=_stretch(start_ms, end_ms, screen),
        facts=_facts(days, store, screen),
        zones="".join(_zone_section(number, day, titles, pictures) for number, day in enumerate(days)),
        data=_for_script(days, titles, hour_rows(start_ms, end_ms, screen)),
        made=f"{now_utc(SystemClock()).astimezone(screen.timezone):%Y-%m-%d %H:%M}",
        revision=escape(store.revision[:12]),
    )
    try:
        path.write_text(page, "utf-8")
    except OSError as error:
        raise SignageError(f"{path}: cannot be written ({error.strerror}); name another file") from error


def gather(zone: str, slots: Iterator[Slot], start_ms: int, end_ms: int) -> ZoneDay:
    """Give what a zone shows, with its lengths cut at the window's edges."""
    day = ZoneDay(zone)
    for slot in slots:
        length_ms = min(slot.end_ms, end_ms) - max(slot.start_ms, start_ms)
        airing = Airing(max(slot.start_ms, start_ms))
        day.slots.append(slot)
        day.items.setdefault(_key(slot), (slot.item, _owner(slot), airing))[2].add(length_ms)
        day.playlists.setdefault(_owner(slot), Airing(airing.first_ms)).add(length_ms)
    return day


def hour_rows(start_ms: int, end_ms: int, screen: Screen) -> list[tuple[int, str, str]]:
    """Give each local hour that the window touches: its start, its date where a new day begins, its label."""
    rows = []
    hour = to_datetime(start_ms, screen.timezone).replace(minute=0, second=0, microsecond=0)
    at_ms, day = to_ms(hour), None
    while at_ms < end_ms:
        local = to_datetime(at_ms, screen.timezone)
        rows.append((at_ms, _day_text(local.date()) if local.date() != day else "", f"{local:%H:%M}"))
        day = local.date()
        at_ms += round(timedelta(hours=1).total_seconds() * 1000)
    return rows


def _owner(slot: Slot) -> str:
    """Give the playlist's name, or what stands where there is none."""
    return slot.playlist or (_OFF if slot.item.kind is Kind.OFF else _NOTHING)


def _key(slot: Slot) -> str:
    return f"{slot.playlist}\0{slot.item.sha256}\0{slot.item.name}"


def _draw(
    days: Sequence[ZoneDay], store: Store, screen: Screen, today: date, progress: Progress | None
) -> Mapping[tuple[str, str], bytes]:
    """Give the pictures of the items that have any, by zone and item; at most 400, the rest shows its name alone."""
    from signage.content.layouts import zone_rects
    from signage.stage.fitting import canvas_size
    from signage.stage.thumbnails import Thumbnails

    rects = zone_rects(screen.layout, canvas_size(screen, _FULL_HD))
    wanted = [
        (day.zone, item)
        for day in days
        for item, _, _ in day.items.values()
        if item.kind not in (Kind.TICKER, Kind.OFF) and day.zone != "ticker"
    ]
    pictures: dict[tuple[str, str], bytes] = {}
    with Thumbnails(store.path_of, _THUMBNAIL_PX, today) as thumbnails:
        for done, (zone, item) in enumerate(wanted[:_MOST_THUMBNAILS]):
            if progress:
                progress(done, min(len(wanted), _MOST_THUMBNAILS))
            try:
                pictures[zone, item.name] = thumbnails.draw(item, rects[zone].size)
            except SignageError as error:
                pictures[zone, item.name] = f"!{error}".encode()
    return pictures


def _stretch(start_ms: int, end_ms: int, screen: Screen) -> str:
    start, end = to_datetime(start_ms, screen.timezone), to_datetime(end_ms, screen.timezone)
    said = f"<b>{_day_text(start.date())}</b> {start:%H:%M}"
    ending = f"{end:%H:%M}" if end.date() == start.date() else f"{_day_text(end.date())} {end:%H:%M}"
    return f"{said} – {ending} <i>{escape(screen.timezone.key)}</i>"


def _day_text(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日 星期{_WEEKDAYS[day.weekday()]}"


def _facts(days: Sequence[ZoneDay], store: Store, screen: Screen) -> str:
    size = "×".join(map(str, screen.size_px)) if screen.size_px else "全屏"
    problems = sum(problem.severity == "error" for problem in store.problems)
    facts = [
        (str(sum(len(day.slots) for day in days)), "播出位", "slots"),
        (str(len({key for day in days for key in day.items})), "素材", "items"),
        (
            str(len({name for day in days for name in day.playlists if name not in _IDLE_TITLES})),
            "播放列表",
            "playlists",
        ),
        (size, "画面", screen.layout),
    ]
    if problems:
        facts.append((str(problems), "处问题", "problems: signage check"))
    return "".join(f"<li><b>{escape(n)}</b><span>{zh}<small>{escape(en)}</small></span></li>" for n, zh, en in facts)


def _colours(day: ZoneDay) -> dict[str, str]:
    """Give each playlist a colour, those with the most time first."""
    named = sorted(set(day.playlists) - set(_IDLE_TITLES), key=lambda name: (-day.playlists[name].length_ms, name))
    colours = {name: _COLOURS[number % len(_COLOURS)] for number, name in enumerate(named)}
    return colours | dict.fromkeys(_IDLE_TITLES, _IDLE_COLOUR)


def _zone_section(
    number: int, day: ZoneDay, titles: Mapping[str, str], pictures: Mapping[tuple[str, str], bytes]
) -> str:
    colours = _colours(day)
    lit = {name: airing for name, airing in day.playlists.items() if name != _OFF}
    total_ms = sum(airing.length_ms for airing in lit.values()) or 1
    shares = sorted(lit.items(), key=lambda pair: -pair[1].length_ms)
    bar = "".join(
        f'<i style="background:{colours[name]};flex:{airing.length_ms}" title="{escape(_title(name, titles))}"></i>'
        for name, airing in shares
    )
    legend = "".join(
        f'<li><i style="background:{colours[name]}"></i><b>{escape(_title(name, titles))}</b>'
        f"<em>{airing.length_ms / total_ms:.1%}</em>"
        f"<span>{_length_zh(airing.length_ms)} · {airing.count} 次</span></li>"
        for name, airing in shares
    )
    cards = "".join(
        _item_card(day.zone, item, airing, colours[playlist], _title(playlist, titles), pictures)
        for item, playlist, airing in day.items.values()
        if item.kind is not Kind.OFF
    )
    return (
        f"<section><h2>{_ZONES_ZH.get(day.zone, '')} <small>{escape(day.zone)}</small></h2>"
        f"<h3>播放占比 <small>share of screen time</small></h3>"
        f'<div class="bar">{bar}</div><ul class="legend">{legend}</ul>'
        f"<h3>时间轴 <small>timeline · 点一小时看明细 click an hour for its list</small></h3>"
        f'<div class="timeline" data-zone="{number}"></div>'
        f'<h3>播出的素材 <small>items</small></h3><div class="items">{cards}</div></section>'
    )


def _title(playlist: str, titles: Mapping[str, str]) -> str:
    return titles.get(playlist) or _IDLE_TITLES.get(playlist, playlist)


def _label(item: Item) -> tuple[str, str]:
    """Give what people call the item, and what it is."""
    kind = _KINDS_ZH[item.kind]
    if item.card is None or item.kind is Kind.SLATE:
        return item.name, kind
    template = TEMPLATES.get(item.card.template)
    if item.kind is Kind.TICKER:
        return " · ".join(item.card.fields.get("texts", [item.name])), kind
    return item.name.partition(":")[2] or item.name, template.zh if template else kind


def _item_card(
    zone: str, item: Item, airing: Airing, colour: str, playlist: str, pictures: Mapping[tuple[str, str], bytes]
) -> str:
    name, kind = _label(item)
    picture = pictures.get((zone, item.name), b"")
    if picture.startswith(b"!"):
        shown = f'<div class="none">无法显示<small>{escape(picture[1:].decode())}</small></div>'
    elif picture:
        shown = f'<img alt="" loading="lazy" src="data:image/webp;base64,{base64.b64encode(picture).decode()}">'
    else:
        shown = f'<div class="none text">{escape(name)}</div>'
    return (
        f'<article style="--c:{colour}">{shown}<h4 title="{escape(item.name)}">{escape(name)}</h4>'
        f"<p><span>{kind}</span>{escape(playlist)}</p>"
        f"<p>{airing.count} 次 · 共 {_length_zh(airing.length_ms)}</p></article>"
    )


def _length_zh(length_ms: int) -> str:
    minutes, seconds = divmod(round(length_ms / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, " 小时"), (minutes, " 分"), (seconds if not hours else 0, " 秒"))
    return " ".join(f"{count}{unit}" for count, unit in parts if count) or "0 秒"


def _for_script(days: Sequence[ZoneDay], titles: Mapping[str, str], hours: Sequence[tuple[int, str, str]]) -> str:
    """Give what the page's script draws the timelines from, safe to stand in a script element."""
    zones = []
    for day in days:
        colours = _colours(day)
        numbers = {key: number for number, key in enumerate(day.items)}
        things = [
            [*_label(item), _title(playlist, titles), colours[playlist]] for item, playlist, _ in day.items.values()
        ]
        slots: list[Any] = [[s.start_ms, s.end_ms - s.start_ms, numbers[_key(s)]] for s in day.slots]
        zones.append({"items": things, "slots": slots})
    text = json.dumps({"hours": hours, "zones": zones}, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")

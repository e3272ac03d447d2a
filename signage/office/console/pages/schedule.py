"""排期: a screen's week as a calendar, who gets how much of it, gaps and clashes; and any moment as it will look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from signage.base.moments import to_datetime, to_ms
from signage.content.values import ZONES_OF_LAYOUT, Kind, Playlist, Screen, Store
from signage.office.console.daylist import day_rows, span_text
from signage.office.console.shell import Shell, Words, number_of, page
from signage.office.weekplan import Day, Remark, WeekPlan, plan_week
from signage.schedule.programme import Programme
from signage.schedule.slots import Slot

_COLOURS = (
    *("#b3282d", "#1b7f79", "#d8962a", "#2f5d9b", "#7a4b94", "#4f8a3c", "#c2643b", "#5b7083"),
    *("#a8447a", "#2f9bb3", "#8c7a2b", "#8a3b3b", "#3d6b5a", "#6c63ad", "#b5739b", "#74633f"),
)
_GREY, _OFF = "#c9c3b6", "#e6e2da"
_COLUMN, _LEFT, _TOP, _HOUR = 150, 54, 46, 26
_WIDTH = _LEFT + 7 * _COLUMN
_LONGEST_REMARKS = 12
_BEFORE, _AFTER = 3, 9
_LATEST_MS = 10_000_000_000_000
_ZONES = {"main": ("主画面", "Main picture"), "side": ("侧栏", "Side"), "ticker": ("滚动字幕", "Ticker")}
_DAYS = (
    ("周一", "Mon"),
    ("周二", "Tue"),
    ("周三", "Wed"),
    ("周四", "Thu"),
    ("周五", "Fri"),
    ("周六", "Sat"),
    ("周日", "Sun"),
)


def routes(shell: Shell) -> list[BaseRoute]:
    """Give the routes of this area."""
    schedule = _Schedule(shell)
    return [
        Route("/schedule", page(schedule.week), methods=["GET"]),
        Route("/schedule/moment", page(schedule.moment), methods=["GET"]),
    ]


@dataclass(frozen=True, slots=True)
class Block:
    """One rectangle of the calendar, in the drawing's own units."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    title: str
    label: str
    at_ms: int


class _Schedule:
    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._desk = shell.desk

    def week(self, request: Request) -> Response:
        store, t = self._desk.keeper.store, self._shell.words(request)
        screen = _screen(store, request.query_params.get("screen", ""))
        zones = ZONES_OF_LAYOUT.get(screen.layout, ("main",))
        zone = request.query_params.get("zone", "")
        zone = zone if zone in zones else "main"
        now_ms = self._desk.clock.now_ms()
        today = to_datetime(now_ms, screen.timezone).date()
        asked = _date(request.query_params.get("week", "")) or today
        first = asked - timedelta(days=asked.weekday())
        plan = plan_week(store, screen, zone, first)
        colours = {
            share.playlist.name: _COLOURS[at % len(_COLOURS)] for at, share in enumerate(plan.shares) if share.playlist
        }
        hours = _hours(plan)
        return self._shell.render(
            request,
            "schedule/week.html",
            plan=plan,
            screens=store.screens,
            zones=[(one, t(*_ZONES[one])) for one in zones],
            first=first,
            last=first + timedelta(days=6),
            before=first - timedelta(days=7),
            after=first + timedelta(days=7),
            today=today,
            days=[(t(*_DAYS[at]), day.date, day_rows(day, plan, colours)) for at, day in enumerate(plan.days)],
            heads=[(_LEFT + at * _COLUMN, t(*_DAYS[at]), day.date) for at, day in enumerate(plan.days)],
            rulers=[(_y_of(hour, hours), f"{hour:02}:00") for hour in range(hours[0], hours[1] + 1)],
            blocks=[one for at, day in enumerate(plan.days) for one in _blocks(at, day, plan, hours, colours, t)],
            now_line=_now_line(plan, now_ms, hours),
            width=_WIDTH,
            height=_y_of(hours[1], hours) + 8,
            column=_COLUMN,
            colours=colours,
            grey=_GREY,
            gaps=_said(plan.gaps, screen, t),
            fillers=_said(plan.fillers, screen, t),
            clashes=_said(plan.clashes, screen, t),
            now_text=f"{to_datetime(now_ms, screen.timezone):%H:%M}",
        )

    def moment(self, request: Request) -> Response:
        store, t = self._desk.keeper.store, self._shell.words(request)
        screen = _screen(store, request.query_params.get("screen", ""))
        query = request.query_params
        at_ms = number_of(query.get("at", ""), -1)
        if not 0 <= at_ms < _LATEST_MS:
            day, clock = _date(query.get("date", "")), _time(query.get("time", ""))
            if day is None or clock is None:
                raise HTTPException(422, t("请写日期和时间", "give a date and a time"))
            at_ms = to_ms(datetime.combine(day, clock, screen.timezone))
        zones = ZONES_OF_LAYOUT.get(screen.layout, ("main",))
        titles = {playlist.name: playlist.title for playlist in store.playlists}
        lists = [(t(*_ZONES[zone]), _rows(store, screen, zone, at_ms, titles, t)) for zone in zones]
        now = lists[0][1]
        current = next((at for at, row in enumerate(now) if row["is_now"]), 0)
        local = to_datetime(at_ms, screen.timezone)
        return self._shell.render(
            request,
            "schedule/moment.html",
            screen=screen,
            screens=store.screens,
            at_ms=at_ms,
            local=local,
            weekday=t(*_DAYS[local.weekday()]),
            lists=lists,
            before_ms=now[current - 1]["look_ms"] if current > 0 else None,
            after_ms=now[current + 1]["look_ms"] if current + 1 < len(now) else None,
            revision=store.revision[:16],
        )


def _rows(
    store: Store, screen: Screen, zone: str, at_ms: int, titles: Mapping[str, str], t: Words
) -> list[dict[str, object]]:
    """Give the slots around the instant: a few before, the one on air, and those that follow."""
    programme = Programme(store, screen, zone)
    current = programme.slot_at(at_ms)
    if zone == "ticker":  # one slot holds all the texts of a whole day
        return [_row(current, screen, at_ms, titles, t)]
    before: list[Slot] = []
    start_ms = current.start_ms
    while len(before) < _BEFORE:
        before.insert(0, programme.slot_at(start_ms - 1))
        start_ms = before[0].start_ms
    following = []
    for slot in programme.slots(current.end_ms, current.end_ms + 86_400_000):
        following.append(slot)
        if len(following) == _AFTER:
            break
    return [_row(slot, screen, at_ms, titles, t) for slot in (*before, current, *following)]


def _row(slot: Slot, screen: Screen, at_ms: int, titles: Mapping[str, str], t: Words) -> dict[str, object]:
    name = slot.item.name
    label = name.partition(":")[2] or name if slot.item.card else name
    if slot.item.card and slot.item.kind is Kind.TICKER:
        label = " · ".join(slot.item.card.fields.get("texts", [label]))
    words = {Kind.OFF: t("关屏", "Screen off"), Kind.SLATE: t("待机画面", "Standby picture")}
    return {
        "start": f"{to_datetime(slot.start_ms, screen.timezone):%H:%M:%S}",
        "seconds": (slot.end_ms - slot.start_ms) / 1000,
        "label": words.get(slot.item.kind, label),
        "playlist": slot.playlist,
        "title": titles.get(slot.playlist or "", ""),
        "is_now": slot.start_ms <= at_ms < slot.end_ms,
        "look_ms": min(slot.start_ms + 1500, (slot.start_ms + slot.end_ms) // 2),
    }


def _blocks(
    column: int, day: Day, plan: WeekPlan, hours: tuple[int, int], colours: Mapping[str, str], t: Words
) -> list[Block]:
    found = []
    for segment in day.segments:
        top, bottom = (_y_at(one, day, hours) for one in (segment.start_ms, segment.end_ms))
        if bottom - top < 0.5:
            continue
        left = float(_LEFT + column * _COLUMN + 3)
        span = span_text(segment.start_ms, segment.end_ms, plan.screen)
        if not segment.playlists:
            nothing = t("没有节目（待机画面）", "nothing scheduled (standby picture)")
            words = nothing if segment.is_open else t("关屏", "screen off")
            colour = _GREY if segment.is_open else _OFF
            found.append(Block(left, top, _COLUMN - 6, bottom - top, colour, f"{span} {words}", "", segment.start_ms))
            continue
        total = float(sum(playlist.weight for playlist in segment.playlists))
        for playlist in sorted(segment.playlists, key=lambda one: -one.weight):
            part = float(playlist.weight) / total
            width = (_COLUMN - 6) * part
            title = f"{playlist.title} {part:.0%}\n{span}"
            label = playlist.title if width > 60 and bottom - top > 18 else ""
            found.append(
                Block(left, top, width, bottom - top, colours[playlist.name], title, label, segment.start_ms + 1000)
            )
            left += width
    return found


def _hours(plan: WeekPlan) -> tuple[int, int]:
    """Give the first and last full hour of the day to draw: those in which the screen is on."""
    firsts, lasts = [], []
    for day in plan.days:
        for segment in day.segments:
            if segment.is_open:
                firsts.append((segment.start_ms - day.start_ms) // 3_600_000)
                lasts.append(-(-(segment.end_ms - day.start_ms) // 3_600_000))
    return (min(firsts, default=0), min(24, max(lasts, default=24)))


def _y_of(hour: float, hours: tuple[int, int]) -> float:
    return _TOP + (hour - hours[0]) * _HOUR


def _y_at(at_ms: int, day: Day, hours: tuple[int, int]) -> float:
    hour = (at_ms - day.start_ms) / 3_600_000
    return _y_of(min(max(hour, hours[0]), hours[1]), hours)


def _now_line(plan: WeekPlan, now_ms: int, hours: tuple[int, int]) -> tuple[float, float] | None:
    for at, day in enumerate(plan.days):
        if day.start_ms <= now_ms < day.end_ms:
            return _LEFT + at * _COLUMN, _y_at(now_ms, day, hours)
    return None


def _said(remarks: Sequence[Remark], screen: Screen, t: Words) -> list[dict[str, object]]:
    """Give remarks in words, those of equal content together with all their times."""
    grouped: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Remark]] = {}
    for remark in remarks:
        key = (tuple(one.name for one in remark.by), tuple(one.name for one in remark.hidden))
        grouped.setdefault(key, []).append(remark)
    return [
        {
            "times": [_when(one, screen, t) for one in group[:_LONGEST_REMARKS]],
            "more": max(0, len(group) - _LONGEST_REMARKS),
            "by": _titles(group[0].by, t),
            "hidden": _titles(group[0].hidden, t),
        }
        for group in grouped.values()
    ]


def _titles(playlists: Sequence[Playlist], t: Words) -> str:
    return t("、", ", ").join(playlist.title for playlist in playlists)


def _when(remark: Remark, screen: Screen, t: Words) -> str:
    start = to_datetime(remark.start_ms, screen.timezone)
    return f"{t(*_DAYS[start.weekday()])} {span_text(remark.start_ms, remark.end_ms, screen)}"


def _screen(store: Store, name: str) -> Screen:
    if not name:
        return next(iter(store.screens.values()))
    if name not in store.screens:
        raise HTTPException(404)
    return store.screens[name]


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2199 else None


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None

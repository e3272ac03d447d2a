"""A local date in; how well each screen kept to its programme, in the database, out.

It is worked out for whole days at night, and for a few screens of today when somebody asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median, quantiles
from typing import Any

from sqlalchemy import String, cast, delete, func, select
from sqlalchemy.orm import Session

from signage.base.moments import to_datetime
from signage.content.values import ZONES_OF_LAYOUT, Kind
from signage.office.console.shell import ZONE
from signage.office.database.tables import CoverageRow, ScreenRow, ScreenStateRow, ShownRow
from signage.office.desk import Desk
from signage.office.screens.plans import Stretch, order_now, releases_between, without
from signage.release.manifest import Manifest
from signage.schedule.days import day_start_ms
from signage.schedule.programme import Programme
from signage.schedule.slots import Slot

CATCH_UP_DAYS = 14
LATEST_START_MS = 10_000
"""A row that began later than this after its plan joined midway, after a restart or a gap: it is not a late start."""
TOLD_AFTER_MS = 120_000
"""Rows come each minute, when they have ended."""
TAKES_MS = 120_000
"""For so long after a release went on air a screen may show the one before: it is on its way."""
LEAST_OWED_MS = 2_000
"""Source: `player.playout` begins no slot of which less is left."""
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How a zone of a screen kept to its programme: counts of slots, their time, and how late what came began."""

    screen: str
    zone: str
    planned: int
    missing: int
    planned_ms: int
    covered_ms: int
    late_median_ms: int | None = None
    late_p95_ms: int | None = None

    @property
    def share(self) -> float:
        """Give the part of the planned time in which what was planned was on screen, 0 to 1."""
        return self.covered_ms / self.planned_ms if self.planned_ms else 1.0


def sum_up(desk: Desk) -> None:
    """Work out the coverage of the last two weeks' whole days, where it is missing or rows came later: each night."""
    today = to_datetime(desk.clock.now_ms(), ZONE).date()
    for back in range(1, CATCH_UP_DAYS + 1):
        day = today - back * _ONE_DAY
        found = cover(desk, day)
        if not found:
            continue
        with desk.database.writing() as session:
            session.execute(delete(CoverageRow).where(CoverageRow.date == day.isoformat()))
            session.add_all(_row(day, one) for one in found)


def cover(desk: Desk, day: date, screens: Sequence[str] = ()) -> list[Coverage]:
    """Give how these screens (all, if none is named) kept to what was on air on that date.

    Of today, what ended two minutes ago: rows come each minute. Time in which an urgent order stood above the programme
    is not owed, nor what a release that is not kept any more had planned. A screen that was off owes its day.
    """
    start_ms, end_ms = _bounds(day)
    told_ms = min(end_ms, desk.clock.now_ms() - TOLD_AFTER_MS)
    if told_ms <= start_ms:
        return []
    aired = [(known, since, until) for known, since, until in releases_between(desk, start_ms, told_ms) if known]
    names = sorted({name for known, _, _ in aired for name in known})
    found = []
    for name in names:
        if screens and name not in screens:
            continue
        log = _read_log(desk, name, start_ms, end_ms)
        owes_ms = _owes_since_ms(desk, name, start_ms, end_ms, log.rows)
        if owes_ms is None:
            continue
        its = [(known[name], max(since, owes_ms), until) for known, since, until in aired if name in known]
        if end_ms > told_ms and (ordered := order_now(desk, its[-1][0].store.screens[name])):
            log = replace(log, ordered={zone: [*log.ordered.get(zone, ()), ordered] for zone in _zones(its, name)})
        planned = _planned(its, name, log, told_ms, told_ms == end_ms)
        found += [_compare(name, zone, slots, log.rows.get(zone, {})) for zone, slots in planned.items() if slots]
    return found


def _bounds(day: date) -> tuple[int, int]:
    return day_start_ms(day, ZONE), day_start_ms(day + _ONE_DAY, ZONE)


_Its = Sequence[tuple[Manifest, int, int]]
_Owed = tuple[Slot, list[Stretch]]
_Key = tuple[int, str]
_Rows = Mapping[_Key, Sequence[Stretch]]


@dataclass(frozen=True, slots=True)
class _Log:
    """What was on screen, by zone: by the slot that it belongs to, and when an order stood above the programme."""

    rows: Mapping[str, _Rows]
    ordered: Mapping[str, Sequence[Stretch]]


def _zones(its: _Its, name: str) -> set[str]:
    return {zone for manifest, _, _ in its for zone in ZONES_OF_LAYOUT[manifest.store.screens[name].layout]}


def _planned(its: _Its, name: str, log: _Log, told_ms: int, is_over: bool) -> dict[str, list[_Owed]]:
    """Give each zone's slots with the parts of each that were owed; without slate and time outside the hours."""
    zones: dict[str, list[_Owed]] = {}
    for zone in sorted(_zones(its, name)):
        parts: dict[tuple[int, int, str], _Owed] = {}
        begun_ms = 0
        for index, (manifest, since_ms, until_ms) in enumerate(its):
            begun_ms, ends_ms = max(begun_ms, since_ms), until_ms
            if index + 1 < len(its):
                slots = _slots(manifest, name, zone, begun_ms, min(told_ms, until_ms + TAKES_MS))
                ends_ms = _left_at_ms(slots, log.rows.get(zone, {}), until_ms)
            for slot in _slots(manifest, name, zone, begun_ms, ends_ms):
                part = max(begun_ms, slot.start_ms), min(ends_ms, slot.end_ms)
                parts.setdefault((slot.start_ms, slot.end_ms, slot.item.name), (slot, []))[1].append(part)
            begun_ms = max(begun_ms, ends_ms)
        ordered = log.ordered.get(zone, ())
        owed = (
            (slot, [left for part in its_parts for left in without(*part, ordered)])
            for slot, its_parts in parts.values()
        )
        zones[zone] = [one for one in owed if _is_owed(*one) and (is_over or one[0].end_ms <= told_ms)]
    return zones


def _slots(manifest: Manifest, name: str, zone: str, start_ms: int, end_ms: int) -> list[Slot]:
    screen = manifest.store.screens[name]
    if start_ms >= end_ms or zone not in ZONES_OF_LAYOUT[screen.layout]:
        return []
    slots = Programme(manifest.store, screen, zone).slots(start_ms, end_ms)
    return [slot for slot in slots if slot.playlist is not None and slot.item.kind is not Kind.OFF]


def _left_at_ms(slots: Sequence[Slot], rows: _Rows, until_ms: int) -> int:
    """Give when a screen left a release that was on air until `until_ms`: what was on screen then is not broken off.

    Source: `player.playout`: another programme begins with the end of the current slot, once it is here.
    """
    keys = ((slot.start_ms, slot.item.name) for slot in slots)
    shown = (stretch for key in keys for stretch in rows.get(key, ()))
    return max((ended_ms for began_ms, ended_ms in shown if began_ms < until_ms + TAKES_MS), default=until_ms)


def _is_owed(slot: Slot, parts: Sequence[Stretch]) -> bool:
    """Tell whether enough of the slot is left that a screen would begin it."""
    left_ms = sum(end_ms - start_ms for start_ms, end_ms in parts)
    return left_ms >= min(LEAST_OWED_MS, slot.end_ms - slot.start_ms)


def _read_log(desk: Desk, name: str, start_ms: int, end_ms: int) -> _Log:
    columns = select(
        ShownRow.zone,
        ShownRow.planned_start_ms,
        ShownRow.item,
        ShownRow.started_ms,
        ShownRow.ended_ms,
        ShownRow.outcome,
        ShownRow.playlist,
        ShownRow.kind,
    ).where(ShownRow.screen == name, ShownRow.started_ms >= start_ms - 86_400_000, ShownRow.started_ms < end_ms)
    rows: dict[str, dict[_Key, list[Stretch]]] = defaultdict(lambda: defaultdict(list))
    ordered: dict[str, list[Stretch]] = defaultdict(list)
    with desk.database.reading() as session:
        for zone, planned_ms, item, started_ms, ended_ms, outcome, playlist, kind in session.execute(columns):
            if outcome == "failed" or ended_ms <= start_ms:
                continue
            rows[zone][(planned_ms, item)].append((started_ms, ended_ms))
            if playlist is None and kind != Kind.SLATE:
                ordered[zone].append((started_ms, ended_ms))
    return _Log(rows, ordered)


def _owes_since_ms(desk: Desk, name: str, start_ms: int, end_ms: int, rows: Mapping[str, _Rows]) -> int | None:
    """Give from when on the screen owes its programme: on its first day from the first item that it showed.

    Before that nobody had let it in, or nothing was published for it: it showed the slate, and nothing is missing.
    None: it owes nothing; it told nothing that day, and had not been let in before or was shut out.
    """
    with desk.database.reading() as session:
        row = session.get(ScreenRow, name)
        known_ms = session.scalar(select(func.min(ScreenStateRow.began_ms)).where(ScreenStateRow.screen == name))
    first_ms = min((one for one in (row.enrolled_ms if row else None, known_ms) if one is not None), default=None)
    if not rows:
        is_let_in = row is not None and (row.revoked_ms is None or row.revoked_ms >= end_ms)
        return start_ms if is_let_in and first_ms is not None and first_ms <= start_ms else None
    if first_ms is None or first_ms <= start_ms:
        return start_ms
    shown = (
        since for zone in rows.values() for key, all_of in zone.items() if key[1] != "slate" for since, _ in all_of
    )
    return min(shown, default=first_ms)


def _compare(screen: str, zone: str, slots: Sequence[_Owed], rows: _Rows) -> Coverage:
    missing = planned_ms = covered_ms = 0
    late: list[int] = []
    for slot, parts in slots:
        stretches = rows.get((slot.start_ms, slot.item.name), ())
        length_ms = sum(end_ms - start_ms for start_ms, end_ms in parts)
        had_ms = sum(max(0, min(end, until) - max(start, since)) for start, end in parts for since, until in stretches)
        planned_ms += length_ms
        covered_ms += min(length_ms, had_ms)
        missing += not stretches
        first_ms = min((since for since, _ in stretches), default=None)
        is_from_its_start = parts[0][0] == slot.start_ms  # one that came on in the midst of a slot is not late
        if is_from_its_start and first_ms is not None and 0 <= first_ms - slot.start_ms < LATEST_START_MS:
            late.append(first_ms - slot.start_ms)
    p95 = quantiles(late, n=20)[-1] if len(late) > 1 else late[0] if late else None
    return Coverage(
        screen,
        zone,
        len(slots),
        missing,
        planned_ms,
        covered_ms,
        round(median(late)) if late else None,
        None if p95 is None else round(p95),
    )


def _row(day: date, one: Coverage) -> CoverageRow:
    return CoverageRow(
        date=day.isoformat(),
        screen=one.screen,
        zone=one.zone,
        planned=one.planned,
        missing=one.missing,
        planned_ms=one.planned_ms,
        covered_ms=one.covered_ms,
        late_median_ms=one.late_median_ms,
        late_p95_ms=one.late_p95_ms,
    )


def read_coverage(
    session: Session, first: date, last: date, screens: Sequence[str]
) -> list[tuple[Coverage, list[int]]]:
    """Give what the nights kept of these dates: for each screen and zone the sum, and the medians of its days."""
    sums = (CoverageRow.planned, CoverageRow.missing, CoverageRow.planned_ms, CoverageRow.covered_ms)
    found: Any = select(
        CoverageRow.screen,
        CoverageRow.zone,
        *(func.sum(column) for column in sums),
        func.max(CoverageRow.late_p95_ms),
        func.aggregate_strings(cast(CoverageRow.late_median_ms, String), ","),
    ).where(CoverageRow.date >= first.isoformat(), CoverageRow.date <= last.isoformat())
    if screens:
        found = found.where(CoverageRow.screen.in_(screens))
    rows = session.execute(found.group_by(CoverageRow.screen, CoverageRow.zone))
    return [
        (
            Coverage(screen, zone, int(planned), int(missing), int(planned_ms), int(covered_ms), None, worst),
            [int(one) for one in medians.split(",")] if medians else [],
        )
        for screen, zone, planned, missing, planned_ms, covered_ms, worst, medians in rows
    ]


def merged(kept: Sequence[tuple[Coverage, list[int]]], days: Sequence[Coverage]) -> list[Coverage]:
    """Give one coverage for each screen and zone of what was kept and of more days.

    Of lateness it has the middle of the days' medians, and the worst day's p95.
    """
    more = [(one, [] if one.late_median_ms is None else [one.late_median_ms]) for one in days]
    groups: dict[tuple[str, str], list[tuple[Coverage, list[int]]]] = defaultdict(list)
    for one, medians in [*kept, *more]:
        groups[(one.screen, one.zone)].append((one, medians))
    return [
        _sum([one for one, _ in group], [late_ms for _, medians in group for late_ms in medians])
        for _, group in sorted(groups.items())
    ]


def _sum(parts: Sequence[Coverage], medians: Sequence[int]) -> Coverage:
    return replace(
        parts[0],
        planned=sum(one.planned for one in parts),
        missing=sum(one.missing for one in parts),
        planned_ms=sum(one.planned_ms for one in parts),
        covered_ms=sum(one.covered_ms for one in parts),
        late_median_ms=round(median(medians)) if medians else None,
        late_p95_ms=max((one.late_p95_ms for one in parts if one.late_p95_ms is not None), default=None),
    )

"""A local date in; how well each screen kept to its programme, in the database, out.

It is worked out for whole days at night, and for a few screens of today when somebody asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median, quantiles
from typing import Any

from sqlalchemy import String, cast, delete, func, select
from sqlalchemy.orm import Session

from signage.base.errors import SignageError
from signage.base.moments import to_datetime
from signage.content.values import ZONES_OF_LAYOUT, Kind
from signage.office.console.shell import ZONE
from signage.office.database.tables import CoverageRow, OnAirRow, ScreenRow, ScreenStateRow, ShownRow
from signage.office.desk import Desk
from signage.office.drafts import decode_once
from signage.office.publish import on_air
from signage.release.manifest import Manifest
from signage.schedule.days import day_start_ms
from signage.schedule.programme import Programme
from signage.schedule.slots import Slot

CATCH_UP_DAYS = 14
LATEST_START_MS = 10_000
"""A row that began later than this after its plan joined midway, after a restart or a gap: it is not a late start."""
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
    """Give how these screens (all, if none is named) kept to what was on air on that date; of today, until now.

    A release that is not kept any more says nothing about its time.
    """
    start_ms, end_ms = _bounds(day)
    end_ms = min(end_ms, desk.clock.now_ms())
    aired = [
        (manifests, max(start_ms, since_ms), min(end_ms, until_ms))
        for manifests, since_ms, until_ms in _releases(desk, start_ms, end_ms)
    ]
    names = sorted({name for manifests, _, _ in aired for name in manifests})
    found = []
    for name in names:
        if screens and name not in screens:
            continue
        rows = _rows(desk, name, start_ms, end_ms)
        if not rows and not screens:
            continue  # a screen that never reported that day: its state's history says why
        there_ms = _owes_since_ms(desk, name, start_ms, rows)
        its = [(manifests, max(since_ms, there_ms), until_ms) for manifests, since_ms, until_ms in aired]
        for zone, slots in _planned(its, name).items():
            found.append(_compare(name, zone, slots, rows.get(zone, {})))
    return found


def _bounds(day: date) -> tuple[int, int]:
    return day_start_ms(day, ZONE), day_start_ms(day + _ONE_DAY, ZONE)


def _releases(desk: Desk, start_ms: int, end_ms: int) -> Iterator[tuple[Mapping[str, Manifest], int, int]]:
    """Give what was on air within [start_ms, end_ms), and from when until when."""
    with desk.database.reading() as session:
        known = list(session.execute(select(OnAirRow.number, OnAirRow.since_ms).order_by(OnAirRow.since_ms)))
    office = desk.office()
    for index, (number, since_ms) in enumerate(known):
        until_ms = known[index + 1].since_ms if index + 1 < len(known) else end_ms
        if index == 0:
            since_ms = 0  # before the office took note, the oldest that it knows of was on air
        if until_ms <= start_ms or since_ms >= end_ms:
            continue
        try:
            decoded = [decode_once(data) for data in on_air(office, number).values()]
        except SignageError:
            continue
        yield {name: manifest for manifest in decoded for name in manifest.store.screens}, since_ms, until_ms


def _planned(
    aired: Sequence[tuple[Mapping[str, Manifest], int, int]], name: str
) -> dict[str, list[tuple[Slot, int, int]]]:
    """Give each zone's slots with the part of each that was on air; without slate and time outside the hours."""
    zones: dict[str, list[tuple[Slot, int, int]]] = defaultdict(list)
    for manifests, start_ms, end_ms in aired:
        manifest = manifests.get(name)
        if manifest is None or start_ms >= end_ms:
            continue
        screen = manifest.store.screens[name]
        for zone in ZONES_OF_LAYOUT[screen.layout]:
            for slot in Programme(manifest.store, screen, zone).slots(start_ms, end_ms):
                if slot.playlist is not None and slot.item.kind is not Kind.OFF:
                    zones[zone].append((slot, max(start_ms, slot.start_ms), min(end_ms, slot.end_ms)))
    return zones


_Key = tuple[int, str]
_Stretch = tuple[int, int, bool]


def _rows(desk: Desk, name: str, start_ms: int, end_ms: int) -> dict[str, dict[_Key, list[_Stretch]]]:
    """Give what was on screen, by zone and by the slot that it belongs to: from, until, and whether it is whole."""
    columns = select(
        ShownRow.zone,
        ShownRow.planned_start_ms,
        ShownRow.item,
        ShownRow.started_ms,
        ShownRow.ended_ms,
        ShownRow.outcome,
    ).where(ShownRow.screen == name, ShownRow.started_ms >= start_ms - 86_400_000, ShownRow.started_ms < end_ms)
    zones: dict[str, dict[_Key, list[_Stretch]]] = defaultdict(lambda: defaultdict(list))
    with desk.database.reading() as session:
        for zone, planned_ms, item, started_ms, ended_ms, outcome in session.execute(columns):
            if outcome != "failed" and ended_ms > start_ms:
                zones[zone][(planned_ms, item)].append((started_ms, ended_ms, outcome == "shown"))
    return zones


def _owes_since_ms(desk: Desk, name: str, start_ms: int, rows: Mapping[str, Mapping[_Key, Sequence[_Stretch]]]) -> int:
    """Give from when on the screen owes its programme: on its first day from the first item that it showed.

    Before that nobody had let it in, or nothing was published for it: it showed the slate, and nothing is missing.
    """
    with desk.database.reading() as session:
        enrolled_ms = session.scalar(select(ScreenRow.enrolled_ms).where(ScreenRow.name == name))
        known_ms = session.scalar(select(func.min(ScreenStateRow.began_ms)).where(ScreenStateRow.screen == name))
    first_ms = min((one for one in (enrolled_ms, known_ms) if one is not None), default=0)
    if first_ms <= start_ms:
        return start_ms
    shown = (
        since for zone in rows.values() for key, all_of in zone.items() if key[1] != "slate" for since, _, _ in all_of
    )
    return min(shown, default=first_ms)


def _compare(
    screen: str, zone: str, slots: Sequence[tuple[Slot, int, int]], rows: Mapping[_Key, Sequence[_Stretch]]
) -> Coverage:
    missing = planned_ms = covered_ms = 0
    late: list[int] = []
    for slot, start_ms, end_ms in slots:
        length_ms = end_ms - start_ms
        planned_ms += length_ms
        stretches = rows.get((slot.start_ms, slot.item.name), ())
        had_ms = sum(max(0, min(end_ms, until) - max(start_ms, since)) for since, until, _ in stretches)
        covered_ms += min(length_ms, had_ms)
        missing += not stretches
        first_ms = min((since for since, _, _ in stretches), default=None)
        is_from_its_start = start_ms == slot.start_ms  # one that came on in the midst of a slot is not late
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

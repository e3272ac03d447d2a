"""A screen's day: what was planned by the manifest on air, and what its as-run log says, as stretches to draw."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select

from signage.content.values import ZONES_OF_LAYOUT, Kind
from signage.office.database.engine import Database
from signage.office.database.tables import ShownRow
from signage.release.manifest import Manifest
from signage.schedule.programme import Programme

BIN_MS = 300_000
COLOURS = 6
_MOST_PLANNED = 400


@dataclass(frozen=True, slots=True)
class Planned:
    """A stretch in which the same playlists are on air; none and open: the slate. `colour` counts from 0."""

    start_ms: int
    end_ms: int
    is_open: bool
    titles: tuple[str, ...]
    colour: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Five minutes of the as-run log: the share of them in which things were shown whole, cut, and that failed."""

    start_ms: int
    shown: float
    cut: float
    failures: int


@dataclass(frozen=True, slots=True)
class ZoneDay:
    """One zone's day."""

    zone: str
    planned: tuple[Planned, ...]
    bins: tuple[Bin, ...]


def day_of_screen(
    database: Database, manifest: Manifest | None, screen: str, start_ms: int, end_ms: int
) -> list[ZoneDay]:
    """Give every zone of the screen over [start_ms, end_ms)."""
    zones = _zones(manifest, screen)
    bins = _bins(database, screen, start_ms, end_ms)
    return [
        ZoneDay(
            zone,
            _planned(manifest, screen, zone, start_ms, end_ms) if manifest else (),
            tuple(bins.get(zone, ())),
        )
        for zone in dict.fromkeys([*zones, *bins])
    ]


def _zones(manifest: Manifest | None, screen: str) -> tuple[str, ...]:
    if manifest is None or screen not in manifest.store.screens:
        return ("main",)
    return ZONES_OF_LAYOUT[manifest.store.screens[screen].layout]


def _planned(manifest: Manifest, screen: str, zone: str, start_ms: int, end_ms: int) -> tuple[Planned, ...]:
    if screen not in manifest.store.screens:
        return ()
    programme = Programme(manifest.store, manifest.store.screens[screen], zone)
    colours: dict[tuple[str, ...], int] = {}
    found = []
    for segment in programme.segments(start_ms, end_ms):
        titles = tuple(playlist.title or playlist.name for playlist in segment.playlists)
        colour = colours.setdefault(titles, len(colours)) % COLOURS
        found.append(
            Planned(max(start_ms, segment.start_ms), min(end_ms, segment.end_ms), segment.is_open, titles, colour)
        )
        if len(found) >= _MOST_PLANNED:
            break
    return tuple(found)


def _bins(database: Database, screen: str, start_ms: int, end_ms: int) -> dict[str, list[Bin]]:
    """Give the bins by zone; a long showing counts in every bin that it lies in."""
    at = (ShownRow.started_ms - start_ms - (ShownRow.started_ms - start_ms) % BIN_MS) / BIN_MS
    query = (
        select(
            ShownRow.zone,
            at.label("at"),
            ShownRow.outcome,
            func.count(),
            func.sum(ShownRow.ended_ms - ShownRow.started_ms),
        )
        .where(
            ShownRow.screen == screen,
            ShownRow.kind != Kind.OFF,
            ShownRow.started_ms >= start_ms,
            ShownRow.started_ms < end_ms,
            ShownRow.ended_ms - ShownRow.started_ms <= BIN_MS,
        )
        .group_by(ShownRow.zone, "at", ShownRow.outcome)
    )
    long = select(ShownRow.zone, ShownRow.started_ms, ShownRow.ended_ms, ShownRow.outcome).where(
        ShownRow.screen == screen,
        ShownRow.kind != Kind.OFF,
        ShownRow.started_ms >= start_ms - 86_400_000,
        ShownRow.started_ms < end_ms,
        ShownRow.ended_ms - ShownRow.started_ms > BIN_MS,
    )
    sums: dict[tuple[str, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    with database.reading() as session:
        for zone, bin_number, outcome, count, length_ms in session.execute(query):
            one = sums[(zone, int(bin_number))]
            one[outcome] += count if outcome == "failed" else float(length_ms or 0)
        for zone, started_ms, ended_ms, outcome in session.execute(long.limit(2000)):
            for index in range(
                int(max(0, started_ms - start_ms) // BIN_MS), int((min(end_ms, ended_ms) - start_ms - 1) // BIN_MS) + 1
            ):
                left = start_ms + index * BIN_MS
                covered_ms = min(ended_ms, left + BIN_MS) - max(started_ms, left)
                sums[(zone, index)][outcome] += max(0, covered_ms)
    zones: dict[str, list[Bin]] = defaultdict(list)
    for (zone, index), one in sorted(sums.items()):
        shown, cut = min(1.0, one["shown"] / BIN_MS), min(1.0, one["cut"] / BIN_MS)
        zones[zone].append(Bin(start_ms + index * BIN_MS, shown, cut, int(one["failed"])))
    return zones

"""A screen's day: what was planned by the releases on air, and what its as-run log says, as stretches to draw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select

from signage.content.values import ZONES_OF_LAYOUT, Kind
from signage.office.database.engine import Database
from signage.office.database.tables import ShownRow
from signage.office.screens.plans import Aired, Stretch, without
from signage.release.manifest import Manifest
from signage.schedule.programme import Programme

BIN_MS = 300_000
LEAST_GAP_MS = 600_000
COLOURS = 6
_MOST_PLANNED = 400


@dataclass(frozen=True, slots=True)
class Planned:
    """A stretch in which the same playlists were to play; none and open: the slate. `colour` counts from 0.

    Not `is_known`: the release of that time is not kept any more, or nobody noted which it was.
    """

    start_ms: int
    end_ms: int
    is_open: bool
    titles: tuple[str, ...]
    colour: int
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Bin:
    """Five minutes of the as-run log: the share of them in which things were shown whole, cut, and black as ordered.

    `failures` is how many failed.
    """

    start_ms: int
    shown: float
    cut: float
    off: float
    failures: int


@dataclass(frozen=True, slots=True)
class ZoneDay:
    """One zone's day. `gaps` are the past stretches, ten minutes and more, of which the screen told nothing."""

    zone: str
    planned: tuple[Planned, ...]
    bins: tuple[Bin, ...]
    gaps: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """Since when in this day a release was on air, for the mark that is drawn there."""

    number: int
    since_ms: int


def day_of_screen(
    database: Database, aired: Sequence[Aired], screen: str, start_ms: int, end_ms: int, told: Callable[[str], Stretch]
) -> list[ZoneDay]:
    """Give every zone of the screen over [start_ms, end_ms).

    `told` says of a zone from when until when the screen should have told by now. `aired` is what was on air then, and
    what will be (`plans.releases_between`).
    """
    its = [(known.get(screen) if known is not None else None, since, until) for known, since, until in aired]
    bins = _bins(database, screen, start_ms, end_ms)
    zones = dict.fromkeys([zone for manifest, _, _ in its if manifest for zone in _zones(manifest, screen)] or ["main"])
    found = []
    for zone in dict.fromkeys([*zones, *bins]):
        planned = _planned(its, screen, zone, start_ms, end_ms)
        its_bins = tuple(bins.get(zone, ()))
        since_ms, until_ms = told(zone)
        since_ms = max(start_ms, min([since_ms, *(one.start_ms for one in its_bins[:1])]))
        gaps = _gaps(planned, its_bins, since_ms, min(end_ms, until_ms))
        found.append(ZoneDay(zone, planned, its_bins, gaps))
    return found


def changes_of(aired: Sequence[Aired], screen: str, start_ms: int) -> list[Release]:
    """Give the releases that went on air within the day, with what this screen had of each."""
    its = [(known[screen].number, since) for known, since, _ in aired if known and screen in known]
    return [Release(number, since_ms) for number, since_ms in its if since_ms > start_ms]


def _zones(manifest: Manifest, screen: str) -> tuple[str, ...]:
    return ZONES_OF_LAYOUT[manifest.store.screens[screen].layout]


def _planned(
    its: Sequence[tuple[Manifest | None, int, int]], screen: str, zone: str, start_ms: int, end_ms: int
) -> tuple[Planned, ...]:
    known = [(since, until) for manifest, since, until in its if manifest]
    unknown = without(start_ms, end_ms, known)
    found = [Planned(since, until, True, (), 0, is_known=False) for since, until in unknown]
    colours: dict[tuple[str, ...], int] = {}
    for manifest, since_ms, until_ms in its:
        if manifest is None or zone not in _zones(manifest, screen):
            continue
        for segment in Programme(manifest.store, manifest.store.screens[screen], zone).segments(since_ms, until_ms):
            titles = tuple(playlist.title or playlist.name for playlist in segment.playlists)
            colour = colours.setdefault(titles, len(colours)) % COLOURS
            stretch = max(since_ms, segment.start_ms), min(until_ms, segment.end_ms)
            found.append(Planned(*stretch, segment.is_open, titles, colour))
            if len(found) >= _MOST_PLANNED:
                break
    return tuple(sorted(found, key=lambda one: one.start_ms))


def _gaps(planned: Sequence[Planned], bins: Sequence[Bin], start_ms: int, told_ms: int) -> tuple[Stretch, ...]:
    """Give where nothing was told although the screen should have been on; what is told late closes them."""
    told = [(one.start_ms, one.start_ms + BIN_MS) for one in bins]
    closed = [(one.start_ms, one.end_ms) for one in planned if one.is_known and not one.is_open]
    left = without(start_ms, told_ms, [*told, *closed])
    return tuple((since, until) for since, until in left if until - since >= LEAST_GAP_MS)


def _bins(database: Database, screen: str, start_ms: int, end_ms: int) -> dict[str, list[Bin]]:
    """Give the bins by zone; a long showing counts in every bin that it lies in."""
    how = case((ShownRow.kind == str(Kind.OFF), "off"), else_=ShownRow.outcome)
    at = (ShownRow.started_ms - start_ms - (ShownRow.started_ms - start_ms) % BIN_MS) / BIN_MS
    query = (
        select(
            ShownRow.zone,
            at.label("at"),
            how.label("how"),
            func.count(),
            func.sum(ShownRow.ended_ms - ShownRow.started_ms),
        )
        .where(
            ShownRow.screen == screen,
            ShownRow.started_ms >= start_ms,
            ShownRow.started_ms < end_ms,
            ShownRow.ended_ms - ShownRow.started_ms <= BIN_MS,
        )
        .group_by(ShownRow.zone, "at", "how")
    )
    long = select(ShownRow.zone, ShownRow.started_ms, ShownRow.ended_ms, how).where(
        ShownRow.screen == screen,
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
        off = min(1.0, one["off"] / BIN_MS)
        zones[zone].append(Bin(start_ms + index * BIN_MS, shown, cut, off, int(one["failed"])))
    return zones

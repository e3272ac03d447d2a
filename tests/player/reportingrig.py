"""A reporter over a real network and a real log, with a stage and an office side that the test sets."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from signage.base.clock import SystemClock
from signage.content.values import Screen
from signage.player.asrunsender import AsRunSender
from signage.player.contact import SyncStatus
from signage.player.heartbeat import HeartbeatTeller, Seen
from signage.player.http import Http
from signage.player.journal import Journal
from signage.player.machine import HealthReader
from signage.player.orderbook import Standing
from signage.player.reporting import Reporter, ReportSettings
from signage.player.station import StationStatus, ZoneStatus
from signage.wire import MOST_BATCH, Machine, OutputLook

QUICK = ReportSettings(heartbeat_s=0.2, picture_s=3600.0, least_between_s=0.02, least_retry_s=0.02)
SLOW = ReportSettings(heartbeat_s=3600.0, picture_s=3600.0, least_between_s=0.02, least_retry_s=0.02)


def status(*zones: ZoneStatus) -> StationStatus:
    return StationStatus(Screen(name="lobby"), "revision", 0, zones)


@dataclass
class Stage:
    """An onlooker that sees what the test says."""

    seen: Seen | None = field(
        default_factory=lambda: Seen(
            status(ZoneStatus("main", "a.jpg", "list", 1000, 2000, next_item="b.jpg")),
            OutputLook(1234, 99.5),
            (1920, 1080),
            lambda: b"a JPEG",
        )
    )
    looks: Callable[[float], None] = lambda _limit_s: None

    def look(self, limit_s: float) -> Seen | None:
        self.looks(limit_s)
        return self.seen


@dataclass
class OfficeSide:
    """How the screen stands with its office, as the test says."""

    status: SyncStatus = field(default_factory=lambda: SyncStatus(7, is_stale=False))
    in_force: Standing | None = None
    noted_orders: tuple[str, ...] = ()


@dataclass
class Rig:
    reporter: Reporter
    stage: Stage
    office: OfficeSide
    rows: AsRunSender


def make_reporter_rig(
    state: Path,
    url: str,
    token: str,
    journal: Journal,
    *,
    settings: ReportSettings = QUICK,
    most: int = MOST_BATCH,
    faults: tuple[str, ...] = (),
) -> Rig:
    clock = SystemClock()
    stage, office = Stage(), OfficeSide()
    teller = HeartbeatTeller(
        office,
        HealthReader(state),
        clock,
        machine=lambda: Machine("pc-1"),
        faults=lambda: faults,
        boot=lambda: journal.boot,
    )
    rows = AsRunSender(state, "lobby", journal, most)
    reporter = Reporter(
        "lobby",
        url,
        token,
        Http(clock),
        clock,
        onlooker=stage,
        teller=teller,
        rows=rows,
        settings=settings,
        dice=random.Random(1),
    )
    return Rig(reporter, stage, office, rows)

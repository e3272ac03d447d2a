"""What a screen shows, knows and suffers from comes in; its heartbeat goes out, within the limits of the message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from signage.base.clock import Clock
from signage.player.contact import SyncStatus
from signage.player.orderbook import Standing
from signage.player.station import StationStatus, ZoneStatus
from signage.player.wirejson import line
from signage.release.orders import OrderKind
from signage.wire import Health, Heartbeat, Machine, OnAir, OutputLook

_MOST_ORDERS, _MOST_ZONES, _MOST_ERRORS, _MOST_NAME = 100, 8, 10, 80


@dataclass(frozen=True, slots=True)
class Seen:
    """What the stage shows, and what is really on the output; `picture` makes its JPEG, on the caller's thread.

    `is_doubtful`: it may be black or frozen, and has to be looked at again to know.
    """

    status: StationStatus
    output: OutputLook | None = None
    output_px: tuple[int, int] = (0, 0)
    picture: Callable[[], bytes] | None = None
    is_doubtful: bool = False


class OfficeSide(Protocol):
    """How the screen stands with its office (`player.sync.Sync`)."""

    @property
    def status(self) -> SyncStatus: ...
    @property
    def in_force(self) -> Standing | None: ...
    @property
    def noted_orders(self) -> tuple[str, ...]: ...


class HealthPort(Protocol):
    """What reads how the computer fares (`player.machine.HealthReader`)."""

    def read(self) -> Health: ...


class HeartbeatTeller:
    """Puts heartbeats together. One thread at a time."""

    def __init__(
        self,
        office: OfficeSide,
        health: HealthPort,
        clock: Clock,
        *,
        machine: Callable[[], Machine],
        faults: Callable[[], Sequence[str]],
        boot: Callable[[], int],
    ) -> None:
        """`machine` is asked once; `boot` for the number of this start."""
        self._office = office
        self._health = health
        self._clock = clock
        self._make_machine = machine
        self._machine: Machine | None = None
        self._faults = faults
        self._boot = boot
        self._began_s = self._seen_s = clock.monotonic_s()

    def tell(self, seen: Seen | None, asrun_waiting: int) -> Heartbeat:
        """Give the heartbeat. `seen` is None when the stage does not answer: that, too, is a frozen output."""
        said, standing, now_ms, now_s = (
            self._office.status,
            self._office.in_force,
            self._clock.now_ms(),
            self._clock.monotonic_s(),
        )
        machine = self._machine = self._machine or self._make_machine()
        errors = [line(fault) for fault in self._faults()]
        if seen is None:
            errors.append(f"the stage has not answered for {now_s - self._seen_s:.0f} s")
            output: OutputLook | None = OutputLook(now_ms, frozen_s=round(now_s - self._seen_s, 1))
        else:
            self._seen_s, output = now_s, seen.output
            machine = replace(machine, output_px=seen.output_px)
        zones = seen.status.zones[:_MOST_ZONES] if seen else ()
        is_blackout = standing is not None and standing.order.kind is OrderKind.BLACKOUT
        return Heartbeat(
            sent_ms=now_ms,
            boot=self._boot(),
            uptime_s=round(now_s - self._began_s, 1),
            release=said.number,
            is_stale=said.is_stale,
            reason=said.reason.value if said.reason else "",
            message=line(said.message),
            missing_bytes=said.missing_bytes,
            clock_fault=line(said.clock_fault),
            orders=tuple(line(one) for one in self._office.noted_orders[-_MOST_ORDERS:]),
            order_in_force=line(standing.order.id) if standing else "",
            is_blackout=is_blackout,
            is_off_hours=bool(zones) and zones[0].is_off and not is_blackout,
            on_air=tuple(map(_on_air, zones)),
            output=output,
            health=self._health.read(),
            machine=machine,
            errors=tuple(errors[-_MOST_ERRORS:]),
            asrun_waiting=asrun_waiting,
        )


def _on_air(zone: ZoneStatus) -> OnAir:
    playlist = None if zone.playlist is None else line(zone.playlist)
    since_ms, until_ms = max(0, zone.since_ms), max(0, zone.until_ms)
    name, item, coming = line(zone.zone, _MOST_NAME), line(zone.item), line(zone.next_item)
    return OnAir(name, item, playlist, since_ms, until_ms, line(zone.stands_in), coming)

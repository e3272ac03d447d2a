"""The office's rows, the store's screens and what is published in; every screen as people see it out."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

from signage.base.errors import SignageError
from signage.content.mediapath import natural_key
from signage.content.values import Screen
from signage.office.database.tables import ScreenRow
from signage.office.desk import Desk
from signage.office.screens.heartbeats import Heard
from signage.office.screens.judging import judge
from signage.office.screens.onair import Aired, OnAirBook
from signage.office.screens.states import Judgement, Known, State, Times, Wanted
from signage.wire import Heartbeat

_HEARTBEAT = TypeAdapter(Heartbeat)
_FRESH_S = 1.0


@dataclass(frozen=True, slots=True)
class ScreenView:
    """One screen, with all that pages tell of it. `serial` rises whenever any of it that a card shows changes."""

    screen: Screen
    known: Known
    wanted: Wanted
    judgement: Judgement
    picture_ms: int | None = None
    is_in_store: bool = True
    serial: int = 0

    @property
    def name(self) -> str:
        return self.screen.name

    @property
    def title(self) -> str:
        return self.screen.title or self.screen.name

    @property
    def state(self) -> State:
        return self.judgement.state

    @property
    def heartbeat(self) -> Heartbeat | None:
        return self.known.heartbeat

    @property
    def is_live(self) -> bool:
        """Tell whether what it said last still holds."""
        return self.state not in (State.OFFLINE, State.REVOKED, State.UNENROLLED, State.WAITING)

    def mark(self) -> tuple[object, ...]:
        """Give what a card shows: equal marks look alike."""
        heartbeat = self.heartbeat
        on_air = [(zone.zone, zone.item, zone.next_item) for zone in heartbeat.on_air] if heartbeat else []
        return (self.title, self.screen.tags, self.state, self.judgement.reason, self.picture_ms, on_air)


@dataclass(frozen=True, slots=True)
class FleetView:
    """All screens at one moment, what needs a person first. `serial` is the newest of theirs; `epoch` of this start."""

    screens: tuple[ScreenView, ...]
    serial: int
    at_ms: int

    def counts(self) -> dict[State, int]:
        """Give how many screens are in each state that any is in, the worst first."""
        found: dict[State, int] = {}
        for state in sorted(State, key=lambda state: state.weight):
            number = sum(view.state is state for view in self.screens)
            if number:
                found[state] = number
        return found

    def find(self, name: str) -> ScreenView | None:
        return next((view for view in self.screens if view.name == name), None)


class Fleet:
    """Gives the newest view of all screens; worked out at most once a second, however many ask."""

    def __init__(self, desk: Desk, heard: Heard | None = None) -> None:
        """`heard` has what screens said that could not be written."""
        self._desk = desk
        self._heard = heard or Heard()
        self.on_air = OnAirBook(desk)
        self.listening_since_ms = desk.clock.now_ms()
        self._lock = threading.Lock()
        self._view: FleetView | None = None
        self._read_s = 0.0
        # Serials begin with the time, so that a page from before a restart is told everything anew.
        self._serial = self.listening_since_ms
        self._marks: dict[str, tuple[tuple[object, ...], int]] = {}

    def view(self, *, fresh: bool = False) -> FleetView:
        """Give all screens as they are now; `fresh` for whoever has just changed something."""
        with self._lock:
            now_s = self._desk.clock.monotonic_s()
            if self._view is None or fresh or now_s - self._read_s >= _FRESH_S:
                self._view = self._read()
                self._read_s = now_s
            return self._view

    def _read(self) -> FleetView:
        now_ms = self._desk.clock.now_ms()
        aired = self.on_air.now()
        with self._desk.database.reading() as session:
            rows = {row.name: row for row in session.scalars(select(ScreenRow))}
        times = Times(now_ms, self.listening_since_ms, self._desk.settings.read().offline_after_s)
        store = self._store_screens()
        names = dict.fromkeys([*store, *(name for name in rows if name not in store)])
        views = [self._one(name, store, rows.get(name), aired, times) for name in names]
        views.sort(key=lambda view: (view.state.weight, natural_key(view.name)))
        return FleetView(tuple(views), self._serial, now_ms)

    def _one(
        self, name: str, store: Mapping[str, Screen], row: ScreenRow | None, aired: Aired, times: Times
    ) -> ScreenView:
        screen = store.get(name) or aired.screen(name) or Screen(name)
        newer = self._heard.since(name, max(row.heard_ms or 0, row.enrolled_ms or 0)) if row else None
        known = known_of(name, row, newer)
        wanted = aired.wanted(name, times.now_ms)
        view = ScreenView(
            screen, known, wanted, judge(known, wanted, times), row.picture_ms if row else None, name in store
        )
        mark = view.mark()
        before = self._marks.get(name)
        if before is None or before[0] != mark:
            self._serial += 1
            self._marks[name] = before = (mark, self._serial)
        return replace(view, serial=before[1])

    def _store_screens(self) -> Mapping[str, Screen]:
        if not (self._desk.store / "playlists" / "screens.yaml").exists():
            return {}
        try:
            return self._desk.keeper.store.screens
        except SignageError:
            return {}


def known_of(name: str, row: ScreenRow | None, newer: tuple[int, dict[str, Any]] | None = None) -> Known:
    """Give what a row tells, or what was heard `newer` than that. A heartbeat that cannot be read counts as none."""
    if row is None:
        return Known(name)
    heard_ms, offset_ms, said = row.heard_ms, row.clock_offset_ms, row.heartbeat
    if newer is not None:
        heard_ms, said = newer
        offset_ms = said["sent_ms"] - heard_ms
    heartbeat = None
    if said is not None:
        try:
            heartbeat = _HEARTBEAT.validate_python(said)
        except ValidationError:
            heartbeat = None
    return Known(name, row.enrolled_ms, row.revoked_ms, heard_ms, offset_ms, heartbeat)

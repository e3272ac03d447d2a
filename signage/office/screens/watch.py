"""The fleet's states in, every few seconds; history rows on change and alarms that begin and end once out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select, update
from starlette.concurrency import run_in_threadpool

from signage.base.clock import Clock
from signage.office.database.engine import Database
from signage.office.database.tables import ScreenStateRow
from signage.office.screens.fleet import Fleet, FleetView, ScreenView
from signage.office.screens.states import State

_log = logging.getLogger(__name__)

LOOK_S = 5.0
CLEAR_S = 30.0
_BEGIN_AFTER_S: Mapping[str, float] = {
    State.OFFLINE: 30.0,
    State.DISOBEYING: 30.0,
    State.BLACK: 40.0,
    State.FROZEN: 40.0,
    State.CLOCK: 90.0,
    State.EMPTY: 3600.0,
    State.STALE: 120.0,
    "disk": 300.0,
    "hot": 300.0,
    "memory": 300.0,
    "stands-in": 600.0,
    "unsaid": 300.0,
}
"""For how long something has to last until it is an alarm: seconds of flutter are none."""


class AlarmPort(Protocol):
    """Takes what a person should look at. Beginning what has begun, and ending what has not, change nothing."""

    def begin(self, subject: str, kind: str, message: str, message_en: str = "") -> object: ...
    def end(self, subject: str, kind: str) -> object: ...


@dataclass(slots=True)
class _Held:
    """Since when a kind of fault has been there or away, and whether its alarm is out (None: not known, a restart)."""

    is_there: bool
    since_s: float
    is_told: bool | None = None


class FleetWatch:
    """Looks at the fleet every few seconds. `step` is one look; it may take the database's time."""

    def __init__(self, fleet: Fleet, database: Database, clock: Clock, alarms: AlarmPort | None = None) -> None:
        self._fleet = fleet
        self._database = database
        self._clock = clock
        self._alarms = alarms
        self._held: dict[tuple[str, str], _Held] = {}
        self._open: dict[str, str] | None = None

    async def run(self) -> None:
        """Look for ever."""
        is_failing = False
        while True:
            try:
                await run_in_threadpool(self.step)
                is_failing = False
            except Exception:  # noqa: BLE001 - the boundary of one look: the next one may do
                if not is_failing:
                    _log.exception("the screens' states cannot be worked out")
                is_failing = True
            await asyncio.sleep(LOOK_S)

    def step(self) -> None:
        """Look once: write down what changed, begin and end alarms."""
        view = self._fleet.view(fresh=True)
        self._write_history(view)
        if self._alarms is not None:
            for screen in view.screens:
                self._weigh(screen, self._alarms)

    def _write_history(self, view: FleetView) -> None:
        if self._open is None:
            with self._database.reading() as session:
                rows = session.scalars(select(ScreenStateRow).where(ScreenStateRow.ended_ms.is_(None)))
                self._open = {row.screen: row.state for row in rows}
        changed = [one for one in view.screens if self._is_news(one, self._open.get(one.name))]
        if not changed:
            return
        with self._database.writing() as session:
            for one in changed:
                is_open = (ScreenStateRow.screen == one.name, ScreenStateRow.ended_ms.is_(None))
                session.execute(update(ScreenStateRow).where(*is_open).values(ended_ms=view.at_ms))
                reason = f"{one.judgement.reason.zh}\n{one.judgement.reason.en}"
                session.add(
                    ScreenStateRow(screen=one.name, state=one.state, reason=reason, began_ms=view.at_ms, ended_ms=None)
                )
        self._open |= {one.name: str(one.state) for one in changed}

    def _is_news(self, screen: ScreenView, before: str | None) -> bool:
        """Tell whether the state is another. That this office has just started is no news of a screen."""
        if screen.state in (State.WAITING, State.UNENROLLED):
            return before is None and screen.state is State.WAITING and screen.known.heard_ms is None
        return before != screen.state

    def _weigh(self, screen: ScreenView, alarms: AlarmPort) -> None:
        there = {care.kind: care.text for care in screen.judgement.cares}
        if screen.state in _BEGIN_AFTER_S:
            there[screen.state] = screen.judgement.reason
        if screen.state is State.WAITING:
            return
        now_s = self._clock.monotonic_s()
        for kind, after_s in _BEGIN_AFTER_S.items():
            is_there = kind in there
            held = self._held.get((screen.name, kind))
            if held is None or held.is_there != is_there:
                told = held.is_told if held else None
                held = self._held[(screen.name, kind)] = _Held(is_there, now_s, told)
            lasted_s = now_s - held.since_s
            if is_there and held.is_told is not True and lasted_s >= after_s:
                state, said = State(kind) if kind in _STATES else State.CARE, there[kind]
                alarms.begin(
                    screen.name,
                    kind,
                    f"{screen.title}：{state.zh}。{said.zh}",
                    f"{screen.title}: {state.en}: {said.en}",
                )
                held.is_told = True
            elif not is_there and held.is_told is not False and lasted_s >= CLEAR_S:
                alarms.end(screen.name, kind)
                held.is_told = False


_STATES = frozenset(str(state) for state in State)

"""Stores, the clock and the stage's answers come in; one screen's zones play, and what is on air goes out."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from signage.base.clock import Clock
from signage.content.values import ZONES_OF_LAYOUT, Kind, Screen, Store
from signage.player.faults import Faults
from signage.player.plan import MakeProgramme, ScreenPlan, needs_new_layout, plan_screen, standby_plan
from signage.player.playout import LONGEST_WAIT_MS, Playout
from signage.player.ports import AsRunKeeper, Cue, StagePort, StoreFeed, TimekeeperPort
from signage.schedule.days import day_of

_log = logging.getLogger(__name__)

FIRST_STORE_WAIT_S = 2.0
_JUMP_MS = 500
_RESCAN_S = 60.0
_FIRST_PRUNE_MS = 600_000
_PRUNE_S = 6 * 3600.0
_TOMORROW_S = 1800.0


@dataclass(frozen=True, slots=True)
class ZoneStatus:
    """What a zone has on screen; `item` is empty before the first. `stands_in` says for what and why, if so.

    `is_off`: it is to be black, outside the screen's hours or by order. `next_item` follows. `is_proved`: the stage has
    said that it came on screen.
    """

    zone: str
    item: str
    playlist: str | None
    since_ms: int
    until_ms: int
    stands_in: str = ""
    is_off: bool = False
    next_item: str = ""
    is_proved: bool = False


@dataclass(frozen=True, slots=True)
class StationStatus:
    """What a screen is doing; the faults say why the store cannot be read or the log be written now, if so."""

    screen: Screen
    revision: str
    since_ms: int
    zones: tuple[ZoneStatus, ...]
    store_fault: str = ""
    log_fault: str = ""


class Station:
    """Plays one screen: a playout for each zone of its layout, fed by the store, told in the as-run log.

    All methods are for the stage's thread. The stage calls `advance` at the instant that it last gave and whenever
    `wake` is called (from this thread), and passes on its events. `call_soon` must take a call from any thread to the
    stage's. `on_screen` is called with the screen's description before its first item and when it changes; the zones
    of its layout must be there when it returns, and after a change for which `plan.needs_new_layout` every zone is
    shown anew.

    A warm store is on air at once; until a slow one is read (after 2 s), and where there is none, the slate shows, laid
    out as `standby` says.
    """

    def __init__(
        self,
        screen: str,
        *,
        stage: StagePort,
        clock: Clock,
        source: StoreFeed,
        journal: AsRunKeeper,
        timekeeper: TimekeeperPort,
        make_programme: MakeProgramme,
        call_soon: Callable[[Callable[[], None]], None],
        wake: Callable[[], None],
        on_screen: Callable[[Screen], None],
        standby: Screen | None = None,
    ) -> None:
        self._screen_name = screen
        self._standby = standby or Screen(name=screen)
        self._stage = stage
        self._clock = clock
        self._source = source
        self._journal = journal
        self._timekeeper = timekeeper
        self._make_programme = make_programme
        self._call_soon = call_soon
        self._wake = wake
        self._on_screen = on_screen
        self._numbers = itertools.count(1)
        self._faults = Faults(clock)
        self._playouts: dict[str, Playout] = {}
        self._plan: ScreenPlan | None = None
        self._last_screen: Screen | None = None
        self._since_ms = clock.now_ms()
        self._started_s = clock.monotonic_s()
        self._last_ms, self._last_s = self._since_ms, self._started_s
        self._had_fault = self._is_closed = False

    def start(self) -> None:
        """Begin to read the store and to keep time; the first `advance` may follow at once."""
        self._started_s = self._last_s = self._clock.monotonic_s()
        self._since_ms = self._last_ms = self._clock.now_ms()
        self._timekeeper.every(_RESCAN_S, self._source.rescan, "store-rescan")
        self._timekeeper.at(self._since_ms + _FIRST_PRUNE_MS, self._journal.prune, "asrun-first-prune")
        self._timekeeper.every(_PRUNE_S, self._journal.prune, "asrun-prune")
        self._timekeeper.every(_TOMORROW_S, self._work_out_tomorrow, "tomorrow")
        self._source.start(self._receive)

    def advance(self) -> int:
        """Do what is due in every zone; give the instant (ms, wall clock) at which to call again, at most 5 s ahead."""
        if self._is_closed:
            return self._clock.now_ms() + LONGEST_WAIT_MS
        self._notice_jump()
        self._notice_recovery()
        self._timekeeper.check()
        if self._plan is None:
            waited_s = self._clock.monotonic_s() - self._started_s
            if waited_s < FIRST_STORE_WAIT_S:
                return self._clock.now_ms() + max(1, round((FIRST_STORE_WAIT_S - waited_s) * 1000))
            _log.info("the store is not read yet; the slate shows")
            self._adopt(standby_plan(self._standby))
        return min(playout.advance() for playout in self._playouts.values())

    def ready(self, cue: Cue) -> None:
        """Take the stage's answer to `prepare`."""
        if playout := self._playouts.get(cue.zone):
            playout.ready(cue)
            self._wake()

    def failed(self, cue: Cue, reason: str) -> None:
        """Take the stage's word that a cue cannot be shown, or broke on screen."""
        if playout := self._playouts.get(cue.zone):
            playout.failed(cue, reason)
            self._wake()

    def shown(self, cue: Cue, at_ms: int) -> None:
        """Take the stage's word that a cue reached the screen at `at_ms`."""
        if playout := self._playouts.get(cue.zone):
            playout.shown(cue, at_ms)
            self._wake()

    def status(self) -> StationStatus:
        """Give what is on air now."""
        plan = self._plan
        zones = tuple(_zone_status(zone, playout) for zone, playout in self._playouts.items())
        screen = plan.screen if plan else Screen(name=self._screen_name)
        revision = plan.revision if plan else ""
        return StationStatus(screen, revision, self._since_ms, zones, self._source.fault, self._journal.fault)

    def close(self) -> None:
        """Stop reading the store and keeping time, end the rows as cut, and write the log out."""
        if self._is_closed:
            return
        self._is_closed = True
        self._source.close()
        self._timekeeper.close()
        for playout in self._playouts.values():
            playout.close("player stopped")
        self._journal.close()

    def _receive(self, store: Store) -> None:
        """Plan the screen by a new store; runs on the feed's thread, so that the picture does not stutter."""
        screen = store.screens.get(self._screen_name)
        if screen is None:
            known = ", ".join(sorted(store.screens)) or "none"
            stays = "its last description stays" if self._last_screen else "only what is for every screen plays"
            _log.warning(
                "screen '%s' is not in playlists/screens.yaml (there are: %s); %s", self._screen_name, known, stays
            )
            screen = self._last_screen or Screen(name=self._screen_name)
        self._last_screen = screen
        on_screen = [showing.cue.item for playout in list(self._playouts.values()) if (showing := playout.on_air)]
        plan = plan_screen(store, screen, self._make_programme, (self._clock.now_ms(),), on_screen)
        self._call_soon(partial(self._adopt, plan))

    def _adopt(self, plan: ScreenPlan) -> None:
        """Play by a new plan from the next slot on, or at once where it must not wait."""
        if self._is_closed:
            return
        self._faults.let_all_try()
        old, self._plan = self._plan, plan
        if old is None or old.screen != plan.screen:
            self._on_screen(plan.screen)
        if old is None or needs_new_layout(old.screen, plan.screen):
            self._lay_out(plan)
        else:
            for zone, playout in self._playouts.items():
                playout.replace(plan.zones[zone], at_once=self._must_not_wait(playout, old, plan))
        if plan.revision:
            _log.info("plays by store revision %s from the next item on", plan.revision[:12])
        self._timekeeper.at(self._clock.now_ms(), partial(self._await_change, plan), "programme-change")
        self._wake()

    def _lay_out(self, plan: ScreenPlan) -> None:
        """Begin anew with one playout for each zone of the layout."""
        for playout in self._playouts.values():
            playout.close("the screen's layout changed")
        self._playouts = {
            zone: Playout(
                zone,
                plays,
                stage=self._stage,
                journal=self._journal,
                clock=self._clock,
                faults=self._faults,
                next_number=partial(next, self._numbers),
            )
            for zone, plays in plan.zones.items()
        }

    def _must_not_wait(self, playout: Playout, old: ScreenPlan, plan: ScreenPlan) -> bool:
        """Tell whether a zone must change at once: something urgent or an order begins or ends, or it was withdrawn."""
        slot, on_air = playout.slot, playout.on_air
        if slot is None:
            return True
        planned = plan.zones[playout.zone].programme.slot_at(self._clock.now_ms())
        if plan.is_urgent(planned) != old.is_urgent(slot) or planned.order != slot.order:
            return True
        return bool(on_air and plan.revision and plan.has_withdrawn(on_air.cue.item))

    def _await_change(self, plan: ScreenPlan) -> None:
        """Have the timekeeper call back when what plays next changes; runs on its thread, with programmes of its own.

        The clock decides; this only wakes the stage, so that the change comes at its instant whatever it does.
        """
        if plan is not self._plan or plan.store is None:
            return
        self._call_soon(self._wake)
        now_ms = self._clock.now_ms()
        changes = [
            self._make_programme(plan.store, plan.screen, zone).next_change(now_ms)
            for zone in ZONES_OF_LAYOUT[plan.screen.layout]
        ]
        if instants := [instant_ms for instant_ms in changes if instant_ms is not None]:
            self._timekeeper.at(min(instants), partial(self._await_change, plan), "programme-change")

    def _work_out_tomorrow(self) -> None:
        """Plan the next day before midnight, on the timekeeper's thread: on the stage's it would halt what moves."""
        plan, now_ms = self._plan, self._clock.now_ms()
        if plan is None or plan.store is None:
            return
        soon_ms = now_ms + round(_TOMORROW_S * 2000)
        if day_of(soon_ms, plan.screen.timezone) == day_of(now_ms, plan.screen.timezone):
            return
        ahead = plan_screen(plan.store, plan.screen, self._make_programme, (now_ms, soon_ms))
        self._call_soon(partial(self._take_over, plan, ahead))

    def _take_over(self, old: ScreenPlan, ahead: ScreenPlan) -> None:
        """Go on by the same plan, worked out further, unless another came meanwhile."""
        if self._plan is old and not self._is_closed:
            self._plan = ahead
            for zone, playout in self._playouts.items():
                playout.replace(ahead.zones[zone])
            self._timekeeper.at(self._clock.now_ms(), partial(self._await_change, ahead), "programme-change")

    def _notice_recovery(self) -> None:
        """Once the store can be read again, try at once what could not be shown: its files are probably back."""
        has_fault = bool(self._source.fault)
        if self._had_fault and not has_fault:
            self._faults.let_all_try()
        self._had_fault = has_fault

    def _notice_jump(self) -> None:
        """Compare how far wall clock and monotonic clock went: more than half a second apart, the clock was set."""
        now_ms, now_s = self._clock.now_ms(), self._clock.monotonic_s()
        jump_ms = (now_ms - self._last_ms) - round((now_s - self._last_s) * 1000)
        self._last_ms, self._last_s = now_ms, now_s
        if abs(jump_ms) <= _JUMP_MS:
            return
        why = f"the clock was set {'forwards' if jump_ms > 0 else 'back'} by {_span(abs(jump_ms))}"
        _log.warning("%s; what it says now is joined", why)
        for playout in self._playouts.values():
            playout.rejoin(why)


def _zone_status(zone: str, playout: Playout) -> ZoneStatus:
    showing = playout.on_air
    if showing is None:
        return ZoneStatus(zone, "", None, 0, 0)
    since_ms = showing.started_ms if showing.started_ms is not None else showing.asked_ms
    slot = showing.slot
    item = showing.cue.item
    is_off = item.kind is Kind.OFF
    coming = playout.coming
    next_item = coming.item.name if coming else ""
    is_proved = not showing.awaits_proof
    return ZoneStatus(
        zone, item.name, slot.playlist, since_ms, slot.end_ms, showing.stands_in, is_off, next_item, is_proved
    )


def _span(milliseconds: int) -> str:
    """Give a length of time as people say it: `0.7 s`, `3 min 20 s`, `2 d 5 h`."""
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, second = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {second} s"
    hours, minute = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minute} min"
    return f"{hours // 24} d {hours % 24} h"

"""Slots and the stage's answers come in; what one zone prepares, shows and drops goes out, with its as-run rows."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from signage.base.clock import Clock
from signage.content.values import Kind, Transition
from signage.player.candidates import ZoneProgramme, candidates
from signage.player.faults import Faults
from signage.player.ports import Cue, JournalPort, Outcome, StagePort
from signage.player.showing import UNPROVED, Rows, Showing, same_picture
from signage.schedule.slots import Slot

_log = logging.getLogger(__name__)

PREPARE_AHEAD_MS = 30_000
PREPARE_LIMIT_S = 10.0
CONFIRM_LIMIT_S = 5.0
LEAST_SHOWN_MS = 2_000
LONGEST_WAIT_MS = 5_000
_LOOK_AHEAD = 8
_PAUSE_S = 1.0
_REPLACED_AT_ONCE = frozenset({Kind.OFF, Kind.SLATE, Kind.TICKER})


@dataclass(slots=True, eq=False)
class _Prepared:
    """A cue that the stage loads or holds ready, and the slot that it is for."""

    cue: Cue
    slot: Slot
    stands_in: str
    asked_s: float
    is_ready: bool = False


class Playout:
    """Decides for one zone, in plain calls on the stage's thread; `advance` is called when due and after each event.

    It prepares one cue at a time: the current slot's if that is not on screen, else the next slot's, up to 30 s
    ahead. It shows a cue at its slot's start, or as soon after as it is ready if 2 s of the slot (or half of a short
    one) remain. What fails rests (`Faults`) and the first that does not of: the slot's item, the items of the slots to
    come, the fillers, the slate, stands in. What is on screen is never taken off before something else is ready.
    """

    def __init__(
        self,
        zone: str,
        plays: ZoneProgramme,
        *,
        stage: StagePort,
        journal: JournalPort,
        clock: Clock,
        faults: Faults,
        next_number: Callable[[], int],
    ) -> None:
        self.zone = zone
        self._plays = plays
        self._pending: ZoneProgramme | None = None
        self._stage = stage
        self._rows = Rows(journal, clock)
        self._clock = clock
        self._faults = faults
        self._next_number = next_number
        self._slot: Slot | None = None
        self._prepared: _Prepared | None = None
        self._on_air: Showing | None = None
        self._leaving: Showing | None = None
        self._noted: deque[tuple[int, int, str]] = deque(maxlen=2 * _LOOK_AHEAD)
        self._waits_ms: deque[int] = deque(maxlen=2)
        self._paused_until_s = 0.0

    @property
    def on_air(self) -> Showing | None:
        """What the stage was last told to show; None before the first."""
        return self._on_air

    @property
    def slot(self) -> Slot | None:
        """The slot that the last `advance` was in."""
        return self._slot

    @property
    def coming(self) -> Slot | None:
        """The slot after that, as planned; None before the first `advance`."""
        slot = self._slot
        return None if slot is None else (self._pending or self._plays).programme.slot_at(slot.end_ms)

    def advance(self) -> int:
        """Do what is due; give the instant (ms) at which to call again, at most 5 s ahead."""
        now_ms = self._clock.now_ms()
        self._give_up_waiting(now_ms)
        slot = self._turn(now_ms)
        self._show_when_due(slot, now_ms)
        for _ in range(_LOOK_AHEAD):
            if not self._prepare_next(slot, now_ms):
                return self._next_instant(slot, now_ms)
            self._show_when_due(slot, now_ms)
        return now_ms + 10

    def replace(self, plays: ZoneProgramme, at_once: bool = False) -> None:
        """Play `plays` from the current slot's end on; at once if told so, or if a slate, black or text is on."""
        self._pending = plays
        slot, now_ms = self._slot, self._clock.now_ms()
        if slot is None:
            self._adopt()
        elif at_once or slot.item.kind in _REPLACED_AT_ONCE:
            self._adopt()
            joined = plays.programme.slot_at(now_ms)
            if joined != slot:
                if self._on_air:
                    self._on_air.ends_early = "programme replaced"
                self._enter(joined, now_ms)
        prepared = self._prepared
        if prepared and prepared.slot != self._slot:
            planned = plays.programme.slot_at(max(prepared.slot.start_ms, prepared.cue.due_ms))
            if planned != prepared.slot:
                self._drop()

    def rejoin(self, why: str) -> None:
        """The clock was set: forget the slot and what was prepared; the next `advance` joins what the clock says."""
        self._drop()
        self._slot = None
        for showing in (self._on_air, self._leaving):
            if showing:
                showing.clock_set(why)

    def close(self, why: str) -> None:
        """Drop what was prepared and end the open row."""
        self._drop()
        now_ms = self._clock.now_ms()
        for showing in (self._leaving, self._on_air):
            if showing:
                showing.ends_early = showing.ends_early or why
                self._rows.end(showing, now_ms)
        self._leaving = None

    def ready(self, cue: Cue) -> None:
        """The stage has the cue's first frame at hand."""
        prepared = self._prepared
        if prepared and prepared.cue.number == cue.number and not prepared.is_ready:
            prepared.is_ready = True
            self._waits_ms.append(self._waited_ms(prepared))

    def shown(self, cue: Cue, at_ms: int) -> None:
        """The cue reached the screen: the row before it ends and its own begins at `at_ms`."""
        showing = self._on_air
        if showing is None or showing.cue.number != cue.number or showing.is_broken:
            return
        if not showing.awaits_proof and not showing.is_unproved:
            return
        now_ms = self._clock.now_ms()
        if showing.clock_was_set or not showing.asked_ms <= at_ms <= now_ms:
            at_ms = now_ms
        self._leave(at_ms)
        start_ms = showing.slot.start_ms
        is_joined = cue.due_ms > start_ms or at_ms > start_ms + LEAST_SHOWN_MS
        self._rows.begin(showing, at_ms, "joined after its start" if is_joined else "")
        if not showing.stands_in:
            self._note(showing.slot)

    def failed(self, cue: Cue, reason: str) -> None:
        """The cue could not be prepared, or broke on screen: its item rests, and another will stand in."""
        prepared, showing = self._prepared, self._on_air
        if prepared and prepared.cue.number == cue.number:
            self._prepared = None
            self._blame(prepared, reason)
        elif showing and showing.cue.number == cue.number and not showing.is_broken:
            self._break(showing, reason)

    def _give_up_waiting(self, now_ms: int) -> None:
        """Treat a stage that does not answer in time as one that failed."""
        now_s = self._clock.monotonic_s()
        prepared, showing = self._prepared, self._on_air
        if prepared and not prepared.is_ready and now_s - prepared.asked_s >= PREPARE_LIMIT_S:
            self._drop()
            self._blame(prepared, f"not ready after {PREPARE_LIMIT_S:g} s")
        if showing and showing.awaits_proof and now_s - showing.asked_s >= CONFIRM_LIMIT_S:
            _log.warning("%s: %s: %s", self.zone, showing.cue.item.name, UNPROVED)
            self._leave(now_ms)
            self._take_as_shown(showing, UNPROVED, now_ms)

    def _turn(self, now_ms: int) -> Slot:
        """Give the slot on air, entering it if it is new."""
        slot = self._slot
        if slot and slot.start_ms <= now_ms < slot.end_ms:
            return slot
        if slot and self._on_air and not self._on_air.serves(slot) and not self._is_noted(slot):
            self._rows.fail(slot, slot.item, "not ready in time")
        self._adopt()
        return self._enter(self._plays.programme.slot_at(now_ms), now_ms)

    def _enter(self, slot: Slot, now_ms: int) -> Slot:
        """Make `slot` the current one: go on with what is on screen if it is the same, else what was prepared."""
        self._slot = slot
        prepared, showing = self._prepared, self._on_air
        if prepared and prepared.slot != slot and prepared.slot.start_ms < slot.end_ms:
            if showing is None and slot.item.kind is not Kind.OFF:
                is_its_own = same_picture(prepared.cue.item, slot.item)
                prepared.stands_in = "" if is_its_own else prepared.stands_in or "the first that was ready"
                prepared.slot = slot
            else:
                if not prepared.is_ready:
                    self._waits_ms.append(self._waited_ms(prepared))
                self._drop()
        if showing and not showing.serves(slot) and showing.can_go_on(slot.item, slot):
            self._go_on(showing, slot, "", now_ms)
        return slot

    def _go_on(self, showing: Showing, slot: Slot, stands_in: str, now_ms: int) -> None:
        """Let what is on screen count for `slot` too."""
        if self._prepared and self._prepared.slot == slot:
            self._drop()
        at_ms = now_ms
        if not stands_in and not showing.ends_early:
            at_ms = min(now_ms, max(slot.start_ms, showing.slot.end_ms))
        self._judge(showing, self._rows.roll(showing, slot, stands_in, at_ms))
        if not stands_in:
            self._note(slot)

    def _show_when_due(self, slot: Slot, now_ms: int) -> None:
        """Show what is ready if its time has come and enough of it remains."""
        prepared = self._prepared
        if prepared is None or not prepared.is_ready or now_ms < prepared.cue.due_ms or prepared.slot != slot:
            return
        if self._on_air and slot.end_ms - now_ms < _least_ms(slot):
            self._drop()
            return
        self._prepared = None
        if self._leaving is None:
            self._leaving = self._on_air
        elif self._on_air and self._on_air.awaits_proof:
            self._rows.fail(self._on_air.slot, self._on_air.cue.item, "replaced before it reached the screen")
        self._on_air = Showing(prepared.cue, slot, prepared.stands_in, now_ms, self._clock.monotonic_s())
        self._stage.show(prepared.cue)

    def _prepare_next(self, current: Slot, now_ms: int) -> bool:
        """Hand the stage the first candidate that does not rest; False when there is nothing to do."""
        if self._prepared or self._clock.monotonic_s() < self._paused_until_s:
            return False
        wanted = self._wanted_slot(current, now_ms)
        if wanted is None:
            return False
        plays = self._plays if wanted is self._slot else self._pending or self._plays
        choice = next(candidates(wanted, plays, self._faults), None)
        if choice is None:
            self._paused_until_s = self._clock.monotonic_s() + _PAUSE_S
            return False
        item, stands_in = choice
        if stands_in and not self._is_noted(wanted):
            self._rows.fail(wanted, wanted.item, self._faults.reason(wanted.item) or stands_in)
            self._note(wanted)
        showing = self._on_air
        if stands_in and showing and showing.can_go_on(item, wanted):
            if wanted == current:
                self._go_on(showing, wanted, stands_in, now_ms)
            return False
        due_ms = max(wanted.start_ms, now_ms if wanted == current else current.end_ms)
        origin_ms = due_ms if stands_in else wanted.start_ms
        transition = item.transition if showing else Transition.CUT
        cue = Cue(self._next_number(), self.zone, item, origin_ms, due_ms, wanted.end_ms, transition)
        self._prepared = _Prepared(cue, wanted, stands_in, self._clock.monotonic_s())
        self._stage.prepare(cue)
        return True

    def _wanted_slot(self, slot: Slot, now_ms: int) -> Slot | None:
        """Give the slot to prepare for: the current one if unserved, else the first ahead that can be in time."""
        showing = self._on_air
        is_served = bool(showing and showing.serves(slot))
        if not is_served and (showing is None or self._is_worth(slot, now_ms)):
            return slot
        programme = (self._pending or self._plays).programme
        for _ in range(_LOOK_AHEAD):
            slot = programme.slot_at(slot.end_ms)
            if slot.start_ms - now_ms > PREPARE_AHEAD_MS:
                return None
            if is_served and showing and showing.can_go_on(slot.item, slot):
                return None
            if self._is_worth(slot, now_ms):
                return slot
        return None

    def _is_worth(self, slot: Slot, now_ms: int) -> bool:
        """Tell whether enough of the slot will remain if preparing takes as long as the quicker of the last two did."""
        lead_ms = min(self._waits_ms, default=0)
        return slot.end_ms - max(slot.start_ms, now_ms + lead_ms) >= _least_ms(slot)

    def _blame(self, prepared: _Prepared, reason: str) -> None:
        """Let the item of a cue that failed rest, and note it for its slot."""
        self._faults.note(prepared.cue.item, reason)
        if not prepared.stands_in and not self._is_noted(prepared.slot):
            self._rows.fail(prepared.slot, prepared.cue.item, reason)
            self._note(prepared.slot)

    def _break(self, showing: Showing, reason: str) -> None:
        """What is on screen broke: its row ends as failed, its last picture stays, and another is wanted."""
        now_ms = self._clock.now_ms()
        self._faults.note(showing.cue.item, reason)
        if showing.awaits_proof:
            self._leave(now_ms)
            self._take_as_shown(showing, reason, now_ms)
        self._rows.end(showing, now_ms, broke=reason)
        self._note(showing.slot)
        showing.is_broken = True
        if self._prepared and self._prepared.slot != self._slot:
            self._drop()

    def _take_as_shown(self, showing: Showing, reason: str, now_ms: int) -> None:
        """Go on as if it were on screen, but do not claim it in the log."""
        showing.started_ms, showing.is_unproved = now_ms, True
        self._rows.fail(showing.slot, showing.cue.item, reason)
        self._note(showing.slot)

    def _leave(self, at_ms: int) -> None:
        """End the row of what was on screen before."""
        leaving, self._leaving = self._leaving, None
        if leaving:
            self._judge(leaving, self._rows.end(leaving, at_ms))

    def _judge(self, showing: Showing, outcome: Outcome | None) -> None:
        """Forget the failures of what was shown to its end."""
        if outcome is Outcome.SHOWN:
            self._faults.clear(showing.cue.item)

    def _adopt(self) -> None:
        if self._pending:
            self._plays, self._pending = self._pending, None

    def _drop(self) -> None:
        """Discard what was prepared."""
        prepared, self._prepared = self._prepared, None
        if prepared:
            self._stage.discard(prepared.cue)

    def _waited_ms(self, prepared: _Prepared) -> int:
        return round((self._clock.monotonic_s() - prepared.asked_s) * 1000)

    def _note(self, slot: Slot) -> None:
        """Remember that the log knows what became of the slot's own item."""
        self._noted.append((slot.start_ms, slot.end_ms, slot.item.sha256))

    def _is_noted(self, slot: Slot) -> bool:
        return (slot.start_ms, slot.end_ms, slot.item.sha256) in self._noted

    def _next_instant(self, slot: Slot, now_ms: int) -> int:
        """Give the earliest instant at which something can be due."""
        instants = [slot.end_ms, now_ms + LONGEST_WAIT_MS]
        now_s = self._clock.monotonic_s()
        prepared, showing = self._prepared, self._on_air
        if prepared and prepared.is_ready:
            instants.append(max(prepared.cue.due_ms, prepared.slot.start_ms))
        elif prepared:
            instants.append(now_ms + _ms_until(prepared.asked_s + PREPARE_LIMIT_S, now_s))
        elif slot.end_ms - PREPARE_AHEAD_MS > now_ms:
            instants.append(slot.end_ms - PREPARE_AHEAD_MS)
        if showing and showing.awaits_proof:
            instants.append(now_ms + _ms_until(showing.asked_s + CONFIRM_LIMIT_S, now_s))
        if self._paused_until_s > now_s:
            instants.append(now_ms + _ms_until(self._paused_until_s, now_s))
        return max(min(instants), now_ms + 1)


def _least_ms(slot: Slot) -> int:
    return min(LEAST_SHOWN_MS, (slot.end_ms - slot.start_ms) // 2)


def _ms_until(instant_s: float, now_s: float) -> int:
    return max(1, round((instant_s - now_s) * 1000))

"""What one zone has on screen: a cue that was shown comes in, its rows of the as-run log go out."""

from __future__ import annotations

from dataclasses import dataclass

from signage.base.clock import Clock
from signage.content.values import Item, Kind
from signage.player.ports import Cue, JournalPort, Outcome
from signage.schedule.slots import Slot

_STILL = frozenset({Kind.PICTURE, Kind.PAGE, Kind.TICKER, Kind.SLATE, Kind.OFF})
_MOVING = frozenset({Kind.VIDEO, Kind.ANIMATION})
_FULL_TO_MS = 250


@dataclass(slots=True, eq=False)
class Showing:
    """A cue that the stage was told to show, and the row that is open for it.

    `slot` is what the showing counts for; `stands_in` says for what and why when the item is not the slot's own.
    `started_ms` is None until the stage confirms, or is taken as shown without (`is_unproved`). `is_broken`: its last
    picture stays, but it is to be replaced. `ends_early` says why, if so decided; `clock_was_set` since it began.
    """

    cue: Cue
    slot: Slot
    stands_in: str
    asked_ms: int
    asked_s: float
    key: int | None = None
    started_ms: int | None = None
    started_s: float = 0.0
    is_broken: bool = False
    is_in_step: bool = True
    is_unproved: bool = False
    clock_was_set: bool = False
    ends_early: str = ""

    @property
    def awaits_proof(self) -> bool:
        """Whether the stage has yet to say that it reached the screen, and may still do so."""
        return self.started_ms is None

    def serves(self, slot: Slot) -> bool:
        """Tell whether this is what the slot has on screen, with nothing left to do."""
        return not self.is_broken and self.is_in_step and (self.slot is slot or self.slot == slot)

    def can_go_on(self, item: Item, slot: Slot) -> bool:
        """Tell whether staying on screen is the same, to the eye, as showing `item` anew from the slot's start.

        True of what stands still, and of what moves if it comes round exactly at the slot's start. Not of a card,
        whose pages turn by the slot's own time.
        """
        if self.is_broken or not self.is_in_step or not same_picture(self.cue.item, item):
            return False
        if item.kind in _STILL:
            return True
        period_ms = item.media.duration_ms if item.media else None
        return item.kind in _MOVING and bool(period_ms) and (slot.start_ms - self.cue.origin_ms) % (period_ms or 1) == 0

    def clock_set(self, why: str) -> None:
        """The wall clock jumped: the row's length is from now on by monotonic time; what moves is out of step."""
        self.clock_was_set = True
        self.ends_early = why
        self.is_in_step = self.is_in_step and self.cue.item.kind in _STILL


def same_picture(one: Item, other: Item) -> bool:
    """Tell whether two items look the same on screen, whatever they are called."""
    return (one.sha256, one.kind, one.page, one.fit) == (other.sha256, other.kind, other.page, other.fit)


class Rows:
    """Keeps a zone's rows of the as-run log in order: one open at most, none that ends before it began."""

    def __init__(self, journal: JournalPort, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    def begin(self, showing: Showing, at_ms: int, reason: str = "") -> None:
        """Open the row of `showing`, on screen since `at_ms`."""
        showing.started_ms = at_ms
        showing.started_s = self._clock.monotonic_s()
        showing.is_unproved = showing.clock_was_set = False
        showing.ends_early = ""
        item = showing.cue.item if showing.stands_in else showing.slot.item
        showing.key = self._journal.begin(showing.slot, item, at_ms, showing.stands_in or reason)

    def end(self, showing: Showing, at_ms: int, broke: str = "") -> Outcome | None:
        """Close the row of `showing`; give how it ended, None when it has none open.

        `broke` says that it failed on screen. Where the clock was set meanwhile, the row's end is its start and the
        monotonic time since, so that its length is true.
        """
        if showing.key is None or showing.started_ms is None:
            return None
        ended_ms = max(at_ms, showing.started_ms)
        if showing.clock_was_set:
            ended_ms = showing.started_ms + round((self._clock.monotonic_s() - showing.started_s) * 1000)
        if broke:
            outcome, reason = Outcome.FAILED, broke
        elif ended_ms >= showing.slot.end_ms - _FULL_TO_MS and not showing.clock_was_set:
            outcome, reason = Outcome.SHOWN, ""
        else:
            outcome, reason = Outcome.CUT, showing.ends_early or "replaced early"
        self._journal.end(showing.key, ended_ms, outcome, reason)
        showing.key = None
        return outcome

    def fail(self, slot: Slot, item: Item, reason: str) -> None:
        """Note that `item` was not shown in `slot`."""
        self._journal.fail(slot, item, self._clock.now_ms(), reason)

    def roll(self, showing: Showing, slot: Slot, stands_in: str, at_ms: int) -> Outcome | None:
        """Let `showing` go on into `slot`: its row ends, the next begins at the same instant; give how it ended."""
        outcome = None
        has_row = showing.key is not None and showing.started_ms is not None
        if has_row:
            at_ms = max(at_ms, showing.started_ms or 0) if not showing.clock_was_set else at_ms
            outcome = self.end(showing, at_ms)
        showing.slot, showing.stands_in = slot, stands_in
        if has_row:
            self.begin(showing, at_ms)
        elif showing.is_unproved:
            self.fail(slot, showing.cue.item, UNPROVED)
        return outcome


UNPROVED = "the stage did not confirm that it was shown"

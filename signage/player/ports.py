"""What station and playout need from outside and are told: stage, stores, times, journal, and the cue between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from signage.content.values import Item, Store, Transition
from signage.schedule.slots import Slot


@dataclass(frozen=True, slots=True)
class Cue:
    """The next thing that a zone of the stage prepares and then shows.

    `number` never repeats within one player run. `origin_ms` is the instant at which the item's own time is zero
    (the slot's start); `due_ms` the instant at which it is to be shown, so a film starts at `due_ms - origin_ms`.
    `until_ms` is when it is planned to leave. The transition is that into this item.
    """

    number: int
    zone: str
    item: Item
    origin_ms: int
    due_ms: int
    until_ms: int
    transition: Transition


class StagePort(Protocol):
    """What playout asks of the stage. Every call returns at once; all calls come on the stage's own thread.

    The stage answers every `prepare` with exactly one of `StageEvents.ready` or `StageEvents.failed`, unless the cue
    is discarded first. What is on screen in a zone stays there, moving if it moves, until another cue is shown there.
    """

    def prepare(self, cue: Cue) -> None:
        """Begin to load the cue, out of sight. Answered later by `ready` or `failed`."""
        ...

    def show(self, cue: Cue) -> None:
        """Put a ready cue on screen now, with its transition. The cue before it goes once the transition is over."""
        ...

    def discard(self, cue: Cue) -> None:
        """Forget a cue that was prepared but will not be shown; harmless if unknown."""
        ...


class StageEvents(Protocol):
    """What the stage tells, on its own thread."""

    def ready(self, cue: Cue) -> None:
        """The first frame is at hand: `show` will not have to wait."""
        ...

    def failed(self, cue: Cue, reason: str) -> None:
        """The cue cannot be shown, or broke while on screen (its last picture stays). `reason` is for the log."""
        ...

    def shown(self, cue: Cue, at_ms: int) -> None:
        """The cue's first frame reached the screen at `at_ms`."""
        ...


class ProgrammePort(Protocol):
    """What playout asks of the schedule for one zone of one screen."""

    def slot_at(self, instant_ms: int) -> Slot:
        """Give the slot on air; there always is one (slate and off are slots)."""
        ...

    def slots(self, start_ms: int, end_ms: int) -> Iterator[Slot]:
        """Give every slot that overlaps [start_ms, end_ms), whole, in order."""
        ...


class Outcome(StrEnum):
    """How a showing ended: to its planned end, before it, or not at all."""

    SHOWN = "shown"
    CUT = "cut"
    FAILED = "failed"


class JournalPort(Protocol):
    """The as-run log. Never raises: a full disk must not disturb what plays (it says so in the log, once)."""

    def begin(self, slot: Slot, item: Item, started_ms: int, reason: str = "") -> int:
        """Note that `item` is on screen in `slot` (a `reason` if not the planned one); give the row's key."""
        ...

    def end(self, key: int, ended_ms: int, outcome: Outcome, reason: str = "") -> None:
        """Note how the showing ended."""
        ...

    def fail(self, slot: Slot, item: Item, at_ms: int, reason: str) -> None:
        """Note that `item` could not be shown in `slot`."""
        ...


class AsRunKeeper(JournalPort, Protocol):
    """A journal with its upkeep. `fault` says why it cannot be written now, if so."""

    @property
    def fault(self) -> str: ...
    def prune(self) -> None: ...
    def close(self) -> None: ...


class StoreFeed(Protocol):
    """Where stores come from. `on_store` is called on the feed's own thread."""

    @property
    def fault(self) -> str: ...
    def start(self, on_store: Callable[[Store], None]) -> None: ...
    def rescan(self) -> None: ...
    def close(self) -> None: ...


class TimekeeperPort(Protocol):
    """What calls back at times; it decides nothing."""

    def every(self, seconds: float, job: Callable[[], None], name: str) -> None: ...
    def at(self, instant_ms: int, job: Callable[[], None], name: str) -> None: ...
    def check(self) -> None: ...
    def close(self) -> None: ...

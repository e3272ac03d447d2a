"""A screen in simulated time: stage, journal, programme and timekeeper move only when the clock is moved."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from signage.base.clock import ManualClock
from signage.content.values import Card, Item, Kind, MediaFile, Playlist, Priority, Screen, Store, Transition
from signage.player.candidates import ZoneProgramme
from signage.player.faults import Faults
from signage.player.playout import Playout
from signage.player.ports import Cue, Outcome, ProgrammePort, StageEvents
from signage.player.station import Station
from signage.schedule.slots import Slot

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
START_MS = round(START.timestamp() * 1000)


def picture(name: str, seconds: float = 10, kind: Kind = Kind.PICTURE, sha256: str = "") -> Item:
    """Give an item with a file of its own."""
    duration_ms = round(seconds * 1000)
    media = MediaFile(
        name, kind, sha256 or f"sha-{name}", 1000, 1, (1920, 1080), duration_ms if kind is Kind.VIDEO else None
    )
    return Item(name, kind, sha256 or f"sha-{name}", duration_ms, media=media)


def film(name: str, seconds: float = 10) -> Item:
    return picture(name, seconds, Kind.VIDEO)


def card(name: str, seconds: float = 10) -> Item:
    return Item(name, Kind.CARD, f"sha-{name}", round(seconds * 1000), card=Card("notice", "{}"))


SLATE = Item("slate", Kind.SLATE, "slate", 60_000, transition=Transition.FADE, card=Card("slate", "{}"))
OFF = Item("off", Kind.OFF, "off", 60_000, transition=Transition.CUT)


class Rotation:
    """A programme of fixed items in turn from a fixed instant: slots tile time, whatever is asked."""

    def __init__(
        self, items: Sequence[Item], zone: str = "main", playlist: str | None = "list", change_ms: int | None = None
    ) -> None:
        self.items = tuple(items)
        self.zone = zone
        self.playlist = playlist
        self.change_ms = change_ms
        self.loop_ms = sum(item.duration_ms for item in items)

    def slot_at(self, instant_ms: int) -> Slot:
        start_ms = instant_ms - (instant_ms - START_MS) % self.loop_ms
        for item in self.items:
            if instant_ms < start_ms + item.duration_ms:
                return Slot(start_ms, start_ms + item.duration_ms, "lobby", self.zone, self.playlist, item)
            start_ms += item.duration_ms
        raise AssertionError(instant_ms)

    def slots(self, start_ms: int, end_ms: int) -> Iterator[Slot]:
        while start_ms < end_ms:
            slot = self.slot_at(start_ms)
            yield slot
            start_ms = slot.end_ms

    def next_change(self, after_ms: int) -> int | None:
        return self.change_ms if self.change_ms and self.change_ms > after_ms else None


@dataclass
class Row:
    slot: Slot
    item: Item
    started_ms: int
    reason: str = ""
    ended_ms: int | None = None
    outcome: Outcome | None = None
    began_s: float = 0.0
    over_s: float | None = None


class FakeJournal:
    """Keeps the rows in memory, with the monotonic times, and checks what every journal may expect of a playout."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.rows: list[Row] = []
        self.closed = False
        self.fault = ""
        self.pruned = 0

    def begin(self, slot: Slot, item: Item, started_ms: int, reason: str = "") -> int:
        self.rows.append(Row(slot, item, started_ms, reason, began_s=self._clock.monotonic_s()))
        return len(self.rows) - 1

    def end(self, key: int, ended_ms: int, outcome: Outcome, reason: str = "") -> None:
        row = self.rows[key]
        assert row.outcome is None, "a row ended twice"
        assert ended_ms >= row.started_ms
        row.ended_ms, row.outcome, row.over_s = ended_ms, outcome, self._clock.monotonic_s()
        row.reason = "; ".join(filter(None, (row.reason, reason)))

    def fail(self, slot: Slot, item: Item, at_ms: int, reason: str) -> None:
        self.rows.append(Row(slot, item, at_ms, reason, at_ms, Outcome.FAILED))
        self.rows[-1].began_s = self._clock.monotonic_s()

    def prune(self) -> None:
        self.pruned += 1

    def close(self) -> None:
        self.closed = True

    def of_zone(self, zone: str) -> list[Row]:
        return [row for row in self.rows if row.slot.zone == zone]

    @property
    def shown(self) -> list[Row]:
        return [row for row in self.rows if row.outcome is not Outcome.FAILED]

    @property
    def failed(self) -> list[Row]:
        return [row for row in self.rows if row.outcome is Outcome.FAILED]


@dataclass
class Behaviour:
    """How the stage treats an item: None of `ready_ms` is silence."""

    ready_ms: int | None = 40
    refused: str = ""
    breaks_ms: int | None = None
    confirms: bool = True


class FakeStage:
    """A stage that answers after set delays of monotonic time, and checks that playout keeps the contract."""

    def __init__(self, clock: ManualClock, at: Callable[[float, Callable[[], None]], None], frame_ms: int = 16) -> None:
        self._clock = clock
        self._at = at
        self.frame_ms = frame_ms
        self.events: StageEvents | None = None
        self.default = Behaviour()
        self.behaviours: dict[str, Behaviour] = {}
        self.state: dict[int, str] = {}
        self.prepared: list[Cue] = []
        self.shown: list[tuple[int, Cue]] = []
        self.on_screen: dict[str, Cue] = {}

    def behaviour(self, cue: Cue) -> Behaviour:
        return self.behaviours.get(cue.item.name, self.default)

    def prepare(self, cue: Cue) -> None:
        assert cue.number not in self.state, "a cue's number repeats"
        assert sum(self.state[c.number] in ("loading", "ready") and c.zone == cue.zone for c in self.prepared[-3:]) == 0
        self.state[cue.number] = "loading"
        self.prepared.append(cue)
        how = self.behaviour(cue)
        if how.ready_ms is not None:
            self._later(how.ready_ms, lambda: self._answer(cue, how.refused))

    def show(self, cue: Cue) -> None:
        assert self.state[cue.number] == "ready", "shown before it was ready"
        assert self._clock.now_ms() >= cue.due_ms, "shown before it was due"
        self.state[cue.number] = "shown"
        self.on_screen[cue.zone] = cue
        self.shown.append((self._clock.now_ms(), cue))
        how = self.behaviour(cue)
        if how.confirms:
            self._later(self.frame_ms, lambda: self._confirm(cue))
        if how.breaks_ms is not None:
            self._later(how.breaks_ms, lambda: self._break(cue))

    def discard(self, cue: Cue) -> None:
        assert self.state[cue.number] in ("loading", "ready"), "what is on screen was discarded"
        self.state[cue.number] = "discarded"

    def _later(self, delay_ms: int, call: Callable[[], None]) -> None:
        if delay_ms == 0:
            call()
        else:
            self._at(self._clock.monotonic_s() + delay_ms / 1000, call)

    def _answer(self, cue: Cue, refused: str) -> None:
        if self.state[cue.number] != "loading" or self.events is None:
            return
        if refused:
            self.state[cue.number] = "failed"
            self.events.failed(cue, refused)
        else:
            self.state[cue.number] = "ready"
            self.events.ready(cue)

    def _confirm(self, cue: Cue) -> None:
        if self.on_screen.get(cue.zone) is cue and self.events:
            self.events.shown(cue, self._clock.now_ms())

    def _break(self, cue: Cue) -> None:
        if self.on_screen.get(cue.zone) is cue and self.events:
            self.events.failed(cue, "the film broke")


class FakeTimekeeper:
    """Keeps what it was asked to do; the test calls it."""

    def __init__(self) -> None:
        self.jobs: dict[str, tuple[float, Callable[[], None]]] = {}
        self.closed = False

    def every(self, seconds: float, job: Callable[[], None], name: str) -> None:
        self.jobs[name] = (seconds, job)

    def at(self, instant_ms: int, job: Callable[[], None], name: str) -> None:
        self.jobs[name] = (instant_ms, job)

    def check(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


class FakeFeed:
    """Gives the stores that the test hands it, at once and on this thread."""

    def __init__(self, store: Store | None) -> None:
        self._store = store
        self.on_store: Callable[[Store], None] | None = None
        self.fault = ""
        self.rescans = 0
        self.closed = False

    def start(self, on_store: Callable[[Store], None]) -> None:
        self.on_store = on_store
        if self._store:
            on_store(self._store)

    def give(self, store: Store) -> None:
        assert self.on_store is not None
        self.on_store(store)

    def rescan(self) -> None:
        self.rescans += 1

    def close(self) -> None:
        self.closed = True


@dataclass(order=True)
class _Due:
    at_s: float
    order: int
    call: Callable[[], None] = field(compare=False)


class Timeline:
    """Runs what is due in order of monotonic time, as the stage's event loop would."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self._due: list[_Due] = []
        self._order = itertools.count()
        self.advance: Callable[[], int] = lambda: clock.now_ms() + 60_000
        self._next_s = 0.0
        self.is_woken = True
        self.wakes = 0

    def at(self, instant_s: float, call: Callable[[], None]) -> None:
        heapq.heappush(self._due, _Due(instant_s, next(self._order), call))

    def after(self, milliseconds: float, call: Callable[[], None]) -> None:
        self.at(self.clock.monotonic_s() + milliseconds / 1000, call)

    def wake(self) -> None:
        self.is_woken = True

    def run(self, milliseconds: int) -> None:
        """Let `milliseconds` of monotonic time pass."""
        end_s = self.clock.monotonic_s() + milliseconds / 1000
        self._tick()
        while True:
            due_s = min(self._due[0].at_s if self._due else end_s, self._next_s, end_s)
            wait_ms = max(0, round((due_s - self.clock.monotonic_s()) * 1000))
            self.clock.advance(wait_ms)
            now_s = self.clock.monotonic_s() + 0.0004
            while self._due and self._due[0].at_s <= now_s:
                heapq.heappop(self._due).call()
            if self.is_woken or self._next_s <= now_s:
                self._tick()
            elif due_s >= end_s:
                return

    def _tick(self) -> None:
        self.is_woken = True
        while self.is_woken:
            self.is_woken = False
            self.wakes += 1
            now_ms = self.clock.now_ms()
            self._next_s = self.clock.monotonic_s() + (self.advance() - now_ms) / 1000


class ZoneRun:
    """One playout on a fake stage."""

    def __init__(self, programme: ProgrammePort, filler: ProgrammePort | None = None, start: datetime = START) -> None:
        self.clock = ManualClock(start)
        self.timeline = Timeline(self.clock)
        self.stage = FakeStage(self.clock, self.timeline.at)
        self.journal = FakeJournal(self.clock)
        self.faults = Faults(self.clock)
        self._numbers = itertools.count(1)
        self.playout = Playout(
            "main",
            ZoneProgramme(programme, SLATE, filler),
            stage=self.stage,
            journal=self.journal,
            clock=self.clock,
            faults=self.faults,
            next_number=lambda: next(self._numbers),
        )
        self.stage.events = _Waking(self.playout, self.timeline.wake)
        self.timeline.advance = self.playout.advance

    def run(self, seconds: float) -> None:
        self.timeline.run(round(seconds * 1000))

    def jump(self, seconds: float, why: str = "the clock was set") -> None:
        self.clock.jump(round(seconds * 1000))
        self.playout.rejoin(why)
        self.timeline.wake()

    @property
    def on_screen(self) -> str:
        cue = self.stage.on_screen.get("main")
        return cue.item.name if cue else ""

    @property
    def names(self) -> list[str]:
        return [cue.item.name for _, cue in self.stage.shown]


class _Waking:
    """Hands the stage's events on, and has `advance` called after each, as a station does."""

    def __init__(self, playout: Playout, wake: Callable[[], None]) -> None:
        self._playout = playout
        self._wake = wake

    def ready(self, cue: Cue) -> None:
        self._playout.ready(cue)
        self._wake()

    def failed(self, cue: Cue, reason: str) -> None:
        self._playout.failed(cue, reason)
        self._wake()

    def shown(self, cue: Cue, at_ms: int) -> None:
        self._playout.shown(cue, at_ms)
        self._wake()


class StationRun:
    """A station with everything around it simulated. `programmes` are by (store revision, zone)."""

    def __init__(
        self,
        store: Store | None,
        make_programme: Callable[[Store, Screen, str], ProgrammePort],
        screen: str = "lobby",
        start: datetime = START,
        standby: Screen | None = None,
    ) -> None:
        self.clock = ManualClock(start)
        self.timeline = Timeline(self.clock)
        self.stage = FakeStage(self.clock, self.timeline.at)
        self.journal = FakeJournal(self.clock)
        self.feed = FakeFeed(store)
        self.timekeeper = FakeTimekeeper()
        self.screens: list[Screen] = []
        self.station = Station(
            screen,
            stage=self.stage,
            clock=self.clock,
            source=self.feed,
            journal=self.journal,
            timekeeper=self.timekeeper,
            make_programme=make_programme,  # type: ignore[arg-type]
            call_soon=lambda call: call(),
            wake=self.timeline.wake,
            on_screen=self.screens.append,
            standby=standby,
        )
        self.stage.events = self.station
        self.timeline.advance = self.station.advance

    def run(self, seconds: float) -> None:
        self.timeline.run(round(seconds * 1000))


def store_of(*items: Item, revision: str = "r1", layout: str = "full", **screen: object) -> Store:
    """Give a store with one screen, `lobby`, and a playlist of `items`; the media of the items are its media."""
    lobby = replace(Screen(name="lobby", title="大厅", layout=layout), **screen)  # type: ignore[arg-type]
    return Store(
        root=Path("store"),
        playlists=(
            Playlist("list", "List", ()),
            Playlist("urgent", "Urgent", (), priority=Priority.URGENT),
        ),
        screens={"lobby": lobby},
        media={item.media.path: item.media for item in items if item.media},
        revision=revision,
    )

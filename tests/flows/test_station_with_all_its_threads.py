"""Everything of the player is real but the stage: reader, watch, scheduler, journal, clock and their threads."""

from __future__ import annotations

import queue
from collections.abc import Callable
from pathlib import Path

import pytest

from signage.base.clock import SystemClock
from signage.content.store import StoreReader
from signage.content.values import Screen
from signage.player.journal import Journal, read_asrun
from signage.player.ports import Cue, Outcome
from signage.player.source import StoreSource
from signage.player.station import Station
from signage.player.timekeeper import Timekeeper
from signage.schedule.programme import Programme
from tests.flows.test_store_on_disk import paint, write_playlist

LIMIT_S = 60.0


class Loop:
    """A stage's thread without Qt, and a stage that has everything ready at once."""

    def __init__(self, root: Path, state: Path) -> None:
        self.clock = SystemClock()
        self.calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.names: list[str] = []
        self.screens: list[Screen] = []
        self.station = Station(
            "default",
            stage=self,
            clock=self.clock,
            source=StoreSource(root, StoreReader(root), self.clock),
            journal=Journal(state, self.clock),
            timekeeper=Timekeeper(self.clock),
            make_programme=Programme,
            call_soon=self.calls.put,
            wake=lambda: self.calls.put(lambda: None),
            on_screen=self.screens.append,
        )

    def prepare(self, cue: Cue) -> None:
        self.calls.put(lambda: self.station.ready(cue))

    def show(self, cue: Cue) -> None:
        self.names.append(cue.item.name)
        self.calls.put(lambda: self.station.shown(cue, self.clock.now_ms()))

    def discard(self, cue: Cue) -> None:
        pass

    def run_until(self, is_done: Callable[[], bool]) -> bool:
        """Run as an event loop does until `is_done`; False when that takes too long."""
        end_s = self.clock.monotonic_s() + LIMIT_S
        while not is_done() and self.clock.monotonic_s() < end_s:
            wait_s = (self.station.advance() - self.clock.now_ms()) / 1000
            try:
                self.calls.get(timeout=max(0.0, wait_s))()
            except queue.Empty:
                continue
        return is_done()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "store"
    (root / "playlists").mkdir(parents=True)
    paint(root / "media" / "red.png", "red")
    paint(root / "media" / "blue.png", "blue")
    write_playlist(root, "red.png", seconds=1)
    return root


def test_a_change_on_the_disk_comes_on_screen_by_itself_and_all_threads_end(root: Path, tmp_path: Path) -> None:
    loop = Loop(root, tmp_path / "state")
    loop.station.start()

    started = loop.run_until(lambda: "red.png" in loop.names)
    write_playlist(root, "red.png", "blue.png", seconds=1)
    changed = loop.run_until(lambda: loop.names.count("blue.png") >= 2)
    loop.station.close()

    rows = read_asrun(tmp_path / "state")
    assert started
    assert changed
    assert rows[-1].outcome is Outcome.CUT
    assert {row.outcome for row in rows[:-1]} == {Outcome.SHOWN}
    assert all(row.started_ms - row.planned_start_ms < 1000 for row in rows)

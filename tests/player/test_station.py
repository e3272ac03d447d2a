"""A whole screen: its zones, the store's changes, the clock's jumps, start and end, in simulated time."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from signage.content.values import Screen, Store
from signage.player.ports import Outcome, ProgrammePort
from tests.conftest import ExpectLog
from tests.player.simulation import START_MS, Behaviour, Rotation, StationRun, card, film, picture, store_of

A, B, C = picture("a"), picture("b"), picture("c")


class Listings:
    """Programmes by (store revision, zone)."""

    def __init__(self, **programmes: ProgrammePort) -> None:
        self.programmes = programmes

    def __call__(self, store: Store, screen: Screen, zone: str) -> ProgrammePort:
        return self.programmes[f"{store.revision}_{zone}"]


def test_a_warm_store_is_on_screen_at_once_without_a_slate() -> None:
    run = StationRun(store_of(A, B), Listings(r1_main=Rotation([A, B])))
    run.station.start()

    run.run(15)

    assert [cue.item.name for _, cue in run.stage.shown] == ["a", "b"]
    assert run.screens == [Screen(name="lobby", title="大厅")]


def test_a_store_that_is_slow_to_read_is_waited_for_with_the_slate() -> None:
    run = StationRun(None, Listings(r1_main=Rotation([A, B])))
    run.station.start()

    run.run(1.9)
    at_first = list(run.stage.shown)
    run.run(1)
    before = [cue.item.name for _, cue in run.stage.shown]
    run.feed.give(store_of(A, B))
    run.run(1)

    assert not at_first
    assert before == ["slate"]
    assert [cue.item.name for _, cue in run.stage.shown] == ["slate", "a"]


def test_the_slate_of_a_slow_start_is_laid_out_as_the_screen_was_last() -> None:
    turned = Screen(name="lobby", title="大厅", size_px=(1080, 1920), rotate=90)
    run = StationRun(None, Listings(), standby=turned)
    run.station.start()

    run.run(3)

    assert run.screens == [turned]
    assert [cue.item.card.fields for _, cue in run.stage.shown if cue.item.card] == [{"title": "大厅"}]


def test_a_changed_store_is_on_air_at_the_next_slot_boundary() -> None:
    run = StationRun(store_of(A, B, C), Listings(r1_main=Rotation([A, B]), r2_main=Rotation([A, C])))
    run.station.start()
    run.run(4)

    run.feed.give(store_of(A, B, C, revision="r2"))
    run.run(11)

    assert [(at_ms - START_MS, cue.item.name) for at_ms, cue in run.stage.shown] == [(40, "a"), (10_000, "c")]
    assert run.journal.rows[0].outcome is Outcome.SHOWN


def test_what_is_urgent_does_not_wait_for_the_slot_to_end() -> None:
    urgent = Rotation([C], playlist="urgent")
    long = film("long", 3600)
    run = StationRun(store_of(long, C), Listings(r1_main=Rotation([long]), r2_main=urgent))
    run.station.start()
    run.run(60)

    run.feed.give(store_of(long, C, revision="r2"))
    run.run(1)

    assert [cue.item.name for _, cue in run.stage.shown] == ["long", "c"]
    assert run.journal.rows[0].outcome is Outcome.CUT
    assert run.journal.rows[0].reason == "programme replaced"


def test_an_item_that_was_taken_out_of_the_store_leaves_the_screen_at_once() -> None:
    long = film("long", 3600)
    run = StationRun(store_of(long, A), Listings(r1_main=Rotation([long]), r2_main=Rotation([A])))
    run.station.start()
    run.run(60)

    run.feed.give(store_of(A, revision="r2"))
    run.run(1)

    assert [cue.item.name for _, cue in run.stage.shown] == ["long", "a"]


def test_each_zone_of_the_layout_has_its_own_items() -> None:
    text = picture("text", 20)
    run = StationRun(
        store_of(A, B, layout="side"), Listings(r1_main=Rotation([A, B]), r1_side=Rotation([text], zone="side"))
    )
    run.station.start()

    run.run(15)

    assert {zone: cue.item.name for zone, cue in run.stage.on_screen.items()} == {"main": "b", "side": "text"}


def test_a_new_layout_is_announced_before_anything_is_shown_in_it() -> None:
    run = StationRun(
        store_of(A), Listings(r1_main=Rotation([A]), r2_main=Rotation([A]), r2_side=Rotation([B], zone="side"))
    )
    run.station.start()
    run.run(2)

    run.feed.give(store_of(A, B, revision="r2", layout="side"))
    run.run(2)

    assert [screen.layout for screen in run.screens] == ["full", "side"]
    assert set(run.stage.on_screen) == {"main", "side"}


def test_closing_ends_the_rows_as_cut_and_closes_what_it_was_given() -> None:
    run = StationRun(store_of(A), Listings(r1_main=Rotation([A])))
    run.station.start()
    run.run(4)

    run.station.close()

    assert [(row.outcome, row.reason) for row in run.journal.rows] == [(Outcome.CUT, "player stopped")]
    assert run.journal.closed
    assert run.feed.closed
    assert run.timekeeper.closed


def test_what_failed_is_tried_again_as_soon_as_a_lost_share_is_back(expect_log: ExpectLog) -> None:
    expect_log("faults: . cannot be shown: no such file")
    run = StationRun(store_of(A, B), Listings(r1_main=Rotation([A, B])))
    run.stage.behaviours |= {"a": Behaviour(refused="no such file"), "b": Behaviour(refused="no such file")}
    run.station.start()
    run.feed.fault = "the share is gone"
    run.run(3600)
    during = run.stage.on_screen["main"].item.name

    run.stage.behaviours.clear()
    run.feed.fault = ""
    run.run(12)

    assert during == "slate"
    assert run.stage.on_screen["main"].item.name in "ab"


def test_while_nothing_is_lost_a_failed_item_keeps_its_rest(expect_log: ExpectLog) -> None:
    expect_log("faults: b cannot be shown: truncated")
    run = StationRun(store_of(A, B), Listings(r1_main=Rotation([A, B])))
    run.stage.behaviours["b"] = Behaviour(refused="truncated")
    run.station.start()

    run.run(58)

    assert sum(cue.item.name == "b" for cue in run.stage.prepared) == 1


@pytest.mark.parametrize(
    ("jump_s", "said"),
    [
        (0.7, "set forwards by 0.7 s"),
        (-200, "set back by 3 min 20 s"),
        (3 * 3600, "set forwards by 3 h 0 min"),
        (-400 * 86400, "set back by 400 d 0 h"),
    ],
)
def test_a_jump_of_the_clock_is_logged_with_its_size_and_direction(
    expect_log: ExpectLog, jump_s: float, said: str
) -> None:
    expect_log(f"station: the clock was {said}; what it says now is joined")
    run = StationRun(store_of(A, B), Listings(r1_main=Rotation([A, B])))
    run.station.start()
    run.run(4)

    run.clock.jump(round(jump_s * 1000))
    run.run(10)

    assert run.stage.on_screen["main"].item == Rotation([A, B]).slot_at(run.clock.now_ms()).item


def test_a_clock_that_is_slewed_is_followed_in_silence() -> None:
    run = StationRun(store_of(A, B), Listings(r1_main=Rotation([A, B])))
    run.station.start()

    for _ in range(120):
        run.run(1)
        run.clock.jump(1)

    assert {row.outcome for row in run.journal.rows[:-1]} == {Outcome.SHOWN}
    assert all(abs(at_ms - cue.due_ms) < 20 for at_ms, cue in run.stage.shown[1:])


def test_the_timekeeper_is_told_of_the_next_change_and_wakes_the_stage() -> None:
    change_ms = START_MS + 7_000_000
    run = StationRun(store_of(A), Listings(r1_main=Rotation([A], change_ms=change_ms)))
    run.station.start()
    run.run(1)
    run.timekeeper.jobs["programme-change"][1]()
    instant_ms, job = run.timekeeper.jobs["programme-change"]
    wakes = run.timeline.wakes

    job()
    run.timeline.run(0)

    assert instant_ms == change_ms
    assert run.timeline.wakes > wakes


def test_where_nothing_will_change_the_timekeeper_is_left_alone() -> None:
    run = StationRun(store_of(A), Listings(r1_main=Rotation([A])))
    run.station.start()
    run.run(1)
    before = run.timekeeper.jobs.pop("programme-change")

    before[1]()

    assert "programme-change" not in run.timekeeper.jobs


def test_what_was_worked_out_for_an_older_store_is_forgotten() -> None:
    old, new = Rotation([A], change_ms=START_MS + 50_000), Rotation([B], change_ms=START_MS + 90_000)
    run = StationRun(store_of(A), Listings(r1_main=old, r2_main=new), start=datetime(2026, 11, 23, 15, 30, tzinfo=UTC))
    run.station.start()
    run.run(1)
    await_old_change = run.timekeeper.jobs["programme-change"][1]
    posted: list[Callable[[], None]] = []
    run.station._call_soon = posted.append

    run.timekeeper.jobs["tomorrow"][1]()
    run.station._call_soon = lambda call: call()
    run.feed.give(store_of(A, B, revision="r2"))
    run.timekeeper.jobs.pop("programme-change")
    await_old_change()
    posted[0]()
    run.run(30)

    assert "programme-change" not in run.timekeeper.jobs
    assert run.stage.on_screen["main"].item.name == "b"
    assert run.station.status().revision == "r2"


def test_tomorrow_is_worked_out_before_midnight_and_nothing_on_screen_changes() -> None:
    class Counting(Listings):
        made = 0

        def __call__(self, store: Store, screen: Screen, zone: str) -> ProgrammePort:
            self.made += 1
            return super().__call__(store, screen, zone)

    programmes = Counting(r1_main=Rotation([A, B]))
    run = StationRun(store_of(A, B), programmes, start=datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    run.station.start()
    run.run(2)
    look_ahead = run.timekeeper.jobs["tomorrow"][1]

    look_ahead()
    made_at_noon = programmes.made
    run.clock.advance(7 * 3600_000 + 1800_000)
    run.run(1)
    run.timekeeper.jobs.pop("programme-change")
    look_ahead()
    run.run(30)

    assert "programme-change" in run.timekeeper.jobs
    assert made_at_noon == 1
    assert programmes.made == 2
    assert "discarded" not in list(run.stage.state.values())[-3:]


def test_a_screen_that_is_no_longer_described_keeps_its_last_description(expect_log: ExpectLog) -> None:
    expect_log("station: screen 'lobby' is not in playlists/screens.yaml")
    run = StationRun(store_of(A), Listings(r1_main=Rotation([A]), r2_main=Rotation([B])))
    run.station.start()
    run.run(2)

    run.feed.give(replace(store_of(A, B, revision="r2"), screens={}))
    run.run(10)

    assert [screen.title for screen in run.screens] == ["大厅"]
    assert run.stage.on_screen["main"].item.name == "b"


def test_regular_work_is_handed_to_the_timekeeper() -> None:
    run = StationRun(store_of(A), Listings(r1_main=Rotation([A])))
    run.station.start()
    run.run(1)

    for name in ("store-rescan", "asrun-prune", "asrun-first-prune"):
        run.timekeeper.jobs[name][1]()

    assert (run.feed.rescans, run.journal.pruned) == (1, 2)


def test_two_thousand_changes_of_item_leave_no_memory_behind() -> None:
    items = [A, film("x"), card("k"), B, picture("broken")]
    run = StationRun(store_of(*items), Listings(r1_main=Rotation(items)))
    run.station.start()

    def held_bytes(changes: int) -> int:
        run.run(changes * 10)
        run.stage.prepared.clear()
        run.stage.shown.clear()
        run.stage.state = dict(list(run.stage.state.items())[-4:])
        gc.collect()
        ours = tracemalloc.Filter(True, "*/signage/player/*")
        return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces([ours]).traces)

    tracemalloc.start()
    before = held_bytes(300)
    after = held_bytes(2000)
    tracemalloc.stop()

    assert after - before < 2_000


def test_what_comes_after_closing_changes_nothing() -> None:
    run = StationRun(store_of(A), Listings(r1_main=Rotation([A]), r2_main=Rotation([B])))
    run.station.start()
    run.run(2)
    cue = run.stage.on_screen["main"]

    run.station.close()
    run.feed.give(store_of(A, B, revision="r2"))
    run.station.shown(cue, START_MS + 3000)
    run.run(30)
    run.station.close()

    assert [cue.item.name for _, cue in run.stage.shown] == ["a"]
    assert len(run.journal.rows) == 1


def test_the_status_names_what_is_on_air() -> None:
    run = StationRun(store_of(A), Listings(r1_main=Rotation([A])))
    run.station.start()
    run.run(4)

    status = run.station.status()

    assert status.revision == "r1"
    assert [(zone.zone, zone.item, zone.since_ms) for zone in status.zones] == [("main", "a", START_MS + 56)]

"""A whole screen: its zones, the store's changes, the clock's jumps, start and end, in simulated time."""

from __future__ import annotations

from signage.content.values import Screen, Store
from signage.player.ports import Outcome, ProgrammePort
from tests.player.simulation import START_MS, Rotation, StationRun, film, picture, store_of

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

    run.run(3)
    before = [cue.item.name for _, cue in run.stage.shown]
    run.feed.give(store_of(A, B))
    run.run(1)

    assert before == ["slate"]
    assert [cue.item.name for _, cue in run.stage.shown] == ["slate", "a"]


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


def test_the_status_names_what_is_on_air() -> None:
    run = StationRun(store_of(A), Listings(r1_main=Rotation([A])))
    run.station.start()
    run.run(4)

    status = run.station.status()

    assert status.revision == "r1"
    assert [(zone.zone, zone.item, zone.since_ms) for zone in status.zones] == [("main", "a", START_MS + 56)]

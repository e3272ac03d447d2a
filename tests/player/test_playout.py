"""One zone: what is prepared, shown, skipped and logged, in simulated time."""

from __future__ import annotations

from itertools import pairwise

from signage.content.values import Transition
from signage.player.ports import Outcome
from tests.player.simulation import START_MS, Rotation, ZoneRun, picture

A, B, C = picture("a"), picture("b"), picture("c")


def test_items_follow_one_another_at_the_instants_of_their_slots() -> None:
    run = ZoneRun(Rotation([A, B, C]))

    run.run(60)

    assert run.names == ["a", "b", "c", "a", "b", "c", "a"]
    assert [at_ms - START_MS for at_ms, _ in run.stage.shown][1:] == [10_000, 20_000, 30_000, 40_000, 50_000, 60_000]


def test_the_next_cue_is_prepared_as_soon_as_the_one_before_is_on_screen() -> None:
    run = ZoneRun(Rotation([A, B]))

    run.run(1)

    assert [cue.item.name for cue in run.stage.prepared] == ["a", "b"]
    assert run.names == ["a"]


def test_the_first_picture_comes_by_a_cut_and_later_ones_by_their_own_transition() -> None:
    run = ZoneRun(Rotation([A, B]))

    run.run(15)

    assert [cue.transition for _, cue in run.stage.shown] == [Transition.CUT, Transition.FADE]


def test_every_row_is_shown_from_slot_to_slot_without_overlap() -> None:
    run = ZoneRun(Rotation([A, B, C]))

    run.run(95)

    rows = run.journal.rows
    assert [row.slot for row in rows] == list(Rotation([A, B, C]).slots(START_MS, START_MS + 95_000))
    assert all(row.outcome is Outcome.SHOWN for row in rows[:-1])
    assert all(one.ended_ms == other.started_ms for one, other in pairwise(rows))

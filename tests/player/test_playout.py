"""One zone: what is prepared, shown, skipped and logged, in simulated time."""

from __future__ import annotations

import logging
from itertools import pairwise

import pytest

from signage.content.values import Item, Transition
from signage.player.candidates import ZoneProgramme
from signage.player.ports import Outcome
from tests.conftest import ExpectLog
from tests.player.simulation import OFF, SLATE, START_MS, Behaviour, Rotation, ZoneRun, card, film, picture

A, B, C = picture("a"), picture("b"), picture("c")
BROKEN = Behaviour(refused="truncated")
SILENT = Behaviour(ready_ms=None)


def shown_at(run: ZoneRun) -> list[tuple[int, str]]:
    """Give (ms since the start, item) of everything that was shown."""
    return [(at_ms - START_MS, cue.item.name) for at_ms, cue in run.stage.shown]


# --- in time -------------------------------------------------------------------------------------------------------


def test_items_follow_one_another_at_the_instants_of_their_slots() -> None:
    run = ZoneRun(Rotation([A, B, C]))

    run.run(45)

    assert shown_at(run) == [(40, "a"), (10_000, "b"), (20_000, "c"), (30_000, "a"), (40_000, "b")]


def test_the_next_cue_is_prepared_as_soon_as_the_one_before_is_on_screen() -> None:
    run = ZoneRun(Rotation([A, B]))

    run.run(1)

    assert [cue.item.name for cue in run.stage.prepared] == ["a", "b"]
    assert run.names == ["a"]


def test_a_cue_far_ahead_is_prepared_half_a_minute_before_it_is_due() -> None:
    run = ZoneRun(Rotation([film("long", 600), B]))

    run.run(569)
    before = [cue.item.name for cue in run.stage.prepared]
    run.run(2)

    assert before == ["long"]
    assert [cue.item.name for cue in run.stage.prepared] == ["long", "b"]


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


def test_a_start_joins_what_is_on_air_with_its_own_time() -> None:
    run = ZoneRun(Rotation([film("x", 60), film("y", 60)]))
    run.clock.advance(85_000)

    run.run(1)

    (cue,) = [cue for _, cue in run.stage.shown]
    assert (cue.item.name, cue.origin_ms, cue.due_ms) == ("y", START_MS + 60_000, START_MS + 85_000)
    assert run.journal.rows[0].reason == "joined after its start"


def test_black_is_shown_outside_the_hours_of_the_screen() -> None:
    run = ZoneRun(Rotation([A, OFF]))

    run.run(75)

    assert run.names == ["a", "off", "a"]
    assert [row.item.name for row in run.journal.rows] == ["a", "off", "a"]


# --- one item for ever ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", [A, film("x"), SLATE, OFF], ids=["picture", "film", "slate", "off"])
def test_a_single_item_stays_without_a_seam_and_has_a_row_for_each_slot(item: Item) -> None:
    run = ZoneRun(Rotation([item]))

    run.run(item.duration_ms / 1000 * 3.5)

    assert len(run.stage.shown) == 1
    slots = Rotation([item]).slots(START_MS, START_MS + 4 * item.duration_ms)
    assert [row.slot for row in run.journal.rows] == list(slots)
    assert all(one.ended_ms == other.started_ms for one, other in pairwise(run.journal.rows))


def test_a_film_that_does_not_come_round_at_the_slots_end_is_begun_anew() -> None:
    cut = film("x", 7)
    cut = Item(cut.name, cut.kind, cut.sha256, 10_000, media=cut.media)
    run = ZoneRun(Rotation([cut]))

    run.run(25)

    assert shown_at(run) == [(40, "x"), (10_000, "x"), (20_000, "x")]


def test_a_card_is_shown_anew_in_each_slot_so_that_its_pages_turn() -> None:
    run = ZoneRun(Rotation([card("notice")]))

    run.run(25)

    assert len(run.stage.shown) == 3


# --- late ----------------------------------------------------------------------------------------------------------


def test_what_is_ready_late_is_shown_if_two_seconds_of_its_slot_remain() -> None:
    run = ZoneRun(Rotation([film("long", 60), B]))
    run.stage.behaviours["b"] = Behaviour(ready_ms=8_000)
    run.clock.advance(59_000)

    run.run(12)

    assert shown_at(run)[:2] == [(59_040, "long"), (67_040, "b")]


def test_the_last_picture_stays_until_the_next_is_ready() -> None:
    run = ZoneRun(Rotation([A, B]))
    run.run(1)
    run.stage.behaviours["a"] = Behaviour(ready_ms=9_500)

    run.run(24)

    assert shown_at(run) == [(40, "a"), (10_000, "b"), (20_000, "a")]
    assert [(row.item.name, row.outcome) for row in run.journal.rows[:2]] == [
        ("a", Outcome.SHOWN),
        ("b", Outcome.SHOWN),
    ]


def test_what_would_be_on_screen_for_less_than_two_seconds_is_passed_over_for_the_next() -> None:
    run = ZoneRun(Rotation([A, B, C]))
    run.clock.advance(9_900)
    run.run(0.03)
    run.stage.behaviours["b"] = Behaviour(ready_ms=8_500)

    run.run(25)

    assert shown_at(run)[:3] == [(9_940, "a"), (20_000, "c"), (30_000, "a")]
    assert [(row.item.name, row.reason) for row in run.journal.failed] == [("b", "not ready in time")]


def test_slots_shorter_than_their_preparation_still_change_the_picture() -> None:
    short = [picture(name, 3) for name in "abcdef"]
    run = ZoneRun(Rotation(short))
    run.stage.default = Behaviour(ready_ms=4_000)

    run.run(60)

    assert len(run.stage.shown) >= 8


def test_the_first_picture_is_shown_however_late_it_is() -> None:
    run = ZoneRun(Rotation([picture(name, 3) for name in "abc"]))
    run.stage.default = Behaviour(ready_ms=8_000)

    run.run(9)

    assert len(run.stage.shown) == 1


def test_a_start_that_spans_slots_is_not_told_as_slots_that_failed() -> None:
    run = ZoneRun(Rotation([picture("a", 3), picture("b", 3)]))
    run.stage.default = Behaviour(ready_ms=7_000)

    run.run(8)

    assert [(row.item.name, row.reason) for row in run.journal.rows] == [("a", "")]


def test_the_first_that_was_ready_stands_in_for_the_slot_that_it_came_too_late_for() -> None:
    run = ZoneRun(Rotation([picture("a", 3), picture("b", 3)]))
    run.stage.default = Behaviour(ready_ms=4_000)

    run.run(5)

    (row,) = run.journal.rows
    assert (row.item.name, row.slot.item.name, row.reason) == ("a", "b", "the first that was ready")


def test_of_a_short_slot_half_is_enough() -> None:
    run = ZoneRun(Rotation([film("long", 60), picture("b", 3), picture("c", 60)]))
    run.clock.advance(59_000)
    run.stage.behaviours["b"] = Behaviour(ready_ms=2_200)

    run.run(6)

    assert shown_at(run) == [(59_040, "long"), (61_240, "b"), (63_000, "c")]


def test_a_cue_that_missed_its_slot_makes_way_for_the_next() -> None:
    run = ZoneRun(Rotation([picture(name, 3) for name in "abcde"]))
    run.stage.behaviours["b"] = Behaviour(ready_ms=7_000)

    run.run(31)

    assert shown_at(run)[:4] == [(40, "a"), (6_040, "c"), (9_000, "d"), (12_000, "e")]
    assert run.names == ["a", "c", "d", "e", "a", "c", "d", "e", "a"]


def test_after_a_standstill_a_picture_that_goes_on_is_cut_where_its_slots_meet() -> None:
    run = ZoneRun(Rotation([A]))
    run.run(4)

    run.clock.advance(25_000)
    run.run(1)

    rows = [(row.started_ms - START_MS, row.ended_ms and row.ended_ms - START_MS) for row in run.journal.rows]
    assert rows == [(56, 20_000), (20_000, 30_000), (30_000, None)]


# --- failing -------------------------------------------------------------------------------------------------------


def test_a_failed_item_is_replaced_by_that_of_the_next_slot(expect_log: ExpectLog) -> None:
    expect_log("faults: b cannot be shown: truncated")
    run = ZoneRun(Rotation([A, B, C]))
    run.stage.behaviours["b"] = BROKEN

    run.run(35)

    assert shown_at(run) == [(40, "a"), (10_000, "c"), (30_000, "a")]
    assert [(row.item.name, row.outcome, row.reason) for row in run.journal.rows[:4]] == [
        ("a", Outcome.SHOWN, ""),
        ("b", Outcome.FAILED, "truncated"),
        ("c", Outcome.SHOWN, "instead of b: truncated"),
        ("c", Outcome.SHOWN, ""),
    ]


def test_where_all_of_the_programme_fails_a_filler_stands_in(expect_log: ExpectLog) -> None:
    expect_log("faults: a cannot be shown")
    expect_log("faults: b cannot be shown")
    run = ZoneRun(Rotation([A, B]), filler=Rotation([C]))
    run.stage.behaviours |= {"a": BROKEN, "b": BROKEN}

    run.run(35)

    assert run.names == ["c"]
    assert run.journal.shown[-1].reason == "instead of b: truncated"


def test_where_nothing_can_be_shown_the_slate_is(expect_log: ExpectLog) -> None:
    expect_log("faults: . cannot be shown")
    run = ZoneRun(Rotation([A, B]), filler=Rotation([C]))
    run.stage.behaviours |= {"a": BROKEN, "b": BROKEN, "c": BROKEN}

    run.run(35)

    assert run.names == ["slate"]


def test_where_even_the_slate_fails_it_is_tried_again_and_again(expect_log: ExpectLog) -> None:
    expect_log("faults: .* cannot be shown")
    run = ZoneRun(Rotation([A]))
    run.stage.default = BROKEN
    run.run(12)
    tries = len(run.stage.prepared)

    run.stage.default = Behaviour()
    run.run(6)

    assert 2 < tries < 8
    assert run.on_screen == "slate"


def test_a_failed_item_is_not_tried_in_each_of_its_slots_but_later_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    run = ZoneRun(Rotation([A, B]))
    run.stage.behaviours["b"] = BROKEN
    run.run(1800)
    tries = sum(cue.item.name == "b" for cue in run.stage.prepared)

    run.stage.behaviours["b"] = Behaviour()
    run.run(1900)

    assert 3 <= tries <= 6
    assert [record.getMessage() for record in caplog.records][-1] == "b can be shown again"
    assert run.names[-1] in "ab"
    assert "b" in run.names[-2:]
    assert len(caplog.records) == 2


def test_each_missed_slot_is_in_the_log_with_its_reason(expect_log: ExpectLog) -> None:
    expect_log("faults: b cannot be shown")
    run = ZoneRun(Rotation([A, B]))
    run.stage.behaviours["b"] = BROKEN

    run.run(55)

    assert [row.slot.start_ms - START_MS for row in run.journal.failed] == [10_000, 30_000, 50_000]
    assert {row.reason for row in run.journal.failed} == {"truncated"}


def test_a_film_that_breaks_on_screen_keeps_its_last_picture_until_another_is_ready(expect_log: ExpectLog) -> None:
    expect_log("faults: x cannot be shown: the film broke")
    run = ZoneRun(Rotation([film("x", 60), B]))
    run.stage.behaviours["x"] = Behaviour(breaks_ms=5_000)

    run.run(65)

    assert shown_at(run) == [(40, "x"), (5_080, "b")]
    rows = [(row.item.name, row.outcome, row.ended_ms and row.ended_ms - START_MS) for row in run.journal.rows]
    assert rows[:3] == [("x", Outcome.FAILED, 5_040), ("b", Outcome.SHOWN, 60_000), ("b", None, None)]


def test_a_film_that_breaks_shortly_before_its_end_is_replaced_all_the_same(expect_log: ExpectLog) -> None:
    expect_log("faults: x cannot be shown: the film broke")
    run = ZoneRun(Rotation([film("x", 60), card("b"), C]))
    run.stage.behaviours["x"] = Behaviour(breaks_ms=45_000)

    run.run(62)

    assert shown_at(run) == [(40, "x"), (45_080, "b"), (60_000, "b")]


def test_a_film_that_breaks_in_its_last_moment_keeps_its_picture_till_the_next(expect_log: ExpectLog) -> None:
    expect_log("faults: x cannot be shown: the film broke")
    run = ZoneRun(Rotation([film("x", 60), B]))
    run.stage.behaviours["x"] = Behaviour(breaks_ms=59_000)

    run.run(62)

    assert shown_at(run) == [(40, "x"), (60_000, "b")]


def test_a_cue_that_fails_after_show_and_before_it_is_seen_is_not_claimed(expect_log: ExpectLog) -> None:
    expect_log("faults: b cannot be shown: the film broke")
    run = ZoneRun(Rotation([A, B, C]))
    run.stage.behaviours["b"] = Behaviour(confirms=False, breaks_ms=5)

    run.run(12)

    assert [(row.item.name, row.outcome) for row in run.journal.rows] == [
        ("a", Outcome.SHOWN),
        ("b", Outcome.FAILED),
        ("c", None),
    ]


@pytest.mark.parametrize("off_ms", [-60_000, 60_000], ids=["long ago", "in the future"])
def test_a_stage_that_tells_an_impossible_time_is_not_believed(off_ms: int) -> None:
    run = ZoneRun(Rotation([A, B]))
    run.stage.default = Behaviour(confirms=False)
    run.run(0.1)

    run.playout.shown(run.stage.on_screen["main"], run.clock.now_ms() + off_ms)

    assert run.journal.rows[0].started_ms == START_MS + 100


def test_a_stage_that_never_answers_counts_as_failed(expect_log: ExpectLog) -> None:
    expect_log("faults: b cannot be shown: not ready after 10 s")
    run = ZoneRun(Rotation([film("long", 40), picture("b", 40), picture("c", 40)]))
    run.stage.behaviours["b"] = SILENT

    run.run(70)

    assert shown_at(run) == [(40, "long"), (40_000, "c")]
    assert run.stage.state[2] == "discarded"


def test_an_answer_after_the_time_limit_changes_nothing(expect_log: ExpectLog) -> None:
    expect_log("faults: b cannot be shown: not ready after 10 s")
    run = ZoneRun(Rotation([film("long", 40), picture("b", 40), picture("c", 40)]))
    run.stage.behaviours["b"] = SILENT
    run.run(30)
    late = next(cue for cue in run.stage.prepared if cue.item.name == "b")

    run.playout.ready(late)
    run.playout.failed(late, "gone")
    run.run(20)

    assert run.names == ["long", "c"]


def test_a_showing_that_the_stage_does_not_confirm_is_not_claimed(expect_log: ExpectLog) -> None:
    expect_log("playout: main: b: the stage did not confirm")
    run = ZoneRun(Rotation([A, B, C]))
    run.stage.behaviours["b"] = Behaviour(confirms=False)

    run.run(25)

    assert [(row.item.name, row.outcome) for row in run.journal.rows] == [
        ("a", Outcome.SHOWN),
        ("b", Outcome.FAILED),
        ("c", None),
    ]
    assert run.names == ["a", "b", "c"]


def test_a_stage_that_confirms_slowly_is_waited_for() -> None:
    run = ZoneRun(Rotation([film("long", 60)]))
    run.stage.frame_ms = 3_000
    run.timeline.after(1_000, run.timeline.wake)

    run.run(10)

    assert [(row.started_ms - START_MS, row.outcome) for row in run.journal.rows] == [(3_040, None)]


def test_a_showing_that_is_confirmed_after_all_is_in_the_log_from_then_on(expect_log: ExpectLog) -> None:
    expect_log("playout: main: long: the stage did not confirm")
    run = ZoneRun(Rotation([film("long", 60)]))
    run.stage.frame_ms = 6_000

    run.run(10)

    assert [(row.started_ms - START_MS, row.outcome) for row in run.journal.rows] == [
        (5_040, Outcome.FAILED),
        (6_040, None),
    ]


def test_what_is_replaced_before_it_was_seen_is_not_claimed() -> None:
    run = ZoneRun(Rotation([picture("a", 3), picture("b", 3), picture("c", 60)]))
    run.stage.behaviours["b"] = Behaviour(confirms=False)

    run.run(7)

    assert [(row.item.name, row.outcome, row.reason) for row in run.journal.rows] == [
        ("a", Outcome.SHOWN, ""),
        ("b", Outcome.FAILED, "replaced before it reached the screen"),
        ("c", None, ""),
    ]


def test_black_has_no_stand_in(expect_log: ExpectLog) -> None:
    expect_log("faults: off cannot be shown")
    run = ZoneRun(Rotation([A, OFF]), filler=Rotation([C]))
    run.stage.behaviours["off"] = BROKEN

    run.run(40)

    assert set(run.names) == {"a"}


# --- the clock -----------------------------------------------------------------------------------------------------

JUMPS = [3, -3, 95, -95, 3600, -3600, 366 * 86400, -366 * 86400, 40 * 366 * 86400]


@pytest.mark.parametrize("jump_s", JUMPS)
def test_after_a_jump_of_the_clock_what_it_says_is_joined(jump_s: int) -> None:
    programme = Rotation([film("x", 20), B, C])
    run = ZoneRun(programme)
    run.run(4)

    run.jump(jump_s)
    run.run(1)

    assert run.on_screen == programme.slot_at(run.clock.now_ms()).item.name


@pytest.mark.parametrize("jump_s", JUMPS)
def test_the_length_of_a_row_is_true_whatever_the_clock_did(jump_s: int) -> None:
    run = ZoneRun(Rotation([film("x", 20), B, C]))
    run.run(4)

    run.jump(jump_s)
    run.run(120)

    first = run.journal.rows[0]
    assert first.outcome is Outcome.CUT
    assert first.reason == "the clock was set"
    assert first.ended_ms is not None
    assert first.ended_ms - first.started_ms == pytest.approx(4_000, abs=1_000)


def test_a_still_picture_stays_when_its_slot_goes_on_after_a_jump() -> None:
    run = ZoneRun(Rotation([picture("a", 60), B]))
    run.run(10)

    run.jump(20)
    run.run(5)

    assert len(run.stage.shown) == 1


def test_a_film_is_joined_at_its_new_place_after_a_jump() -> None:
    run = ZoneRun(Rotation([film("x", 60), B]))
    run.run(10)

    run.jump(20)
    run.run(1)

    assert [(cue.item.name, cue.due_ms - cue.origin_ms) for _, cue in run.stage.shown] == [("x", 0), ("x", 30_000)]


# --- another programme ---------------------------------------------------------------------------------------------


def test_another_programme_begins_when_the_slot_ends() -> None:
    run = ZoneRun(Rotation([A, B]))
    run.run(4)

    run.playout.replace(ZoneProgramme(Rotation([A, C]), SLATE))
    run.run(11)

    assert shown_at(run) == [(40, "a"), (10_000, "c")]
    assert run.journal.rows[0].outcome is Outcome.SHOWN


def test_what_was_prepared_is_kept_when_it_did_not_change() -> None:
    run = ZoneRun(Rotation([A, B, C]))
    run.run(4)

    run.playout.replace(ZoneProgramme(Rotation([A, B, A]), SLATE))
    run.run(20)

    assert [cue.item.name for cue in run.stage.prepared] == ["a", "b", "a"]
    assert "discarded" not in run.stage.state.values()


def test_what_was_prepared_is_dropped_when_it_is_no_longer_next() -> None:
    run = ZoneRun(Rotation([A, B]))
    run.run(4)

    run.playout.replace(ZoneProgramme(Rotation([A, C]), SLATE))
    run.timeline.wake()
    run.run(8)

    assert [(cue.item.name, run.stage.state[cue.number]) for cue in run.stage.prepared[:3]] == [
        ("a", "shown"),
        ("b", "discarded"),
        ("c", "shown"),
    ]


def test_a_programme_that_must_not_wait_begins_as_soon_as_it_is_ready() -> None:
    run = ZoneRun(Rotation([film("long", 3600)]))
    run.run(60)

    run.playout.replace(ZoneProgramme(Rotation([C]), SLATE), at_once=True)
    run.timeline.wake()
    run.run(1)

    assert shown_at(run) == [(40, "long"), (60_040, "c")]
    assert (run.journal.rows[0].outcome, run.journal.rows[0].reason) == (Outcome.CUT, "programme replaced")


@pytest.mark.parametrize("item", [SLATE, OFF], ids=["slate", "off"])
def test_a_slate_or_black_makes_way_at_once(item: Item) -> None:
    run = ZoneRun(Rotation([item]))
    run.run(10)

    run.playout.replace(ZoneProgramme(Rotation([A]), SLATE))
    run.timeline.wake()
    run.run(1)

    assert run.on_screen == "a"


def test_a_slate_that_stays_a_slate_is_not_shown_anew() -> None:
    run = ZoneRun(Rotation([SLATE]))
    run.run(10)

    run.playout.replace(ZoneProgramme(Rotation([SLATE]), SLATE))
    run.timeline.wake()
    run.run(1)

    assert len(run.stage.shown) == 1
    assert len(run.journal.rows) == 1


def test_the_new_programme_is_joined_where_the_clock_says() -> None:
    run = ZoneRun(Rotation([A]))
    run.run(4)

    run.playout.replace(ZoneProgramme(Rotation([film("x", 60)]), SLATE))
    run.timeline.wake()
    run.run(7)

    cue = run.stage.on_screen["main"]
    assert (cue.item.name, cue.origin_ms - START_MS, cue.due_ms - START_MS) == ("x", 0, 10_000)


# --- the end -------------------------------------------------------------------------------------------------------


def test_closing_cuts_the_row_and_drops_what_was_prepared() -> None:
    run = ZoneRun(Rotation([A, B]))
    run.run(4)

    run.playout.close("player stopped")

    assert [(row.outcome, row.reason) for row in run.journal.rows] == [(Outcome.CUT, "player stopped")]
    assert sorted(run.stage.state.values()) == ["discarded", "shown"]

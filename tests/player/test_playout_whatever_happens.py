"""Whatever comes in whatever order, a zone keeps a picture, its log makes sense, and it comes back to its programme."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from signage.player.candidates import ZoneProgramme
from tests.player.simulation import OFF, SLATE, Behaviour, Rotation, ZoneRun, card, film, picture

POOL = [
    picture("a", 10),
    picture("b", 3),
    picture("c", 0.7),
    film("x", 20),
    film("y", 5),
    card("k", 12),
    OFF,
    SLATE,
]
NAMES = [item.name for item in POOL]


@dataclass(frozen=True)
class Wait:
    milliseconds: int


@dataclass(frozen=True)
class Jump:
    milliseconds: int


@dataclass(frozen=True)
class Behave:
    name: str
    how: Behaviour


@dataclass(frozen=True)
class Replace:
    items: tuple[int, ...]
    at_once: bool


@dataclass(frozen=True)
class Stall:
    """The process stands still: both clocks go on, nothing is called."""

    milliseconds: int


behaviours = st.one_of(
    st.builds(Behaviour, ready_ms=st.sampled_from([0, 1, 40, 900, 4000, 9999, 12000, None])),
    st.builds(Behaviour, refused=st.just("truncated"), ready_ms=st.sampled_from([0, 30, 5000])),
    st.builds(Behaviour, breaks_ms=st.sampled_from([1, 500, 7000])),
    st.builds(Behaviour, confirms=st.just(False)),
)
items = st.lists(st.integers(0, len(POOL) - 1), min_size=1, max_size=5).map(tuple)
actions = st.one_of(
    st.builds(Wait, st.integers(1, 90_000)),
    st.builds(Wait, st.integers(1, 90_000)),
    st.builds(Jump, st.one_of(st.integers(-20_000, 20_000), st.sampled_from([-(10**11), -(10**8), 10**8, 10**11]))),
    st.builds(Behave, st.sampled_from(NAMES), behaviours),
    st.builds(Replace, items, st.booleans()),
    st.builds(Stall, st.integers(1, 120_000)),
)


def do(run: ZoneRun, action: object) -> None:
    match action:
        case Wait(milliseconds):
            run.timeline.run(milliseconds)
        case Jump(milliseconds):
            run.jump(milliseconds / 1000)
        case Behave(name, how):
            run.stage.behaviours[name] = how
        case Replace(numbers, at_once):
            programme = Rotation([POOL[number] for number in numbers])
            run.playout.replace(ZoneProgramme(programme, SLATE), at_once)
            run.timeline.wake()
        case Stall(milliseconds):
            run.clock.advance(milliseconds)


@given(items, st.lists(actions, max_size=25))
def test_a_zone_keeps_a_picture_and_a_sane_log_and_comes_back(first: tuple[int, ...], happens: list[object]) -> None:
    run = ZoneRun(Rotation([POOL[number] for number in first]))

    with no_log():
        for action in happens:
            do(run, action)
        run.stage.behaviours.clear()
        run.run(2 * 3600)
        run_into_a_slot(run)

    assert_cues_are_settled(run)
    assert_log_is_sane(run, is_stalled=any(isinstance(action, Stall) for action in happens))
    assert run.on_screen == run.playout._plays.programme.slot_at(run.clock.now_ms()).item.name
    run.playout.close("player stopped")
    assert set(run.stage.state.values()) <= {"shown", "discarded", "failed"}
    assert all(row.outcome is not None for row in run.journal.rows)


def assert_cues_are_settled(run: ZoneRun) -> None:
    """Every cue was shown, discarded or failed, but for the one that comes next."""
    open_cues = [number for number, state in run.stage.state.items() if state in ("loading", "ready")]

    assert len(open_cues) <= 1
    assert run.on_screen


def assert_log_is_sane(run: ZoneRun, is_stalled: bool) -> None:
    """Rows follow one another without overlap, none ends before it began, and their lengths are true.

    Where the process stood still, a row that goes on is cut at its slot's end all the same.
    """
    showings = [row for row in run.journal.rows if row.over_s is not None or row.outcome is None]
    last_over_s = 0.0
    for row in showings:
        assert row.began_s >= last_over_s - 1e-6
        if row.over_s is not None and row.ended_ms is not None:
            length_s = (row.ended_ms - row.started_ms) / 1000
            assert abs(length_s - (row.over_s - row.began_s)) < (125.0 if is_stalled else 0.3)
            last_over_s = row.over_s
    assert sum(row.outcome is None for row in showings) <= 1


def run_into_a_slot(run: ZoneRun) -> None:
    """Stop where a slot has begun and does not end yet."""
    while True:
        run.timeline.run(90)
        slot, now_ms = run.playout.slot, run.clock.now_ms()
        if slot and slot.start_ms + 200 <= now_ms <= slot.end_ms - 200:
            return


@contextlib.contextmanager
def no_log() -> Iterator[None]:
    """What fails on purpose says so in the log, in every way."""
    logger = logging.getLogger("signage.player")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(before)

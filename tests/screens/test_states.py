"""What the console says of a screen: green only for one that shows what it should, now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from signage.office.screens.judging import judge
from signage.office.screens.states import Judgement, Known, State, Times, Wanted
from signage.release.orders import Order, OrderKind
from signage.wire import Health, Heartbeat, OnAir, OutputLook

NOW = 1_790_000_000_000
BEAT = Heartbeat(
    NOW - 5000, 1, release=7, on_air=(OnAir("main", "a.jpg", "daily", NOW - 9000, NOW + 1000, next_item="b.jpg"),)
)
KNOWN = Known("gate", NOW - 86_400_000, None, NOW - 5000, 20, BEAT)
WANTED = Wanted(7, NOW - 3_600_000)
TIMES = Times(NOW, NOW - 3_600_000)
BLACKOUT = Order("b1", 5, OrderKind.BLACKOUT, NOW - 60_000)
TAKEOVER = Order("t1", 6, OrderKind.TAKEOVER, NOW - 60_000)


def judged(order: Order | None = None, **said: Any) -> Judgement:
    return judge(replace(KNOWN, heartbeat=replace(BEAT, **said)), replace(WANTED, order=order), TIMES)


def test_a_screen_that_shows_the_current_release_now_is_green() -> None:
    assert judged().state is State.GOOD


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"release": 6}, State.STALE),
        ({"release": 0}, State.STALE),
        ({"release": 8}, State.STALE),
        ({"is_stale": True, "message": "signatures have expired"}, State.STALE),
        ({"output": OutputLook(NOW, 1.0, is_black=True)}, State.BLACK),
        ({"output": OutputLook(NOW, 90.0, frozen_s=75)}, State.FROZEN),
        ({"on_air": (OnAir("main", "a.jpg", "daily", NOW - 400_000, NOW - 300_000),)}, State.FROZEN),
        ({"clock_fault": "no time since boot"}, State.CLOCK),
        ({"is_off_hours": True}, State.OFF_HOURS),
        ({"health": Health(disk_free_bytes=100_000_000)}, State.CARE),
        ({"health": Health(temperature_c=92.0)}, State.CARE),
        ({"health": Health(memory_available_bytes=1, memory_total_bytes=100)}, State.CARE),
        ({"on_air": (OnAir("main", "b.jpg", "daily", stands_in="a.jpg: not there"),)}, State.CARE),
        ({"on_air": ()}, State.CARE),
        ({"is_off_hours": True, "on_air": ()}, State.OFF_HOURS),
        ({"is_off_hours": True, "output": OutputLook(NOW, 0.0, is_black=True)}, State.OFF_HOURS),
        ({"is_blackout": True, "order_in_force": "usb"}, State.BLACKOUT),
    ],
)
def test_every_fault_has_a_word_of_its_own(said: dict[str, Any], state: State) -> None:
    found = judged(**said)

    assert found.state is state
    assert found.reason.zh
    assert found.reason.en


def test_a_new_screen_before_the_first_release_is_not_called_out_of_date() -> None:
    new = replace(KNOWN, heartbeat=replace(BEAT, release=0))

    assert judge(new, Wanted(), TIMES).state is State.EMPTY


def test_a_release_that_is_being_loaded_is_told_apart_from_one_that_is_old() -> None:
    new = replace(WANTED, release=8, since_ms=NOW - 120_000)
    old = replace(WANTED, release=8, since_ms=NOW - 3_600_000)
    loading = replace(KNOWN, heartbeat=replace(BEAT, missing_bytes=34_500_000))

    assert judge(loading, new, TIMES).state is State.LOADING
    assert "34.5 MB" in judge(loading, new, TIMES).reason.zh
    assert judge(KNOWN, new, TIMES).state is State.STALE
    assert judge(loading, old, TIMES).state is State.STALE
    assert judge(KNOWN, replace(new, since_ms=NOW - 5000), TIMES).state is State.LOADING


def test_a_clock_that_is_off_is_named_with_its_direction() -> None:
    slow = judge(replace(KNOWN, clock_offset_ms=-754_000), WANTED, TIMES)

    assert slow.state is State.CLOCK
    assert slow.reason.zh == "它的时钟慢了12 分钟，请检查校时"


def test_an_order_counts_when_the_screen_has_confirmed_it() -> None:
    assert judged(BLACKOUT).state is State.DISOBEYING
    assert judged(BLACKOUT, order_in_force="b1", is_blackout=True).state is State.BLACKOUT
    assert judged(TAKEOVER, order_in_force="t1").state is State.TAKEOVER
    assert judged(replace(BLACKOUT, issued_ms=NOW - 5000)).state is State.GOOD


def test_a_blackout_whose_output_is_lit_is_none() -> None:
    lit = OutputLook(NOW, 120.0)

    assert judged(BLACKOUT, order_in_force="b1", is_blackout=True, output=lit).state is State.DISOBEYING


def test_silence_is_offline_but_not_right_after_the_office_has_started() -> None:
    silent = replace(KNOWN, heard_ms=NOW - 7_200_000)

    assert judge(silent, WANTED, TIMES).state is State.OFFLINE
    assert "2 小时" in judge(silent, WANTED, TIMES).reason.zh
    assert judge(silent, WANTED, replace(TIMES, listening_since_ms=NOW - 30_000)).state is State.WAITING


def test_who_is_not_let_in_is_told_so() -> None:
    assert judge(Known("new"), WANTED, TIMES).state is State.UNENROLLED
    assert judge(replace(KNOWN, revoked_ms=NOW), WANTED, TIMES).state is State.REVOKED
    assert judge(Known("new", NOW - 5000), WANTED, TIMES).state is State.WAITING
    assert judge(Known("new", NOW - 500_000), WANTED, TIMES).state is State.OFFLINE


def test_every_state_has_words_and_a_colour() -> None:
    assert all(state.zh and state.en and state.tone in {"good", "warn", "bad", "calm", "off"} for state in State)
    assert [state for state in State if state.tone == "good"] == [State.GOOD]


def test_a_screen_that_waits_for_its_first_release_is_not_asked_what_it_shows() -> None:
    found = judge(replace(KNOWN, heartbeat=replace(BEAT, release=0, on_air=())), replace(WANTED, release=0), TIMES)

    assert (found.state, found.cares) == (State.EMPTY, ())

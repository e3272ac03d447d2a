"""Black and frozen outputs are told apart from what may stand still or be dark."""

from __future__ import annotations

from dataclasses import replace

from signage.player.outputjudge import Glance, OutputJudge
from signage.wire import OutputLook

WELL = Glance(at_s=0.0, taken_ms=5, output=1, is_dark=False, luma=80.0, believed=1)


def judge(*glances: Glance) -> list[tuple[OutputLook, bool]]:
    judge = OutputJudge()
    return [judge.judge(glance) for glance in glances]


def at(seconds: float, **changed: object) -> Glance:
    return replace(WELL, at_s=seconds, **changed)  # type: ignore[arg-type]


def test_a_still_picture_for_an_hour_is_no_fault() -> None:
    told = judge(*(at(30.0 * number) for number in range(120)))

    assert all(look == OutputLook(5, 80.0) and not is_doubtful for look, is_doubtful in told)


def test_two_items_that_look_alike_are_no_fault() -> None:
    told = judge(at(0), at(30, believed=1), at(60, believed=1))

    assert not any(look.frozen_s or is_doubtful for look, is_doubtful in told)


def test_an_item_that_changed_without_the_output_is_frozen_since_the_output_was_first_so() -> None:
    told = judge(at(0), at(30), at(60, believed=2), at(63, believed=2), at(90, believed=3))

    assert [look.frozen_s for look, _ in told] == [0, 0, 0, 63, 90]
    assert [is_doubtful for _, is_doubtful in told] == [False, False, True, False, False]


def test_a_change_that_is_just_on_its_way_to_the_output_is_no_fault() -> None:
    told = judge(at(0), at(30, believed=2), at(33, believed=2, output=2), at(63, believed=2, output=2))

    assert not any(look.frozen_s for look, _ in told)


def test_an_item_that_went_and_came_again_between_two_looks_is_no_fault() -> None:
    told = judge(at(0), at(30, believed=2), at(33, believed=1), at(60, believed=2), at(61, believed=2))

    assert not any(look.frozen_s for look, _ in told)


def test_a_dark_moment_of_a_film_is_not_yet_black() -> None:
    told = judge(at(0, is_dark=True, output=2), at(3, output=3), at(30, is_dark=True, output=4))

    assert not any(look.is_black for look, _ in told)
    assert [is_doubtful for _, is_doubtful in told] == [True, False, True]


def test_an_output_that_stays_dark_is_black() -> None:
    told = judge(at(0, is_dark=True), at(1, is_dark=True), at(3, is_dark=True))

    assert [look.is_black for look, _ in told] == [False, False, True]


def test_in_a_blackout_and_outside_its_hours_an_output_may_be_black_and_stand() -> None:
    dark = {"is_dark": True, "should_show": False}
    told = judge(at(0, **dark), at(30, **dark), at(60, **dark, believed=2), at(90, **dark, believed=3))

    assert not any(look.is_black or look.frozen_s or is_doubtful for look, is_doubtful in told)


def test_a_decoder_that_gives_nothing_is_told_after_ten_seconds() -> None:
    told = judge(at(0, stalled_s=2.0), at(30, stalled_s=32.0))

    assert [look.frozen_s for look, _ in told] == [0, 32.0]

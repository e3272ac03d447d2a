"""Figures are judged and told as they were measured."""

from __future__ import annotations

import json

import pytest

from tests.bench.figures import CHROMIUM, OURS, Figure, Target, machine, middle, table, write_json


@pytest.mark.parametrize(
    ("target", "values", "verdict"),
    [
        (Target(40), {OURS: 40.0}, "reached"),
        (Target(40), {OURS: 40.1}, "missed"),
        (Target(55, is_least=True), {OURS: 54.9}, "missed"),
        (Target(0.6, ratio_to=CHROMIUM), {OURS: 590.0, CHROMIUM: 1000.0}, "reached"),
        (Target(0.6, ratio_to=CHROMIUM), {OURS: 610.0, CHROMIUM: 1000.0}, "missed"),
        (Target(0.6, ratio_to=CHROMIUM), {OURS: 590.0}, ""),
        (None, {OURS: 590.0}, ""),
    ],
)
def test_a_target_is_reached_up_to_its_limit_and_not_judged_without_the_other(target, values, verdict):
    assert Figure("Start", "start", "ms", values, target).verdict == verdict


def test_the_middle_of_repeated_measurements_is_the_median_and_all_of_them_are_kept():
    figure = middle("Start", "start", "ms", {OURS: [500.0, 900.0, 520.0], CHROMIUM: []})

    assert figure.values == {OURS: 520.0}
    assert figure.as_record()["spread"][OURS] == [500.0, 900.0, 520.0]


def test_the_table_tells_the_ratio_and_what_was_missed():
    figure = Figure("Start", "start", "ms", {OURS: 900.0, CHROMIUM: 1000.0}, Target(0.6, ratio_to=CHROMIUM))

    lines = table([figure]).splitlines()

    assert lines[0].split()[:3] == ["Start", "signage", "chromium"]
    assert "<= 0.6x chromium: missed (0.90x)" in lines[1]


def test_what_was_measured_is_read_back_from_the_json(tmp_path):
    figure = Figure("Start", "start", "ms", {OURS: 900.0}, Target(1000))

    path = write_json(tmp_path, machine(), [figure], "quick")

    record = json.loads(path.read_text(encoding="utf-8"))
    assert record["figures"][0]["verdict"] == "reached"
    assert record["machine"]["cores"] >= 1

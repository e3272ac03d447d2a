"""The player's memory stays flat over changes of mixed items: the trap that eats a machine in a night."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from signage.content.values import Kind, Transition
from tests.stage.films import make_film, make_picture

SIZE = (960, 540)
WARM_UP, COUNTED = 8, 24
MOST_GROWTH_MB = 60
"""A stage that leaves one film's frames behind at each change grows by 136 MB here; after hundreds of other tests in
the same process the allocator alone moves by up to 25 MB."""


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1_000_000


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_does_not_grow_with_the_changes_of_mixed_items(theatre, tmp_path):
    make_picture(tmp_path / "a.png", (1600, 1200), (200, 40, 40))
    make_film(tmp_path / "a.mp4", size=SIZE, count=30, rate=30)
    make_film(tmp_path / "b.mp4", size=(640, 480), count=30, rate=30, sound=True)
    items = [("a.mp4", Kind.VIDEO), ("a.png", Kind.PICTURE), ("b.mp4", Kind.VIDEO)]
    theatre.resize(*SIZE)
    resident: list[float] = []

    for number in range(WARM_UP + COUNTED):
        path, kind = items[number % len(items)]
        theatre.play(theatre.cue(path, kind, transition=Transition.FADE))
        for _ in range(6):
            theatre.pass_time(120)
        theatre._qtbot.wait(1)
        resident.append(resident_mb())

    assert min(resident[-6:]) - min(resident[WARM_UP - 3 : WARM_UP + 3]) < MOST_GROWTH_MB

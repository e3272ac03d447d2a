"""A player killed at any moment under a bad network: what is on air is whole, numbers never go back, it converges."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.long.kills import run


@pytest.mark.slow
def test_a_screen_that_is_killed_again_and_again_shows_whole_releases(tmp_path: Path) -> None:
    outcome = run(tmp_path, kills=30, seed=7)

    assert outcome.broken == []
    assert outcome.kills == 30
    assert outcome.switches >= 3, "otherwise the kills hit nothing"
    assert outcome.peak_kb < 120_000

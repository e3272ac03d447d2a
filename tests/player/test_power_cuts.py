"""After a power cut a screen shows a whole release, never an older one than before; without fsync it would not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.long.powercuts import Outcome, cut_power
from tests.player.mounts import CannotMountError


def cut(folder: Path, cuts: int, has_fsync: bool) -> Outcome:
    try:
        return cut_power(folder, cuts, has_fsync=has_fsync)
    except CannotMountError as error:
        pytest.skip(f"power cuts cannot be tried here: {error}")


@pytest.mark.slow
def test_after_a_power_cut_what_is_on_air_is_whole(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    outcome = cut(tmp_path, 4, has_fsync=True)

    assert outcome.broken == []
    assert outcome.whole >= 3


@pytest.mark.slow
def test_without_fsync_the_same_cuts_break_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    outcome = cut(tmp_path, 3, has_fsync=False)

    assert outcome.broken or outcome.empty, "otherwise the test above proves nothing"

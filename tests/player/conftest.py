"""A small office, and a screen with its way to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from tests.player.office import SmallOffice
from tests.player.rig import ScreenRig


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))


@pytest.fixture
def office(tmp_path: Path, clock: ManualClock) -> SmallOffice:
    return SmallOffice(tmp_path / "office", clock)


@pytest.fixture
def screen(tmp_path: Path, office: SmallOffice, clock: ManualClock) -> Iterator[ScreenRig]:
    rig = ScreenRig(tmp_path / "screen", office, clock)
    yield rig
    for http in rig.https:
        http.close()

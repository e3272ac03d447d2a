"""Fixtures of the tests of content."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.content.stores import StoreFolder


@pytest.fixture
def folder(tmp_path: Path) -> StoreFolder:
    """An empty store."""
    return StoreFolder(tmp_path / "store")

"""The office's fixtures, for what a screen does with what an office makes."""

from __future__ import annotations

from tests.office.conftest import clock, office, store

__all__ = ["clock", "office", "store"]

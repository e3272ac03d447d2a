"""A screen's heartbeat in, its row in the database out, and what the office wants of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from signage.office.database.tables import ScreenRow
from signage.office.screens.plain import plain_values
from signage.wire import Heartbeat, HeartbeatAnswer

PICTURE_EVERY_MS = 180_000


class Heard:
    """What screens said while the database took nothing: a full disk in the office makes no screen look offline."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[int, dict[str, Any]]] = {}

    def note(self, screen: str, heartbeat: dict[str, Any], now_ms: int) -> None:
        """Keep what could not be written. From any thread; the newest of each screen."""
        self._said[screen] = (now_ms, heartbeat)

    def forget(self, screen: str) -> None:
        """It is written again."""
        self._said.pop(screen, None)

    def since(self, screen: str, known_ms: int) -> tuple[int, dict[str, Any]] | None:
        """Give when the screen was heard and what it said, if that is newer than what is written."""
        found = self._said.get(screen)
        return found if found is not None and found[0] > known_ms else None


def plain(heartbeat: Heartbeat) -> dict[str, Any]:
    """Give the heartbeat as JSON can hold it.

    Raises:
        ValueError: a number in it is none (NaN, infinity).
    """
    said: dict[str, Any] = plain_values(asdict(heartbeat))
    json.dumps(said, allow_nan=False)
    return said


def keep(screen: str, heartbeat: dict[str, Any], now_ms: int) -> Callable[[Session], HeartbeatAnswer | None]:
    """Give what writes it down, and tells what is wanted; None where the screen was shut out meanwhile."""

    def write(session: Session) -> HeartbeatAnswer | None:
        columns = select(ScreenRow.wants_picture, ScreenRow.picture_ms)
        row = session.execute(columns.where(ScreenRow.name == screen, ScreenRow.revoked_ms.is_(None))).first()
        if row is None:
            return None
        session.execute(
            update(ScreenRow)
            .where(ScreenRow.name == screen)
            .values(heard_ms=now_ms, clock_offset_ms=heartbeat["sent_ms"] - now_ms, heartbeat=heartbeat)
        )
        is_old = row.picture_ms is None or now_ms - row.picture_ms >= PICTURE_EVERY_MS
        return HeartbeatAnswer(now_ms, bool(row.wants_picture or is_old))

    return write

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

"""Instants as whole milliseconds since 1970-01-01 UTC, and their way to and from datetimes and text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from signage.base.errors import NaiveTimeError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """Give the instant in milliseconds, exactly (no float on the way).

    Raises:
        NaiveTimeError: `moment` has no timezone; a bug of the caller.
    """
    if moment.tzinfo is None:
        raise NaiveTimeError(f"{moment!r} has no timezone; attach one before asking")
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def to_datetime(instant_ms: int, zone: tzinfo = UTC) -> datetime:
    """Give the instant as an aware datetime in `zone`."""
    return (_EPOCH + timedelta(milliseconds=instant_ms)).astimezone(zone)


def to_text(instant_ms: int, zone: tzinfo = UTC) -> str:
    """Give ISO 8601 with offset and milliseconds: `2026-11-23T18:03:20.000+08:00`."""
    return to_datetime(instant_ms, zone).isoformat(timespec="milliseconds")

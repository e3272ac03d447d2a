"""What a person typed as a time or a length comes in; instants and milliseconds go out."""

from __future__ import annotations

import re
from datetime import datetime, time, tzinfo

from signage.base.moments import to_datetime, to_ms

_UNITS_MS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000}
_LENGTH = re.compile(r"(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?")
TIME_FORMS = "2026-11-23T18:03:20, '2026-11-23 18:03', 2026-11-23, 18:03:20, 18:03 or now"
LENGTH_FORMS = "90s, 30m, 1h, 1h30m or 2d"


def read_instant(text: str, zone: tzinfo, now_ms: int) -> int:
    """Give the instant that `text` names, in ms since the epoch.

    Without an offset it is local time in `zone`; without a date it is on the local date of `now_ms`. A local time
    that a clock change skips keeps the offset from before it; one that comes twice is the first.

    Raises:
        ValueError: `text` is none of the forms; the message names them.
    """
    said = text.strip()
    if said.lower() == "now":
        return now_ms
    try:
        moment = _read_time_of_day(said, zone, now_ms) if said[1:3].count(":") == 1 else datetime.fromisoformat(said)
        return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"'{text}' is not a time; write {TIME_FORMS}") from error


def _read_time_of_day(said: str, zone: tzinfo, now_ms: int) -> datetime:
    time_of_day = time.fromisoformat(f"0{said}" if said[1] == ":" else said)
    today = to_datetime(now_ms, time_of_day.tzinfo or zone).date()
    return datetime.combine(today, time_of_day)


def read_length(text: str) -> int:
    """Give the length in ms, more than zero; a bare number counts seconds.

    Raises:
        ValueError: `text` is none of the forms, or nothing long; the message names them.
    """
    found = _LENGTH.fullmatch(text.strip().lower().replace(" ", ""))
    parts = found.groups() if found else ()
    length_ms = sum(round(float(part) * unit) for part, unit in zip(parts, _UNITS_MS.values(), strict=False) if part)
    if length_ms <= 0:
        raise ValueError(f"'{text}' is not a length of time; write {LENGTH_FORMS}")
    return length_ms


def length_text(length_ms: int) -> str:
    """Give a length as people write it, to the second from a minute on: `12 s`, `1 min 30 s`, `2 h 5 min`, `3 d`."""
    if length_ms < 60_000:
        return f"{length_ms / 1000:.1f}".removesuffix(".0") + " s"
    rest_s = round(length_ms / 1000)
    parts = []
    for unit_s, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, rest_s = divmod(rest_s, unit_s)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])

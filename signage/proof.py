"""The as-run log comes in; proof of play goes out, as records, as CSV and as rows for people."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import Any

from signage.base.moments import to_datetime, to_text
from signage.base.timetext import length_text
from signage.player.asrun import AsRun
from signage.player.ports import Outcome

HEADER = ("started", "late", "for", "outcome", "screen", "zone", "playlist", "item")
WIDTHS = (12, 8, 11, 7, 8, 6, 18)
RECORD_KEYS = (
    *("screen", "zone", "playlist", "item", "kind", "sha256"),
    *("planned_start", "planned_end", "started", "ended", "outcome", "reason"),
)
_COLOURS = {None: "cyan", Outcome.SHOWN: "green", Outcome.CUT: "yellow", Outcome.FAILED: "red"}


def as_record(showing: AsRun, zone: tzinfo) -> dict[str, Any]:
    """Give the showing as `signage asrun --json` prints it; `ended` and `outcome` are null while it is on screen."""
    return {
        "screen": showing.screen,
        "zone": showing.zone,
        "playlist": showing.playlist,
        "item": showing.item,
        "kind": str(showing.kind),
        "sha256": showing.sha256,
        "planned_start": to_text(showing.planned_start_ms, zone),
        "planned_end": to_text(showing.planned_end_ms, zone),
        "started": to_text(showing.started_ms, zone),
        "ended": None if showing.ended_ms is None else to_text(showing.ended_ms, zone),
        "outcome": None if showing.outcome is None else str(showing.outcome),
        "reason": showing.reason,
    }


def print_csv(showings: Iterable[AsRun], zone: tzinfo) -> None:
    """Print the records as CSV with a header line. Source: RFC 4180, but for the line ends, which are the system's."""
    writer = csv.DictWriter(sys.stdout, RECORD_KEYS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(as_record(showing, zone) for showing in showings)


def as_rows(showings: Iterable[AsRun], zone: tzinfo) -> Iterator[tuple[tuple[str, str], ...]]:
    """Give a row for each showing, with how many ms after its plan it came; what was joined midway has no lateness."""
    day = None
    for showing in showings:
        started = to_datetime(showing.started_ms, zone)
        if started.date() != day:
            day = started.date()
            yield ((f"{day:%Y-%m-%d}", "bold"), (f"{day:%A}"[:8], "bold"), *((("", ""),) * 6))
        length = "on air" if showing.ended_ms is None else length_text(showing.ended_ms - showing.started_ms)
        reason = f"  ({showing.reason})" if showing.reason else ""
        yield (
            (started.time().isoformat("milliseconds"), ""),
            (_lateness(showing), "dim"),
            (length, "dim"),
            (str(showing.outcome or "on air"), _COLOURS[showing.outcome]),
            (showing.screen, "dim"),
            (showing.zone, "dim"),
            (showing.playlist or "-", ""),
            (showing.item + reason, ""),
        )


def _lateness(showing: AsRun) -> str:
    late_ms = showing.started_ms - showing.planned_start_ms
    return f"{late_ms} ms" if abs(late_ms) < 1000 else "joined"


def summary(showings: Iterable[AsRun]) -> str:
    """Give the last line: how many showings there were, and how they ended."""
    counts = dict.fromkeys((Outcome.SHOWN, Outcome.CUT, Outcome.FAILED, None), 0)
    for showing in showings:
        counts[showing.outcome] += 1
    named = [(counts[Outcome.SHOWN], "shown"), (counts[Outcome.CUT], "cut"), (counts[Outcome.FAILED], "failed")]
    return ", ".join(f"{count} {name}" for count, name in [*named, (counts[None], "on air")] if count) or "nothing"

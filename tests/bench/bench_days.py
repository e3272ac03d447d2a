"""Bench of days of the programme: what a day, a year and a question cost, by items, active playlists and store size.

Run `python tests/bench/bench_days.py [--json FILE]` from the repository's root; prints a table.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from signage.base.moments import to_ms
from signage.content.values import DayClass, Edge, Entry, Hours, Item, Kind, Playlist, Screen, Store, Window
from signage.schedule.programme import Programme

DAY_MS = 86_400_000
SCREEN = Screen(hours=(Hours(Edge(6 * 3600), Edge(23 * 3600)),))
START_MS = to_ms(datetime(2026, 11, 23, tzinfo=SCREEN.timezone))
NOON_MS = START_MS + DAY_MS // 2
LENGTHS_MS = (8_000, 10_000, 12_000, 15_000, 20_000)
PAST = Window(from_date=date(2020, 1, 1), until_date=date(2021, 1, 1))


def make_playlist(number: int, items: int, windows: tuple[Window, ...] = ()) -> Playlist:
    """Give a playlist of pictures of mixed length; each third one is shuffled."""
    entry = tuple(
        Item(f"{number}/{place}.jpg", Kind.PICTURE, f"{number}-{place}", LENGTHS_MS[(number + place) % 5])
        for place in range(items)
    )
    name = f"p{number:05}"
    return Playlist(name, name, (Entry(entry, number % 3 == 0),), windows=windows, weight=Fraction(1 + number % 5))


def make_windows(number: int) -> tuple[Window, ...]:
    """Give rules as offices write them: always, by hour, on workdays, at weekends."""
    hours = (Hours(Edge((6 + number % 6) * 3600), Edge((12 + number % 10) * 3600)),)
    return (
        (),
        (Window(hours=hours),),
        (Window(day_classes=frozenset([DayClass.WORKDAY]), hours=hours),),
        (Window(weekdays=frozenset([6, 7])),),
    )[number % 4]


def make_store(playlists: int, items: int, idle: int = 0, *, ruled: bool = False) -> Store:
    active = [make_playlist(n, items // playlists, make_windows(n) if ruled else ()) for n in range(playlists)]
    past = [make_playlist(playlists + n, 100, (PAST,)) for n in range(idle)]
    return Store(Path(), tuple(active + past), {SCREEN.name: SCREEN})


def time_ms(action: Callable[[], object], repeats: int = 5) -> float:
    """Give the median wall time of the action."""
    spent = []
    for _ in range(repeats):
        begun = time.perf_counter()
        action()
        spent.append((time.perf_counter() - begun) * 1000)
    return statistics.median(spent)


def measure(name: str, store: Store) -> dict[str, object]:
    """Give the cost of a whole day (the first, and once the programme is warm), of passing midnight, and of asking."""
    programme = Programme(store, SCREEN)
    last_ms = START_MS + DAY_MS - 1
    whole_days, midnights = iter(range(1, 100)), iter(range(100, 200))
    first_ms = time_ms(lambda: Programme(store, SCREEN).slot_at(last_ms))
    programme.slot_at(last_ms)
    day_ms = time_ms(lambda: programme.slot_at(last_ms + next(whole_days) * DAY_MS))
    midnight_ms = time_ms(lambda: programme.slot_at(START_MS + next(midnights) * DAY_MS))
    instants = [START_MS + number * 8_629 for number in range(10_000)]
    programme.slot_at(last_ms)
    ask_us = time_ms(lambda: [programme.slot_at(instant) for instant in instants], 3) / 10
    slots = sum(1 for _ in programme.slots(START_MS, START_MS + DAY_MS))
    return {
        "case": name,
        "slots_a_day": slots,
        "first_day_ms": round(first_ms, 2),
        "next_day_ms": round(day_ms, 2),
        "midnight_ms": round(midnight_ms, 2),
        "slot_at_us": round(ask_us, 2),
    }


def measure_year(name: str, store: Store) -> dict[str, object]:
    """Give the cost of every slot of a year."""
    programme = Programme(store, SCREEN)
    begun = time.perf_counter()
    slots = sum(1 for _ in programme.slots(START_MS, START_MS + 365 * DAY_MS))
    return {"case": name, "slots_a_year": slots, "year_s": round(time.perf_counter() - begun, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    options = parser.parse_args()
    rows: list[dict[str, object]] = []
    for items in (100, 1_000, 10_000, 100_000):
        rows.append(measure(f"10 playlists, {items:,} items", make_store(10, items)))
        rows.append(measure(f"100 playlists, {items:,} items", make_store(100, items)))
    rows.append(measure("1,000 playlists, 100,000 items", make_store(1_000, 100_000)))
    for idle in (0, 100, 1_000, 10_000):
        rows.append(measure(f"10 active playlists, {idle:,} past ones", make_store(10, 1_000, idle)))
    rows.append(measure("100 playlists with rules, 2,000 items", make_store(100, 2_000, ruled=True)))
    rows.append(measure_year("a year of 10 playlists with rules", make_store(10, 200, ruled=True)))
    rows.append(measure_year("a year of 100 playlists with rules", make_store(100, 2_000, ruled=True)))
    for row in rows:
        figures = "  ".join(f"{key} {value:,}" for key, value in row.items() if key != "case")
        print(f"{row['case']:<44}{figures}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

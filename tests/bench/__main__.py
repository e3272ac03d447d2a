"""The benchmark: `python -m tests.bench` plays, watches and measures, prints a table and writes JSON into `results/`.

Everything is shown on virtual displays of its own (Xvfb), beside Chromium and mpv where they are installed, in one
run on one machine: so ratios mean something where single figures do not. Exit code 1 when a target was missed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import av

from tests.bench import bench_ingest, bench_programme, bench_store
from tests.bench.changes import mixed_changes
from tests.bench.contenders import installed
from tests.bench.figures import OURS, Figure, Target, machine, table, write_json
from tests.bench.material import Material, make_material
from tests.bench.measure import go_ahead_of_others
from tests.bench.scenes import Course, fades, film, start_and_rest

RESULTS = Path(__file__).parent / "results"
FULL = Course(repeats=3, starts=7, settle_s=7, rest_s=8, fades=8, film_s=15)
QUICK = Course(repeats=1, starts=3, settle_s=6, rest_s=4, fades=4, film_s=8)
CHANGES = {False: (2_000, 150), True: (60, 20)}


def programme_figures(is_quick: bool) -> list[Figure]:
    """Give how the programme's cost grows with the items, and with those that are active."""
    group = "Programme"
    figures = []
    for items in (100, 1_000, 10_000, 100_000):
        row = bench_programme.measure("", bench_programme.make_store(100, items))
        figures.append(_ours(group, f"work the first day out, {items:,} items", "ms", _number(row, "first_day_ms")))
    few = bench_programme.measure("", bench_programme.make_store(10, 1_000, idle=10_000))
    year = bench_programme.measure_year("", bench_programme.make_store(*((10, 200) if is_quick else (100, 2_000))))
    note = f"{_number(year, 'slots_a_year'):,.0f} slots, {10 if is_quick else 100} playlists"
    return [
        *figures,
        _ours(group, "pass midnight, 100,000 items", "ms", _number(row, "midnight_ms")),
        _ours(group, "ask what is on, 100,000 items", "us", _number(row, "slot_at_us"), Target(50)),
        _ours(group, "first day, 10 active of 10,010 playlists", "ms", _number(few, "first_day_ms")),
        _ours(group, "list a year", "s", _number(year, "year_s"), note=note),
    ]


def _number(row: Mapping[str, object], name: str) -> float:
    return float(str(row[name]))


def store_figures(is_quick: bool) -> list[Figure]:
    """Give how long a store takes to read."""
    playlists, items = (100, 10_000) if is_quick else (1_000, 100_000)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "store")
        bench_store.make_store(root, playlists, items, 500)
        rows = bench_store.measure(root, Path(folder, "cache"))
    limits = {"cold read: wall": Target(10), "read again, one playlist changed: wall": Target(1)}
    group = f"Store of {playlists:,} playlists, {items:,} items"
    return [
        _ours(group, str(row["name"]), str(row["unit"]), _number(row, "value"), limits.get(str(row["name"])))
        for row in rows
        if "memory" not in str(row["name"])  # this process has measured other things before
    ]


def ingest_figures(is_quick: bool) -> list[Figure]:
    """Give how quickly files of the shared folder are taken in."""
    limits = {"ingest to plain Pillow": Target(0.8, is_least=True), "scan of 100,000 files": Target(1)}
    figures = []
    for measure, count in (
        (bench_ingest.photos, 8 if is_quick else 24),
        (bench_ingest.scan, 100_000),
        (bench_ingest.drop, 500 if is_quick else 10_000),
    ):
        with tempfile.TemporaryDirectory() as folder:
            for row in measure(Path(folder), count):
                name = str(row["name"])
                figures.append(_ours("Ingest", name, str(row["unit"]), _number(row, "value"), limits.get(name)))
    return figures


def _ours(group: str, name: str, unit: str, value: float, target: Target | None = None, note: str = "") -> Figure:
    return Figure(group, name, unit, {OURS: value}, target, note)


def parts(
    material: Material, work: Path, others: Mapping[str, str], options: argparse.Namespace
) -> dict[str, Callable[[], list[Figure]]]:
    """Give the parts of the benchmark by name, in the order in which they run."""
    course = QUICK if options.quick else FULL
    changes, other_changes = CHANGES[options.quick]
    if options.changes:
        changes, other_changes = options.changes, max(20, options.changes // 10)
    found: dict[str, Callable[[], list[Figure]]] = {
        "programme": lambda: programme_figures(options.quick),
        "store": lambda: store_figures(options.quick),
        "ingest": lambda: ingest_figures(options.quick),
        "start": lambda: start_and_rest(material, work, others, course),
        "fade": lambda: [
            *fades(material, work, others, course, (1920, 1080)),
            *fades(material, work, others, course, (960, 540)),
        ],
        "film": lambda: film(material, work, others, course, material.film, 30),
    }
    if material.real_film is not None:
        real = material.real_film
        found["real-film"] = lambda: film(material, work, others, course, real, _rate(real))
    found["changes"] = lambda: mixed_changes(material, work, others, changes, other_changes)
    return found


def _measured(name: str, measure: Callable[[], list[Figure]]) -> list[Figure]:
    """Give a part's figures; a program that breaks spoils its own part only, and is a target missed."""
    try:
        return measure()
    except (TimeoutError, RuntimeError) as error:
        print(f"\n{name}: {error}", file=sys.stderr)
        return [Figure(name, "parts that broke", "", {OURS: 1}, Target(0), str(error).splitlines()[0])]


def _rate(path: Path) -> float:
    with av.open(str(path)) as container:
        return float(container.streams.video[0].average_rate or 0)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)  # what was started is ended on the way out
    if not shutil.which("Xvfb"):
        print("error: the benchmark needs Xvfb: apt-get install xvfb", file=sys.stderr)
        return 2
    others, began = installed(), machine()
    if options.realtime:
        go_ahead_of_others()
    print(f"{began['cpu']}, {began['cores']} cores; beside us: {', '.join(others.values()) or 'nothing'}")
    if began["load"][0] > (os.cpu_count() or 1) / 2:
        print(f"note: this machine is busy already (load {began['load'][0]}); trust the ratios only, or --realtime")
    print("making pictures and films (once) ...", flush=True)
    material = make_material(RESULTS / "material", options.film)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="signage-bench-") as folder:
        for name, measure in parts(material, Path(folder), others, options).items():
            if options.only and name not in options.only:
                continue
            found = _measured(name, measure)
            figures += found
            print(f"\n{table(found)}", flush=True)
    missed = [figure for figure in figures if figure.verdict == "missed"]
    for figure in missed:
        print(f"\nmissed: {figure.group}, {figure.name}: {figure.values[OURS]:.3g} {figure.unit}".rstrip(), end="")
    print(f"\n\nwritten: {write_json(RESULTS, began, figures, _mode(options))}")
    return 1 if missed else 0


def _mode(options: argparse.Namespace) -> str:
    return f"{'quick' if options.quick else 'full'}{'-realtime' if options.realtime else ''}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about six minutes instead of an hour")
    names = "programme, store, ingest, start, fade, film, changes"
    parser.add_argument("--only", metavar="PART", action="append", help=names)
    parser.add_argument("--film", metavar="FILE", type=Path, help="a real film to play as well (part real-film)")
    parser.add_argument("--changes", metavar="N", type=int, help="how many changes of mixed items (default 2000)")
    parser.add_argument(
        "--realtime", action="store_true", help="all that is measured goes before all else on a busy machine (root)"
    )
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)

"""Measures the intake of files: photos of 24 megapixels per second beside plain libraries, a scan, a great many files.

A plain script: `python -m tests.bench.bench_ingest [--photos 24] [--scan 100000] [--drop 10000] [--json]` prints one
line, or one JSON row, for each figure. Everything runs on this machine in one run, so that ratios mean something.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from PIL import Image

from signage.content.scan import scan_media
from signage.office.database.engine import open_database
from signage.office.ingest.service import Ingest
from signage.office.ingest.workers import workers_here

Row = dict[str, object]
SIZE = (6000, 4000)
CANVAS = (1920, 1080)
THUMBNAIL_PX = 480


def photo(chance: random.Random) -> bytes:
    """Give a JPEG of 24 megapixels with as much detail as a camera's: about 8 MB."""
    small = Image.frombytes("RGB", (1500, 1000), chance.randbytes(1500 * 1000 * 3))
    picture = small.resize(SIZE, Image.Resampling.BICUBIC)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()


def by_pillow(path: str) -> int:
    """Make the same two pictures by Pillow alone: for the screen, and a thumbnail."""
    with Image.open(path) as picture:
        picture.thumbnail((CANVAS[0], CANVAS[0]))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=90)
        picture.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
        picture.save(out, "WEBP", quality=75)
        return out.tell()


def by_vips(path: str) -> int:
    """Make the same two pictures by libvips."""
    import pyvips  # type: ignore[import-not-found]  # measured where somebody installed it; not one of our packages

    large = pyvips.Image.thumbnail(path, CANVAS[0], output_profile="srgb").copy_memory()  # it is read twice
    little = large.thumbnail_image(THUMBNAIL_PX)
    return len(large.jpegsave_buffer(Q=90)) + len(little.webpsave_buffer(Q=75))


def has_vips() -> bool:
    try:
        import pyvips  # noqa: F401
    except (ImportError, OSError):
        return False
    return True


def photos(folder: Path, count: int) -> Iterator[Row]:
    """Give photos per second through all of ingest, from the first to the last, beside the plain libraries."""
    store = _store(folder)
    contents = [photo(random.Random(at)) for at in range(4)]
    for at in range(count):
        # Each is another file: a few bytes behind the end of a JPEG change nothing but its sha256.
        (store / "media" / f"{at:04}.jpg").write_bytes(contents[at % 4] + at.to_bytes(4, "big") + b"\xff\xd9")
    paths = [str(path) for path in sorted((store / "media").iterdir())]
    ours = count / _through_ingest(store, folder / "office")
    yield _row("24-megapixel photos, ingest", ours, "/s")
    others: list[tuple[str, Callable[[str], int]]] = [("plain Pillow", by_pillow)]
    others += [("plain pyvips", by_vips)] if has_vips() else []
    for name, make in others:
        with ProcessPoolExecutor(workers_here()) as pool:
            list(pool.map(make, paths[:2]))
            begun = time.perf_counter()
            list(pool.map(make, paths))
            theirs = count / (time.perf_counter() - begun)
        yield _row(f"24-megapixel photos, {name}", theirs, "/s")
        yield _row(f"ingest to {name}", ours / theirs, "x")


def scan(folder: Path, count: int) -> Iterator[Row]:
    """Give the time of one scan, the best of three."""
    for at in range(count):
        place = folder / "media" / f"主题{at // 500}"
        if at % 500 == 0:
            place.mkdir(parents=True)
        (place / f"照片{at}.jpg").touch()
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        found = scan_media(folder / "media")
        times.append(time.perf_counter() - begun)
        assert len(found.files) == count
    yield _row(f"scan of {count:,} files", min(times), "s")


def drop(folder: Path, count: int) -> Iterator[Row]:
    """Give how long small photos take that lie there when the service starts, the 2 seconds of rest included."""
    store = _store(folder)
    for at in range(count):
        out = io.BytesIO()
        Image.new("RGB", (192, 108), (at % 256, at // 256, 90)).save(out, "JPEG")
        (store / "media" / f"{at:05}.jpg").write_bytes(out.getvalue() + at.to_bytes(4, "big") + b"\xff\xd9")
    cpu = sum(os.times()[:4])
    took_s = _through_ingest(store, folder / "office")
    yield _row(f"{count:,} small files dropped while the service slept: wall", took_s, "s")
    yield _row(f"{count:,} small files: CPU", sum(os.times()[:4]) - cpu, "s")


def _store(folder: Path) -> Path:
    store = folder / "store"
    (store / "media").mkdir(parents=True)
    (store / "playlists").mkdir()
    width, height = CANVAS
    (store / "playlists/screens.yaml").write_text(f"gate: {{size: {width}x{height}}}\n", encoding="utf-8")
    return store


def _through_ingest(store: Path, office: Path) -> float:
    """Give the seconds from the start of the service until every file is decided."""
    office.mkdir()
    database = open_database(office / "office.db")
    changed = threading.Event()
    ingest = Ingest(store, office, database, on_change=changed.set)
    names = [path.name for path in (store / "media").iterdir()]
    begun = time.perf_counter()
    ingest.start()
    try:
        while not (ingest.is_idle and all((one := ingest.record_of(name)) and one.made for name in names)):
            changed.wait(0.05)
            changed.clear()
        return time.perf_counter() - begun
    finally:
        ingest.close()
        database.close()


def _row(name: str, value: float, unit: str) -> Row:
    return {"name": name, "value": round(value, 3), "unit": unit}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=24)
    parser.add_argument("--scan", type=int, default=100_000)
    parser.add_argument("--drop", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for measure, count in ((photos, options.photos), (scan, options.scan), (drop, options.drop)):
        if not count:
            continue
        with tempfile.TemporaryDirectory() as folder:
            for row in measure(Path(folder), count):
                text = json.dumps(row) if options.json else f"{row['name']:62} {row['value']:>9} {row['unit']}"
                print(text, flush=True)


if __name__ == "__main__":
    main()

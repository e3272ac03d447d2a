"""Measures how long a store takes to read: cold, again, after one changed file, and at the next start.

A plain script: `python tests/bench/bench_store.py [--playlists 1000] [--items 100000] [--media 500] [--json]` prints
one JSON row (with `--json`) or one line of text for each figure. Makes its own store in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from signage.content.store import StoreReader
from signage.content.values import Store


def make_store(root: Path, playlists: int, items: int, media: int) -> None:
    """Write a store: `media` small JPEGs in 20 folders, `items` file entries, of them one in ten a card."""
    chance = random.Random(7)
    paths = [f"topic-{at % 20:02}/photo-{at:05}.jpg" for at in range(media)]
    for at, path in enumerate(paths):
        file = root / "media" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (192, 108), (at % 256, at // 256 % 256, 90)).save(file, quality=70)
    (root / "playlists").mkdir(parents=True)
    (root / "playlists" / "screens.yaml").write_text(
        "screens:\n  gate: {title: 大门, tags: [outdoor], size: 960x540}\n  hall: {tags: [indoor]}\n", encoding="utf-8"
    )
    for number in range(playlists):
        count = items // playlists
        lines = [
            f"title: 社区工作动态 {number}",
            "where: [outdoor]" if number % 2 else "where: indoor",
            f"weight: {1 + number % 5}",
            "priority: normal",
            "when:",
            "  - days: workday",
            "    hours: 07:00-22:00",
            "play:",
        ]
        for at in range(count):
            if at % 10 == 9:
                lines += [
                    "  - template: work-update",
                    "    seconds: 15",
                    f"    headline: 连然新村第 {number}-{at} 号停车道闸启用",
                    "    body: 道闸今日启用，请业主到服务大厅登记车牌。",
                    f"    photos: [{chance.choice(paths)}]",
                ]
            else:
                lines += [
                    f"  - file: {chance.choice(paths)}",
                    f"    seconds: {8 + at % 5}",
                    "    fit: contain",
                    "    transition: fade",
                ]
        (root / "playlists" / f"list-{number:04}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def measure(root: Path, cache: Path) -> list[dict[str, object]]:
    """Give the figures as rows of `name`, `value`, `unit`."""
    rows: list[dict[str, object]] = []

    def timed(name: str, work: Callable[[], Store]) -> Store:
        wall, cpu = time.perf_counter(), time.process_time()
        store = work()
        rows.append({"name": f"{name}: wall", "value": round(time.perf_counter() - wall, 3), "unit": "s"})
        rows.append({"name": f"{name}: CPU", "value": round(time.process_time() - cpu, 3), "unit": "s"})
        return store

    reader = StoreReader(root, cache)
    first = timed("cold read", reader.read)
    count = sum(len(entry.items) for playlist in first.playlists for entry in playlist.entries)
    rows.append({"name": "playlists read", "value": len(first.playlists), "unit": ""})
    rows.append({"name": "items read", "value": count, "unit": ""})
    rows.append({"name": "problems", "value": len(first.problems), "unit": ""})
    rss_kib = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
    rows.append({"name": "memory after the cold read", "value": round(rss_kib / 1024), "unit": "MiB"})
    timed("read again, nothing changed", reader.read)
    changed = root / "playlists" / "list-0000.yaml"
    changed.write_text(changed.read_text(encoding="utf-8").replace("weight: 1", "weight: 2"), encoding="utf-8")
    second = timed("read again, one playlist changed", reader.read)
    assert second.revision != first.revision
    picture = root / "media" / "topic-00" / "photo-00000.jpg"
    Image.new("RGB", (192, 108), "white").save(picture)
    third = timed("read again, one picture changed", reader.read)
    assert third.revision != second.revision
    timed("next start, media known", StoreReader(root, cache).read)
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows.append({"name": "peak memory of the process", "value": round(peak_kib / 1024), "unit": "MiB"})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--playlists", type=int, default=1000)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--media", type=int, default=500)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "store")
        make_store(root, options.playlists, options.items, options.media)
        for row in measure(root, Path(folder, "cache")):
            text = json.dumps(row) if options.json else f"{row['name']:40} {row['value']:>10} {row['unit']}"
            print(text, flush=True)


if __name__ == "__main__":
    main()

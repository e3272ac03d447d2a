"""Thousands of changes of mixed items: what was black between them, how late they came, what memory grew."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from signage.content.values import Kind
from signage.player.asrun import read_asrun
from signage.player.ports import Outcome
from tests.bench.contenders import Command, Scene, kiosk, ours, present, shown
from tests.bench.figures import CHROMIUM, MPV, OURS, Figure, Target
from tests.bench.material import Material, fading_page, make_store, mixed
from tests.bench.measure import Display, Program, Watched, mpv, slope_kb, wait_for, watch

GROUP = "Changes of mixed items"
SECONDS = 0.8
"""How long each item is on screen: a fade takes 0.6 s of it."""
CYCLE = 15
"""Items of one pass of the mixed playlist, each page of the PDF counted."""
_WARM_UP = 0.2
_SETTLE_S = 5
_BLACK_FRAME_MS = 1000 / 60


@dataclass(frozen=True, slots=True)
class Changes:
    """What was seen over a stretch of time: looks at the screen and at memory, pass by pass."""

    watched: tuple[Watched, ...]
    pss_mb: tuple[float, ...]
    own_mb: tuple[tuple[float, float], ...]
    """(changes so far, MiB)"""

    @property
    def black_frames(self) -> int:
        """Give for how many frames the screen was black; a look that finds black counts for one at least."""
        lengths = [length for part in self.watched for _, length in part.black_s]
        return sum(max(1, round(length * 1000 / _BLACK_FRAME_MS)) for length in lengths)

    @property
    def blind_ms(self) -> float:
        return max(part.blind_ms for part in self.watched)


def mixed_changes(
    material: Material, work: Path, others: Mapping[str, str], count: int, other_count: int
) -> list[Figure]:
    """Give black frames, lateness and memory of `count` changes of ours; black of `other_count` of the others.

    The others show pictures and films only: they have no cards and no pages.
    """
    store = make_store(work / "mixed", material, mixed(material, SECONDS))
    files = [*material.pictures[:2], material.short_films[0], material.pictures[2], *material.short_films[1:]]
    commands: dict[str, Command] = {
        OURS: ours(store),
        CHROMIUM: kiosk(fading_page(work / "mixed.html", files, SECONDS)),
        MPV: lambda _: mpv(*files, options=[f"--image-display-duration={SECONDS}", f"--length={SECONDS}"]),
    }
    scene = Scene("mixed", commands)
    black: dict[str, float] = {}
    memory: dict[str, float] = {}
    figures: list[Figure] = []
    for contender in present(scene, others):
        with shown(scene, contender, work / "mixed-state") as (display, program):
            wait_for(display.screen, lambda screen: not screen.is_black(screen.whole()), program)
            time.sleep(_SETTLE_S)
            began_ms = round(time.time() * 1000)
            seen = look_at(display, program, count if contender == OURS else other_count)
        black[contender] = seen.black_frames
        memory[contender] = statistics.median(seen.pss_mb[-len(seen.pss_mb) // 4 :])
        if contender == OURS:
            figures = _figures_of_ours(seen, work / "mixed-state" / OURS, began_ms)
    note = f"others: {other_count} changes of pictures and films"
    return [
        Figure(GROUP, "black frames", "", black, Target(0), note),
        *figures,
        Figure(GROUP, "PSS, last quarter", "MiB", memory),
    ]


def look_at(display: Display, program: Program, count: int) -> Changes:
    """Watch that many changes go by; memory is read once in each pass of the playlist.

    Raises:
        RuntimeError: the program ended on the way; the message carries what it printed.
    """
    parts: list[Watched] = []
    pss_mb: list[float] = []
    own_mb: list[tuple[float, float]] = []
    began_s = time.monotonic()
    while (done := (time.monotonic() - began_s) / SECONDS) < count:
        parts.append(watch(display.screen, CYCLE * SECONDS / 4, is_over=lambda: not program.is_running))
        if not program.is_running:
            raise RuntimeError(f"the program ended after {done:.0f} changes: {program.output()[-2000:]}")
        pss_mb.append(program.pss_mb())
        own_mb.append((done, program.own_mb()))
    return Changes(tuple(parts), tuple(pss_mb), tuple(own_mb))


def memory_slope_kb(points: Sequence[tuple[float, float]]) -> float:
    """Give by how many KiB a change the memory grew that is kept: of each pass the least, warm-up left out.

    What is taken for a moment (a film's buffers) comes and goes with the item; what a pass never falls below stays.
    """
    warm = points[int(len(points) * _WARM_UP) :]
    floors = [min(warm[at : at + 4], key=lambda point: point[1]) for at in range(0, len(warm) - 3, 4)]
    return slope_kb(floors) if len(floors) > 2 else 0.0


def _figures_of_ours(seen: Changes, state: Path, began_ms: int) -> list[Figure]:
    rows = [row for row in read_asrun(state) if row.started_ms >= began_ms and row.kind is not Kind.SLATE]
    late_ms = sorted(row.started_ms - row.planned_start_ms for row in rows)
    failed = [row for row in rows if row.outcome is Outcome.FAILED]
    first = seen.pss_mb[: max(1, len(seen.pss_mb) // 4)]
    spread = {"changes": [count for count, _ in seen.own_mb], "own memory in MiB": [size for _, size in seen.own_mb]}
    kinds = ", ".join(sorted({row.kind.value for row in rows}))
    return [
        Figure(GROUP, "changes", "", {OURS: len(rows)}, note=f"{kinds}; {SECONDS:g} s each"),
        Figure(GROUP, "items that failed", "", {OURS: len(failed)}, Target(0), failed[0].reason if failed else ""),
        Figure(GROUP, "start after its plan, median", "ms", {OURS: statistics.median(late_ms)}, Target(50)),
        Figure(GROUP, "start after its plan, 99 of 100", "ms", {OURS: late_ms[len(late_ms) * 99 // 100]}, Target(50)),
        Figure(GROUP, "sampler blind up to", "ms", {OURS: seen.blind_ms}),
        Figure(
            GROUP,
            "memory slope after warm-up",
            "KiB a change",
            {OURS: memory_slope_kb(seen.own_mb)},
            Target(5),
            "of memory in no file: libraries that come and go with other programs do not count",
            spread,
        ),
        Figure(GROUP, "PSS, first quarter", "MiB", {OURS: statistics.median(first)}),
    ]

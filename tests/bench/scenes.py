"""What stands still, fades and moves: each contender shows the same in turn, and its figures come out."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.bench.contenders import Scene, kiosk, ours, present, shown
from tests.bench.figures import CHROMIUM, MPV, OURS, Figure, Target, middle
from tests.bench.material import (
    CODE_BITS,
    CODE_BLOCK_PX,
    FIRST_COLOUR,
    Material,
    entries,
    fading_page,
    film_page,
    frame_number,
    make_store,
    still_page,
)
from tests.bench.measure import Area, Look, ScreenFile, Watched, has_colour, mpv, wait_for, watch

Measured = dict[str, list[float]]
FADE_FRAMES = 36  # 0.6 s at 60 a second
_HOUR_S = 3600
_PATIENCE_S = 60
_MOVED = 5


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how often things are measured."""

    repeats: int
    starts: int
    settle_s: float
    rest_s: float
    fades: int
    film_s: float


def start_and_rest(material: Material, work: Path, others: Mapping[str, str], course: Course) -> list[Figure]:
    """Give start to first picture, the first time ever and again, and what each takes while nothing moves."""
    store = make_store(work / "still", material, entries([material.first], _HOUR_S))
    scene = Scene(
        "still",
        {
            OURS: ours(store),
            CHROMIUM: kiosk(still_page(work / "still.html", material.first)),
            MPV: lambda _: mpv(material.first),
        },
    )
    first: Measured = defaultdict(list)
    again: Measured = defaultdict(list)
    cpu: Measured = defaultdict(list)
    pss: Measured = defaultdict(list)
    is_there = has_colour(*FIRST_COLOUR)
    for contender in present(scene, others):
        with shown(scene, contender, work / "first") as (display, program):
            first[contender].append(wait_for(display.screen, is_there, program))
            time.sleep(course.settle_s)
    for repeat in range(course.starts):
        for contender in present(scene, others):
            with shown(scene, contender, work / "first") as (display, program):
                again[contender].append(wait_for(display.screen, is_there, program))
                if repeat < course.repeats:
                    time.sleep(course.settle_s)
                    use = program.use_over(course.rest_s)
                    cpu[contender].append(use.cpu_percent)
                    pss[contender].append(use.pss_mb)
    group = "One picture"
    return [
        middle(group, "start to picture, first time", "ms", first, note="new state folder or profile; one run"),
        middle(group, "start to picture, again", "ms", again, Target(0.6, ratio_to=CHROMIUM)),
        middle(group, "CPU at rest", "% of a core", cpu),
        middle(group, "PSS at rest", "MiB", pss, Target(0.5, ratio_to=CHROMIUM)),
    ]


def fades(
    material: Material, work: Path, others: Mapping[str, str], course: Course, size_px: tuple[int, int]
) -> list[Figure]:
    """Give how evenly pictures fade over the whole screen: 0.6 s each, one every 2 s."""
    name = f"fade-{size_px[1]}"
    pictures = material.pictures[:4]
    scene = Scene(
        name,
        {
            OURS: ours(make_store(work / name, material, entries(pictures, 2))),
            CHROMIUM: kiosk(fading_page(work / f"{name}.html", pictures, 2), size_px),
        },
        size_px,
    )
    rate: Measured = defaultdict(list)
    worst: Measured = defaultdict(list)
    cpu: Measured = defaultdict(list)
    blind_ms = 0.0
    for _ in range(course.repeats):
        for contender in present(scene, others):
            with shown(scene, contender, work / name) as (display, program):
                wait_for(display.screen, lambda screen: not screen.is_black(screen.whole()), program)
                time.sleep(course.settle_s)
                before_s = program.cpu_s()
                seen = watch(display.screen, course.fades * 2)
                cpu[contender].append((program.cpu_s() - before_s) / seen.seconds * 100)
                blind_ms = max(blind_ms, seen.blind_ms)
                for fade in _whole_fades(seen):
                    rate[contender].append((fade.frames - 1) / fade.seconds)
                    worst[contender].append(fade.worst_gap_ms)
    group = f"Fade at {size_px[0]}x{size_px[1]}"
    return [
        middle(group, "frames shown, median fade", "of 60", _capped(rate), Target(55, is_least=True)),
        middle(group, "worst gap, median fade", "ms", worst, Target(40)),
        middle(group, "worst gap of all fades", "ms", worst, Target(40), f"sampler blind up to {blind_ms:.0f} ms", max),
        middle(group, "fades with a gap over 40 ms", "%", worst, of=_percent_over(40)),
        middle(group, "CPU, a fade every 2 s", "% of a core", cpu),
    ]


def film(
    material: Material, work: Path, others: Mapping[str, str], course: Course, path: Path, frames_a_second: float
) -> list[Figure]:
    """Give how a film over the whole screen plays. Frames are told apart by the numbers in them where it has such."""
    is_own = path == material.film
    name = f"film-{path.stem}"
    scene = Scene(
        name,
        {
            OURS: ours(make_store(work / name, material, entries([path], _HOUR_S))),
            CHROMIUM: kiosk(film_page(work / f"{name}.html", path)),
            MPV: lambda _: mpv(path),
        },
    )
    share: Measured = defaultdict(list)
    dropped: Measured = defaultdict(list)
    worst: Measured = defaultdict(list)
    cpu: Measured = defaultdict(list)
    pss: Measured = defaultdict(list)
    blind_ms = 0.0
    for _ in range(course.repeats):
        for contender in present(scene, others):
            with shown(scene, contender, work / name) as (display, program):
                wait_for(
                    display.screen, _moves(_code_area() if is_own else display.screen.band()), program, _PATIENCE_S
                )
                time.sleep(course.settle_s)
                before_s = program.cpu_s()
                seen = watch(display.screen, course.film_s, _code_area() if is_own else None)
                cpu[contender].append((program.cpu_s() - before_s) / seen.seconds * 100)
                pss[contender].append(program.pss_mb())
                worst[contender].append(seen.worst_gap_ms)
                blind_ms = max(blind_ms, seen.blind_ms)
                share[contender].append(seen.frames_a_second)
                dropped[contender].append(lost_frames(seen) if is_own else 0)
    group = f"Film 1920x1080, {frames_a_second:g} a second" if is_own else f"Real film, {frames_a_second:g} a second"
    figures = [middle(group, "frames shown a second", "", share)]
    if is_own:
        what = f"frames dropped in {course.film_s:g} s"
        figures.append(middle(group, what, "", dropped, Target(0), f"sampler blind up to {blind_ms:.0f} ms"))
    return [
        *figures,
        middle(group, "worst gap", "ms", worst),
        middle(group, "CPU", "% of a core", cpu, Target(1.0, ratio_to=MPV)),
        middle(group, "PSS", "MiB", pss, Target(0.5, ratio_to=CHROMIUM)),
    ]


def lost_frames(seen: Watched) -> int:
    """Give how many of the film's frames between the first and the last seen were never on screen.

    A film that begins anew on the way is counted on, a wrap at a time.
    """
    numbers = [number for state in seen.states if (number := frame_number(state)) is not None]
    lost = 0
    for before, after in pairwise(numbers):
        if after > before:
            lost += after - before - 1
    return lost


def _code_area() -> Area:
    """Give one sample in the middle of each square of a frame's number."""
    return Area(CODE_BLOCK_PX // 2, 540, CODE_BITS * CODE_BLOCK_PX, 1, CODE_BLOCK_PX)


def _moves(area: Area) -> Look:
    """Give a look that asks whether the area changed several times: a picture that comes before a film does not."""
    seen: set[bytes] = set()

    def is_there(screen: ScreenFile) -> bool:
        seen.add(screen.sample(area))
        return len(seen) > _MOVED

    return is_there


def _whole_fades(seen: Watched) -> list[Watched]:
    """Give the fades that lie wholly within the time that was watched."""
    groups = seen.bursts(pause_ms=400)
    return [fade for fade in groups if fade.seconds > 0.3 and 0.1 < fade.changes_s[0] < seen.seconds - 0.8]


def _capped(rate: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Give the rates as frames of 60: a display's timer may run a little fast."""
    return {contender: [min(60.0, value) for value in values] for contender, values in rate.items()}


def _percent_over(limit: float) -> Callable[[Sequence[float]], float]:
    return lambda values: 100 * statistics.fmean(value > limit for value in values)

"""Measures whole programs on a virtual display: start to first picture, CPU and memory, frames shown, black frames.

Xvfb keeps its screen in a file (`-fbdir`), which is mapped here: what stands in it is what a viewer would see, read in
microseconds and without asking the X server. Works for any program, ours or another.
"""

from __future__ import annotations

import mmap
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import psutil
from PIL import Image

POLL_S = 0.002
"""How often the screen is looked at: 500 times a second, eight times for each frame at 60 Hz."""

_PATIENCE_S = 20.0
_AHEAD = 10
_LEFT_OUT = ("WAYLAND_DISPLAY", "PYTHONDONTWRITEBYTECODE")  # in the field, Python keeps what it compiled
_XWD_FIELDS = struct.Struct(">25I")


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the screen that is sampled: every `step_px`-th pixel of every `step_px`-th row of a rectangle.

    To count frames take a low band: it is copied to the screen at once, so no half-drawn frame counts as one.
    """

    x: int
    y: int
    width: int
    height: int
    step_px: int = 8


class ScreenFile:
    """The screen of an Xvfb, as it is now. 24-bit screens only (32 bits a pixel, blue first)."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as opened:
            self._map = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        fields = _XWD_FIELDS.unpack_from(self._map)
        header_bytes, colours = fields[0], fields[19]
        self.width, self.height, self._row_bytes = fields[4], fields[5], fields[12]
        self._start = header_bytes + colours * 12
        if fields[11] != 32:
            raise ValueError(f"{file}: {fields[11]} bits a pixel; start Xvfb with a depth of 24")

    def close(self) -> None:
        self._map.close()

    def pixel(self, x: int, y: int) -> tuple[int, int, int]:
        """Give red, green, blue."""
        at = self._start + y * self._row_bytes + x * 4
        blue, green, red = self._map[at : at + 3]
        return red, green, blue

    def band(self, height: int = 8) -> Area:
        """Give a low band across the middle of the screen, for counting frames."""
        return Area(0, self.height // 2, self.width, height, 4)

    def whole(self) -> Area:
        """Give the whole screen, thinly sampled, for finding black."""
        return Area(0, 0, self.width, self.height, 24)

    def sample(self, area: Area) -> bytes:
        """Give the colours of the area's samples, three bytes each; equal bytes mean that nothing visible changed."""
        parts = []
        for y in range(area.y, area.y + area.height, area.step_px):
            start = self._start + y * self._row_bytes + area.x * 4
            row = self._map[start : start + area.width * 4]
            parts.append(row[0 :: area.step_px * 4] + row[1 :: area.step_px * 4] + row[2 :: area.step_px * 4])
        return b"".join(parts)

    def is_black(self, area: Area, level: int = 10) -> bool:
        """Tell whether every sample is as good as black."""
        return max(self.sample(area)) <= level

    def picture(self) -> Image.Image:
        """Give a copy of the screen, to be looked at."""
        size = (self.width, self.height)
        pixels = self._map[self._start : self._start + self._row_bytes * self.height]
        return Image.frombuffer("RGB", size, pixels, "raw", "BGRX", self._row_bytes, 1).copy()


class Display:
    """An Xvfb of its own, with no window manager, no cursor and no screen saver. Use with `with`."""

    def __init__(self, width: int = 1920, height: int = 1080) -> None:
        self._size = (width, height)
        self._folder = Path(tempfile.mkdtemp(prefix="signage-screen-", dir="/dev/shm"))
        self._server: subprocess.Popen[bytes] | None = None
        self.name = ""

    def __enter__(self) -> Display:
        width, height = self._size
        reader, writer = os.pipe()
        command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
        command += ["-fbdir", str(self._folder), "-nocursor", "-s", "0", "-dpms"]
        self._server = subprocess.Popen(command, pass_fds=(writer,), stderr=subprocess.DEVNULL)
        os.close(writer)
        with os.fdopen(reader) as lines:
            number = lines.readline().strip()
        if not number:
            self.__exit__(None, None, None)
            raise RuntimeError("Xvfb did not start; is the package xvfb installed?")
        self.name = f":{number}"
        self.screen = ScreenFile(self._folder / "Xvfb_screen0")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if hasattr(self, "screen"):
            self.screen.close()
        if self._server is not None:
            self._server.terminate()
            self._server.wait(_PATIENCE_S)
        shutil.rmtree(self._folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Use:
    """What a program and its children took over a stretch of time: CPU in percent of one core, memory as PSS."""

    cpu_percent: float
    pss_mb: float
    seconds: float


class Program:
    """A program that runs on a display, with all its children. Use with `with`: leaving ends every one of them."""

    def __init__(self, command: Sequence[str], display: Display, environment: Mapping[str, str] | None = None) -> None:
        given = {"DISPLAY": display.name, "QT_QPA_PLATFORM": "xcb", "XDG_SESSION_TYPE": "x11"}
        cleared = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
        self.started_s = time.monotonic()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        self._popen = subprocess.Popen(
            list(command),
            env=cleared | given | dict(environment or {}),
            stdout=self._log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._root = psutil.Process(self._popen.pid)

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        processes = self._processes()
        for process in processes:
            with suppress(psutil.Error):
                process.terminate()
        _, alive = psutil.wait_procs(processes, timeout=3)
        for process in alive:
            with suppress(psutil.Error):
                process.kill()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait(_PATIENCE_S)
        self._log.close()

    @property
    def is_running(self) -> bool:
        return self._popen.poll() is None

    def output(self) -> str:
        """Give what the program printed so far."""
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")

    def cpu_s(self) -> float:
        """Give the seconds of CPU that it and its children took since they began (those that ended included)."""
        total = 0.0
        for process in self._processes():
            with suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
        return total

    def pss_mb(self) -> float:
        """Give the memory of all its processes, shared pages divided among those that share them, in MiB."""
        return self._memory_mb("Pss:")

    def own_mb(self) -> float:
        """Give the part of `pss_mb` that lies in no file, in MiB: it does not change when another program that uses
        the same libraries comes or goes, so growth is to be looked for here."""
        return self._memory_mb("Pss_Anon:", "Pss_Shmem:")

    def _memory_mb(self, *names: str) -> float:
        total_kb = 0
        for process in self._processes():
            with suppress(OSError, psutil.Error):
                lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
                total_kb += sum(int(line.split()[1]) for line in lines if line.startswith(names))
        return total_kb / 1024

    def use_over(self, seconds: float) -> Use:
        """Wait that long and give what was used meanwhile, memory as it is at the end."""
        began_s, before_s = time.monotonic(), self.cpu_s()
        time.sleep(seconds)
        took_s = time.monotonic() - began_s
        return Use((self.cpu_s() - before_s) / took_s * 100, self.pss_mb(), took_s)

    def _processes(self) -> list[psutil.Process]:
        try:
            return [self._root, *self._root.children(recursive=True)]
        except psutil.Error:
            return []


Look = Callable[[ScreenFile], bool]


def wait_for(screen: ScreenFile, is_there: Look, program: Program, seconds: float = _PATIENCE_S) -> float:
    """Give how many milliseconds after its start the program's screen first satisfied `is_there`.

    Raises:
        TimeoutError: it did not in time, or the program ended; the message carries what it printed.
    """
    end_s = program.started_s + seconds
    while (now_s := time.monotonic()) < end_s and program.is_running:
        if is_there(screen):
            return (time.monotonic() - program.started_s) * 1000
        time.sleep(POLL_S)
    why = "no picture in time" if now_s >= end_s else "the program ended before its picture"
    raise TimeoutError(f"{why}: {program.output()[-2000:]}")


def has_colour(red: int, green: int, blue: int, tolerance: int = 12) -> Look:
    """Give a look that asks whether the middle of the screen and its four quarters have this colour."""

    def is_there(screen: ScreenFile) -> bool:
        places = [(1, 1), (1, 3), (2, 2), (3, 1), (3, 3)]
        pixels = [screen.pixel(screen.width * x // 4, screen.height * y // 4) for x, y in places]
        wanted = (red, green, blue)
        return all(abs(part - want) <= tolerance for pixel in pixels for part, want in zip(pixel, wanted, strict=True))

    return is_there


@dataclass(frozen=True, slots=True)
class Watched:
    """What was on screen over a stretch of time.

    `changes_s` are the instants (seconds from the start) at which the watched area looked different, `black_s` the
    stretches (start, length) in which the whole screen was black. `blind_ms` is the longest time between two looks:
    what is shorter may have been missed, and a gap cannot be known more finely. `states` are the samples of the area
    after each change.
    """

    seconds: float
    looks: int
    changes_s: tuple[float, ...]
    black_s: tuple[tuple[float, float], ...]
    blind_ms: float
    states: tuple[bytes, ...] = ()

    @property
    def frames(self) -> int:
        return len(self.changes_s)

    @property
    def frames_a_second(self) -> float:
        return self.frames / self.seconds

    @property
    def gaps_ms(self) -> list[float]:
        """Give the time between each two changes."""
        return [(later - one) * 1000 for one, later in zip(self.changes_s, self.changes_s[1:], strict=False)]

    @property
    def worst_gap_ms(self) -> float:
        return max(self.gaps_ms, default=0.0)

    def bursts(self, pause_ms: float = 150) -> list[Watched]:
        """Give each run of changes with no pause that long in it on its own, such as each fade between stills."""
        groups: list[list[float]] = []
        for change in self.changes_s:
            if groups and (change - groups[-1][-1]) * 1000 < pause_ms:
                groups[-1].append(change)
            else:
                groups.append([change])
        return [Watched(group[-1] - group[0], self.looks, tuple(group), (), self.blind_ms) for group in groups]


@contextmanager
def first_in_line() -> Iterator[None]:
    """Let this thread go first while it looks, where the system allows that (root): a late look misses frames."""
    policy, usual = os.sched_getscheduler(0), os.sched_getparam(0)
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(usual.sched_priority + _AHEAD))
    try:
        yield
    finally:
        with suppress(PermissionError):
            os.sched_setscheduler(0, policy, usual)


def go_ahead_of_others() -> None:
    """Let this process and all that it starts from now on go before everything else on the machine, as real-time
    programs do: on a busy machine what is measured is then alike for each.

    Raises:
        PermissionError: only root may.
    """
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_AHEAD))


def watch(
    screen: ScreenFile, seconds: float, area: Area | None = None, is_over: Callable[[], bool] = lambda: False
) -> Watched:
    """Look at the screen 500 times a second for so long, or until `is_over`, and give what changed and what was black.

    Frames are counted in `area` (a band across the middle if None), black over the whole screen.
    """
    with first_in_line():
        return _watch(screen, seconds, area or screen.band(), is_over)


def _watch(screen: ScreenFile, seconds: float, band: Area, is_over: Callable[[], bool]) -> Watched:
    whole = screen.whole()
    began_s = last_s = time.monotonic()
    state = screen.sample(band)
    changes: list[float] = []
    states: list[bytes] = []
    black: list[tuple[float, float]] = []
    black_since: float | None = None
    looks, blind_s = 0, 0.0
    while (now_s := time.monotonic()) - began_s < seconds and not is_over():
        blind_s, last_s, looks = max(blind_s, now_s - last_s), now_s, looks + 1
        seen = screen.sample(band)
        if seen != state:
            changes.append(now_s - began_s)
            states.append(seen)
            state = seen
        # The band tells most looks apart cheaply: only where it is black can the whole screen be.
        is_black = max(seen) <= 10 and screen.is_black(whole)
        if is_black and black_since is None:
            black_since = now_s
        if not is_black and black_since is not None:
            black.append((black_since - began_s, now_s - black_since))
            black_since = None
        time.sleep(max(0.0, POLL_S - (time.monotonic() - now_s)))
    took_s = time.monotonic() - began_s
    if black_since is not None:
        black.append((black_since - began_s, took_s - (black_since - began_s)))
    return Watched(took_s, looks, tuple(changes), tuple(black), blind_s * 1000, tuple(states))


def slope_kb(points: Sequence[tuple[float, float]]) -> float:
    """Give the slope of (count, MiB) points in KiB a count, by least squares: memory that grows with each change."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    across = sum((x - mean_x) ** 2 for x, _ in points)
    return 1024 * sum((x - mean_x) * (y - mean_y) for x, y in points) / across if across else 0.0


def chromium(page: Path, profile: Path, size_px: tuple[int, int] = (1920, 1080)) -> list[str]:
    """Give the command that shows a page in Chromium's kiosk mode, with nothing in the way and no network used."""
    flags = "--kiosk --no-sandbox --test-type --disable-gpu --no-first-run --disable-quic --disable-sync"
    flags += " --disable-background-networking --disable-component-update --disable-default-apps --noerrdialogs"
    flags += " --disable-features=Translate --hide-scrollbars --autoplay-policy=no-user-gesture-required"
    flags += " --allow-file-access-from-files --password-store=basic --window-position=0,0"
    width, height = size_px
    where = [f"--user-data-dir={profile}", f"--window-size={width},{height}", page.absolute().as_uri()]
    return ["chromium", *flags.split(), *where]


def mpv(*files: Path, options: Sequence[str] = ()) -> list[str]:
    """Give the command that shows the files full screen, one after the other, for ever."""
    fixed = [
        "--no-config",
        "--vo=x11",
        "--fs",
        "--no-audio",
        "--no-osc",
        "--osd-level=0",
        "--no-input-default-bindings",
    ]
    fixed += ["--loop-playlist=inf", "--image-display-duration=inf", "--really-quiet", "--hwdec=no"]
    return ["mpv", *fixed, *options, *(str(file) for file in files)]

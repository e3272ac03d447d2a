"""This machine comes in; what was found on it goes out, each with what is wrong and how to mend it."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.base.moments import to_datetime
from signage.terminal import coloured, fitted

_EXAMINE_S = 30
_FREE_WANTED_BYTES, _FREE_NEEDED_BYTES = 2_000_000_000, 200_000_000
_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
_DECODERS = {"h264": "MP4", "hevc": "H.265", "mpeg2video": "MPEG", "wmv3": "WMV", "vp9": "WebM", "mpeg4": "AVI"}
_STA_UNSYNC = 0x40


class State(StrEnum):
    """GOOD is as it should be; POOR plays, but not as well as it could; BAD will not play."""

    GOOD = "good"
    POOR = "poor"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what was found, and how to mend it where it is not good."""

    name: str
    state: State
    found: str
    mend: str = ""


Check = Callable[[], Iterable[Finding]]


def examine(checks: Sequence[tuple[str, Check]]) -> list[Finding]:
    """Give what every check finds. A check that fails itself is a finding, and the others go on."""
    findings: list[Finding] = []
    for name, check in checks:
        try:
            findings.extend(check())
        except Exception as error:  # noqa: BLE001  one broken part of a machine must not hide the others
            findings.append(Finding(name, State.BAD, f"cannot be examined: {error!r}", "report this line"))
    return findings


def checks_of(store: Path | None, state_dir: Path, clock: Clock) -> list[tuple[str, Check]]:
    """Give the checks for this machine, the store (if there is one) and the state folder."""
    checks: list[tuple[str, Check]] = [
        ("libraries", look_at_libraries),
        ("Qt", look_at_qt),
        ("media", look_at_media),
        ("sound", look_at_sound),
        ("clock", partial(look_at_clock, clock)),
        ("disk", partial(look_at_disk, state_dir)),
        ("office", partial(look_at_office, state_dir)),
    ]
    if store is not None:
        checks.append(("store", partial(look_at_store, store, state_dir)))
    return checks


def look_at_libraries() -> Iterable[Finding]:
    """Look whether the system libraries are there that Qt's wheel expects."""
    missing = [package for library, package in _LIBRARIES.items() if not _can_load(library)]
    if missing:
        yield Finding("libraries", State.BAD, f"{len(missing)} are missing", f"apt-get install {' '.join(missing)}")
    else:
        yield Finding("libraries", State.GOOD, "all that Qt needs are here")


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def look_at_qt() -> Iterable[Finding]:
    """Ask Qt, in a process of its own, for displays, fonts and how it would draw."""
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    environment = dict(os.environ) if has_display else os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "signage.stage.examine"]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_EXAMINE_S, check=False)
    except subprocess.TimeoutExpired:
        yield Finding("display", State.BAD, f"Qt did not answer in {_EXAMINE_S} s", "check DISPLAY and the driver")
        return
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
        yield Finding("display", State.BAD, f"Qt cannot start: {said}", "mend the libraries; check DISPLAY, XAUTHORITY")
        return
    yield from findings_of_qt(json.loads(done.stdout.splitlines()[-1]), has_display)


def findings_of_qt(seen: dict[str, Any], has_display: bool) -> Iterable[Finding]:
    """Give what `signage.stage.examine` saw, as findings."""
    displays = [f"{d['name'] or 'unnamed'} {d['size'][0]}x{d['size'][1]}" for d in seen["displays"]]
    if not has_display:
        mend = "start signage from the desktop session or a kiosk (DISPLAY or WAYLAND_DISPLAY is not set)"
        yield Finding("display", State.POOR, "there is none here", mend)
    elif not displays:
        yield Finding("display", State.BAD, "no monitor is connected", "connect the monitor or LED controller; wake it")
    else:
        yield Finding("display", State.GOOD, f"{', '.join(displays)} ({seen['platform']})")
    yield Finding("drawing", State.GOOD, f"{seen['renderer']}: {seen['reason']}")
    if seen["missing_fonts"]:
        missing = "; ".join(seen["missing_fonts"])
        yield Finding(
            "fonts",
            State.BAD,
            f"missing: {missing}",
            "apt-get install fonts-noto-cjk fonts-noto-core fonts-noto-color-emoji",
        )
    else:
        yield Finding("fonts", State.GOOD, "Chinese, Yi, Tibetan, Uyghur and Mongolian can be written")


def look_at_media() -> Iterable[Finding]:
    """Look whether films, photos and PDFs can be decoded."""
    mend = "install the pinned packages again: deploy/demo.sh"
    codecs = import_module("av").codecs_available
    without = [f"{kind} ({codec})" for codec, kind in _DECODERS.items() if codec not in codecs]
    features = import_module("PIL.features")
    without += [name for name in ("webp", "avif", "littlecms2") if not features.check(name)]
    for module, kind in (("pillow_heif", "HEIC"), ("pypdfium2", "PDF")):
        try:
            import_module(module)
        except (ImportError, OSError) as error:
            without.append(f"{kind} ({error})")
    if without:
        yield Finding("media", State.BAD, f"cannot be decoded: {', '.join(without)}", mend)
    else:
        yield Finding("media", State.GOOD, "films, photos (WebP, AVIF, HEIC too) and PDFs can be decoded")


def look_at_sound() -> Iterable[Finding]:
    """Look for a way to play sound; most screens need none."""
    if_wanted = "only if a screen has `sound: yes`: "
    try:
        sounddevice = import_module("sounddevice")
        outputs = [device["name"] for device in sounddevice.query_devices() if device["max_output_channels"]]
    except Exception as error:  # noqa: BLE001  PortAudio reports a missing device in many ways
        yield Finding("sound", State.POOR, f"PortAudio: {error}", if_wanted + "apt-get install libportaudio2")
        return
    if outputs:
        yield Finding("sound", State.GOOD, f"{len(outputs)} outputs")
    else:
        yield Finding("sound", State.POOR, "no output", if_wanted + "connect loudspeakers, or the HDMI's sound")


def look_at_clock(clock: Clock) -> Iterable[Finding]:
    """Look whether the clock can be right, and whether the kernel holds it for synchronised."""
    now_ms = clock.now_ms()
    now = to_datetime(now_ms).astimezone()
    newest = max(path.stat().st_mtime for path in Path(__file__).parent.glob("*.py"))
    said = f"{now:%Y-%m-%d %H:%M:%S} {now.tzname()}"
    mend = "timedatectl set-ntp true; timedatectl set-timezone Asia/Shanghai"
    if now_ms / 1000 < newest - 86_400:
        signed = datetime.fromtimestamp(newest).astimezone()
        yield Finding("clock", State.BAD, f"{said} is before this program was installed ({signed:%Y-%m-%d})", mend)
    elif not _is_synchronised():
        yield Finding("clock", State.POOR, f"{said}, not synchronised with a time server", mend)
    else:
        yield Finding("clock", State.GOOD, f"{said}, synchronised")


def _is_synchronised() -> bool:
    """Ask the kernel, which NTP daemons tell. Source: adjtimex(2), STA_UNSYNC; timex begins with modes, offset, freq,
    maxerror, esterror, status.
    """
    timex = (ctypes.c_long * 64)()
    state: int = ctypes.CDLL(None).adjtimex(timex)
    return state >= 0 and not ctypes.c_int.from_buffer(timex, 5 * ctypes.sizeof(ctypes.c_long)).value & _STA_UNSYNC


def look_at_disk(state_dir: Path) -> Iterable[Finding]:
    """Look whether the state folder can be written and has room."""
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=state_dir) as probe:
            probe.write(b"signage")
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        mend = "make it writable for this user, or name another with --state"
        yield Finding("disk", State.BAD, f"{state_dir} cannot be written: {error.strerror}", mend)
        return
    free = shutil.disk_usage(state_dir).free
    said = f"{free / 1e9:.1f} GB free at {state_dir}"
    mend = "free some space: the as-run log and the cache need it"
    if free < _FREE_NEEDED_BYTES:
        yield Finding("disk", State.BAD, said, mend)
    else:
        yield (
            Finding("disk", State.POOR, said, mend) if free < _FREE_WANTED_BYTES else Finding("disk", State.GOOD, said)
        )


def look_at_office(state_dir: Path) -> Iterable[Finding]:
    """Look whether an office let this screen in, and takes its reports; nothing where there is none."""
    from signage.player.enrolled import EnrolmentFolder

    folder = EnrolmentFolder(state_dir)
    enrolled = folder.enrolled()
    if enrolled is None:
        return
    said = f"let in as screen '{enrolled.screen}'; fingerprint {folder.fingerprint()}"
    if fault := folder.report_fault():
        mend = "see whether the office runs and can be reached; if it refuses this screen, let it in again there"
        yield Finding("office", State.POOR, f"{said}; no reports reach it: {fault}", mend)
    else:
        yield Finding("office", State.GOOD, said)


def look_at_store(store: Path, state_dir: Path) -> Iterable[Finding]:
    """Read the store as `play` would."""
    from signage.content.store import StoreReader

    try:
        read = StoreReader(store, state_dir / "cache").read(None)
    except SignageError as error:
        yield Finding("store", State.BAD, str(error), "name the store's folder: signage doctor STORE")
        return
    errors = sum(problem.severity == "error" for problem in read.problems)
    said = f"{len(read.playlists)} playlists, {len(read.media)} media files, {len(read.screens)} screens in {store}"
    if not read.playlists:
        yield Finding("store", State.POOR, f"{said}: only the slate can play", f"signage check {store}")
    elif errors:
        yield Finding("store", State.POOR, f"{said}; {errors} problems", f"signage check {store}")
    else:
        yield Finding("store", State.GOOD, said)


_MARKS = {State.GOOD: ("✓", "green"), State.POOR: ("!", "yellow"), State.BAD: ("✗", "red")}


def print_findings(findings: Sequence[Finding]) -> None:
    """Print a line for each finding, and under it how to mend what is not good."""
    for finding in findings:
        mark, colour = _MARKS[finding.state]
        print(f"{coloured(mark, colour)} {fitted(finding.name, 10, is_cut=False)} {finding.found}")
        if finding.mend and finding.state is not State.GOOD:
            print(f"  {'':10} {coloured('to mend: ' + finding.mend, colour)}")

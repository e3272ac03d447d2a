"""What the machine can draw with goes in; software or GPU comes out, with the reason, before Qt starts."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from signage.stage.options import RendererWish

log = logging.getLogger(__name__)

ENVIRONMENT = "SIGNAGE_RENDERER"
_SOFTWARE_GL = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software rasterizer")
_PROBE_S = 8.0
_PROBE = """
from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext
application = QGuiApplication([])
surface = QOffscreenSurface()
surface.create()
context = QOpenGLContext()
if context.create() and context.makeCurrent(surface):
    functions = context.functions()
    print("RENDERER", functions.glGetString(0x1F01))
"""


@dataclass(frozen=True, slots=True)
class Renderer:
    """How the stage draws, and why."""

    is_software: bool
    reason: str

    @property
    def name(self) -> str:
        return "software" if self.is_software else "GPU"


def choose_renderer(wish: RendererWish, environment: Mapping[str, str], cache: Path | None = None) -> Renderer:
    """Give how to draw. Never raises and never starts GL in this process, so no driver can take the player down.

    The wish goes first, then SIGNAGE_RENDERER, then a look at the machine: a GL driver is asked in a child process
    (once; the answer is kept in `cache` for as long as the machine's devices stay the same).
    """
    wished = wish if wish is not RendererWish.AUTO else _wish_of(environment.get(ENVIRONMENT, ""))
    if wished is RendererWish.SOFTWARE:
        return Renderer(True, "asked for")
    if wished is RendererWish.GPU:
        return Renderer(False, "asked for")
    if environment.get("QT_QUICK_BACKEND") == "software":
        return Renderer(True, "QT_QUICK_BACKEND says so")
    if not sys.platform.startswith("linux"):
        return Renderer(False, f"{sys.platform} draws with the GPU")
    if environment.get("QT_QPA_PLATFORM", "").partition(":")[0] in ("offscreen", "minimal", "vnc", "linuxfb"):
        return Renderer(True, "the display has no GPU")
    return _look(environment, cache)


def prepare_environment(renderer: Renderer, environment: dict[str, str]) -> None:
    """Tell Qt of the choice; to be done before the QGuiApplication is made.

    The basic render loop draws on the Qt thread: Python's scene graph nodes are then made where all else is.
    """
    if renderer.is_software:
        environment["QT_QUICK_BACKEND"] = "software"
    environment.setdefault("QSG_RENDER_LOOP", "basic")
    environment.setdefault("QT_ENABLE_HIGHDPI_SCALING", "0")
    environment.setdefault("QT_LOGGING_RULES", "qt.qpa.*.debug=false")


def _wish_of(text: str) -> RendererWish:
    try:
        return RendererWish(text.strip().lower() or "auto")
    except ValueError:
        log.warning("%s=%s is not known; auto, software and gpu are", ENVIRONMENT, text)
        return RendererWish.AUTO


def _look(environment: Mapping[str, str], cache: Path | None) -> Renderer:
    devices = _devices()
    if not devices:
        return Renderer(True, "there is no GPU device")
    key = " ".join([*devices, environment.get("DISPLAY", ""), environment.get("WAYLAND_DISPLAY", "")])
    known = _read(cache, key)
    if known is None:
        known = _ask_driver(environment)
        if known:
            _write(cache, key, known)
    if not known:
        return Renderer(True, "no GL driver answers")
    if any(name in known.lower() for name in _SOFTWARE_GL):
        return Renderer(True, f"{known} is software")
    return Renderer(False, known)


def _devices() -> list[str]:
    """Give the devices that draw, each with the moment at which the system made it."""
    found = [*Path("/dev/dri").glob("renderD*"), *Path("/dev").glob("nvidia[0-9]*"), *Path("/dev").glob("mali*")]
    return [f"{device}@{int(device.stat().st_ctime)}" for device in sorted(found)]


def _ask_driver(environment: Mapping[str, str]) -> str:
    """Give the GL renderer's name; empty if none answers in time or the driver crashes."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROBE],
            env=dict(environment),
            capture_output=True,
            timeout=_PROBE_S,
            check=False,
            text=True,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = [line for line in done.stdout.splitlines() if line.startswith("RENDERER ")]
    return lines[-1].removeprefix("RENDERER ").strip() if done.returncode == 0 and lines else ""


def _read(cache: Path | None, key: str) -> str | None:
    try:
        kept = json.loads(cache.read_text("utf-8")) if cache else {}
        return str(kept["renderer"]) if kept.get("devices") == key else None
    except (OSError, ValueError, KeyError, AttributeError):
        return None


def _write(cache: Path | None, key: str, renderer: str) -> None:
    if cache is None:
        return
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_text(json.dumps({"devices": key, "renderer": renderer}), "utf-8")
    except OSError as error:
        log.warning("%s: cannot be written (%s); the GPU is looked for again at the next start", cache, error.strerror)


def apply_to_process(renderer: Renderer) -> None:
    """Do what `prepare_environment` says for this process."""
    changed = dict(os.environ)
    prepare_environment(renderer, changed)
    os.environ.update(changed)

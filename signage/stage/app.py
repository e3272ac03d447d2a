"""Options of `play` come in; a store plays on this machine's display until the time is over or a signal comes."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path

from signage.base.errors import SignageError
from signage.stage.options import PlayOptions
from signage.stage.renderer import apply_to_process, choose_renderer

log = logging.getLogger(__name__)

_LOG_BYTES = 2_000_000
_LOG_FILES = 3
_X_SOCKETS = Path("/tmp/.X11-unix")  # where X servers listen, by their own convention


def play(options: PlayOptions) -> int:
    """Play until the end that the options set, or until SIGINT or SIGTERM; give the exit code (0; 70 after a bug).

    Prints how it draws, and why.

    Raises:
        SignageError: there is no display.
    """
    check_display(os.environ)
    _log_to(options.state_dir)
    renderer = choose_renderer(options.renderer, os.environ, options.state_dir / "renderer.json")
    print(f"Draws with: {renderer.name} ({renderer.reason})", flush=True)
    apply_to_process(renderer)

    from signage.stage.playing import run

    return run(options, renderer)


def check_display(environment: Mapping[str, str]) -> None:
    """Make sure that there is a display, before Qt ends the process for the want of one.

    Raises:
        SignageError: there is none; the message says how to get one.
    """
    if environment.get("QT_QPA_PLATFORM") or not sys.platform.startswith("linux"):
        return
    if environment.get("WAYLAND_DISPLAY"):
        return
    display = environment.get("DISPLAY", "")
    if not display:
        raise SignageError(
            "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set); "
            "start this in a desktop or kiosk session, or on a virtual display: xvfb-run signage play"
        )
    host, _, number = display.rpartition(":")
    path = _X_SOCKETS / f"X{number.partition('.')[0]}"
    if host in ("", "unix") and not _answers(path) and not _answers(Path(f"\0{path}")):
        raise SignageError(f"no display answers at DISPLAY={display}; is the X server running?")


def _answers(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(2.0)
        try:
            caller.connect(str(address))
        except OSError:
            return False
    return True


def _log_to(state_dir: Path) -> None:
    """Write the log into the state folder, in a few files of limited size.

    Where it cannot be written (a worn card that the system made read-only) the screen plays all the same."""
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            state_dir / "signage.log", maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8"
        )
    except OSError as error:
        log.error(
            "%s: cannot be written (%s); it plays without a log; give another with --state", state_dir, error.strerror
        )
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(min(root.level or logging.INFO, logging.INFO))

"""Nothing comes in; what this computer is and how it fares goes out, as far as it can be known."""

from __future__ import annotations

import os
import platform
import shutil
import socket
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from signage.player.wirejson import line
from signage.wire import Health, Machine

_COLDEST_C, _HOTTEST_C = 1.0, 130.0
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def describe_machine(output_px: tuple[int, int] = (0, 0), renderer: str = "") -> Machine:
    """Give what this computer is. Takes some milliseconds: ask once."""
    return Machine(line(socket.gethostname()), output_px, line(_system()), line(_version()), line(renderer))


class HealthReader:
    """Reads how the computer fares; what a system does not say is None. Short reads of `/proc` and `/sys`."""

    def __init__(self, state_dir: Path, root: Path = Path("/")) -> None:
        """`root` is where `proc` and `sys` lie, for tests."""
        self._state_dir = state_dir
        self._root = root

    def read(self) -> Health:
        free, total = self._disk()
        memory = self._memory()
        return Health(
            temperature_c=max(self._temperatures(), default=None),
            disk_free_bytes=free,
            disk_total_bytes=total,
            memory_available_bytes=memory.get("MemAvailable"),
            memory_total_bytes=memory.get("MemTotal"),
            own_memory_bytes=self._own_memory(),
            load=self._load(),
        )

    def _temperatures(self) -> Iterator[float]:
        """Give every sensor's degrees that can be those of a computer: broken ones say 0, -273 or 255."""
        for pattern in ("sys/class/thermal/thermal_zone*/temp", "sys/class/hwmon/hwmon*/temp*_input"):
            for path in self._root.glob(pattern):
                try:
                    degrees = int(path.read_text("ascii")) / 1000
                except (OSError, ValueError):
                    continue
                if _COLDEST_C <= degrees <= _HOTTEST_C:
                    yield round(degrees, 1)

    def _disk(self) -> tuple[int | None, int | None]:
        try:
            usage = shutil.disk_usage(self._state_dir)
        except OSError:
            return None, None
        return usage.free, usage.total

    def _memory(self) -> dict[str, int]:
        found = {}
        for row in self._read("proc/meminfo").splitlines():
            name, _, rest = row.partition(":")
            words = rest.split()
            if len(words) == 2 and words[0].isdecimal() and words[1] == "kB":
                found[name] = int(words[0]) * 1024
        return found

    def _own_memory(self) -> int | None:
        words = self._read("proc/self/statm").split()
        return int(words[1]) * _PAGE_BYTES if len(words) > 1 and words[1].isdecimal() else None

    def _load(self) -> float | None:
        words = self._read("proc/loadavg").split()
        try:
            return float(words[0])
        except (IndexError, ValueError):
            return None

    def _read(self, path: str) -> str:
        try:
            return (self._root / path).read_text("utf-8", "replace")
        except OSError:
            return ""


def _system() -> str:
    try:
        name = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        name = platform.system()
    return f"{name} ({platform.machine()})"


def _version() -> str:
    try:
        return version("signage")
    except PackageNotFoundError:
        return ""

"""Measured values come in, by contender; a table to read and a JSON document go out, with what was to be reached."""

from __future__ import annotations

import json
import operator
import os
import platform
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

OURS, CHROMIUM, MPV = "signage", "chromium", "mpv"
CONTENDERS = (OURS, CHROMIUM, MPV)


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be reached: a limit for our value, or for its ratio to another contender's in the same run."""

    limit: float
    is_least: bool = False
    ratio_to: str = ""

    @property
    def text(self) -> str:
        sign = ">=" if self.is_least else "<="
        return f"{sign} {self.limit:g}{f'x {self.ratio_to}' if self.ratio_to else ''}"

    def value_of(self, values: Mapping[str, float]) -> float | None:
        """Give what the limit is compared with; None where the other contender was not there to be measured."""
        if not self.ratio_to:
            return values.get(OURS)
        if OURS not in values or not values.get(self.ratio_to):
            return None
        return values[OURS] / values[self.ratio_to]

    def is_reached(self, values: Mapping[str, float]) -> bool | None:
        value = self.value_of(values)
        compare: Callable[[float, float], bool] = operator.ge if self.is_least else operator.le
        return None if value is None else compare(value, self.limit)


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: the same thing measured of each contender. `spread` keeps every single measurement."""

    group: str
    name: str
    unit: str
    values: Mapping[str, float]
    target: Target | None = None
    note: str = ""
    spread: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """Give `reached`, `missed`, or nothing where there is no target or nothing to compare with."""
        reached = self.target.is_reached(self.values) if self.target else None
        return "" if reached is None else "reached" if reached else "missed"

    def as_record(self) -> dict[str, Any]:
        """Give it as a JSON object."""
        compared = self.target.value_of(self.values) if self.target else None
        return {
            "group": self.group,
            "name": self.name,
            "unit": self.unit,
            "values": {name: round(value, 3) for name, value in self.values.items()},
            "spread": {name: [round(value, 3) for value in values] for name, values in self.spread.items()},
            "target": self.target.text if self.target else None,
            "compared": None if compared is None else round(compared, 3),
            "verdict": self.verdict or None,
            "note": self.note,
        }


def middle(
    group: str,
    name: str,
    unit: str,
    measured: Mapping[str, Sequence[float]],
    target: Target | None = None,
    note: str = "",
    of: Callable[[Sequence[float]], float] = statistics.median,
) -> Figure:
    """Give the figure of repeated measurements: the median of each contender's, unless `of` says otherwise."""
    values = {contender: of(found) for contender, found in measured.items() if found}
    return Figure(group, name, unit, values, target, note, measured)


def table(figures: Iterable[Figure]) -> str:
    """Give the figures as lines of text, a heading for each group."""
    lines: list[str] = []
    group = ""
    for figure in figures:
        if figure.group != group:
            group = figure.group
            columns = "".join(f"{name:>11}" for name in CONTENDERS)
            lines += ["", f"{group:<50}{columns}  {'to reach':<18}"]
        values = "".join(f"{_shown(figure.values.get(name)):>11}" for name in CONTENDERS)
        label = f"  {figure.name}{f' [{figure.unit}]' if figure.unit else ''}"
        lines.append(f"{label:<50}{values}  {_judged(figure):<32} {figure.note}".rstrip())
    return "\n".join(lines[1:])


def _judged(figure: Figure) -> str:
    if figure.target is None:
        return ""
    compared = figure.target.value_of(figure.values)
    if compared is None:
        return figure.target.text
    ratio = f" ({compared:.2f}x)" if figure.target.ratio_to else ""
    return f"{figure.target.text}: {figure.verdict}{ratio}"


def _shown(value: float | None) -> str:
    if value is None:
        return "-"
    if value == round(value) and abs(value) < 1e6:
        return str(round(value))
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def machine() -> dict[str, Any]:
    """Give what the figures depend on: processor, load, versions."""
    models = (line.split(":")[1].strip() for line in _cpu_lines() if line.startswith("model name"))
    return {
        "cpu": next(models, platform.machine()),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "qt": version("PySide6-Essentials"),
        "av": version("av"),
        "load": [round(load, 2) for load in os.getloadavg()],
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _cpu_lines() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def write_json(folder: Path, began: Mapping[str, Any], figures: Sequence[Figure], mode: str) -> Path:
    """Write the figures with the machine as it was before and after; give the file."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = str(began["at"]).replace(":", "").replace("+0000", "Z")
    path = folder / f"bench-{mode}-{stamp}.json"
    record = {
        "mode": mode,
        "machine": dict(began),
        "load_after": [round(load, 2) for load in os.getloadavg()],
        "figures": [figure.as_record() for figure in figures],
    }
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path

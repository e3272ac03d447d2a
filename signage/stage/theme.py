"""Theme.qml goes in; out come its values as frozen Python, and the lengths that follow for a canvas of any size.

Cards are painted on worker threads, where no QML may run, so the one theme file is read once, on the GUI thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QUrl
from PySide6.QtQml import QQmlComponent, QQmlEngine

from signage.base.errors import SignageError

THEME_FILE = Path(__file__).parent / "qml" / "theme" / "Theme.qml"

UPRIGHT_PART = 2 / 3
"""An upright canvas reads as one this much lower: a turned display is met at nearer range."""

LEAST_GROWTH = 1.5
"""Where a canvas has so few pixels that the smallest size is more than its share, text may still grow this much."""


@dataclass(frozen=True, slots=True)
class Mood:
    """The colours of one kind of card, as `#RRGGBB`."""

    ground: str
    ground_deep: str
    panel: str
    band: str
    accent: str
    accent_soft: str
    text: str
    quiet: str


@dataclass(frozen=True, slots=True)
class Role:
    """How large one kind of text may be, as parts of the reading height, and its distance between baselines in em."""

    min_share: float
    max_share: float
    leading: float


@dataclass(frozen=True, slots=True)
class Theme:
    """What Theme.qml declares, as far as cards need it."""

    moods: Mapping[str, Mood]
    sans: tuple[str, ...]
    serif: tuple[str, ...]
    headline: Role
    poster: Role
    body: Role
    label: Role
    glyph_min_px: int
    type_step: float
    margin_share: float
    gap_share: float
    corner_share: float
    hair_share: float
    motif_share: float


def load_theme() -> Theme:
    """Give the theme. GUI thread only; takes some milliseconds, so ask once.

    Raises:
        SignageError: the file is not there or is not sound; the installation is broken.
    """
    engine = QQmlEngine()
    component = QQmlComponent(engine, QUrl.fromLocalFile(str(THEME_FILE)))
    declared = component.create()
    if declared is None:
        raise SignageError(f"{THEME_FILE}: cannot be read ({component.errorString().strip()}); install signage again")
    theme = _read(declared)
    declared.deleteLater()
    return theme


def _read(declared: QObject) -> Theme:
    def plain(name: str) -> Any:
        value = declared.property(name)
        return value.toVariant() if hasattr(value, "toVariant") else value

    def role(least: str, most: str, leading: str) -> Role:
        return Role(float(plain(least)), float(plain(most)), float(plain(leading)))

    return Theme(
        moods={name: _read_mood(colours) for name, colours in plain("moods").items()},
        sans=tuple(plain("sansFamilies")),
        serif=tuple(plain("serifFamilies")),
        headline=role("headlineMinShare", "headlineMaxShare", "headlineLeading"),
        poster=role("headlineMinShare", "posterMaxShare", "headlineLeading"),
        body=role("bodyMinShare", "bodyMaxShare", "bodyLeading"),
        label=role("labelMinShare", "labelMaxShare", "headlineLeading"),
        glyph_min_px=int(plain("glyphMinPx")),
        type_step=float(plain("typeStep")),
        margin_share=float(plain("marginShare")),
        gap_share=float(plain("gapShare")),
        corner_share=float(plain("cornerShare")),
        hair_share=float(plain("hairShare")),
        motif_share=float(plain("motifShare")),
    )


def _read_mood(colours: Mapping[str, str]) -> Mood:
    return Mood(
        ground=colours["ground"],
        ground_deep=colours["groundDeep"],
        panel=colours["panel"],
        band=colours["band"],
        accent=colours["accent"],
        accent_soft=colours["accentSoft"],
        text=colours["text"],
        quiet=colours["quiet"],
    )


@dataclass(frozen=True)
class Measures:
    """The lengths of one canvas in px, all from its reading height."""

    theme: Theme
    width: int
    height: int

    @cached_property
    def reading_px(self) -> float:
        """The height that text sizes are parts of: the canvas height, less for an upright canvas."""
        return min(self.height, max(self.width, self.height * UPRIGHT_PART))

    @property
    def is_upright(self) -> bool:
        return self.height > self.width

    @property
    def is_small(self) -> bool:
        """Too few pixels for labels and ornaments beside the text itself."""
        return self.reading_px < 300

    @cached_property
    def margin(self) -> int:
        return max(6, round(self._narrow * self.theme.margin_share))

    @cached_property
    def gap(self) -> int:
        return max(4, round(self._narrow * self.theme.gap_share))

    @cached_property
    def corner(self) -> int:
        return round(self._narrow * self.theme.corner_share)

    @cached_property
    def hair(self) -> int:
        return max(1, round(self._narrow * self.theme.hair_share))

    @cached_property
    def motif(self) -> int:
        """The height of a textile band."""
        return max(7, round(self._narrow * self.theme.motif_share))

    @property
    def _narrow(self) -> float:
        return min(self.reading_px, self.width * 1.25)

    def least_px(self, role: Role) -> int:
        """Give the smallest glyph size that may be used for `role` on this canvas."""
        return max(self.theme.glyph_min_px, round(self.reading_px * role.min_share))

    def sizes(self, role: Role, most_share: float | None = None) -> tuple[int, ...]:
        """Give the sizes of the type scale for `role` in px, largest first, ending with the smallest allowed."""
        least = self.least_px(role)
        is_raised = least > self.reading_px * role.min_share + 1
        size = max(least * (LEAST_GROWTH if is_raised else 1.0), self.reading_px * (most_share or role.max_share))
        found: list[int] = []
        while size > least:
            if not found or round(size) < found[-1]:
                found.append(round(size))
            size /= self.theme.type_step
        return (*(px for px in found if px > least), least)

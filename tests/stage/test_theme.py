"""The theme: what it declares can be read, in colour and in size, on every canvas."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from signage.content.templates import STAFF_TEMPLATES
from signage.stage.theme import Measures, Mood, Theme, load_theme

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(scope="module")
def theme(qapp: object) -> Theme:
    return load_theme()


def luminance(name: str) -> float:
    """Give the relative luminance of a colour. Source: WCAG 2.2, relative luminance."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in QColor(name).getRgbF()[:3]
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_every_template_has_its_colours(theme: Theme) -> None:
    assert set(theme.moods) == {*STAFF_TEMPLATES, "slate"}


@pytest.mark.parametrize("name", [*STAFF_TEMPLATES, "slate"])
def test_text_stands_out_from_every_ground_that_it_lies_on(theme: Theme, name: str) -> None:
    mood: Mood = theme.moods[name]

    for ground in (mood.ground_deep, mood.panel, mood.band):
        assert contrast(mood.text, ground) >= 7
    assert contrast(mood.text, mood.ground) >= 6.5
    assert contrast(mood.quiet, mood.ground) >= 4.5
    assert contrast(mood.accent, mood.ground) >= 4.5
    assert contrast(mood.ground_deep, mood.accent) >= 7


@pytest.mark.parametrize("name", [*STAFF_TEMPLATES, "slate"])
def test_no_large_area_glares_at_night(theme: Theme, name: str) -> None:
    mood = theme.moods[name]

    assert max(luminance(ground) for ground in (mood.ground, mood.ground_deep, mood.panel, mood.band)) < 0.12


@pytest.mark.parametrize(
    ("size", "reading_px"),
    [((1920, 1080), 1080), ((960, 540), 540), ((1080, 1920), 1280), ((480, 1080), 720), ((800, 800), 800)],
)
def test_an_upright_canvas_reads_as_a_lower_one(theme: Theme, size: tuple[int, int], reading_px: int) -> None:
    assert Measures(theme, *size).reading_px == reading_px


@pytest.mark.parametrize("size", [(3840, 2160), (1920, 1080), (960, 540), (384, 192), (1080, 1920)])
def test_sizes_fall_from_the_largest_to_the_least_allowed(theme: Theme, size: tuple[int, int]) -> None:
    measures = Measures(theme, *size)

    for role in (theme.headline, theme.poster, theme.body, theme.label):
        sizes = measures.sizes(role)
        assert list(sizes) == sorted(set(sizes), reverse=True)
        assert sizes[-1] == measures.least_px(role) >= theme.glyph_min_px


def test_body_text_can_be_read_from_eight_canvas_heights_away(theme: Theme) -> None:
    # An element is read from 200 times its height (AVIXA V202.01, basic decision making).
    assert Measures(theme, 1920, 1080).least_px(theme.body) * 200 / 1080 >= 8

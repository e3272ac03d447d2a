"""The measuring itself is right: a program that shows a known course of frames is measured as such."""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path

import pytest

from tests.bench.measure import Display, Program, Watched, first_in_line, has_colour, slope_kb, wait_for, watch

pytestmark = pytest.mark.display

COURSE = """
    import sys
    from PySide6.QtCore import QTimer, Qt
    from PySide6.QtGui import QColor, QGuiApplication, QPainter, QRasterWindow

    class Course(QRasterWindow):
        def __init__(self, colours):
            super().__init__()
            self.colours, self.at = colours, -1

        def paintEvent(self, event):
            painter = QPainter(self)
            painter.fillRect(0, 0, self.width(), self.height(), QColor(self.colours[max(0, self.at)]))
            painter.end()

        def advance(self):
            self.at = (self.at + 1) % len(self.colours)
            self.update()

    app = QGuiApplication([])
    window = Course(sys.argv[2].split(","))
    window.setFlags(Qt.WindowType.FramelessWindowHint)
    window.setGeometry(0, 0, 640, 360)
    window.show()
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(window.advance)
    if int(sys.argv[1]):
        timer.start(int(sys.argv[1]))
    app.exec()
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    file = tmp_path / "course.py"
    file.write_text(textwrap.dedent(COURSE), encoding="utf-8")
    return file


def run(course: Path, every_ms: int, colours: str) -> list[str]:
    return [sys.executable, str(course), str(every_ms), colours]


def test_the_first_picture_is_found_when_it_is_there_and_not_before(course):
    with Display(640, 360) as display:
        assert not has_colour(0, 128, 0)(display.screen)

        with Program(run(course, 0, "#008000"), display) as program:
            took_ms = wait_for(display.screen, has_colour(0, 128, 0), program)

        assert 20 < took_ms < 20_000


def test_a_program_that_ends_without_a_picture_is_told_with_what_it_printed():
    with Display(640, 360) as display:
        command = [sys.executable, "-c", "print('no such display')"]

        with Program(command, display) as program, pytest.raises(TimeoutError, match="no such display"):
            wait_for(display.screen, has_colour(0, 128, 0), program)


def test_frames_and_gaps_are_counted(course):
    with Display(640, 360) as display, Program(run(course, 40, "#ff0000,#00ff00,#0000ff"), display) as program:
        wait_for(display.screen, has_colour(0, 0, 255), program)
        seen = watch(display.screen, 2.0)

    assert seen.frames_a_second == pytest.approx(25, abs=2)
    assert 30 < sorted(seen.gaps_ms)[len(seen.gaps_ms) // 2] < 50
    assert seen.black_s == ()


def test_black_between_pictures_is_counted_each_time(course):
    colours = "#ff0000,#ff0000,#000000,#00ff00,#00ff00,#000000"
    with Display(640, 360) as display, Program(run(course, 50, colours), display) as program:
        wait_for(display.screen, has_colour(0, 255, 0), program)
        seen = watch(display.screen, 3.0)

    assert len(seen.black_s) == pytest.approx(20, abs=2)
    assert all(length < 0.1 for _, length in seen.black_s[1:-1])


def test_a_still_screen_has_no_frames_and_its_program_no_load(course):
    with Display(640, 360) as display, Program(run(course, 0, "#008000"), display) as program:
        wait_for(display.screen, has_colour(0, 128, 0), program)
        seen = watch(display.screen, 0.5)
        use = program.use_over(0.5)

    assert seen.frames == 0
    assert use.cpu_percent < 20
    assert 10 < use.pss_mb < 400


def test_bursts_part_one_fade_from_the_next():
    changes = (0.1, 0.12, 0.14, 1.1, 1.12, 1.16)

    fades = Watched(2.0, 1000, changes, (), 2.0).bursts()

    assert [fade.frames for fade in fades] == [3, 3]
    assert fades[1].worst_gap_ms == pytest.approx(40)


def test_the_slope_of_memory_is_in_kib_a_change():
    points = [(count, 100 + count * 3 / 1024) for count in range(0, 2_000, 100)]

    assert slope_kb(points) == pytest.approx(3)


def test_what_looks_first_goes_back_in_line_afterwards():
    before = os.sched_getscheduler(0), os.sched_getparam(0)

    with first_in_line():
        pass

    assert (os.sched_getscheduler(0), os.sched_getparam(0)) == before

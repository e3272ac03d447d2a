"""The window: covers the output, follows it, and shows no cursor."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication

from signage.content.values import Screen
from signage.stage.window import StageWindow


@pytest.fixture
def window(qapp: QGuiApplication) -> Iterator[StageWindow]:
    window = StageWindow(is_full_screen=True)
    window.open()
    qapp.processEvents()
    yield window

    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_the_window_covers_its_output_without_frame_or_cursor(window, qapp):
    assert window.geometry() == qapp.primaryScreen().geometry()
    assert window.flags() & Qt.WindowType.FramelessWindowHint
    assert window.cursor().shape() == Qt.CursorShape.BlankCursor


@pytest.mark.parametrize("signal", ["primaryScreenChanged", "screenAdded", "screenRemoved"])
def test_an_output_that_comes_or_goes_is_covered_anew(window, qapp, signal):
    window.setGeometry(5, 5, 100, 50)

    for _ in range(3):
        getattr(qapp, signal).emit(qapp.primaryScreen())
    qapp.processEvents()

    assert window.geometry() == qapp.primaryScreen().geometry()


def test_an_output_that_changes_its_mode_is_covered_anew(window, qapp):
    window.setGeometry(5, 5, 100, 50)

    qapp.primaryScreen().geometryChanged.emit(qapp.primaryScreen().geometry())
    qapp.processEvents()

    assert window.geometry() == qapp.primaryScreen().geometry()


def test_the_canvas_is_told_once_when_it_has_another_size(window, qtbot):
    told: list[tuple[int, int]] = []
    window.canvas_changed.connect(lambda: told.append(window.canvas_px))

    window.set_screen(Screen(size_px=(300, 200)))
    window.set_screen(Screen(size_px=(300, 200), position_px=(7, 9)))

    assert told == [(300, 200)]
    assert (window.canvas.x(), window.canvas.y()) == (7, 9)


def test_an_output_too_small_for_the_canvas_is_told_once(window, qapp, caplog):
    output = qapp.primaryScreen().geometry()
    screen = Screen(name="hall", size_px=(output.width() + 1, 20), position_px=(0, 0))

    window.set_screen(screen)
    window.set_screen(screen)

    assert [record.getMessage() for record in caplog.records] == [
        f"screen 'hall' needs {output.width() + 1}x20 pixels and this output has {output.width()}x{output.height()}: "
        "its edge is cut off; change size, position or rotate in playlists/screens.yaml, or the output's mode"
    ]
    caplog.clear()


@pytest.mark.parametrize(("size_px", "rotate"), [((300, 150), 0), ((9600, 5400), 0), ((1080, 19200), 90)])
def test_a_plain_window_shows_all_of_the_canvas_whatever_its_size(qapp, size_px, rotate):
    window = StageWindow(is_full_screen=False)
    window.open()
    window.set_screen(Screen(size_px=size_px, rotate=rotate))
    qapp.processEvents()

    seen = window.canvas.mapRectToScene(window.canvas.boundingRect())

    assert window.canvas_px == size_px
    assert window.contentItem().boundingRect().adjusted(-1, -1, 1, 1).contains(seen)
    assert seen.width() > window.width() * 0.9
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

"""The layouts on a real window: zones where the geometry says, words drawn, nothing left running."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QColor, QImage
from PySide6.QtQml import QQmlEngine
from PySide6.QtQuick import QQuickWindow

from signage.base.clock import ManualClock
from signage.content.layouts import CLOCK, Rect
from signage.content.values import ZONES_OF_LAYOUT, Screen
from signage.stage.layoutview import LayoutView

SIZES = [(960, 540), (1080, 1920), (384, 192), (512, 64)]
BACK = QColor("#203040")


@contextmanager
def canvas(
    layout: str, size: tuple[int, int], title: str = "连然新村社区"
) -> Iterator[tuple[QQuickWindow, LayoutView]]:
    window, engine = QQuickWindow(), QQmlEngine()
    window.setColor(BACK)
    window.resize(*size)
    clock = ManualClock(datetime(2026, 11, 22, 10, 3, tzinfo=UTC))
    view = LayoutView(engine, window.contentItem(), Screen(layout=layout, title=title), size, clock)
    window.show()
    yield window, view
    view.close()
    window.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    engine.deleteLater()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def colours(picture: QImage, rect: Rect) -> set[str]:
    return {
        picture.pixelColor(x, y).name() for x in range(rect.x, rect.right, 2) for y in range(rect.y, rect.bottom, 2)
    }


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("layout", sorted(ZONES_OF_LAYOUT))
def test_each_zone_is_an_item_where_the_geometry_says(qtbot, layout, size):
    with canvas(layout, size) as (_, view):
        for name in ZONES_OF_LAYOUT[layout]:
            item, rect = view.zone(name), view.rects[name]
            assert (item.x(), item.y(), item.width(), item.height()) == (rect.x, rect.y, *rect.size)
            assert item.clip()


def test_a_zone_that_the_layout_lacks_is_refused(qtbot):
    with canvas("full", (960, 540)) as (_, view), pytest.raises(KeyError):
        view.zone("ticker")


def test_the_main_zone_is_left_to_what_is_put_there(qtbot):
    with canvas("banner", (960, 540)) as (window, view):
        assert colours(window.grabWindow(), view.rects["main"]) == {BACK.name()}


@pytest.mark.parametrize("layout", ["banner", "side"])
def test_the_clock_is_drawn(qtbot, layout):
    with canvas(layout, (960, 540)) as (window, view):
        assert len(colours(window.grabWindow(), view.rects[CLOCK])) > 20


def test_texts_are_drawn_in_the_ticker_alone(qtbot):
    with canvas("banner", (960, 540), title="") as (window, view):
        before = window.grabWindow()

        view.show_texts(["连然新村停车道闸今日启用"], 1_795_341_777_000)
        after = window.grabWindow()

        assert len(colours(before, view.rects["ticker"])) == 1
        assert len(colours(after, view.rects["ticker"])) > 20
        upper = (0, 0, 960, view.rects["ticker"].y)
        assert before.copy(*upper) == after.copy(*upper)


def test_an_empty_ticker_shows_the_screens_title(qtbot):
    with canvas("banner", (960, 540)) as (window, view):
        assert len(colours(window.grabWindow(), view.rects["ticker"])) > 20


def test_nothing_is_drawn_while_nothing_moves(qtbot):
    with canvas("banner", (960, 540)) as (window, _):
        window.grabWindow()
        qtbot.wait(50)
        frames: list[int] = []
        window.frameSwapped.connect(lambda: frames.append(1))

        qtbot.wait(300)

        assert frames == []


def test_frames_are_drawn_while_text_runs(qtbot):
    with canvas("banner", (960, 540)) as (window, view):
        view.show_texts(["连然新村停车道闸今日启用"], 1_795_341_777_000)

        with qtbot.waitSignals([window.frameSwapped, window.afterAnimating], timeout=60_000):
            window.update()


def test_texts_for_a_layout_without_a_ticker_do_no_harm(qtbot):
    with canvas("full", (960, 540)) as (_, view):
        view.show_texts(["连然新村"], 0)


def test_a_layout_made_anew_goes_on_with_the_texts_of_the_one_before(qtbot):
    with canvas("banner", (960, 540)) as (window, old):
        old.show_texts(["连然新村停车道闸今日启用"], 1_795_341_777_000)
        before = window.grabWindow()

        clock = ManualClock(datetime(2026, 11, 22, 10, 3, tzinfo=UTC))
        screen = Screen(layout="banner", title="连然新村社区")
        view = LayoutView(old.engine, window.contentItem(), screen, (960, 540), clock)
        view.show_texts(*old.texts)
        old.close()
        after = window.grabWindow()

        assert before == after
        view.close()

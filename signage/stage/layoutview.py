"""One canvas divided into zones: a screen and a canvas size come in, the items that surfaces are put into go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QUrl
from PySide6.QtQml import QQmlComponent, QQmlEngine
from PySide6.QtQuick import QQuickItem

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.content.layouts import CLOCK, Rect, zone_rects
from signage.content.values import Screen
from signage.stage.layoutclock import LayoutClock
from signage.stage.ticker import Ticker
from signage.stage.tickerpictures import TickerPictures, TickerStyle

LAYOUT_FOLDER = Path(__file__).parent / "qml" / "layouts"

_FILES = {"full": "Full.qml", "banner": "Banner.qml", "side": "Side.qml"}
_BLOCK_SHAPE = 3


class LayoutView(QObject):
    """The layout of one screen on one canvas. Lives on the GUI thread; `close` it before its engine goes."""

    def __init__(self, engine: QQmlEngine, canvas: QQuickItem, screen: Screen, size_px: tuple[int, int], clock: Clock):
        """Build the layout inside `canvas`, at its top left, in `size_px`.

        Raises:
            SignageError: a QML file is missing or not sound; the installation is broken.
        """
        super().__init__(canvas)
        self.setObjectName("layout")
        self.engine = engine
        self._rects = zone_rects(screen.layout, size_px)
        self._clock: LayoutClock | None = None
        self._ticker: Ticker | None = None
        self._pictures_name = ""
        self._look = self._create(LAYOUT_FOLDER / "Look.qml", self, {})
        given: dict[str, Any] = {"width": size_px[0], "height": size_px[1], "title": screen.title}
        given |= {f"{name}Rect": _for_qml(rect) for name, rect in self._rects.items()}
        if CLOCK in self._rects:
            self._clock = self._make_clock(clock, screen, self._rects[CLOCK])
            given["clock"] = self._clock
        if "ticker" in self._rects:
            self._ticker = self._make_ticker(clock, self._rects["ticker"])
            given["ticker"] = self._ticker
        self._root = self._create(LAYOUT_FOLDER / _FILES[screen.layout], self, given)
        self._root.setParentItem(canvas)
        for source in (self._clock, self._ticker):
            if source is not None:
                source.setParent(self._root)  # children go in order: what QML shows before what it binds to

    @property
    def rects(self) -> Mapping[str, Rect]:
        """Give where each zone (and the clock) stands on the canvas."""
        return self._rects

    def zone(self, name: str) -> QQuickItem:
        """Give the item that is the zone; what is put into it is clipped to it.

        Raises:
            KeyError: the layout has no such zone; a bug of the caller.
        """
        item: QQuickItem | None = self._root.findChild(QQuickItem, f"zone-{name}")
        if item is None:
            raise KeyError(name)
        return item

    def show_texts(self, texts: Sequence[str], origin_ms: int) -> None:
        """Run these texts in the ticker from `origin_ms` on (the slot's start); none of them empties it."""
        if self._ticker is not None:
            self._ticker.show(texts, origin_ms)

    @property
    def texts(self) -> tuple[tuple[str, ...], int]:
        """Give the texts that run and their origin, so that a layout that comes after this one can go on with them."""
        return self._ticker.on_air if self._ticker is not None else ((), 0)

    @property
    def is_moving(self) -> bool:
        """Whether texts run just now."""
        return self._ticker is not None and self._ticker.is_moving

    def close(self) -> None:
        """Stop every motion and take the layout off the canvas."""
        if self._clock is not None:
            self._clock.stop()
        if self._ticker is not None:
            self._ticker.stop()
            self.engine.removeImageProvider(self._pictures_name)
        self._root.setParentItem(None)
        self.deleteLater()

    def _make_clock(self, clock: Clock, screen: Screen, rect: Rect) -> LayoutClock:
        is_block = screen.layout == "side" and rect.width < rect.height * _BLOCK_SHAPE
        family = self._look.property("family")
        return LayoutClock(clock, screen.timezone, screen.title, rect.size, is_block, family, self)

    def _make_ticker(self, clock: Clock, rect: Rect) -> Ticker:
        families = self._look.property("families")
        style = TickerStyle(
            families=tuple(families.toVariant() if hasattr(families, "toVariant") else families),
            text=self._look.property("tickerText"),
            accent=self._look.property("tickerAccent"),
            strip_px=rect.size,
        )
        pictures = TickerPictures(style, f"ticker-{id(self):x}")
        self.engine.addImageProvider(pictures.name, pictures)
        self._pictures_name = pictures.name
        return Ticker(clock, style, pictures, self)

    def _create(self, file: Path, parent: QObject, given: dict[str, Any]) -> Any:
        component = QQmlComponent(self.engine, QUrl.fromLocalFile(str(file)))
        made = component.createWithInitialProperties(given)
        if made is None:
            raise SignageError(f"{file}: cannot be shown ({component.errorString().strip()}); install signage again")
        made.setParent(parent)
        return made


def _for_qml(rect: Rect) -> dict[str, int]:
    return {"x": rect.x, "y": rect.y, "width": rect.width, "height": rect.height}

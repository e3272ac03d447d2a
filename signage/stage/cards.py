"""A card, a size and a day go in; out come its pages as flat pictures, painted on worker threads.

A card becomes pictures because the software adaptation fades one flat picture well and a group of items not at all;
why QPainter on a thread and not QML: deploy/decisions/cards.md.
"""

from __future__ import annotations

import itertools
import logging
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QFontDatabase, QImage

from signage.content.values import Card
from signage.stage.photos import Locate, Photos
from signage.stage.templates import (
    alert,
    civility,
    event,
    honours,
    notice,
    slate,
    table,
    unity_poster,
    work_update,
)
from signage.stage.templates.sheet import Commission, Unwanted
from signage.stage.theme import Measures, Theme, load_theme

log = logging.getLogger(__name__)

SMALLEST_PX = 16
SWITCH_INTERVAL_S = 0.0005
FONTS_NEEDED: Mapping[str, str] = {
    "Noto Sans CJK SC": "Chinese text (fonts-noto-cjk)",
    "Noto Serif CJK SC": "Chinese headlines of posters (fonts-noto-cjk)",
    "Noto Sans Yi": "Yi (fonts-noto-core)",
    "Noto Serif Tibetan": "Tibetan (fonts-noto-core)",
    "Noto Sans Arabic": "Uyghur (fonts-noto-core)",
    "Noto Sans Mongolian": "Mongolian (fonts-noto-core)",
    "Noto Color Emoji": "emoji (fonts-noto-color-emoji)",
}
"""The families that cards name, and what is not drawn rightly without them."""

_COMPOSERS: Mapping[str, Callable[[Commission], list[QImage]]] = {
    "alert": alert.compose,
    "civility": civility.compose,
    "event": event.compose,
    "honours": honours.compose,
    "notice": notice.compose,
    "slate": slate.compose,
    "table": table.compose,
    "unity-poster": unity_poster.compose,
    "work-update": work_update.compose,
}


@dataclass(frozen=True, slots=True)
class CardPages:
    """A card as 1..n pictures of the asked size. `faults` names photos that were left out, and why."""

    pages: tuple[QImage, ...]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CardFailure:
    """A card that cannot be painted. `reason` is for the log."""

    reason: str


Outcome = CardPages | CardFailure


def composer_of(template: str) -> Callable[[Commission], list[QImage]] | None:
    """Give what paints the cards of `template`; None if nothing does."""
    return _COMPOSERS.get(template)


def missing_fonts() -> list[str]:
    """Give the families that are not installed, each with what needs it: `Noto Sans Yi: Yi (fonts-noto-core)`."""
    installed = set(QFontDatabase.families())
    return [f"{family}: {need}" for family, need in FONTS_NEEDED.items() if family not in installed]


class CardRenderer(QObject):
    """Paints cards on one worker thread, in the order of asking. Lives on the GUI thread; call `close` at the end."""

    _painted = Signal(int, object)

    def __init__(self, locate: Locate, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._locate = locate
        self._theme: Theme | None = None
        self._tokens = itertools.count(1)
        self._waiting: dict[int, Callable[[Outcome], None]] = {}
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cards", initializer=_share_interpreter)
        self._painted.connect(self._deliver)

    def render(self, card: Card, size: QSize, today: date, done: Callable[[Outcome], None]) -> int:
        """Begin to paint `card`; `done` is called once on this thread, unless the token given back is cancelled."""
        theme, token = self._read_theme(), next(self._tokens)
        self._waiting[token] = done
        self._worker.submit(self._paint, token, card, QSize(size), today, theme)
        return token

    def cancel(self, token: int) -> None:
        """Forget a painting: `done` is not called. Harmless if it is done or unknown."""
        self._waiting.pop(token, None)

    def render_now(self, card: Card, size: QSize, today: date) -> Outcome:
        """Give the card painted on this thread: for previews, where waiting is right."""
        return paint_card(card, size, today, self._read_theme(), self._locate, lambda: True)

    def close(self) -> None:
        """Forget everything that was asked for and wait for the thread to end (a fraction of a second)."""
        self._waiting.clear()
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _read_theme(self) -> Theme:
        if self._theme is None:
            self._theme = load_theme()
        return self._theme

    def _paint(self, token: int, card: Card, size: QSize, today: date, theme: Theme) -> None:
        outcome = paint_card(card, size, today, theme, self._locate, lambda: token in self._waiting)
        self._painted.emit(token, outcome)

    def _deliver(self, token: int, outcome: Outcome) -> None:
        done = self._waiting.pop(token, None)
        if done is not None:
            done(outcome)


def _share_interpreter() -> None:
    """Let the window's thread have the interpreter sooner while cards are painted: Python's own 5 ms delay a frame."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)


def paint_card(
    card: Card, size: QSize, today: date, theme: Theme, locate: Locate, is_wanted: Callable[[], bool]
) -> Outcome:
    """Give the card's pages, painted on the calling thread. Never raises: a card must not stop a screen."""
    compose = composer_of(card.template)
    if compose is None:
        return CardFailure(f"template '{card.template}' is unknown; known are {', '.join(sorted(_COMPOSERS))}")
    if min(size.width(), size.height()) < SMALLEST_PX:
        return CardFailure(f"a zone of {size.width()}x{size.height()} px is too small for text")
    photos = Photos(card.photos, locate)
    measures = Measures(theme, size.width(), size.height())
    work = Commission(card.fields, photos, today, theme, theme.moods[card.template], measures, is_wanted)
    try:
        pages = compose(work)
    except Unwanted:
        return CardFailure("is not wanted any more")
    except Exception as error:
        log.exception("card %s cannot be painted", card.template)
        return CardFailure(f"cannot be painted: {error!r}")
    for fault in photos.faults:
        log.warning("card %s: photo left out: %s", card.template, fault)
    return CardPages(tuple(pages), photos.faults)

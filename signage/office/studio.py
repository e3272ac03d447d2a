"""Items, cards and moments of a screen come in, pictures (WebP) go out: drawn by the real stage in another process.

Qt lives in that process only. One that dies, hangs or grows is ended and started anew; what was drawn once is kept on
disk, by a digest of all that the picture depends on. Any number of threads may ask.
"""

from __future__ import annotations

import hashlib
import heapq
import itertools
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import Any

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.base.moments import to_datetime
from signage.content.values import ZONES_OF_LAYOUT, Card, Item, Kind, MediaFile, Screen, Store
from signage.drawings import ItemWish, MomentWish, Wish, wish_line
from signage.office.studioprocess import StudioLostError, StudioProcess
from signage.office.thumbnails import ThumbnailFolder
from signage.schedule.programme import Programme
from signage.schedule.slots import Slot

Size = tuple[int, int]
Locate = Callable[[MediaFile], Path]

FULL_HD: Size = (1920, 1080)
"""The canvas of a screen that does not say its size."""
ITEM_LIMIT_S = 30.0
MOMENT_LIMIT_S = 40.0
_LONGEST_QUEUE_S = 120.0
_REMEMBERED_FAULTS = 500
_FAULT_LASTS_S = 300.0
_STAGE = Path(__file__).parents[1] / "stage"


class DrawingError(SignageError):
    """There is no picture; the message says why. Show that in its place."""


class Urgency(IntEnum):
    """Who is served first: somebody who types and waits, then a page, then work ahead."""

    LIVE = 0
    PAGE = 1
    AHEAD = 2


@dataclass(frozen=True, slots=True)
class Picture:
    """WebP bytes, and a digest of what they show, good as an entity tag. `pages` counts the pages of a card.

    `left_out` names what could not be shown within it.
    """

    webp: bytes
    digest: str
    pages: int = 1
    left_out: tuple[str, ...] = ()


class Studio:
    """Draws for the whole office. `folder` keeps what was drawn."""

    def __init__(self, folder: Path, clock: Clock, process: StudioProcess | None = None) -> None:
        self._clock = clock
        self._process = process or StudioProcess()
        self.kept = ThumbnailFolder(folder)
        self._turns = _Turns()
        self._faults: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._stage_mark = _mark_of(_STAGE)
        self._is_closed = False

    def draw_item(
        self,
        item: Item,
        zone_px: Size,
        locate: Locate,
        *,
        width_px: int = 320,
        page: int = 1,
        today: date | None = None,
        urgency: Urgency = Urgency.PAGE,
    ) -> Picture:
        """Give the item as a zone of that size shows it, scaled to a width.

        `page` is of a card with several; `today` is the day that a countdown counts from (the office's own).

        Raises:
            DrawingError: it cannot be drawn.
        """
        today = today or self._today()
        wish = ItemWish(item, zone_px, width_px, today, page, _paths([item], locate))
        return self._drawn(wish, ITEM_LIMIT_S, urgency)

    def draw_card(
        self,
        template: str,
        fields: Mapping[str, Any],
        zone_px: Size,
        photos: Sequence[MediaFile] = (),
        locate: Locate = Path,  # type: ignore[assignment]  # never called where there are no photos
        *,
        width_px: int = 640,
        page: int = 1,
        today: date | None = None,
        urgency: Urgency = Urgency.LIVE,
    ) -> Picture:
        """Give a page of a card, of fields as the reader of playlists gives them (`content.templates`).

        Raises:
            DrawingError: it cannot be painted.
        """
        fields_json = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        card = Card(template, fields_json, tuple(photos))
        item = Item(template, Kind.CARD, hashlib.sha256(fields_json.encode()).hexdigest(), 10_000, card=card)
        return self.draw_item(item, zone_px, locate, width_px=width_px, page=page, today=today, urgency=urgency)

    def draw_moment(
        self,
        store: Store,
        screen: Screen,
        at_ms: int,
        locate: Locate | None = None,
        *,
        width_px: int = 960,
        urgency: Urgency = Urgency.PAGE,
    ) -> Picture:
        """Give the whole screen as it looks at an instant, with all its zones and its clock.

        `locate` says where files lie; the store's own folder unless given (blobs, of a published manifest).

        Raises:
            DrawingError: it cannot be drawn.
        """
        zones = ZONES_OF_LAYOUT.get(screen.layout, ("main",))
        slots = [Programme(store, screen, zone).slot_at(at_ms) for zone in zones]
        return self.draw_slots(screen, slots, at_ms, locate or store.path_of, width_px=width_px, urgency=urgency)

    def draw_slots(
        self,
        screen: Screen,
        slots: Sequence[Slot],
        at_ms: int,
        locate: Locate,
        *,
        width_px: int = 960,
        urgency: Urgency = Urgency.PAGE,
    ) -> Picture:
        """Give the whole screen with these slots in its zones; as `draw_moment` otherwise."""
        if screen.size_px is None:
            screen = replace(screen, size_px=FULL_HD)
        paths = _paths([slot.item for slot in slots], locate)
        return self._drawn(MomentWish(screen, tuple(slots), at_ms, width_px, paths), MOMENT_LIMIT_S, urgency)

    def close(self) -> None:
        """Draw no more: the process is ended at once, and whoever waits for a picture gets a DrawingError."""
        self._is_closed = True
        self._process.interrupt()
        with self._turns.taken(Urgency.LIVE):
            self._process.close(is_patient=False)

    def _today(self) -> date:
        return to_datetime(self._clock.now_ms(), Screen().timezone).date()

    def _drawn(self, wish: Wish, limit_s: float, urgency: Urgency) -> Picture:
        digest = self._digest_of(wish)
        if found := self._known(digest):
            return found
        with self._turns.taken(urgency):
            # Whoever had the turn before may have drawn the same.
            if found := self._known(digest):
                return found
            return self._draw(digest, wish, limit_s)

    def _known(self, digest: str) -> Picture | None:
        if kept := self.kept.get(digest):
            return _unpacked(kept, digest)
        at_s, fault = self._faults.get(digest, (0.0, ""))
        if fault and self._clock.monotonic_s() - at_s < _FAULT_LASTS_S:
            raise DrawingError(fault)
        return None

    def _draw(self, digest: str, wish: Wish, limit_s: float) -> Picture:
        line = wish_line(wish)
        if self._is_closed:
            raise DrawingError("the office is closing")
        try:
            answer, webp = self._process.ask(line, limit_s)
        except StudioLostError as error:
            # Not again for a while: the same file would take the next process along, too.
            self._note_fault(digest, str(error))
            raise DrawingError(str(error)) from error
        if answer.fault:
            self._note_fault(digest, answer.fault)
            raise DrawingError(answer.fault)
        picture = Picture(webp, digest, answer.pages, answer.left_out)
        if not picture.left_out:
            self.kept.put(digest, _packed(picture))
        return picture

    def _note_fault(self, digest: str, fault: str) -> None:
        self._faults[digest] = (self._clock.monotonic_s(), fault)
        while len(self._faults) > _REMEMBERED_FAULTS:
            self._faults.popitem(last=False)

    def _digest_of(self, wish: Wish) -> str:
        """Give a digest of all that the picture depends on, but not of where its files lie."""
        if isinstance(wish, ItemWish) and wish.item.card is None:
            wish = replace(wish, today=date.min)
        # The time of a copy changes nothing in the picture.
        return hashlib.sha256(self._stage_mark + wish_line(_timeless(replace(wish, paths=())))).hexdigest()


class _Turns:
    """One at a time, the most urgent first; of equals, whoever came first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[int, int]] = []
        self._numbers = itertools.count()
        self._is_taken = False

    @contextmanager
    def taken(self, urgency: Urgency) -> Iterator[None]:
        with self._changed:
            ticket = (int(urgency), next(self._numbers))
            heapq.heappush(self._waiting, ticket)
            has_turn = self._changed.wait_for(
                lambda: not self._is_taken and self._waiting[0] == ticket, _LONGEST_QUEUE_S
            )
            self._waiting.remove(ticket)
            heapq.heapify(self._waiting)
            if not has_turn:
                self._changed.notify_all()
                raise DrawingError("too many pictures are asked for at once; try again in a minute")
            self._is_taken = True
        try:
            yield
        finally:
            with self._changed:
                self._is_taken = False
                self._changed.notify_all()


def _paths(items: Iterable[Item], locate: Locate) -> tuple[tuple[str, str], ...]:
    files = {media.path: media for item in items for media in _media_of(item)}
    return tuple((path, str(locate(media).absolute())) for path, media in sorted(files.items()))


def _media_of(item: Item) -> Iterator[MediaFile]:
    if item.media is not None:
        yield item.media
    if item.card is not None:
        yield from item.card.photos


def _timeless(wish: Wish) -> Wish:
    if isinstance(wish, MomentWish):
        slots = tuple(replace(slot, item=_timeless_item(slot.item)) for slot in wish.slots)
        return replace(wish, slots=slots)
    return replace(wish, item=_timeless_item(wish.item))


def _timeless_item(item: Item) -> Item:
    media = item.media and replace(item.media, mtime_ns=0)
    card = item.card and replace(item.card, photos=tuple(replace(photo, mtime_ns=0) for photo in item.card.photos))
    return replace(item, media=media, card=card)


def _packed(picture: Picture) -> bytes:
    """Put the number of pages before the picture: WebP itself has no place for it."""
    return picture.pages.to_bytes(2, "big") + picture.webp


def _unpacked(kept: bytes, digest: str) -> Picture | None:
    if kept[2:6] != b"RIFF":
        return None
    return Picture(kept[2:], digest, int.from_bytes(kept[:2], "big"))


def _mark_of(package: Path) -> bytes:
    """Give a digest of the code that draws: after an update everything is drawn anew."""
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.suffix in (".py", ".qml", ".json"):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.digest()

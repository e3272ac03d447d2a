"""Items come in; small pictures of how a zone shows them go out, for the preview page. Waits for each of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from threading import Event, Thread

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter

from signage.base.errors import SignageError
from signage.content.values import Card, Item, Kind
from signage.stage.cards import CardPages, CardRenderer
from signage.stage.fitting import Size
from signage.stage.frames import FrameStream, MotionPlan
from signage.stage.loading import Locate
from signage.stage.pictures import load_picture
from signage.stage.studio import open_application

_FIRST_FRAME_S = 20.0
_INTO_FILM_S = 1.0
_QUALITY = 82


class Thumbnails:
    """Draws small pictures of one width. Use as a context; it makes itself a Qt application if there is none."""

    def __init__(self, locate: Locate, width_px: int, today: date) -> None:
        self._locate = locate
        self._width_px = width_px
        self._today = today

    def __enter__(self) -> Thumbnails:
        self._application = open_application()
        self._cards = CardRenderer(self._locate)
        return self

    def __exit__(self, *_: object) -> None:
        self._cards.close()

    def draw(self, item: Item, zone: Size) -> bytes:
        """Give the item as a zone of that size shows it, as WebP.

        Raises:
            SignageError: the item cannot be shown; the message says why. Say so in its place.
        """
        return to_webp(self._image_of(item, zone, self._small(zone)), self._width_px)

    def draw_card(self, card: Card, zone: Size, page: int) -> tuple[bytes, int]:
        """Give one page of a card as WebP (the last, if it has not so many), and how many pages it has.

        Raises:
            SignageError: the card cannot be painted.
        """
        painted = self._cards.render_now(card, QSize(*zone), self._today)
        if not isinstance(painted, CardPages):
            raise SignageError(f"{card.template}: {painted.reason}")
        count = len(painted.pages)
        return to_webp(painted.pages[min(max(page, 1), count) - 1], self._width_px), count

    def _small(self, zone: Size) -> Size:
        return (self._width_px, max(1, round(self._width_px * zone[1] / zone[0])))

    def _image_of(self, item: Item, zone: Size, small: Size) -> QImage:
        if item.card is not None:
            painted = self._cards.render_now(item.card, QSize(*zone), self._today)
            if not isinstance(painted, CardPages):
                raise SignageError(f"{item.name}: {painted.reason}")
            return painted.pages[0]
        if item.media is None:
            raise SignageError(f"{item.name}: has no picture")
        path = self._locate(item.media)
        if item.kind is Kind.PICTURE:
            return load_picture(path, small, item.fit)
        if item.kind is Kind.PAGE:
            from signage.stage.pdf import load_page

            return load_page(path, item.page, small, item.fit)
        start_s = min(_INTO_FILM_S, item.duration_ms / 3000)
        until_s = item.duration_ms / 1000
        plan = MotionPlan(path, small, item.fit, start_s, until_s, may_enlarge=True, mime=item.media.mime)
        return _first_frame(plan, item)


def to_webp(image: QImage, width_px: int) -> bytes:
    """Give the picture as WebP of that width.

    Raises:
        SignageError: Qt cannot write it.
    """
    if image.width() != width_px:
        smooth = Qt.TransformationMode.SmoothTransformation
        height_px = max(1, round(width_px * image.height() / image.width()))
        image = image.scaled(QSize(width_px, height_px), Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    target = QByteArray()
    buffer = QBuffer(target)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"webp"))
    writer.setQuality(_QUALITY)
    if not writer.write(image):
        raise SignageError(f"the picture cannot be written ({writer.errorString()})")
    return bytes(target.data())


def _first_frame(plan: MotionPlan, item: Item) -> QImage:
    """Decode on a thread, as the stage does, and take the first frame that comes."""
    from signage.stage.animation import decode_animation
    from signage.stage.film import decode_film

    decode: Callable[[MotionPlan, FrameStream], None]
    decode = decode_animation if item.kind is Kind.ANIMATION else decode_film
    has_come = Event()
    stream = FrameStream(has_come.set)
    faults: list[SignageError] = []

    def fill() -> None:
        try:
            decode(plan, stream)
        except SignageError as error:
            faults.append(error)
        has_come.set()

    thread = Thread(target=fill, name="thumbnail", daemon=True)
    thread.start()
    has_come.wait(_FIRST_FRAME_S)
    frame = stream.first()
    image = _composed(stream, frame.image, frame.width_px, plan.zone) if frame else None
    stream.stop()
    thread.join(_FIRST_FRAME_S)
    if image is None:
        raise SignageError(str(faults[0]) if faults else f"{item.name}: no frame within {_FIRST_FRAME_S:.0f} s")
    return image


def _composed(stream: FrameStream, frame: QImage, width_px: int, zone: Size) -> QImage:
    """Give the frame in its place on its backdrop, as the stage shows it."""
    image = QImage(*zone, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    if stream.backdrop is not None:
        painter.drawImage(image.rect(), stream.backdrop)
    placement = stream.placement
    target = QRect(placement.x, placement.y, *placement.size)
    painter.drawImage(target, frame, QRect(0, 0, width_px, frame.height()))
    painter.end()
    return image

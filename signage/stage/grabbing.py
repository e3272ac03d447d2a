"""A window comes in; a picture of what is really on its output goes out, taken so that nothing on screen stutters.

On X11 the whole output is read from the server, band by band, one band a turn of the event loop: a window of another
program over ours is in it. Elsewhere the system gives no such picture, and the window's own is taken.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtQuick import QQuickWindow

from signage.player.outputjudge import BLACK_LUMA
from signage.wire import MOST_PICTURE_BYTES

MOST_WIDTH_PX = 960
_BAND_PX = 260_000
_BETWEEN_BANDS_MS = 4
_TINY_PX = (64, 36)
_BLACK = bytes(range(BLACK_LUMA + 1))
_STEP_BYTES = 100_000
_QUALITIES = (80, 60, 40, 25, 10)

Bands = Sequence[QImage]


@dataclass(frozen=True, slots=True)
class OutputPicture:
    """What is on the output, at most 960 px wide. `mark` is the same only for output that is the same to the pixel.

    `is_dark`: nothing of it is brighter than 16 of 255, in any colour. `luma` is its mean brightness, 0 to 255.
    """

    image: QImage
    mark: int
    is_dark: bool
    luma: float


class Grabber(QObject):
    """Takes one picture at a time. Lives on the Qt thread; `close` forgets the one that is under way."""

    def __init__(self, window: QQuickWindow) -> None:
        super().__init__()
        self._window = window
        self._bands: list[QImage] = []
        self._top = 0
        self._done: Callable[[Bands], None] | None = None
        self._timer = QTimer(self)
        self._timer.setObjectName("grab")
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._next)

    def grab(self, done: Callable[[Bands], None]) -> None:
        """Have `done` called, on this thread, with the output from top to bottom; empty if there is no output.

        One that is still under way ends with nothing.
        """
        self.close()
        self._done, self._top = done, 0
        self._next()

    def close(self) -> None:
        self._timer.stop()
        self._bands = []
        done, self._done = self._done, None
        if done is not None:
            done(())

    def _next(self) -> None:
        output = self._window.screen()
        if output is None or not self._window.isVisible():
            self.close()
            return
        if QGuiApplication.platformName() != "xcb":
            self._finish([self._window.grabWindow()])
            return
        width, height = output.size().width(), output.size().height()
        rows = min(height - self._top, max(1, round(_BAND_PX / max(1, width) / output.devicePixelRatio() ** 2)))
        if rows > 0:
            band = output.grabWindow(0, 0, self._top, width, rows).toImage()
            band.setDevicePixelRatio(1.0)
            self._bands.append(band)
            self._top += rows
        if self._top >= height:
            self._finish(self._bands)
        else:
            self._timer.start(_BETWEEN_BANDS_MS)

    def _finish(self, bands: list[QImage]) -> None:
        done, self._done = self._done, None
        self._bands = []
        if done is not None:
            done([] if any(band.isNull() for band in bands) else bands)


def put_together(bands: Bands) -> OutputPicture | None:
    """Give the picture of these bands, made on the calling thread in steps of a millisecond; None for no bands."""
    if not bands:
        return None
    width, height = bands[0].width(), sum(band.height() for band in bands)
    factor = min(1.0, MOST_WIDTH_PX / width)
    image = QImage(max(1, round(width * factor)), max(1, round(height * factor)), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    mark, top = 0, 0
    for band in bands:
        plain = band.convertToFormat(QImage.Format.Format_RGB32)
        mark = zlib.crc32(plain.constBits(), mark)
        above, below = round(top * factor), round((top + band.height()) * factor)
        if below > above:
            how = (Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
            painter.drawImage(0, above, plain.scaled(image.width(), below - above, *how))
        top += band.height()
    painter.end()
    how = (Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    return OutputPicture(image, mark, _is_dark(_channels(image)), _luma(_channels(image.scaled(*_TINY_PX, *how))))


def as_jpeg(image: QImage) -> bytes:
    """Give the picture as JPEG of at most what the office takes, as good as that lets it be.

    By Pillow, which lets other threads run meanwhile: Qt holds Python's lock for the 10 ms that it takes.
    """
    from PIL import Image

    picture = Image.frombuffer("RGB", (image.width(), image.height()), _channels(image), "raw", "RGB", 0, 1)
    for quality in _QUALITIES:
        data = io.BytesIO()
        picture.save(data, "JPEG", quality=quality)
        if data.tell() <= MOST_PICTURE_BYTES:
            break
    return data.getvalue()


def _channels(image: QImage) -> bytes:
    """Give red, green and blue of each pixel, without what fills lines up."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    width_bytes, stride, data = 3 * plain.width(), plain.bytesPerLine(), bytes(plain.constBits())
    if width_bytes == stride:
        return data
    return b"".join(data[start : start + width_bytes] for start in range(0, len(data), stride))


def _luma(channels: bytes) -> float:
    """Give the mean brightness. Source: ITU-R BT.601."""
    red, green, blue = (sum(channels[start::3]) for start in range(3))
    return (0.299 * red + 0.587 * green + 0.114 * blue) / max(1, len(channels) // 3)


def _is_dark(channels: bytes) -> bool:
    """Tell whether nothing is brighter than black; ends at the first that is."""
    steps = range(0, len(channels), _STEP_BYTES)
    return not any(channels[start : start + _STEP_BYTES].translate(None, _BLACK) for start in steps)

"""What a zone shows at one time, as Qt Quick items: a backdrop and a picture upon it, both given as images."""

from __future__ import annotations

import zlib

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QImage
from PySide6.QtQuick import QQuickItem, QQuickWindow, QSGNode, QSGSimpleTextureNode, QSGTexture

from signage.stage.fitting import Placement, Size

_MARK_LINES = 48


class Layer(QQuickItem):
    """One image drawn over the item's area by a texture node that owns its texture.

    It is given its window: PySide takes `QQuickItem.window()` for a birth, makes the window the item's child, and
    with the item lets go of everything in the window (seen in 6.11; try `window()` again when that is mended).
    """

    def __init__(self, parent: QQuickItem, window: QQuickWindow) -> None:
        super().__init__(parent)
        self._window = window
        self._image: QImage | None = None
        self._source = QRectF()
        self._is_changed = False
        self.setFlag(QQuickItem.Flag.ItemHasContents)

    def set_image(self, image: QImage, source: QRectF | None = None) -> None:
        """Show the image from now on. Only the `source` part of it (None: all) is drawn."""
        self._image = image
        self._source = source or QRectF(image.rect())
        self._is_changed = True
        self.update()

    @property
    def image(self) -> QImage | None:
        return self._image

    def mark(self, start: int) -> int:
        """Give a number for the image, by some of its lines; `start` where there is none."""
        image, mark = self._image, start
        if image is None or image.isNull():
            return mark
        step = max(1, image.height() // _MARK_LINES)
        for y in range(step // 2, image.height(), step):
            mark = zlib.crc32(bytes(image.constScanLine(y)), mark)  # type: ignore[call-overload]
        return mark

    def updatePaintNode(  # type: ignore[override]  # Qt takes None where there is nothing to draw
        self, node: QSGNode | None, _data: QQuickItem.UpdatePaintNodeData
    ) -> QSGNode | None:
        image = self._image
        if image is None:
            return node
        if not isinstance(node, QSGSimpleTextureNode):
            node = QSGSimpleTextureNode()
            node.setOwnsTexture(True)
            self._is_changed = True
        if self._is_changed:
            node.setTexture(self._window.createTextureFromImage(image))
            node.setFiltering(QSGTexture.Filtering.Linear)
            self._is_changed = False
        node.setRect(self.boundingRect())
        node.setSourceRect(self._source)
        return node


class Surface(QQuickItem):
    """A zone-sized item with a backdrop and, at a place of its own, a picture that may move."""

    def __init__(self, parent: QQuickItem, window: QQuickWindow, size: Size) -> None:
        super().__init__(parent)
        self.setParent(window)  # else it would go with its zone's item when the layout is made anew
        self.setTransformOrigin(QQuickItem.TransformOrigin.TopLeft)
        self.setSize(QSizeF(*size))
        self.backdrop = Layer(self, window)
        self.backdrop.setSize(self.size())
        self.picture = Layer(self, window)
        self.picture.setSize(self.size())

    def set_picture(self, image: QImage, width_px: int, placement: Placement) -> None:
        """Show `width_px` columns of the image at that place; what hangs over the surface is not drawn.

        The image may be smaller than the place: it is then drawn larger.
        """
        whole = QRectF(placement.x, placement.y, *placement.size)
        seen = whole.intersected(self.boundingRect())
        across, down = width_px / whole.width(), image.height() / whole.height()
        self.picture.setPosition(seen.topLeft())
        self.picture.setSize(seen.size())
        left, top = (seen.x() - whole.x()) * across, (seen.y() - whole.y()) * down
        self.picture.set_image(image, QRectF(left, top, seen.width() * across, seen.height() * down))

    def mark(self, start: int = 0) -> int:
        """Give a number for what its images show, from `start` on: another picture gives another. By a few lines."""
        mark = self.backdrop.mark(start)
        return self.picture.mark(mark) if self.picture.isVisible() else mark

    def free(self) -> None:
        """Take the item out of sight and let go of it and its images."""
        self.setVisible(False)
        self.deleteLater()

"""The scrolling line at the bottom of a canvas: texts and an instant come in, moving pictures of text go out to QML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    Property,
    QAbstractListModel,
    QByteArray,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)

from signage.base.clock import Clock
from signage.stage.tape import Pacer, Tape, make_tape, speed_of, tidy, travelled_px
from signage.stage.tickerpictures import TickerPictures, TickerStyle

FADE_MS = 500
"""How long a text that is replaced takes to leave; its successor enters from the edge meanwhile."""

_AHEAD_SHARE = 0.25

_Index = QModelIndex | QPersistentModelIndex


@dataclass(slots=True)
class _Shown:
    """One piece in view: its lap and index on the tape, and its x in the row."""

    key: tuple[int, int]
    x: int
    width: int
    source: str


class PieceModel(QAbstractListModel):
    """The pieces in view or about to be, for a Repeater. Roles: pieceX, pieceWidth, source."""

    _ROLES = {
        Qt.ItemDataRole.UserRole: QByteArray(b"pieceX"),
        Qt.ItemDataRole.UserRole + 1: QByteArray(b"pieceWidth"),
        Qt.ItemDataRole.UserRole + 2: QByteArray(b"source"),
    }

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._shown: list[_Shown] = []

    @property
    def keys(self) -> list[tuple[int, int]]:
        return [shown.key for shown in self._shown]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._shown)

    def roleNames(self) -> dict[int, QByteArray]:
        return {int(role): name for role, name in self._ROLES.items()}

    def data(self, index: _Index, role: int = 0) -> Any:
        shown = self._shown[index.row()]
        return (shown.x, shown.width, shown.source)[role - Qt.ItemDataRole.UserRole]

    def replace(self, wanted: Sequence[_Shown]) -> None:
        """Show exactly these: pieces that stay keep their picture, those gone are freed."""
        keys = {shown.key for shown in wanted}
        for row in range(len(self._shown) - 1, -1, -1):
            if self._shown[row].key not in keys:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._shown[row]
                self.endRemoveRows()
        for row, shown in enumerate(wanted):
            if row < len(self._shown) and self._shown[row].key == shown.key:
                self._shown[row] = shown
            else:
                self.beginInsertRows(QModelIndex(), row, row)
                self._shown.insert(row, shown)
                self.endInsertRows()
        if self._shown:
            self.dataChanged.emit(self.index(0), self.index(len(self._shown) - 1))


class TickerRow(QObject):
    """One row of text in motion; QML binds to `offset` (px), `strength` (0 to 1) and `pieces`."""

    moved = Signal()
    faded = Signal()

    def __init__(self, pictures: TickerPictures, style: TickerStyle, parent: QObject) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._style = style
        self._model = PieceModel(self)
        self._tape: Tape | None = None
        self._number = 0
        self._origin_ms = 0
        self._anchor_px = 0
        self._offset_px = 0
        self._strength = 0.0
        self._leaves_ms: float | None = None

    @property
    def is_active(self) -> bool:
        return self._tape is not None

    def start(self, number: int, tape: Tape, origin_ms: int) -> None:
        """Take this tape; what was in the row is gone."""
        self.stop()
        self._tape, self._number, self._origin_ms = tape, number, origin_ms
        self._pictures.add(number, tape)
        self._set_strength(1.0)

    def leave(self, now_ms: float) -> None:
        """Fade out from now on, still moving."""
        if self._leaves_ms is None:
            self._leaves_ms = now_ms

    def stop(self) -> None:
        """Be empty."""
        self._tape = None
        self._leaves_ms = None
        self._model.replace(())
        self._pictures.remove(self._number)
        self._set_strength(0.0)

    def step(self, now_ms: float) -> None:
        """Stand where the clock says."""
        if self._tape is None:
            return
        if self._leaves_ms is not None:
            left = 1 - max(0.0, now_ms - self._leaves_ms) / FADE_MS
            if left <= 0:
                self.stop()
                return
            self._set_strength(min(1.0, left))
        self._place(self._tape, travelled_px(now_ms, self._origin_ms, speed_of(self._style.size_px)))

    def _place(self, tape: Tape, travelled: int) -> None:
        """Move the row; when a piece comes or goes, measure all of them anew from here (so numbers stay small)."""
        ahead = round(self._style.strip_px[0] * _AHEAD_SHARE)
        found = list(tape.visible(travelled, ahead))
        if [(lap, index) for lap, index, _ in found] != self._model.keys:
            self._anchor_px = travelled
            self._model.replace([self._shown(tape, *place) for place in found])
        offset = travelled - self._anchor_px
        self._offset_px = offset if tape.runs_right else -offset
        self.moved.emit()

    def _shown(self, tape: Tape, lap: int, index: int, x: int) -> _Shown:
        overhang = self._style.overhang_px
        width = tape.pieces[index].width + 2 * overhang
        return _Shown((lap, index), x - overhang, width, self._pictures.address(self._number, index))

    def _set_strength(self, strength: float) -> None:
        if strength != self._strength:
            self._strength = strength
            self.faded.emit()

    offset = Property(int, lambda self: self._offset_px, notify=moved)
    strength = Property(float, lambda self: self._strength, notify=faded)
    pieces = Property(QObject, lambda self: self._model, constant=True)


class Ticker(QObject):
    """The line as QML sees it: two rows, so that one can leave while the next enters. Lives on the GUI thread."""

    movingChanged = Signal()

    def __init__(self, clock: Clock, style: TickerStyle, pictures: TickerPictures, parent: QObject) -> None:
        super().__init__(parent)
        self._clock = clock
        self._style = style
        self._pacer = Pacer()
        self._row_a = TickerRow(pictures, style, self)
        self._row_b = TickerRow(pictures, style, self)
        self._rows = [self._row_a, self._row_b]
        self._lines: tuple[str, ...] = ()
        self._origin_ms = 0
        self._number = 0
        self._is_moving = False

    def show(self, texts: Sequence[str], origin_ms: int) -> None:
        """Run these texts, their beginning at the edge at `origin_ms`; equal texts run on undisturbed.

        Texts that ran before fade out while the new ones enter. No text at all empties the line.
        """
        lines = tidy(texts)
        if lines == self._lines:
            return
        self._lines, self._origin_ms = lines, origin_ms
        self._rows[0].leave(self._clock.now_ms())
        self._rows.reverse()
        self._rows[0].stop()
        tape = make_tape(lines, self._style.size_px, self._style.strip_px[0], self._style.measure)
        if tape is not None:
            self._number += 1
            self._rows[0].start(self._number, tape, origin_ms)
        self._set_moving()
        self.step()

    @property
    def on_air(self) -> tuple[tuple[str, ...], int]:
        """Give the texts that run and their origin, as `show` takes them."""
        return self._lines, self._origin_ms

    @property
    def is_moving(self) -> bool:
        return self._is_moving

    def stop(self) -> None:
        """Be empty at once."""
        self._lines = ()
        for row in self._rows:
            row.stop()
        self._set_moving()

    @Slot()
    def step(self) -> None:
        """Draw the next frame: QML calls this once for each while `moving`."""
        now_ms = self._pacer.step(self._clock.now_ms())
        for row in self._rows:
            row.step(now_ms)
        self._set_moving()

    def _set_moving(self) -> None:
        is_moving = any(row.is_active for row in self._rows)
        if is_moving != self._is_moving:
            self._is_moving = is_moving
            self._pacer.forget()
            self.movingChanged.emit()

    moving = Property(bool, lambda self: self._is_moving, notify=movingChanged)
    rowA = Property(QObject, lambda self: self._row_a, constant=True)
    rowB = Property(QObject, lambda self: self._row_b, constant=True)

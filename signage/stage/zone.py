"""One zone of the canvas: the view on screen, and during a change the one that goes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtQuick import QQuickItem, QQuickWindow

from signage.content.values import Transition
from signage.player.ports import Cue
from signage.stage.fitting import Size
from signage.stage.surface import Surface
from signage.stage.transitions import pose
from signage.stage.views import FRAME_S, View


@dataclass(slots=True)
class Showing:
    """A cue on screen. `zero_s` is the monotonic instant at which the item's own time is zero: taken when it is
    shown, so that a film runs on evenly when the wall clock is set."""

    cue: Cue
    view: View
    zero_s: float


class Zone:
    """A rectangle of the canvas that shows one cue after another without ever being empty in between."""

    def __init__(self, name: str, frame: QQuickItem, window: QQuickWindow) -> None:
        """`frame` is the layout's item for the zone; it clips what is put into it."""
        self.name = name
        self._frame = frame
        self._window = window
        self._now: Showing | None = None
        self._before: Showing | None = None
        self._began_s = 0.0
        self._transition = Transition.CUT

    @property
    def size(self) -> Size:
        return round(self._frame.width()), round(self._frame.height())

    @property
    def showing(self) -> Showing | None:
        return self._now

    def make_surface(self) -> Surface:
        """Give a surface of the zone's size, out of sight until its view is shown."""
        surface = Surface(self._frame, self._window, self.size)
        surface.setVisible(False)
        return surface

    def show(self, showing: Showing, transition: Transition, now_s: float) -> None:
        """Begin the change to `showing`. A change that is still on is ended first."""
        self._end_change()
        self._before, self._now = self._now, showing
        self._transition = transition if self._before is not None else Transition.CUT
        self._began_s = now_s
        surface = showing.view.surface
        surface.setZ((self._before.view.surface.z() + 1) if self._before is not None else 0)
        self._pose(now_s)
        surface.setVisible(True)
        showing.view.begin(showing.zero_s)

    def advance(self, now_s: float) -> float | None:
        """Move what moves; give the monotonic instant at which to be called next, None if nothing moves."""
        is_changing = self._before is not None and self._pose(now_s)
        if not is_changing:
            self._end_change()
        wanted = []
        for showing in (self._now, self._before):
            if showing is not None and (next_s := showing.view.advance(now_s - showing.zero_s)) is not None:
                wanted.append(showing.zero_s + next_s)
        if is_changing:
            # One beat for all that moves: a film's own beat between these would only draw more frames than are seen.
            return now_s + FRAME_S - (now_s - self._began_s) % FRAME_S
        return min(wanted, default=None)

    def move_to(self, frame: QQuickItem) -> None:
        """Go to the layout's new item. What is on screen is scaled to it until a cue comes at the new size."""
        self._frame = frame
        for showing in (self._now, self._before):
            if showing is not None:
                self.take_over(showing.view)

    def take_over(self, view: View) -> None:
        """Move a view made for the layout before into this zone's item, scaled to fit."""
        surface, frame = view.surface, self._frame
        surface.setParentItem(frame)
        surface.setScale(min(frame.width() / surface.width(), frame.height() / surface.height()))

    def close(self) -> None:
        """Let go of all that it shows."""
        self._end_change()
        if self._now is not None:
            self._now.view.close()
            self._now = None

    def _pose(self, now_s: float) -> bool:
        """Put both surfaces where the transition has them now; False when it is over."""
        assert self._now is not None
        posed = pose(self._transition, now_s - self._began_s)
        surface = self._now.view.surface
        surface.setOpacity(posed.opacity if posed else 1.0)
        surface.setX(round(posed.shift * self._frame.width()) if posed else 0)
        if self._before is not None and posed is not None:
            self._before.view.surface.setX(round(posed.old_shift * self._frame.width()))
        return posed is not None

    def _end_change(self) -> None:
        if self._before is not None:
            self._before.view.close()
            self._before = None
            if self._now is not None:
                self._now.view.surface.setOpacity(1.0)
                self._now.view.surface.setX(0)

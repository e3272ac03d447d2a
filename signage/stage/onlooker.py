"""A stage and its window come in; what they show, and what is really on the output, goes out to the reporter."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from signage.base.clock import Clock
from signage.player.heartbeat import Seen
from signage.player.outputjudge import Glance, OutputJudge
from signage.player.station import StationStatus
from signage.stage.grabbing import Bands, Grabber, as_jpeg, put_together
from signage.stage.stage import Believed, Stage
from signage.stage.window import StageWindow

_FIRST_S = 15.0
"""For so long after the start nothing on screen is no fault."""


@dataclass(slots=True)
class _Look:
    """One look under way: filled on the Qt thread, awaited on the other."""

    is_done: threading.Event = field(default_factory=threading.Event)
    status: StationStatus | None = None
    believed: Believed = field(default_factory=lambda: Believed(0, 0.0))
    taken_ms: int = 0
    at_s: float = 0.0
    output_px: tuple[int, int] = (0, 0)
    bands: Bands = ()


class Onlooker:
    """Looks for the reporter (an OnlookerPort). Made and closed on the Qt thread; `look` is for one other thread."""

    def __init__(
        self,
        window: StageWindow,
        stage: Stage,
        status: Callable[[], StationStatus],
        call_soon: Callable[[Callable[[], None]], None],
        clock: Clock,
        judge: OutputJudge | None = None,
    ) -> None:
        self._window = window
        self._stage = stage
        self._status = status
        self._call_soon = call_soon
        self._clock = clock
        self._grabber = Grabber(window)
        self._judge = judge or OutputJudge()
        self._began_s = clock.monotonic_s()
        self._waiting: _Look | None = None
        self._is_closed = False

    def look(self, limit_s: float) -> Seen | None:
        """Give what is on screen now; None if the stage does not answer within the limit."""
        look = self._waiting = _Look()
        if self._is_closed:
            return None
        self._call_soon(partial(self._begin, look))
        if not look.is_done.wait(limit_s) or look.status is None:
            return None
        picture = put_together(look.bands)
        if picture is None:
            return Seen(look.status, output_px=look.output_px)
        glance = Glance(
            look.at_s,
            look.taken_ms,
            picture.mark,
            picture.is_dark,
            picture.luma,
            look.believed.mark,
            self._should_show(look),
            look.believed.stalled_s,
        )
        output, is_doubtful = self._judge.judge(glance)
        return Seen(look.status, output, look.output_px, partial(as_jpeg, picture.image), is_doubtful)

    def close(self) -> None:
        """Let go of whoever waits."""
        self._is_closed = True
        self._grabber.close()
        if (look := self._waiting) is not None:
            look.is_done.set()

    def _begin(self, look: _Look) -> None:
        if self._is_closed:
            return
        output = self._window.screen()
        ratio = output.devicePixelRatio() if output is not None else 1.0
        if output is not None:
            look.output_px = round(output.size().width() * ratio), round(output.size().height() * ratio)
        look.believed = self._stage.believed()
        look.taken_ms, look.at_s = self._clock.now_ms(), self._clock.monotonic_s()
        look.status = self._status()
        self._grabber.grab(partial(self._end, look))

    def _end(self, look: _Look, bands: Bands) -> None:
        look.bands = bands
        look.is_done.set()

    def _should_show(self, look: _Look) -> bool:
        """Tell whether something is to be seen: a zone that is not to be black, once there was time for a first one."""
        zones = look.status.zones if look.status else ()
        has_begun = look.at_s - self._began_s > _FIRST_S
        return any(not zone.is_off and (zone.item or has_begun) for zone in zones)

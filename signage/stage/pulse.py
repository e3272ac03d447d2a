"""The window and what plays in it come in; the service manager is told that both are alive, and nothing if not.

A sign of life comes from Qt's own loop, and only while frames that were asked for are really drawn: a loop that hangs
and a driver that hangs both end in a restart, which leaves the last picture where it was.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtQuick import QQuickWindow

from signage.base.clock import Clock
from signage.base.supervisor import Supervisor

log = logging.getLogger(__name__)

FROZEN_S = 30.0
"""For so long a frame may be awaited. A monitor that is being switched over holds one up for some seconds."""


class Pulse(QObject):
    """Lives on the Qt thread. `status` gives a line about what plays; it is asked at each beat."""

    def __init__(self, supervisor: Supervisor, window: QQuickWindow, status: Callable[[], str], clock: Clock) -> None:
        super().__init__()
        self._supervisor = supervisor
        self._window = window
        self._status = status
        self._clock = clock
        self._asked_s: float | None = None
        self._has_complained = False
        self._timer = QTimer(self)
        self._timer.setObjectName("pulse")
        self._timer.timeout.connect(self.beat)

    def start(self) -> None:
        """Say that the player is ready, and from now on that it is alive."""
        if self._supervisor.is_there:
            self._supervisor.ready()
            self.beat()
            self._timer.start(round(self._supervisor.interval_s * 1000))

    def close(self) -> None:
        self._timer.stop()
        self._supervisor.ending()

    def beat(self) -> None:
        """Ask for a frame, and tell that all is well unless one has been awaited for too long."""
        now_s = self._clock.monotonic_s()
        if not self._window.isExposed():
            self._asked_s = now_s if self._asked_s is not None else None  # none is drawn for a window that is hidden
        if self._asked_s is not None and now_s - self._asked_s > FROZEN_S:
            if not self._has_complained:
                log.error("no frame was drawn for %.0f s; the player is to be started again", now_s - self._asked_s)
            self._has_complained = True
            return
        self._supervisor.alive(self._status())
        if self._asked_s is None:
            self._asked_s = now_s
            self._window.frameSwapped.connect(self._on_frame, Qt.ConnectionType.SingleShotConnection)
        self._window.update()

    def _on_frame(self) -> None:
        self._asked_s = None
        self._has_complained = False

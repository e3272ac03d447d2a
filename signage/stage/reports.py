"""A stage, its station and the office that they follow come in; from then on the office is told, until the end."""

from __future__ import annotations

from collections.abc import Callable

from signage.base.clock import Clock
from signage.player.following import Followed
from signage.player.journal import Journal
from signage.player.recent import RecentFaults
from signage.player.reporting import Reporter
from signage.player.reports import make_reporter
from signage.player.station import StationStatus
from signage.stage.onlooker import Onlooker
from signage.stage.options import PlayOptions
from signage.stage.renderer import Renderer
from signage.stage.stage import Stage
from signage.stage.window import StageWindow


class Reports:
    """The reporter with what it looks and listens with. Made and closed on the Qt thread."""

    def __init__(self, reporter: Reporter, onlooker: Onlooker) -> None:
        self.reporter = reporter
        self._onlooker = onlooker
        self._awaits_picture = False

    def hear_news(self) -> None:
        """Tell the office at once that there is a release or an order, and again once it is to be seen. Any thread."""
        self._awaits_picture = True
        self.reporter.wake()

    def note_shown(self) -> None:
        """Something new is on screen. Called for each item."""
        if self._awaits_picture:
            self._awaits_picture = False
            self.reporter.want_picture()

    def close(self) -> None:
        """End the reporter; the onlooker first: it must not wait for a thread that waits for it."""
        self._onlooker.close()
        self.reporter.close()


def open_reports(
    followed: Followed,
    options: PlayOptions,
    journal: Journal,
    *,
    window: StageWindow,
    stage: Stage,
    status: Callable[[], StationStatus],
    call_soon: Callable[[Callable[[], None]], None],
    clock: Clock,
    renderer: Renderer,
    faults: RecentFaults,
) -> Reports | None:
    """Begin to report; None where no office let this screen in."""
    onlooker = Onlooker(window, stage, status, call_soon, clock)
    drawn_by = f"{renderer.name} ({renderer.reason})"
    reporter = make_reporter(
        followed,
        options.screen,
        options.state_dir,
        journal,
        onlooker,
        clock,
        renderer=drawn_by,
        faults=faults.lines,
    )
    if reporter is None:
        return None
    reports = Reports(reporter, onlooker)
    followed.bell.news = reports.hear_news
    reporter.start()
    return reports

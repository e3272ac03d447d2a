"""A screen that follows an office comes in; what reports to that office goes out, if the office let the screen in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from signage.base.clock import Clock
from signage.player.asrunsender import AsRunSender
from signage.player.enrolled import EnrolmentFolder
from signage.player.following import Followed
from signage.player.heartbeat import HeartbeatTeller
from signage.player.http import Http
from signage.player.journal import Journal
from signage.player.machine import HealthReader, describe_machine
from signage.player.reporting import OnlookerPort, Reporter, ReportSettings


def make_reporter(
    followed: Followed,
    screen: str,
    state_dir: Path,
    journal: Journal,
    onlooker: OnlookerPort,
    clock: Clock,
    *,
    renderer: str,
    faults: Callable[[], Sequence[str]],
    settings: ReportSettings | None = None,
) -> Reporter | None:
    """Give what reports, not yet started; None without a token, or an office that can be asked.

    It hears of wishes from now on; whoever has the stage tells it of news.
    """
    folder = EnrolmentFolder(state_dir)
    token = folder.token()
    if token is None or followed.api_address is None:
        return None
    teller = HeartbeatTeller(
        followed.sync,
        HealthReader(state_dir),
        clock,
        machine=partial(describe_machine, renderer=renderer),
        faults=faults,
        boot=lambda: journal.boot,
    )
    reporter = Reporter(
        screen,
        followed.api_address,
        token,
        Http(clock),
        clock,
        onlooker=onlooker,
        teller=teller,
        rows=AsRunSender(state_dir, screen, journal),
        note_fault=folder.keep_report_fault,
        settings=settings,
    )
    followed.bell.wish = reporter.hear_wish
    return reporter

"""A player's journal and reporter as a process of their own, to be killed: STATE URL TOKEN and the first row's."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from signage.base.clock import SystemClock
from signage.player.journal import Journal
from tests.player.reportingrig import make_reporter_rig
from tests.player.test_journal import show


def main() -> None:
    state, url, token, start = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    journal = Journal(state, SystemClock())
    for number in range(start, start + 40):
        show(journal, number, zone="main" if number % 3 else "side")
    journal.settle()
    rig = make_reporter_rig(state, url, token, journal, most=7)
    rig.reporter.start()
    threading.Event().wait(60)


if __name__ == "__main__":
    main()

"""A real stage on a real X display, looked at as the reporter does: a JSON line for each line of input. FOLDER FILE."""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
from pathlib import Path

os.environ.update(QT_QPA_PLATFORM="xcb", QT_QUICK_BACKEND="software")

from PySide6.QtGui import QGuiApplication

from signage.base.clock import SystemClock
from signage.content.values import Item, Kind, MediaFile, Screen, Transition
from signage.player.outputjudge import OutputJudge
from signage.player.ports import Cue
from signage.player.station import StationStatus, ZoneStatus
from signage.stage.loading import Loader
from signage.stage.onlooker import Onlooker
from signage.stage.stage import Stage
from signage.stage.window import StageWindow
from tests.stage.films import MIMES


class Show:
    """Shows one item at once, and tells each look on standard output when a line comes on standard input."""

    def __init__(self, folder: Path, name: str) -> None:
        self.clock = SystemClock()
        self.window = StageWindow(is_full_screen=True)
        self.loader = Loader(lambda media: folder / media.path, may_enlarge=True)
        self.stage = Stage(self.window, self.clock, self.loader)
        self.stage.events = self
        self.stage.set_screen(Screen())
        self.window.open()
        status = StationStatus(Screen(), "", 0, (ZoneStatus("main", name, None, 0, 0),))
        self.onlooker = Onlooker(
            self.window, self.stage, lambda: status, self.loader.call_soon, self.clock, OutputJudge(0.5)
        )
        self.thread = threading.Thread(target=self.tell_looks, name="looks")
        kind = Kind.VIDEO if name.endswith(".mp4") else Kind.PICTURE
        media = MediaFile(name, kind, "", 0, 0, (0, 0), mime=MIMES.get(Path(name).suffix, ""))
        now_ms = self.clock.now_ms()
        item = Item(name, kind, "", 600_000, media=media)
        self.stage.prepare(Cue(1, "main", item, now_ms, now_ms, now_ms + 600_000, Transition.CUT))

    def ready(self, cue: Cue) -> None:
        self.stage.show(cue)

    def failed(self, cue: Cue, reason: str) -> None:
        print(reason, file=sys.stderr)

    def shown(self, cue: Cue, at_ms: int) -> None:
        if not self.thread.is_alive():
            self.thread.start()

    def tell_looks(self) -> None:
        for _line in sys.stdin:
            seen = self.onlooker.look(10.0)
            assert seen is not None
            assert seen.output is not None
            assert seen.picture is not None
            said = {
                "is_black": seen.output.is_black,
                "frozen_s": seen.output.frozen_s,
                "luma": seen.output.luma,
                "is_doubtful": seen.is_doubtful,
                "jpeg": base64.b64encode(seen.picture()).decode(),
                "output_px": seen.output_px,
            }
            print(json.dumps(said), flush=True)
        self.loader.call_soon(QGuiApplication.quit)

    def close(self) -> None:
        self.stage.close()
        self.onlooker.close()
        self.loader.close()
        self.window.close()


def main() -> None:
    application = QGuiApplication([])
    show = Show(Path(sys.argv[1]), sys.argv[2])
    application.exec()
    show.thread.join()
    show.close()


if __name__ == "__main__":
    main()

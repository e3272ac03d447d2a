"""What is really on the output is seen: black, frozen or covered, and no false alarm for what stands still."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from signage.base.clock import SystemClock
from signage.content.values import Kind
from signage.player.heartbeat import Seen
from signage.player.journal import Journal
from signage.stage import loading
from signage.stage.frames import Frame, FrameStream, MotionPlan
from signage.stage.grabbing import Grabber, as_jpeg, put_together
from signage.stage.onlooker import Onlooker
from signage.wire import MOST_PICTURE_BYTES
from tests.conftest import ExpectLog
from tests.player.reportingrig import make_reporter_rig, status
from tests.stage.conftest import Theatre
from tests.stage.films import make_film, make_picture

REPOSITORY = Path(__file__).parents[2]
MOST_LOOKS = 200
COVER = """
import sys
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QRasterWindow, QPainter, QColor
application = QGuiApplication([])
class Cover(QRasterWindow):
    def paintEvent(self, event):
        QPainter(self).fillRect(0, 0, self.width(), self.height(), QColor(sys.argv[1]))
        print("painted", flush=True)
cover = Cover()
cover.setFlags(Qt.WindowType.Window | Qt.WindowType.BypassWindowManagerHint)
cover.setGeometry(0, 0, 640, 360)
cover.show()
cover.raise_()
application.exec()
"""


@dataclass(frozen=True)
class Look:
    is_black: bool
    frozen_s: float
    luma: float
    is_doubtful: bool
    picture: Image.Image


class Watched:
    """A stage on a display of its own, and the looks at it."""

    def __init__(self, process: subprocess.Popen[str], environment: dict[str, str]) -> None:
        self._process = process
        self.environment = environment

    def look(self) -> Look:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print("look", file=self._process.stdin, flush=True)
        said = json.loads(self._process.stdout.readline())
        picture = Image.open(io.BytesIO(base64.b64decode(said["jpeg"])))
        return Look(said["is_black"], said["frozen_s"], said["luma"], said["is_doubtful"], picture)

    def look_until(self, is_so: Callable[[Look], bool]) -> list[Look]:
        """Look until it is so; give every look."""
        looks = [self.look()]
        while not is_so(looks[-1]):
            looks.append(self.look())
            assert len(looks) < MOST_LOOKS, looks[-3:]
        return looks


@contextmanager
def watched(folder: Path, name: str) -> Iterator[Watched]:
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "640x360x24", "-nolisten", "tcp"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as said:
        environment = os.environ | {"DISPLAY": f":{said.readline().strip()}", "QT_QPA_PLATFORM": "xcb"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.stage.output_child", str(folder), name],
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Watched(process, environment)
    finally:
        process.communicate(timeout=60)
        server.terminate()
        server.wait(timeout=60)


@contextmanager
def covered(watched: Watched, colour: str) -> Iterator[None]:
    """Lay a window of another program over the stage."""
    cover = subprocess.Popen(
        [sys.executable, "-c", COVER, colour], env=watched.environment, stdout=subprocess.PIPE, text=True
    )
    assert cover.stdout is not None
    cover.stdout.readline()
    try:
        yield
    finally:
        cover.terminate()
        cover.communicate(timeout=60)


needs_display = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")


@needs_display
@pytest.mark.display
def test_a_black_picture_on_a_real_display_is_told_and_a_dark_one_is_not(tmp_path: Path) -> None:
    make_picture(tmp_path / "black.png", (640, 360), (12, 12, 12))
    make_picture(tmp_path / "blue.png", (640, 360), (0, 0, 60))

    with watched(tmp_path, "black.png") as black:
        looks = black.look_until(lambda look: look.is_black)
    with watched(tmp_path, "blue.png") as blue:
        dark = [blue.look() for _ in range(20)]

    assert all(look.is_doubtful for look in looks[:-1])
    assert len(looks) > 1
    assert not looks[-1].is_doubtful
    assert looks[-1].frozen_s == 0
    assert not any(look.is_black or look.is_doubtful for look in dark)


@needs_display
@pytest.mark.display
def test_a_window_over_a_film_is_seen_and_told_as_frozen(tmp_path: Path) -> None:
    make_film(tmp_path / "film.mp4", count=300, rate=25, size=(640, 360), paint=lambda at: (200, at * 7 % 200, 40))

    with watched(tmp_path, "film.mp4") as film:
        moving = [film.look() for _ in range(20)]
        with covered(film, "#00c040"):
            frozen = film.look_until(lambda look: look.frozen_s > 0)[-1]
        with covered(film, "black"):
            film.look_until(lambda look: look.is_black)
        free = film.look_until(lambda look: look.luma > 50)[-1]

    assert not any(look.frozen_s or look.is_black for look in (*moving, free))
    red, green, blue = frozen.picture.convert("RGB").getpixel((320, 180))
    assert green > 150
    assert max(red, blue) < 100
    assert not frozen.is_black


def test_a_film_whose_decoder_hangs_is_told_and_one_that_has_ended_is_not(
    theatre: Theatre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_film(tmp_path / "film.mp4", count=5)

    def hang(plan: MotionPlan, track: object, stream: FrameStream) -> None:
        image = QImage(160, 90, QImage.Format.Format_RGB32)
        image.fill(QColor(200, 0, 0))
        for number in range(3):
            stream.wait_for_room()
            stream.put(Frame(number / 10, image, 160))
        while stream.wait_for_room() and not stream.is_stopped:
            threading.Event().wait(0.01)

    monkeypatch.setattr(loading, "_decode_film", hang)
    theatre.play(theatre.cue("film.mp4", Kind.VIDEO, seconds=600))
    for _ in range(5):
        theatre.pass_time(100)
    well = theatre.stage.believed().stalled_s
    theatre.pass_time(30_000)

    assert well < 1
    assert 29 < theatre.stage.believed().stalled_s < 31


def test_what_stands_still_is_believed_to_be_the_same_however_often_it_is_shown(
    theatre: Theatre, tmp_path: Path
) -> None:
    make_picture(tmp_path / "one.png", (160, 90), (200, 20, 20))
    make_picture(tmp_path / "copy.png", (160, 90), (200, 20, 20))
    make_picture(tmp_path / "other.png", (160, 90), (201, 20, 20))
    marks = []
    for name in ("one.png", "copy.png", "other.png", "one.png"):
        theatre.play(theatre.cue(name))
        marks.append(theatre.stage.believed().mark)

    assert marks[0] == marks[1] == marks[3] != marks[2]


def test_a_picture_of_the_output_is_small_enough_for_the_office(theatre: Theatre, qtbot: QtBot) -> None:
    noise = QImage(os.urandom(4 * 2000 * 1500), 2000, 1500, QImage.Format.Format_RGB32).copy()

    picture = put_together([noise.copy(0, 0, 2000, 700), noise.copy(0, 700, 2000, 800)])

    assert picture is not None
    assert (picture.image.width(), picture.image.height()) == (960, 720)
    jpeg = as_jpeg(picture.image)
    assert 50_000 < len(jpeg) <= MOST_PICTURE_BYTES
    assert Image.open(io.BytesIO(jpeg)).size == (960, 720)


def test_bands_give_the_same_as_the_whole(theatre: Theatre) -> None:
    whole = QImage(1920, 1080, QImage.Format.Format_RGB32)
    whole.fill(QColor(3, 3, 3))
    whole.setPixelColor(1919, 1079, QColor(250, 0, 0))

    one, many = put_together([whole]), put_together([whole.copy(0, top, 1920, 135) for top in range(0, 1080, 135)])

    assert one is not None
    assert many is not None
    assert one.mark == many.mark
    assert not one.is_dark
    assert not many.is_dark
    assert one.image.size() == many.image.size()


def test_a_window_that_is_closed_gives_no_picture(theatre: Theatre) -> None:
    given: list[object] = []
    theatre.window.close()

    Grabber(theatre.window).grab(given.append)

    assert given == [()]
    assert put_together([]) is None


def test_grabbing_takes_the_window_where_the_system_gives_no_output(theatre: Theatre, tmp_path: Path) -> None:
    make_picture(tmp_path / "one.png", (160, 90), (200, 20, 20))
    theatre.play(theatre.cue("one.png"))
    given: list[object] = []
    began_s = SystemClock().monotonic_s()

    Grabber(theatre.window).grab(given.append)

    picture = put_together(given[0])  # type: ignore[arg-type]
    assert picture is not None
    assert picture.image.pixelColor(80, 45).name() == "#c81414"
    assert SystemClock().monotonic_s() - began_s < 5


@pytest.mark.parametrize("is_deaf", [True, False], ids=["hangs", "refuses"])
def test_a_reporter_whose_office_hangs_or_is_gone_does_not_hold_up_the_stage(
    theatre: Theatre, tmp_path: Path, qtbot: QtBot, expect_log: ExpectLog, is_deaf: bool
) -> None:
    expect_log("no reports reach the office", required=not is_deaf)
    make_picture(tmp_path / "one.png", (160, 90), (200, 20, 20))
    theatre.play(theatre.cue("one.png"))
    journal, clock = Journal(tmp_path, SystemClock()), SystemClock()
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        if not is_deaf:
            server.close()
        rig = make_reporter_rig(tmp_path, url, "token", journal)
        looked = [0]
        onlooker = Onlooker(theatre.window, theatre.stage, status, theatre.loader.call_soon, clock)

        def look(limit_s: float) -> Seen | None:
            looked[0] += 1
            return onlooker.look(limit_s)

        rig.reporter._onlooker.look = look  # type: ignore[method-assign]
        beats: list[float] = []
        timer = QTimer(theatre.stage)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(lambda: beats.append(clock.monotonic_s()))
        timer.start(10)
        rig.reporter.start()
        qtbot.waitUntil(lambda: len(beats) > 100 and looked[0] >= (1 if is_deaf else 5), timeout=60_000)
        timer.stop()
        onlooker.close()
        rig.reporter.close()
        journal.close()

    assert max(after - before for before, after in pairwise(beats)) < 2

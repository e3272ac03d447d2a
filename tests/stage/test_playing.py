"""The player as a whole, without a display: it plays a store, tells the log, and ends cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from signage.base.clock import SystemClock
from signage.content.kept import FILE_NAME, KeptReader
from signage.content.values import Store
from signage.player.asrun import read_asrun
from signage.player.ports import TimekeeperPort
from signage.stage.latecomer import LateTimekeeper
from tests.stage.films import make_picture

RUN = "from signage.stage.app import play; from signage.stage.options import PlayOptions; from pathlib import Path; import sys; sys.exit(play(PlayOptions({options})))"  # noqa: E501


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "store"
    (root / "media").mkdir(parents=True)
    (root / "playlists").mkdir()
    make_picture(root / "media" / "red.png", (160, 90), (220, 20, 20))
    make_picture(root / "media" / "blue.png", (160, 90), (20, 20, 220))
    play = "".join(f"  - file: {name}\n    seconds: 1\n" for name in ("red.png", "blue.png"))
    (root / "playlists" / "a.yaml").write_text(f"title: a\nplay:\n{play}", "utf-8")
    for path in root.rglob("*.*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return root


def start(root: Path, state: Path, more: str) -> subprocess.Popen[str]:
    options = f"store=Path({str(root)!r}), state_dir=Path({str(state)!r}), full_screen=False, {more}"
    return subprocess.Popen(
        [sys.executable, "-c", RUN.format(options=options)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def middle_of(picture: QImage) -> str:
    return picture.pixelColor(picture.width() // 2, picture.height() // 2).name()


def test_a_store_plays_with_snapshots_and_as_run_log_for_as_long_as_asked(root, tmp_path):
    state, shots = tmp_path / "state", tmp_path / "shots"

    player = start(root, state, f"for_s=4.5, snapshots_dir=Path({str(shots)!r})")
    out, err = player.communicate(timeout=60)

    rows = read_asrun(state)
    assert player.returncode == 0, err
    assert "Draws with: software" in out
    # On a machine that stalls the store may not be read yet when the window opens: the slate fills in.
    assert {row.item for row in rows} - {"slate"} == {"red.png", "blue.png"}
    assert len(rows) >= 3
    pictures = {middle_of(QImage(str(path))) for path in shots.iterdir() if "slate" not in path.name}
    assert pictures <= {"#dc1414", "#1414dc"}
    assert pictures


def test_a_state_folder_that_cannot_be_written_stops_no_screen(root, tmp_path):
    (tmp_path / "file").write_text("in the way")
    shots = tmp_path / "shots"

    player = start(root, tmp_path / "file" / "state", f"for_s=4, snapshots_dir=Path({str(shots)!r})")
    _, err = player.communicate(timeout=60)

    assert player.returncode == 0, err
    assert "cannot be written" in err
    assert {middle_of(QImage(str(path))) for path in shots.iterdir()} & {"#dc1414", "#1414dc"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_player_cleanly(root, tmp_path, number):
    player = start(root, tmp_path / "state", "for_s=60")
    assert player.stdout is not None
    player.stdout.readline()
    while not (tmp_path / "state" / "cache" / FILE_NAME).exists():
        assert player.poll() is None

    player.send_signal(number)
    _, err = player.communicate(timeout=60)

    assert player.returncode == 0, err
    assert "Traceback" not in err


def test_a_player_that_shows_nothing_ends_so_that_it_is_started_again(root, tmp_path):
    options = f"store=Path({str(root)!r}), state_dir=Path({str(tmp_path / 'state')!r}), full_screen=False, for_s=60"
    nothing = "from signage.stage.stage import Stage; Stage.show = lambda *_: None"
    soon = "from signage.player import overdue; overdue.LIMIT_S = 1.0"

    player = subprocess.run(
        [sys.executable, "-c", f"{nothing}; {soon}; {RUN.format(options=options)}"],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert player.returncode == 70, player.stderr


def test_a_store_that_did_not_change_is_read_from_what_was_kept(root, tmp_path):
    first = KeptReader(root, tmp_path / "cache", SystemClock()).read()

    again = KeptReader(root, tmp_path / "cache", SystemClock())
    second = again.read()

    assert second == first
    assert again._reader is None


def test_links_that_lead_round_in_a_circle_do_not_hold_up_the_first_reading(root, tmp_path):
    (root / "media" / "up").symlink_to("..")
    (root / "media" / "again").symlink_to(".")
    (root / "media" / "itself.png").symlink_to("itself.png")

    store = KeptReader(root, tmp_path / "cache", SystemClock()).read()

    assert [playlist.title for playlist in store.playlists] == ["a"]


def test_a_changed_store_is_read_anew(root, tmp_path):
    first = KeptReader(root, tmp_path / "cache", SystemClock()).read()

    (root / "playlists" / "a.yaml").write_text("title: b\nplay:\n  - file: red.png\n", "utf-8")
    os.utime(root / "playlists" / "a.yaml", (1_700_000_009, 1_700_000_009))
    second = KeptReader(root, tmp_path / "cache", SystemClock()).read()

    assert first.playlists[0].title == "a"
    assert second.playlists[0].title == "b"


@pytest.mark.parametrize("damage", [lambda kept: kept[:-9], lambda kept: kept[:80] + b"X" + kept[81:], lambda _: b""])
def test_a_damaged_kept_store_is_not_used(root, tmp_path, damage, expect_log):
    expect_log("is damaged", required=False)
    kept = tmp_path / "cache" / FILE_NAME
    first = KeptReader(root, tmp_path / "cache", SystemClock()).read()
    kept.write_bytes(damage(kept.read_bytes()))

    second = KeptReader(root, tmp_path / "cache", SystemClock()).read()

    assert isinstance(second, Store)
    assert second.revision == first.revision


class Timekeeper:
    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def every(self, seconds: float, job: object, name: str) -> None:
        self.told.append(("every", name))

    def at(self, instant_ms: int, job: object, name: str) -> None:
        self.told.append(("at", name))

    def check(self) -> None:
        self.told.append(("check", ""))

    def close(self) -> None:
        self.told.append(("close", ""))


def test_jobs_given_before_the_timekeeper_is_there_are_handed_on():
    real = Timekeeper()
    late = LateTimekeeper(lambda: real)
    late.every(60, lambda: None, "rescan")
    late.at(5, lambda: None, "change")
    late.check()

    late.open()
    late.at(6, lambda: None, "change")
    late.check()
    late.close()

    assert real.told == [("every", "rescan"), ("at", "change"), ("at", "change"), ("check", ""), ("close", "")]


def test_a_timekeeper_is_not_made_after_the_end():
    made: list[TimekeeperPort] = []
    late = LateTimekeeper(lambda: made.append(Timekeeper()) or made[-1])

    late.close()
    late.open()

    assert made == []

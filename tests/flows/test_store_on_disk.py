"""A store on a real disk changes, breaks and comes back while a screen plays it, in simulated time."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from signage.base.clock import Clock, ManualClock
from signage.content.store import StoreReader
from signage.content.values import Store
from signage.player.ports import Outcome
from signage.player.source import StoreSource
from signage.schedule.programme import Programme
from tests.conftest import ExpectLog
from tests.player.simulation import Behaviour, StationRun

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class NoHints:
    """A share that sends no events: the scan must find everything."""

    def __init__(self, root: Path, on_hint: Callable[[], None], clock: Clock) -> None:
        pass

    def check(self) -> None:
        pass

    def close(self) -> None:
        pass


class Looking(StoreSource):
    """The real source, without its thread: the test says when it looks."""

    def __init__(self, root: Path, clock: ManualClock) -> None:
        super().__init__(root, StoreReader(root), clock, watch=NoHints)

    def start(self, on_store: Callable[[Store], None]) -> None:
        self._on_store = on_store
        self.look()


class Screening:
    """A screen that plays a folder."""

    def __init__(self, root: Path, start: datetime = NOW) -> None:
        self.run_ = StationRun(None, Programme, screen="default", start=start)
        self.source = Looking(root, self.run_.clock)
        self.run_.station._source = self.source
        self.run_.station.start()

    def run(self, seconds: float) -> None:
        self.run_.run(seconds)

    def look(self) -> None:
        self.source.look()

    @property
    def on_screen(self) -> str:
        cue = self.run_.stage.on_screen.get("main")
        return cue.item.name if cue else ""

    @property
    def rows(self) -> list[tuple[str, Outcome | None]]:
        return [(row.item.name, row.outcome) for row in self.run_.journal.rows]


def paint(path: Path, colour: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 36), colour).save(path)


def write_playlist(root: Path, *files: str, seconds: int = 10, name: str = "work") -> None:
    lines = "".join(f"  - file: {file}\n    seconds: {seconds}\n" for file in files)
    (root / "playlists" / f"{name}.yaml").write_text(f"title: 工作动态\nplay:\n{lines}", encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "store"
    (root / "playlists").mkdir(parents=True)
    paint(root / "media" / "red.png", "red")
    paint(root / "media" / "blue.png", "blue")
    write_playlist(root, "red.png")
    return root


def test_a_changed_playlist_is_on_air_at_the_next_slot_boundary(root: Path) -> None:
    screen = Screening(root)
    screen.run(4)

    write_playlist(root, "blue.png")
    screen.look()
    screen.run(5)
    before = screen.on_screen
    screen.run(2)

    assert (before, screen.on_screen) == ("red.png", "blue.png")
    assert screen.rows == [("red.png", Outcome.SHOWN), ("blue.png", None)]


def test_a_new_file_in_a_folder_that_plays_is_on_air(root: Path) -> None:
    (root / "playlists" / "work.yaml").write_text("title: t\nplay:\n  - folder: roll\n    seconds: 10\n")
    paint(root / "media" / "roll" / "yellow.png", "yellow")
    screen = Screening(root)
    screen.run(4)

    paint(root / "media" / "roll" / "green.png", "green")
    screen.look()
    screen.run(60)

    assert "roll/green.png" in {name for name, _ in screen.rows}


def test_a_store_that_vanishes_leaves_what_plays_alone_and_is_taken_up_again(root: Path, expect_log: ExpectLog) -> None:
    expect_log("source: .*playlists: cannot be read .*; what was read last stays on air")
    write_playlist(root, "red.png", "blue.png")
    screen = Screening(root)
    screen.run(4)

    root.rename(root.with_name("away"))
    for _ in range(5):
        screen.look()
        screen.run(60)
    fault = screen.run_.station.status().store_fault
    names_meanwhile = {name for name, _ in screen.rows}
    root.with_name("away").rename(root)
    write_playlist(root, "blue.png")
    screen.look()
    screen.run(21)

    assert "cannot be read" in fault
    assert names_meanwhile == {"red.png", "blue.png"}
    assert screen.on_screen == "blue.png"
    assert screen.run_.station.status().store_fault == ""
    assert len(expect_log.messages) == 1


def test_a_share_that_comes_back_empty_of_media_keeps_the_last_good_store(root: Path, expect_log: ExpectLog) -> None:
    expect_log("source: .*media: cannot be read")
    screen = Screening(root)
    screen.run(4)

    shutil.rmtree(root / "media")
    screen.look()
    screen.run(60)

    assert screen.on_screen == "red.png"
    assert {outcome for _, outcome in screen.rows[:-1]} == {Outcome.SHOWN}


def test_a_mount_point_without_its_disk_is_not_an_empty_store(root: Path, expect_log: ExpectLog) -> None:
    expect_log("source: .*no file of media/ can be used any more")
    expect_log("source: playlists/work.yaml.*(left out|there is no file)")
    expect_log("faults: blue.png cannot be shown: no such file")
    write_playlist(root, "red.png", "blue.png")
    screen = Screening(root)
    screen.run(4)

    (root / "media").rename(root / "disk")
    (root / "media").mkdir()
    screen.run_.stage.behaviours["blue.png"] = Behaviour(refused="no such file")
    screen.look()
    screen.run(300)
    during = screen.on_screen
    (root / "media").rmdir()
    (root / "disk").rename(root / "media")
    screen.run_.stage.behaviours.clear()
    screen.look()
    screen.run(30)

    assert during == "red.png"
    assert {name for name, _ in screen.rows[-3:]} == {"red.png", "blue.png"}
    assert screen.rows[-1][1] is None


def test_a_broken_playlist_is_named_and_the_others_play(root: Path, expect_log: ExpectLog) -> None:
    expect_log("source: playlists/broken.yaml:2")
    screen = Screening(root)
    screen.run(4)

    (root / "playlists" / "broken.yaml").write_text("title: x\nplay: [{file: red.png, seconds: -3}]\n")
    screen.look()
    screen.run(30)

    assert screen.on_screen == "red.png"


def test_a_file_that_is_still_being_copied_plays_when_it_is_whole(root: Path, expect_log: ExpectLog) -> None:
    expect_log("source: .*green.png.*", required=False)
    write_playlist(root, "red.png", "green.png")
    paint(root / "whole.png", "green")
    content = (root / "whole.png").read_bytes()
    with (root / "media" / "green.png").open("wb") as copy:
        copy.write(content[:20])
        copy.flush()
        screen = Screening(root)
        screen.run(30)
        wait_s = screen.source.look()
        names_meanwhile = {name for name, _ in screen.rows}
        copy.write(content[20:])
    screen.look()
    screen.run(30)

    assert wait_s <= 2
    assert names_meanwhile == {"red.png"}
    assert "green.png" in {name for name, _ in screen.rows}


def test_a_deleted_file_leaves_the_screen_at_once(root: Path, expect_log: ExpectLog) -> None:
    expect_log("source: .*red.png.*", required=False)
    write_playlist(root, "red.png", "blue.png", seconds=600)
    screen = Screening(root)
    screen.run(10)

    (root / "media" / "red.png").unlink()
    screen.look()
    screen.run(1)

    assert screen.on_screen == "blue.png"


def test_an_item_left_out_of_its_playlist_plays_to_the_end_of_its_slot(root: Path) -> None:
    write_playlist(root, "red.png", seconds=600)
    screen = Screening(root)
    screen.run(10)

    write_playlist(root, "blue.png", seconds=600)
    screen.look()
    screen.run(30)

    assert screen.on_screen == "red.png"


def test_an_urgent_playlist_is_on_air_at_once_and_goes_at_once(root: Path) -> None:
    write_playlist(root, "red.png", seconds=600)
    screen = Screening(root)
    screen.run(10)

    urgent = root / "playlists" / "alarm.yaml"
    urgent.write_text("title: 停水\npriority: urgent\nplay: [{file: blue.png, seconds: 600}]\n", encoding="utf-8")
    screen.look()
    screen.run(1)
    during = screen.on_screen
    urgent.unlink()
    screen.look()
    screen.run(1)

    assert (during, screen.on_screen) == ("blue.png", "red.png")


def test_a_machine_without_a_clock_starts_in_1970_and_comes_right(root: Path, expect_log: ExpectLog) -> None:
    expect_log("station: the clock was set forwards by 2.... d")
    screen = Screening(root, start=datetime(1970, 1, 1, 0, 0, 10, tzinfo=UTC))
    screen.run(30)
    before = screen.on_screen

    screen.run_.clock.jump(56 * 365 * 86_400_000)
    screen.run(30)

    assert (before, screen.on_screen) == ("red.png", "red.png")
    assert screen.rows[-1][1] is None


def test_a_store_that_is_not_there_at_the_start_shows_the_slate_until_it_is(root: Path, expect_log: ExpectLog) -> None:
    expect_log("source: .*playlists: cannot be read")
    root.rename(root.with_name("away"))
    screen = Screening(root)
    screen.run(5)
    before = screen.on_screen

    root.with_name("away").rename(root)
    screen.look()
    screen.run(1)

    assert (before, screen.on_screen) == ("slate", "red.png")

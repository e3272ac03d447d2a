"""Snapshots, contact sheets and single pictures: named by time, few, and of what the stage really shows."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtGui import QColor, QImage

from signage.base.errors import SignageError
from signage.base.moments import to_ms
from signage.content.store import read_store
from signage.content.values import Item, Kind, Screen, Transition
from signage.player.ports import Cue
from signage.schedule.programme import Programme
from signage.stage.sheet import write_sheet
from signage.stage.snapshots import Snapshots, snapshot_name
from signage.stage.studio import render_at
from tests.stage.films import make_film, make_picture

CHINA = ZoneInfo("Asia/Shanghai")
NOON_MS = to_ms(datetime(2026, 11, 23, 12, tzinfo=CHINA))


def cue(name: str) -> Cue:
    return Cue(1, "main", Item(name, Kind.PICTURE, "", 1000), 0, 0, 1000, Transition.CUT)


def picture() -> QImage:
    image = QImage(16, 9, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    return image


def test_a_snapshot_is_named_by_local_time_zone_and_item():
    at_ms = to_ms(datetime(2026, 11, 23, 10, 3, 20, 512_000, tzinfo=UTC))

    assert snapshot_name(cue("unity/海报 1.jpg"), at_ms, CHINA) == "20261123-180320.512_main_unity-海报-1.jpg.png"


def test_only_the_newest_snapshots_are_kept(tmp_path):
    for second in range(6):
        snapshots = Snapshots(tmp_path / "shots", most=3)
        snapshots.save(picture(), cue("a.jpg"), second * 1000, CHINA)
        snapshots.close()

    kept = sorted(path.name[:19] for path in (tmp_path / "shots").iterdir())

    assert kept == ["19700101-080003.000", "19700101-080004.000", "19700101-080005.000"]


def test_a_folder_that_cannot_be_written_is_named_once(tmp_path, expect_log):
    expect_log("no snapshots")
    (tmp_path / "shots").write_text("a file in the way")
    snapshots = Snapshots(tmp_path / "shots")

    snapshots.save(picture(), cue("a.jpg"), 0, CHINA)
    snapshots.save(picture(), cue("b.jpg"), 0, CHINA)
    snapshots.close()

    assert (tmp_path / "shots").read_text() == "a file in the way"


@pytest.fixture
def store(tmp_path):
    root = tmp_path / "store"
    (root / "media").mkdir(parents=True)
    (root / "playlists").mkdir()
    make_picture(root / "media" / "red.png", (160, 90), (220, 20, 20))
    make_picture(root / "media" / "blue.png", (160, 90), (20, 20, 220))
    make_film(root / "media" / "film.mp4", size=(160, 90), count=40)
    play = "".join(f"  - file: {name}\n    seconds: 4\n" for name in ("red.png", "film.mp4", "blue.png"))
    (root / "playlists" / "a.yaml").write_text(f"title: a\nplay:\n{play}", "utf-8")
    return read_store(root)


SCREEN = Screen(size_px=(160, 90), timezone=CHINA)


def test_a_picture_of_any_instant_is_what_the_programme_says(qapp, store):
    programme = Programme(store, SCREEN)
    for slot in programme.slots(NOON_MS, NOON_MS + 12_000):
        shown = render_at(store, SCREEN, slot.start_ms + 2000).pixelColor(80, 45)

        wanted = {"red.png": (220, 20, 20), "blue.png": (20, 20, 220), "film.mp4": (176, 176, 176)}[slot.item.name]
        assert (shown.red(), shown.green(), shown.blue()) == pytest.approx(wanted, abs=10)


def test_a_sheet_holds_a_picture_of_each_slot(qapp, store, tmp_path):
    done: list[tuple[int, int]] = []
    path = tmp_path / "sheet.png"

    write_sheet(
        path, store, SCREEN, Programme(store, SCREEN).slots(NOON_MS, NOON_MS + 12_000), lambda *at: done.append(at)
    )

    sheet = QImage(str(path))
    colours = {sheet.pixelColor(x, y).name() for x in range(0, sheet.width(), 7) for y in range(0, sheet.height(), 7)}
    assert done[-1][0] == done[-1][1] == len(done)
    assert {"#dc1414", "#1414dc"} <= colours


def test_a_sheet_that_cannot_be_written_is_named(qapp, store, tmp_path):
    with pytest.raises(SignageError, match=r"gone/sheet\.png: cannot be written"):
        write_sheet(tmp_path / "gone" / "sheet.png", store, SCREEN, [])

"""A screen's state folder is damaged between two runs: it comes up, shows nothing unapproved, and heals."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.player.cache import Blob, Cache, CacheError
from signage.player.releasefiles import blobs_of
from signage.release.orders import OrderKind
from tests.conftest import ExpectLog
from tests.office.desk import START
from tests.player.office import SmallOffice, takeover_item
from tests.player.rig import ScreenRig
from tests.player.syncing import content_of

OLD = {"a.png": content_of(1, 5_000), "film.png": content_of(2, 300_000)}
NEW = {"a.png": content_of(3, 6_000), "b.png": content_of(4, 7_000), "film.png": OLD["film.png"]}
ORDERED = content_of(5, 4_321)
APPROVED = {*OLD.values(), *NEW.values()}


def removed(path: Path, _before: bytes) -> None:
    assert not path.exists()


def cut_in_half(path: Path, before: bytes) -> None:
    path.write_bytes(before[: len(before) // 2])


def zeroed(path: Path, before: bytes) -> None:
    path.write_bytes(bytes(len(before)))


def other_bytes(path: Path, before: bytes) -> None:
    path.write_bytes(content_of(6, len(before)))


def folder_in_its_place(path: Path, _before: bytes) -> None:
    (path / "inside").mkdir(parents=True)


def pipe_in_its_place(path: Path, _before: bytes) -> None:
    os.mkfifo(path)


Damage = Callable[[Path, bytes], None]
DAMAGES: tuple[Damage, ...] = (
    removed,
    cut_in_half,
    zeroed,
    other_bytes,
    folder_in_its_place,
    pipe_in_its_place,
)


class Damaged:
    """A screen that had two releases and a takeover, copied anew for each damage."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock(START)
        self.office = SmallOffice(folder / "office", self.clock)
        rig = ScreenRig(folder / "screen", self.office, self.clock)
        for contents in (OLD, NEW):
            self.office.publish(contents)
            rig.update()
        self.ordered = self.office.blob("order.png", ORDERED)
        self.office.order(OrderKind.TAKEOVER, takeover_item(self.ordered))
        rig.update()
        self.end(rig)

    @property
    def paths(self) -> list[Path]:
        return sorted(path.relative_to(self.folder / "screen") for path in (self.folder / "screen").rglob("*"))

    def copy_with(self, path: Path, damage: Damage) -> Path:
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.folder / "screen", copy, symlinks=True)
        before = b"" if (copy / path).is_dir() else (copy / path).read_bytes()
        if (copy / path).is_dir():
            shutil.rmtree(copy / path)
        else:
            (copy / path).unlink()
        damage(copy / path, before)
        return copy

    def start(self, folder: Path) -> ScreenRig:
        return ScreenRig(folder, self.office, self.clock)

    def ordered_bytes(self, rig: ScreenRig) -> bytes | None:
        return rig.sync.cache.path_of(self.ordered.sha256).read_bytes() if rig.sync.in_force else None

    def end(self, rig: ScreenRig) -> None:
        for http in rig.https:
            http.close()


@pytest.fixture
def damaged(tmp_path: Path, expect_log: ExpectLog) -> Damaged:
    expect_log(r"signage\.(player|release)\.", required=False)
    return Damaged(tmp_path)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_whatever_is_damaged_a_screen_comes_up_shows_what_was_approved_and_heals(
    damaged: Damaged, damage: Damage
) -> None:
    paths = damaged.paths
    assert len(paths) > 30

    for path in paths:
        rig = damaged.start(damaged.copy_with(path, damage))
        assert set(rig.shown.values()) <= APPROVED, path
        assert damaged.ordered_bytes(rig) in (None, ORDERED), path

        rig.update()
        assert rig.shown == NEW, path
        assert damaged.ordered_bytes(rig) == ORDERED, path
        damaged.end(rig)

        again = damaged.start(damaged.folder / "copy")
        assert again.shown == NEW, path
        assert damaged.ordered_bytes(again) == ORDERED, path
        damaged.end(again)


def test_two_files_of_a_release_are_damaged_and_both_are_found(damaged: Damaged, tmp_path: Path) -> None:
    """The first one found has the release before play; the others must be found, too, before it is on air again."""
    folder = tmp_path / "screen"
    rig = damaged.start(folder)
    assert rig.sync.store
    blobs = blobs_of(rig.sync.store.media.values())
    damaged.end(rig)
    for blob in [one for one in blobs if one.length_bytes < 100_000]:
        (folder / "blobs" / blob.place).write_bytes(bytes(blob.length_bytes))

    rig = damaged.start(folder)
    rig.update()

    assert rig.shown == NEW
    damaged.end(rig)


def test_a_file_that_cannot_be_read_is_dropped_and_so_fetched_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    blob = Blob("ab" * 32, 5)
    cache.path_of(blob.sha256).mkdir(parents=True)

    with pytest.raises(CacheError, match="cannot be read"):
        cache.check(blob)

    assert not cache.has(blob)

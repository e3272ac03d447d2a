"""The store's folders are watched for hints, and their scan tells whether anything changed."""

from __future__ import annotations

import logging
import os
import shutil
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from signage.base.clock import ManualClock, SystemClock
from signage.base.errors import SignageError
from signage.content.watch import StoreWatch, scan_mark
from tests.conftest import ExpectLog
from tests.player.simulation import START

LIMIT_S = 60.0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "playlists").mkdir()
    (tmp_path / "media" / "unity").mkdir(parents=True)
    (tmp_path / "media" / "unity" / "poster.jpg").write_bytes(b"poster")
    (tmp_path / "playlists" / "a.yaml").write_text("title: a")
    return tmp_path


class Hints:
    """Counts hints, and can be waited for."""

    def __init__(self) -> None:
        self.came = threading.Event()

    def __call__(self) -> None:
        self.came.set()

    def comes(self) -> bool:
        came = self.came.wait(LIMIT_S)
        self.came.clear()
        return came


@pytest.fixture
def hints() -> Hints:
    return Hints()


@pytest.fixture
def watch(root: Path, hints: Hints) -> Iterator[StoreWatch]:
    watch = StoreWatch(root, hints, SystemClock())
    watch.check()
    yield watch
    watch.close()


def test_a_store_in_which_nothing_changed_has_the_same_mark(root: Path) -> None:
    before = scan_mark(root)

    (root / "media" / "unity" / "poster.jpg").read_bytes()

    assert scan_mark(root) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "media" / "new.jpg").write_bytes(b"new"),
        lambda root: (root / "media" / "unity" / "poster.jpg").unlink(),
        lambda root: (root / "media" / "unity" / "poster.jpg").rename(root / "media" / "unity" / "other.jpg"),
        lambda root: (root / "media" / "unity").rename(root / "media" / "people"),
        lambda root: (root / "playlists" / "a.yaml").write_text("title: b"),
        lambda root: os.utime(root / "playlists" / "a.yaml", (0, 0)),
        lambda root: (root / "playlists" / "a.yaml").chmod(0o600),
    ],
    ids=["new file", "deleted", "renamed", "folder renamed", "written", "touched", "rights"],
)
def test_every_change_changes_the_mark(root: Path, change: object) -> None:
    before = scan_mark(root)

    change(root)  # type: ignore[operator]

    assert scan_mark(root) != before


def test_files_beside_the_store_do_not_change_the_mark(root: Path) -> None:
    before = scan_mark(root)

    (root / "README.md").write_text("hello")
    (root / "media" / "~$draft.docx").write_text("a lock of an office program")

    assert scan_mark(root) == before


@pytest.mark.parametrize("folder", ["media", "playlists"])
def test_a_folder_that_is_gone_is_not_an_empty_one(root: Path, folder: str) -> None:
    shutil.rmtree(root / folder)

    with pytest.raises(SignageError, match=f"{folder}: cannot be read"):
        scan_mark(root)


def test_a_new_file_gives_a_hint(root: Path, watch: StoreWatch, hints: Hints) -> None:
    (root / "media" / "unity" / "new.jpg").write_bytes(b"new")

    assert hints.comes()


def test_a_file_in_a_new_folder_gives_a_hint(root: Path, watch: StoreWatch, hints: Hints) -> None:
    (root / "media" / "festival").mkdir()
    hints.comes()

    (root / "media" / "festival" / "new.jpg").write_bytes(b"new")

    assert hints.comes()


def test_reading_the_store_gives_no_hint(root: Path, watch: StoreWatch, hints: Hints) -> None:
    scan_mark(root)
    (root / "media" / "unity" / "poster.jpg").read_bytes()
    was_hinted = hints.came.wait(0.3)

    (root / "playlists" / "b.yaml").write_text("title: b")

    assert not was_hinted
    assert hints.comes()


def test_a_folder_that_came_back_is_watched_again(root: Path, watch: StoreWatch, hints: Hints) -> None:
    shutil.rmtree(root / "media")
    watch.check()
    (root / "media").mkdir()
    watch.check()
    hints.came.clear()

    (root / "media" / "new.jpg").write_bytes(b"new")

    assert watch.is_watching
    assert hints.comes()


def test_a_store_that_is_not_there_is_watched_once_it_is(tmp_path: Path, hints: Hints) -> None:
    watch = StoreWatch(tmp_path / "share", hints, SystemClock())
    watch.check()
    was_watching = watch.is_watching
    (tmp_path / "share" / "media").mkdir(parents=True)

    watch.check()

    assert not was_watching
    assert watch.is_watching
    watch.close()


def test_where_watching_is_impossible_it_is_said_once_and_tried_again_later(
    root: Path, hints: Hints, expect_log: ExpectLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_log("watch: .*cannot be watched .*; changes are found by the scan")
    clock = ManualClock(START)
    tries = []

    def refuse(self: StoreWatch, folders: list[Path]) -> None:
        tries.append(folders)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(StoreWatch, "_watch", refuse)
    watch = StoreWatch(root, hints, clock)

    for _ in range(25):
        watch.check()
        clock.advance(60_000)

    assert len(tries) == 3
    assert len(expect_log.messages) == 1
    assert not watch.is_watching


def test_an_event_that_comes_while_watching_ends_is_no_error(tmp_path: Path) -> None:
    watched = logging.getLogger("watchdog.observers.inotify")
    watch = StoreWatch(tmp_path, lambda: None, SystemClock())
    (tmp_path / "media").mkdir()
    watch.check()

    watched.error("InotifyEmitter.queue_events() called when the thread is inactive")
    watch.close()

    assert not watch.is_watching


def test_folders_within_new_folders_are_watched_without_a_word(root: Path, hints: Hints) -> None:
    """Watchdog meets such a folder twice, and its warning would end its thread where warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        watch = StoreWatch(root, hints, SystemClock())
        watch.check()
        for number in range(300):
            (root / "media" / f"{number}" / "b" / "c" / "d").mkdir(parents=True)
        hints.came.clear()
        (root / "media" / "last.jpg").write_bytes(b"last")
        assert hints.comes()
        watch.close()

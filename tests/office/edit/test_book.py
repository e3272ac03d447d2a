"""Edits of playlists: checked before they are written, refused over somebody else's, taken back, restored."""

from __future__ import annotations

import copy
import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.base.files import SystemDisk
from signage.content.values import Screen
from signage.office.edit.book import Clash, NotSaved, PlaylistBook, Saved, clean_name
from signage.office.edit.checking import Shelf
from tests.office.desk import START

TEXT = """\
title: 通知   # 标题
weight: 3
play:
  # 停水
  - template: notice
    title: 停水
    body: 明天停水。
  - file: a.jpg
    seconds: 10   # 秒
"""


class FullDisk(SystemDisk):
    """Lets the call number `fails_at` fail."""

    def __init__(self, fails_at: int) -> None:
        self.left = fails_at

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def open(self, path: Path, flags: int) -> int:
        self._count()
        return super().open(path, flags)

    def write(self, fd: int, content: bytes) -> int:
        self._count()
        return super().write(fd, content)

    def fsync(self, fd: int) -> None:
        self._count()
        super().fsync(fd)

    def replace(self, source: Path, target: Path) -> None:
        self._count()
        super().replace(source, target)


def make_book(root: Path, disk: SystemDisk | None = None) -> PlaylistBook:
    shelf = Shelf([Screen("gate", tags=frozenset({"outdoor"}))], ["a.jpg"], ["", "unity"])
    return PlaylistBook(root / "store", root / "office", ManualClock(START), lambda: shelf, disk)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "store" / "playlists").mkdir(parents=True)
    path = tmp_path / "store" / "playlists" / "通知.yaml"
    path.write_text(TEXT, "utf-8")
    return path


@pytest.fixture
def book(tmp_path: Path, file: Path) -> PlaylistBook:
    return make_book(tmp_path)


def edited(book: PlaylistBook, **changes: Any) -> tuple[str, dict[str, Any]]:
    """Give the version, and what the playlist says with some keys changed: `play_1_seconds="20"`."""
    page = book.page("通知")
    assert page is not None
    value = copy.deepcopy(page.value)
    for name, new in changes.items():
        *steps, last = (int(step) if step.isdigit() else step for step in name.split("_"))
        inner = value
        for step in steps:
            inner = inner[step]
        inner[last] = new
    return page.version, value


def test_one_changed_field_is_one_changed_line(book: PlaylistBook, file: Path) -> None:
    version, value = edited(book, play_1_seconds="20")

    saved = book.save("通知", version, value, "王芳")

    assert isinstance(saved, Saved)
    assert saved.changed_lines == ("-     seconds: 10   # 秒", "+     seconds: 20   # 秒")
    assert file.read_text("utf-8") == TEXT.replace("seconds: 10", "seconds: 20")


def test_a_change_that_makes_a_problem_is_shown_at_its_field_and_not_written(book: PlaylistBook, file: Path) -> None:
    version, value = edited(book, play_1_seconds="-1")

    refused = book.save("通知", version, value, "王芳")

    assert isinstance(refused, NotSaved)
    assert [(fault.field, fault.problem.message_zh) for fault in refused.faults] == [
        ("play.1.seconds", "seconds：必须大于 0（现为 -1）")
    ]
    assert file.read_text("utf-8") == TEXT


def test_a_file_that_is_not_there_is_a_problem_of_its_entry(book: PlaylistBook) -> None:
    version, value = edited(book, play_1_file="b.jpg")

    refused = book.save("通知", version, value, "王芳")

    assert isinstance(refused, NotSaved)
    assert [fault.place for fault in refused.faults] == [("play", 1, "file")]


def test_an_old_problem_elsewhere_does_not_stand_in_the_way(book: PlaylistBook, file: Path) -> None:
    file.write_text(TEXT + "  - file: gone.jpg\n", "utf-8")
    version, value = edited(book, title="新标题")

    assert isinstance(book.save("通知", version, value, "王芳"), Saved)


def test_a_hand_edit_in_between_is_told_and_not_overwritten(book: PlaylistBook, file: Path) -> None:
    version, value = edited(book, play_1_seconds="20")
    by_hand = TEXT.replace("title: 通知 ", "title: 公告 ")
    file.write_text(by_hand, "utf-8")

    clash = book.save("通知", version, value, "王芳")

    assert isinstance(clash, Clash)
    assert file.read_text("utf-8") == by_hand
    assert [(d.place, d.old, d.new) for d in clash.theirs] == [(("title",), "通知", "公告")]
    assert [(d.place, d.old, d.new) for d in clash.mine] == [(("play", 1, "seconds"), "10", "20")]
    assert clash.places == ()
    assert isinstance(book.save("通知", clash.version, clash.merged, "王芳"), Saved)
    assert file.read_text("utf-8") == by_hand.replace("seconds: 10", "seconds: 20")


def test_two_changes_of_the_same_field_are_for_a_person_to_decide(book: PlaylistBook, file: Path) -> None:
    version, value = edited(book, title="甲")
    file.write_text(TEXT.replace("title: 通知 ", "title: 乙 "), "utf-8")

    clash = book.save("通知", version, value, "王芳")

    assert isinstance(clash, Clash)
    assert clash.places == (("title",),)


def test_the_last_edit_is_taken_back_unless_the_file_changed_since(book: PlaylistBook, file: Path) -> None:
    version, value = edited(book, title="新")
    book.save("通知", version, value, "王芳")

    assert isinstance(book.undo("通知", "王芳"), Saved)
    assert file.read_text("utf-8") == TEXT

    version, value = edited(book, title="新")
    book.save("通知", version, value, "王芳")
    file.write_text(TEXT + "# 手改\n", "utf-8")
    assert book.undo("通知", "王芳") is None
    assert file.read_text("utf-8") == TEXT + "# 手改\n"


def test_what_was_thrown_away_can_be_restored(book: PlaylistBook, file: Path) -> None:
    book.throw_away("通知")
    assert book.names() == []

    ((mark, at_ms, name),) = book.thrown_away()

    assert (at_ms, name) == (round(START.timestamp() * 1000), "通知")
    assert book.restore(mark) == "通知"
    assert file.read_text("utf-8") == TEXT


def test_a_new_playlist_never_takes_anothers_place(book: PlaylistBook, file: Path) -> None:
    name, saved = book.add("通知", {"title": "通知", "play": ["a.jpg"]}, "王芳")

    assert isinstance(saved, Saved)
    assert name == "通知-2"
    assert file.read_text("utf-8") == TEXT
    assert file.with_name("通知-2.yaml").read_text("utf-8") == "title: 通知\nplay: [a.jpg]\n"


def test_screens_and_calendar_are_no_playlists(book: PlaylistBook, file: Path) -> None:
    file.with_name("screens.yaml").write_text("gate: {}\n", "utf-8")

    assert book.names() == ["通知"]
    assert book.add("screens", {"play": ["a.jpg"]}, "王芳")[0] == "screens-2"


@pytest.mark.parametrize("bad", ["../x", "a/b", "C:\\x", "...", "", "~x", "x\n"])
def test_a_name_stays_within_the_folder(bad: str) -> None:
    name = clean_name(bad)

    assert name
    assert not set("/\\:\n") & set(name)
    assert not name.startswith((".", "~"))


@pytest.mark.parametrize("fails_at", range(1, 7))
def test_a_disk_that_fails_leaves_the_old_file_or_the_new_one(tmp_path: Path, file: Path, fails_at: int) -> None:
    book = make_book(tmp_path, FullDisk(fails_at))
    version, value = edited(book, title="新")

    with suppress(SignageError):
        book.save("通知", version, value, "王芳")

    assert file.read_text("utf-8") in (TEXT, TEXT.replace("title: 通知 ", "title: 新 "))
    assert [path.name for path in file.parent.iterdir()] == ["通知.yaml"]


def test_what_is_saved_is_not_called_lost_where_only_the_undo_could_not_be_noted(
    book: PlaylistBook, tmp_path: Path, file: Path
) -> None:
    version, value = edited(book, title="新")
    (tmp_path / "office" / "versions" / "edits.json").mkdir()

    saved = book.save("通知", version, value, "王芳")

    assert isinstance(saved, Saved)
    assert "title: 新 " in file.read_text("utf-8")
    assert book.undoable("通知", saved.version) is None


def test_a_text_with_a_fault_is_not_written(book: PlaylistBook, file: Path) -> None:
    page = book.page("通知")
    assert page is not None

    refused = book.save_text("通知", page.version, "title: [a\nplay: [a.jpg]\n", "王芳")

    assert isinstance(refused, NotSaved)
    assert file.read_text("utf-8") == TEXT


def test_no_name_leads_out_of_the_folder(book: PlaylistBook, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("title: x\n", "utf-8")

    assert book.page("../../secret") is None
    with pytest.raises(SignageError):
        book.restore("../../secret")

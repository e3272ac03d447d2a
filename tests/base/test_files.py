"""A durable write leaves the old content or the new, whatever fails in it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from signage.base.errors import SignageError
from signage.base.files import SystemDisk, walk_folders, write_durably

OLD, NEW = b"old" * 100, b"new" * 50_000


class FailingDisk(SystemDisk):
    """The real disk, of which call number `fails_at` (from 1) fails; counts the calls."""

    def __init__(self, fails_at: int, number: int = errno.EIO) -> None:
        self.calls = 0
        self._fails_at = fails_at
        self._errno = number

    def _step(self) -> None:
        self.calls += 1
        if self.calls == self._fails_at:
            raise OSError(self._errno, os.strerror(self._errno))

    def open(self, path: Path, flags: int) -> int:
        self._step()
        return super().open(path, flags)

    def write(self, fd: int, content: bytes) -> int:
        self._step()
        return super().write(fd, content[:40_000])

    def fsync(self, fd: int) -> None:
        self._step()
        super().fsync(fd)

    def close(self, fd: int) -> None:
        super().close(fd)
        self._step()

    def replace(self, source: Path, target: Path) -> None:
        self._step()
        super().replace(source, target)


def calls_of_a_whole_write(tmp_path: Path) -> int:
    disk = FailingDisk(0)
    write_durably(tmp_path / "count", NEW, disk)
    return disk.calls


def test_a_write_replaces_the_content_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "state.json"
    path.write_bytes(OLD)

    write_durably(path, NEW)

    assert path.read_bytes() == NEW
    assert list(tmp_path.iterdir()) == [path]


def test_file_and_folder_are_synced_in_the_right_order(tmp_path):
    steps: list[str] = []

    class Noting(SystemDisk):
        def fsync(self, fd: int) -> None:
            steps.append("sync " + Path(f"/proc/self/fd/{fd}").readlink().name)
            super().fsync(fd)

        def replace(self, source: Path, target: Path) -> None:
            steps.append("rename")
            super().replace(source, target)

    write_durably(tmp_path / "a", NEW, Noting())

    assert len(steps) == 3
    assert steps[0].startswith("sync .a.")
    assert steps[1:] == ["rename", f"sync {tmp_path.name}"]


def test_whatever_call_fails_the_old_or_the_new_is_there_whole(tmp_path):
    path = tmp_path / "state.json"
    calls = calls_of_a_whole_write(tmp_path)
    assert calls >= 10

    for fails_at in range(1, calls + 1):
        path.write_bytes(OLD)

        with pytest.raises(SignageError):
            write_durably(path, NEW, FailingDisk(fails_at))

        assert path.read_bytes() in (OLD, NEW), f"call {fails_at}"
        assert {file.name for file in tmp_path.iterdir()} == {"state.json", "count"}, f"call {fails_at}"


def test_whatever_call_fails_of_a_first_write_there_is_nothing_or_the_whole(tmp_path):
    calls = calls_of_a_whole_write(tmp_path)

    for fails_at in range(1, calls + 1):
        path = tmp_path / f"{fails_at}.json"

        with pytest.raises(SignageError):
            write_durably(path, NEW, FailingDisk(fails_at))

        assert not path.exists() or path.read_bytes() == NEW, f"call {fails_at}"


def test_a_full_disk_is_named_with_the_file_and_what_to_do(tmp_path):
    path = tmp_path / "state.json"

    with pytest.raises(SignageError, match=r"state\.json: cannot be written \(No space left.*disk has space"):
        write_durably(path, NEW, FailingDisk(3, errno.ENOSPC))


def test_a_missing_folder_is_an_error_of_the_world(tmp_path):
    with pytest.raises(SignageError, match="No such file"):
        write_durably(tmp_path / "gone" / "state.json", NEW)


def test_a_thousand_folders_in_one_another_are_walked(tmp_path: Path) -> None:
    folder = str(tmp_path)
    for _ in range(1200):
        folder += "/d"
        Path(folder).mkdir()
    (tmp_path / "a.txt").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "left out").mkdir()
    places = []

    for place, inner, names in walk_folders(tmp_path):
        inner[:] = [name for name in inner if name != "left out"]
        places.append((place, names))
    for place, _ in reversed(places[1:]):
        Path(place).rmdir()  # pytest's own way to remove them calls itself

    assert len(places) == 1201
    assert places[0] == (str(tmp_path), ["a.txt"])
    assert places[-1] == (folder, [])


def test_a_folder_that_cannot_be_read_is_told_and_the_rest_is_walked(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    errors: list[OSError] = []
    walked = walk_folders(tmp_path, errors.append)

    next(walked)
    (tmp_path / "a").rmdir()

    assert [place for place, _, _ in walked] == [str(tmp_path / "b")]
    assert [error.filename for error in errors] == [str(tmp_path / "a")]

"""The office's shared reading of the store: newest at each look, the same for all, never empty by mistake."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.content.refusal import Refusal
from signage.content.store import StoreReader
from signage.content.values import MediaFile
from signage.office.storefront import StoreKeeper, StoreView
from signage.starter import make_store
from tests.conftest import ExpectLog
from tests.office.desk import START

PNG = Path(__file__).parents[2] / "media" / "views"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_store(tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def keeper(root: Path) -> Iterator[StoreKeeper]:
    clock = ManualClock(START)
    made = StoreKeeper(root, StoreReader(root, clock=clock), clock)
    yield made
    made.close()


def test_an_unchanged_folder_is_read_once(keeper: StoreKeeper) -> None:
    assert keeper.view() is keeper.view()


def test_a_change_is_in_the_next_view_and_told_once(keeper: StoreKeeper, root: Path) -> None:
    told: list[StoreView] = []
    keeper.on_change(told.append)
    before = keeper.view()

    (root / "playlists" / "new.yaml").write_text("title: 新\nplay: [{template: civility, text: 慢}]\n", "utf-8")
    after = keeper.view()
    keeper.view()

    assert [playlist.name for playlist in after.store.playlists if playlist not in before.store.playlists] == ["new"]
    assert told == [before, after]


def test_problems_are_given_by_file_in_chinese(keeper: StoreKeeper, root: Path) -> None:
    (root / "playlists" / "bad.yaml").write_text("play: [{template: civility, text: 慢, seconds: -1}]\n", "utf-8")

    (problem,) = keeper.view().problems_of("playlists/bad.yaml")

    assert problem.message_zh == "seconds：必须大于 0（现为 -1）"


def test_a_file_that_no_playlist_uses_is_checked_when_somebody_asks(keeper: StoreKeeper, root: Path) -> None:
    shutil.copy(next(PNG.glob("*.jpg")), root / "media" / "湖.jpg")
    (root / "media" / "坏.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")

    assert keeper.unused == ("坏.jpg", "湖.jpg")
    assert isinstance(keeper.finding("湖.jpg"), MediaFile)
    assert isinstance(keeper.finding("坏.jpg"), Refusal)
    assert keeper.finding("没有.jpg") is None


def test_a_folder_that_is_gone_is_not_an_empty_store(keeper: StoreKeeper, root: Path, expect_log: ExpectLog) -> None:
    expect_log("the store cannot be read")
    before = keeper.view()

    (root / "playlists").rename(root / "away")
    gone = keeper.view()

    assert gone.store is before.store
    assert gone.fault

    expect_log("the store can be read again")
    (root / "away").rename(root / "playlists")
    assert not keeper.view().fault


def test_a_folder_that_never_was_there_is_said(tmp_path: Path) -> None:
    clock = ManualClock(START)
    keeper = StoreKeeper(tmp_path / "no", StoreReader(tmp_path / "no", clock=clock), clock)

    with pytest.raises(SignageError, match="cannot be read"):
        keeper.view()


def test_while_it_follows_a_change_comes_by_itself(keeper: StoreKeeper, root: Path) -> None:
    came = threading.Event()
    keeper.view()
    keeper.start()
    keeper.on_change(lambda view: came.set() if any(one.name == "new" for one in view.store.playlists) else None)

    (root / "playlists" / "new.yaml").write_text("play: [{template: civility, text: 慢}]\n", "utf-8")
    keeper._wakened.set()

    assert came.wait(10)

"""What a screen was enrolled with outlives a bad block: it is mended from its second copy, and that copy from it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from signage.base.clock import SystemClock
from signage.player.enrolled import Enrolled, EnrolmentFolder
from signage.player.following import Office, must_enrol
from signage.player.spare import ROOT, SCREEN, TOKEN, keep_spare, put_right
from tests.player.office import SmallOffice
from tests.player.test_damaged_state import DAMAGES, Damage

NAMES = (TOKEN, SCREEN, ROOT)
LOBBY = Enrolled("lobby", "门厅")


@pytest.fixture(scope="module")
def root_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return SmallOffice(tmp_path_factory.mktemp("office"), SystemClock()).root_bytes


@pytest.fixture
def screen(tmp_path: Path, root_bytes: bytes) -> EnrolmentFolder:
    folder = EnrolmentFolder(tmp_path)
    folder.make_token()
    folder.keep(LOBBY, root_bytes)
    keep_spare(folder.folder)
    return folder


def said_by(screen: EnrolmentFolder) -> dict[str, bytes]:
    return {name: (screen.folder / name).read_bytes() for name in NAMES}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_file_is_mended(screen: EnrolmentFolder, tmp_path: Path, name: str, damage: Damage) -> None:
    before = said_by(screen)
    (screen.folder / name).unlink()
    damage(screen.folder / name, before[name])

    mended = put_right(tmp_path)

    assert mended == [name]
    assert said_by(screen) == before
    assert screen.enrolled() == LOBBY
    assert not must_enrol(Office(("http://office",)), tmp_path)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_copy_is_made_anew_and_mends_nothing(screen: EnrolmentFolder, tmp_path: Path, damage: Damage) -> None:
    before, spare = said_by(screen), screen.folder / "spare"
    kept = spare.read_bytes()
    spare.unlink()
    damage(spare, kept)

    mended = put_right(tmp_path)

    assert mended == []
    assert said_by(screen) == before
    assert spare.read_bytes() == kept


def test_all_three_are_mended_and_none_but_this_user_reads_the_secret(screen: EnrolmentFolder, tmp_path: Path) -> None:
    before = said_by(screen)
    for name in NAMES:
        os.truncate(screen.folder / name, 3)

    mended = put_right(tmp_path)

    assert mended == list(NAMES)
    assert said_by(screen) == before
    assert {stat.S_IMODE((screen.folder / name).stat().st_mode) for name in (TOKEN, "spare")} == {0o600}


def test_another_root_that_was_given_by_hand_stays(screen: EnrolmentFolder, tmp_path: Path) -> None:
    other = SmallOffice(tmp_path / "other", SystemClock()).root_bytes
    (screen.folder / ROOT).write_bytes(other)

    assert put_right(tmp_path) == []
    assert (screen.folder / ROOT).read_bytes() == other
    (screen.folder / ROOT).unlink()
    assert put_right(tmp_path) == [ROOT]
    assert (screen.folder / ROOT).read_bytes() == other


def test_a_screen_that_was_never_let_in_has_no_copy(tmp_path: Path) -> None:
    assert put_right(tmp_path) == []
    EnrolmentFolder(tmp_path).make_token()

    assert put_right(tmp_path) == []
    assert [path.name for path in (tmp_path / "office").iterdir()] == [TOKEN]


def test_a_screen_whose_folder_was_removed_is_let_in_anew(screen: EnrolmentFolder, tmp_path: Path) -> None:
    for path in screen.folder.iterdir():
        path.unlink()

    assert put_right(tmp_path) == []
    assert must_enrol(Office(("http://office",)), tmp_path)

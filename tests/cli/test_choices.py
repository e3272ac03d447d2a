"""What a command takes where nothing was named: the same screen is previewed and played."""

from __future__ import annotations

from pathlib import Path

import pytest

from signage.choices import ArgumentError, choose_screen, screen_to_play
from signage.cli import COMMANDS, _screen_of_office
from signage.cliwords import build_parser
from signage.content.store import read_store
from signage.player.enrolled import Enrolled, EnrolmentFolder


@pytest.fixture
def store(tmp_path: Path) -> Path:
    for part in ("media", "playlists"):
        (tmp_path / part).mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("screens", "name"),
    [
        (None, "default"),
        ("", "default"),
        ("gate: {layout: banner}", "gate"),
        ("screens: {gate: {layout: banner}}", "gate"),
        ("gate: {}\ndefault: {}", "default"),
        ("gate: [", "default"),
    ],
)
def test_with_no_screen_named_the_one_that_is_previewed_is_played(store: Path, screens: str | None, name: str) -> None:
    if screens is not None:
        (store / "playlists" / "screens.yaml").write_text(screens)

    assert screen_to_play(store, None) == choose_screen(read_store(store), None).name == name


def test_one_of_several_screens_has_to_be_named(store: Path) -> None:
    (store / "playlists" / "screens.yaml").write_text("gate: {}\nhall: {}")

    with pytest.raises(ArgumentError, match=r"--screen \(gate, hall\)"):
        screen_to_play(store, None)


def test_a_named_screen_is_played_before_it_is_described(store: Path) -> None:
    assert screen_to_play(store, "lift") == "lift"


@pytest.mark.parametrize(
    ("asked", "screen", "said"),
    [
        ([], "gate", ""),
        (["--screen", "gate"], "gate", ""),
        (["--screen", "hall"], "gate", "--screen hall is not heeded"),
        (["--root", "root.json", "--screen", "hall"], "hall", ""),
    ],
)
def test_an_enrolled_screen_has_the_name_that_its_office_gave_it(
    asked: list[str], screen: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = EnrolmentFolder(tmp_path)
    folder.make_token()
    folder.keep(Enrolled("gate"), b"root")
    options = build_parser(COMMANDS).parse_args(["play", "--office", "http://o", "--state", str(tmp_path), *asked])

    assert _screen_of_office(options) == screen
    assert said in capsys.readouterr().err

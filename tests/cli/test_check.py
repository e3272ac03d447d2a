"""`signage check`: every problem, in the form and language asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

BROKEN = "title: x\nplay:\n  - file: one.jpg\n    seconds: -3\n    fit: covr\n"


@pytest.fixture
def broken(store: Path) -> Path:
    (store / "playlists/broken.yaml").write_text(BROKEN, "utf-8")
    return store


def test_a_store_without_a_fault_passes(run: Any, store: Path) -> None:
    ran = run("check", store)

    assert ran.code == 0
    assert ": error: " not in ran.out
    assert ran.err == "no problems; can be used: 3 playlists, 1 media file, 2 screens\n"


def test_every_problem_is_one_line_with_its_place(run: Any, broken: Path) -> None:
    ran = run("check", broken, "--lang", "en")

    lines = ran.out.splitlines()
    assert ran.code == 1
    assert [line.split(": ")[:2] for line in lines] == [
        ["playlists/broken.yaml:4", "error"],
        ["playlists/broken.yaml:5", "error"],
    ]
    assert "seconds" in lines[0]
    assert "cover" in lines[1]


def test_json_gives_file_line_severity_and_message(run: Any, broken: Path) -> None:
    rows = run("check", broken, "--json").rows

    assert [list(row) for row in rows] == [["file", "line", "severity", "message"]] * 2
    assert [(row["file"], row["line"], row["severity"]) for row in rows] == [
        ("playlists/broken.yaml", 4, "error"),
        ("playlists/broken.yaml", 5, "error"),
    ]


def test_json_of_a_store_without_a_fault_is_an_empty_list(run: Any, store: Path) -> None:
    assert run("check", store, "--json").rows == []


def test_staff_read_problems_in_chinese(run: Any, broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNAGE_LANG", "zh")

    ran = run("check", broken)

    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in line) for line in ran.out.splitlines())
    assert "错误 2 处" in ran.err


def test_a_folder_that_is_no_store_is_told_from_an_empty_one(run: Any, tmp_path: Path) -> None:
    missing, plain = run("check", tmp_path / "none"), run("check", tmp_path)

    assert missing.code == plain.code == 2
    assert "there is no such folder" in missing.err
    assert "is no store" in plain.err


def test_a_file_in_place_of_the_store_is_told_as_one(run: Any, broken: Path) -> None:
    ran = run("check", next((broken / "playlists").iterdir()))

    assert ran.code == 2
    assert "is a file; give the folder of the whole store" in ran.err


def test_the_current_folder_is_the_store_where_it_is_one(
    run: Any, broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(broken)

    assert run("check").code == 1


def test_elsewhere_the_repository_is_the_store(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    ran = run("check")

    assert ran.code == 0
    assert ": error: " not in ran.out


def test_a_rule_that_cannot_be_worked_out_is_a_warning(run: Any, tmp_path: Path) -> None:
    for folder in ("media", "playlists"):
        (tmp_path / folder).mkdir()
    text = "title: 晨曲\nwhen:\n  - hours: sunrise-12:00\nplay:\n  - template: civility\n    text: 早\n"
    (tmp_path / "playlists" / "dawn.yaml").write_text(text, "utf-8")

    ran = run("check", tmp_path)

    assert ran.code == 0
    assert "playlists/dawn.yaml: warning: hours: sunrise and sunset are taken as 06:00 and 18:00" in ran.out

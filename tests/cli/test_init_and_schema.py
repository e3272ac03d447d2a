"""`signage init` makes a store that works; `signage schema` gives editors what they need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def test_a_new_store_has_no_problems_and_plays_something(run: Any, tmp_path: Path) -> None:
    made = run("init", tmp_path / "new")

    assert made.code == 0
    assert run("check", tmp_path / "new").err.startswith("no problems")
    rows = run("preview", tmp_path / "new", "--from", "2026-11-23 12:00", "--zone", "all", "--json").rows
    assert {row["playlist"] for row in rows} == {"welcome", "work-updates", "ticker"}


def test_a_folder_with_something_in_it_is_refused_and_left_alone(run: Any, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").touch()

    ran = run("init", tmp_path)

    assert ran.code == 3
    assert ran.err == f"error: {tmp_path}: has something in it; name a folder that is empty or not there yet\n"
    assert [path.name for path in tmp_path.iterdir() if path.name != "state"] == ["photo.jpg"]


def test_an_empty_folder_is_taken(run: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    assert run("init", tmp_path / "empty").code == 0


def test_a_file_in_the_way_is_refused(run: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    ran = run("init", tmp_path / "file")

    assert (ran.code, ran.err.count("\n")) == (3, 1)


def test_schemas_are_printed_or_written_one_file_each(run: Any, tmp_path: Path) -> None:
    printed = json.loads(run("schema").out)

    written = run("schema", "--out", tmp_path / "schemas")

    files = {Path(line).name: json.loads(Path(line).read_text("utf-8")) for line in written.out.splitlines()}
    assert files == {f"{name}.schema.json": body for name, body in printed.items()}
    assert all("json-schema.org/" in body["$schema"] for body in files.values())


def test_schemas_that_cannot_be_written_are_one_line(run: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    ran = run("schema", "--out", tmp_path / "file")

    assert (ran.code, ran.err.count("\n")) == (3, 1)

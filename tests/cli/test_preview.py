"""`signage preview`: the same slots in every form, in the screen's own time."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

FROM = ("--from", "2026-11-23T18:03:20", "--for", "10m")


def test_json_gives_slots_that_tile_the_window_with_offset_and_milliseconds(run: Any, store: Path) -> None:
    ran = run("preview", store, "--screen", "gate", *FROM, "--json")

    assert ran.code == 0
    keys = ["start", "end", "screen", "zone", "playlist", "item", "kind", "sha256"]
    assert all(list(row) == keys for row in ran.rows)
    assert all(re.fullmatch(r"2026-11-23T18:\d\d:\d\d\.\d{3}\+08:00", row["start"]) for row in ran.rows)
    assert [row["start"] for row in ran.rows[1:]] == [row["end"] for row in ran.rows[:-1]]
    assert datetime.fromisoformat(ran.rows[0]["start"]) <= datetime.fromisoformat("2026-11-23T18:03:20+08:00")
    assert {row["playlist"] for row in ran.rows} == {"updates", "appeal"}
    assert all(re.fullmatch(r"[0-9a-f]{64}", row["sha256"]) for row in ran.rows)


def test_the_table_shows_what_the_json_says(run: Any, store: Path) -> None:
    rows = run("preview", store, "--screen", "gate", *FROM, "--json").rows
    table = run("preview", store, "--screen", "gate", *FROM).out

    lines = [line for line in table.splitlines() if re.match(r"\d\d:\d\d:\d\d ", line)]
    assert [(line.split()[0], line.split()[-1]) for line in lines] == [
        (row["start"][11:19], row["item"]) for row in rows
    ]
    assert "2026-11-23" in table
    assert "Monday" in table


def test_the_columns_stand_below_each_other_however_long_an_item_is(run: Any, store: Path) -> None:
    (store / "playlists/updates.yaml").write_text("play: [{file: one.jpg, seconds: 2h15m}]\n", "utf-8")
    (store / "playlists/appeal.yaml").unlink()

    lines = run("preview", store, "--screen", "gate", "--from", "2026-11-23T10:00", "--for", "9h").out.splitlines()

    at = {line.index("main") for line in lines if " main " in line}
    assert len(at) == 1
    assert any("2 h 15 min" in line for line in lines)


@pytest.mark.parametrize("said", ["2026-11-23T18:03:20", "2026-11-23 18:03:20", "2026-11-23T10:03:20Z"])
def test_one_instant_may_be_written_in_many_ways(run: Any, store: Path, said: str) -> None:
    wanted = run("preview", store, "--screen", "gate", *FROM, "--json").rows

    assert run("preview", store, "--screen", "gate", "--from", said, "--for", "600", "--json").rows == wanted


def test_times_are_those_of_the_screen(run: Any, store: Path) -> None:
    rows = run("preview", store, "--screen", "paris", *FROM, "--json").rows

    assert all(row["start"].endswith("+01:00") and row["screen"] == "paris" for row in rows)


def test_all_zones_come_in_order_of_start(run: Any, store: Path) -> None:
    rows = run("preview", store, "--screen", "gate", *FROM, "--zone", "all", "--json").rows

    starts = [datetime.fromisoformat(row["start"]) for row in rows]
    assert starts == sorted(starts)
    assert {row["zone"] for row in rows} == {"main", "ticker"}


def test_a_screen_that_is_misspelt_is_refused_with_the_nearest(run: Any, store: Path) -> None:
    ran = run("preview", store, "--screen", "gat")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "error: there is no screen 'gat'; did you mean 'gate'?\n"


def test_one_of_several_screens_has_to_be_named(run: Any, store: Path) -> None:
    ran = run("preview", store)

    assert ran.code == 2
    assert ran.err == "error: this store has 2 screens: say which with --screen (gate, paris)\n"


def test_a_zone_that_the_layout_lacks_is_refused(run: Any, store: Path) -> None:
    ran = run("preview", store, "--screen", "paris", "--zone", "ticker")

    assert ran.code == 2
    assert ran.err == "error: screen 'paris' has no zone 'ticker': its layout 'full' has main\n"


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--from", "25:00", "'25:00' is not a time"), ("--for", "soon", "'soon' is not a length of time")],
)
def test_a_time_that_is_none_is_one_line_with_the_forms(
    run: Any, store: Path, option: str, value: str, said: str
) -> None:
    ran = run("preview", store, "--screen", "gate", option, value)

    assert ran.code == 2
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_a_playlist_with_a_fault_is_left_out_and_said(run: Any, store: Path) -> None:
    (store / "playlists/appeal.yaml").write_text("title: x\nplay:\n  - file: one.jpg\n    seconds: -1\n", "utf-8")

    ran = run("preview", store, "--screen", "gate", *FROM, "--json")

    assert {row["playlist"] for row in ran.rows} == {"updates"}
    assert "1 error in this store" in ran.err


def test_the_page_holds_pictures_and_asks_for_nothing(run: Any, store: Path, tmp_path: Path, qapp: object) -> None:
    page = tmp_path / "day.html"

    ran = run(
        "preview", store, "--screen", "gate", "--from", "2026-11-23", "--for", "1d", "--zone", "all", "--html", page
    )

    text = page.read_text("utf-8")
    assert ran.code == 0
    assert text.count("data:image/webp;base64,") == 3
    assert not re.search(r"(?:src|href)=[\"'](?!data:)|url\(|https?://(?!www\.w3\.org/2000/svg)", text)
    assert "连然新村停车道闸启用" in text
    assert "出门记得关水、关电、关气" in text
    assert "2026年11月23日 星期一" in text


def test_text_of_staff_cannot_break_out_of_the_page(run: Any, store: Path, tmp_path: Path, qapp: object) -> None:
    evil = "</script><script>alert(1)</script>"
    (store / "playlists/appeal.yaml").write_text(
        f"title: '{evil}'\nplay:\n  - template: civility\n    text: '{evil}'\n", "utf-8"
    )
    page = tmp_path / "day.html"

    run("preview", store, "--screen", "paris", *FROM, "--html", page)

    assert "<script>alert" not in page.read_text("utf-8")


def test_a_page_of_more_than_a_week_is_refused(run: Any, store: Path, tmp_path: Path) -> None:
    ran = run("preview", store, "--screen", "paris", "--for", "8d", "--html", tmp_path / "day.html")

    assert ran.code == 2
    assert "at most 7 days" in ran.err


def test_a_page_that_cannot_be_written_is_one_line(run: Any, store: Path, tmp_path: Path, qapp: object) -> None:
    ran = run("preview", store, "--screen", "paris", *FROM, "--html", tmp_path / "no/such/folder.html")

    assert ran.code == 3
    assert re.fullmatch(r"error: .*folder\.html: cannot be written .*\n", ran.err)


def test_the_sheet_is_a_picture_of_what_the_stage_will_show(store: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    command = [
        sys.executable,
        "-m",
        "signage.cli",
        "preview",
        str(store),
        "--screen",
        "gate",
        *FROM,
        "--sheet",
        str(sheet),
    ]

    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"The sheet is in {sheet}\n")
    with Image.open(sheet) as picture:
        assert picture.format == "PNG"
        assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 50

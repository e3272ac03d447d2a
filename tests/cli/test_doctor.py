"""`signage doctor`: what is wrong is found, named and mended; one broken part does not hide the others."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from signage.base.clock import ManualClock, SystemClock
from signage.doctor import (
    Finding,
    State,
    examine,
    findings_of_qt,
    look_at_clock,
    look_at_disk,
    look_at_libraries,
    look_at_media,
    look_at_office,
    look_at_store,
)
from signage.player.enrolled import Enrolled, EnrolmentFolder

SEEN = {
    "platform": "xcb",
    "displays": [{"name": "HDMI-1", "size": [1920, 1080], "refresh_hz": 60.0}],
    "renderer": "software",
    "reason": "there is no GPU device",
    "missing_fonts": [],
}


def states(findings: Any) -> dict[str, State]:
    return {finding.name: finding.state for finding in findings}


def test_a_check_that_fails_itself_does_not_stop_the_others() -> None:
    def broken() -> list[Finding]:
        raise RuntimeError("a driver went away")

    findings = examine([("first", broken), ("second", lambda: [Finding("second", State.GOOD, "well")])])

    assert states(findings) == {"first": State.BAD, "second": State.GOOD}
    assert "a driver went away" in findings[0].found


def test_a_machine_with_all_it_needs_is_good() -> None:
    assert set(states(findings_of_qt(SEEN, has_display=True)).values()) == {State.GOOD}
    assert set(states([*look_at_libraries(), *look_at_media()]).values()) == {State.GOOD}


def test_a_missing_library_is_named_by_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signage.doctor._LIBRARIES", {"libnothing-of-the-kind.so.9": "libnothing9"})

    (finding,) = look_at_libraries()

    assert (finding.state, finding.mend) == (State.BAD, "apt-get install libnothing9")


@pytest.mark.parametrize(
    ("change", "has_display", "name", "state"),
    [
        ({"missing_fonts": ["Noto Sans Yi: Yi (fonts-noto-core)"]}, True, "fonts", State.BAD),
        ({"displays": []}, True, "display", State.BAD),
        ({}, False, "display", State.POOR),
    ],
    ids=["font", "no monitor", "no display"],
)
def test_what_qt_misses_is_named_with_its_mend(
    change: dict[str, Any], has_display: bool, name: str, state: State
) -> None:
    findings = list(findings_of_qt(SEEN | change, has_display))

    assert states(findings)[name] is state
    assert all(finding.mend for finding in findings if finding.state is not State.GOOD)


def test_a_clock_from_before_the_installation_is_bad() -> None:
    (finding,) = look_at_clock(ManualClock(datetime(1970, 1, 1, tzinfo=UTC)))

    assert finding.state is State.BAD
    assert "timedatectl" in finding.mend


def test_the_real_clock_is_plausible() -> None:
    (finding,) = look_at_clock(SystemClock())

    assert finding.state in (State.GOOD, State.POOR)


def test_a_state_folder_is_made_and_can_be_written(tmp_path: Path) -> None:
    (finding,) = look_at_disk(tmp_path / "new/state")

    assert finding.state is State.GOOD
    assert list((tmp_path / "new/state").iterdir()) == []


def test_a_state_folder_that_cannot_be_made_is_bad(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    (finding,) = look_at_disk(tmp_path / "file/state")

    assert finding.state is State.BAD


def test_a_screen_of_an_office_is_told_with_its_fingerprint_and_why_no_reports_reach_it(tmp_path: Path) -> None:
    folder = EnrolmentFolder(tmp_path)
    before = list(look_at_office(tmp_path))
    folder.make_token()
    folder.keep(Enrolled("gate"), b"root")
    (well,) = look_at_office(tmp_path)

    folder.keep_report_fault("answered 401")
    (refused,) = look_at_office(tmp_path)

    assert before == []
    assert (well.state, well.found) == (State.GOOD, "let in as screen 'gate'; fingerprint 4813 494D")
    assert refused.state is State.POOR
    assert "answered 401" in refused.found


def test_a_full_disk_is_bad_and_a_narrow_one_poor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for free in (10**6, 10**9, 10**11):
        monkeypatch.setattr("shutil.disk_usage", lambda _, free=free: _Usage(free))
        found += [finding.state for finding in look_at_disk(tmp_path)]

    assert found == [State.BAD, State.POOR, State.GOOD]


class _Usage:
    def __init__(self, free: int) -> None:
        self.free = free


def test_a_store_with_problems_is_poor_and_one_without_good(store: Path, tmp_path: Path) -> None:
    good = list(look_at_store(store, tmp_path))
    (store / "playlists/broken.yaml").write_text("title: [", "utf-8")
    poor = list(look_at_store(store, tmp_path))

    assert [finding.state for finding in (*good, *poor)] == [State.GOOD, State.POOR]
    assert poor[0].mend == f"signage check {store}"


def test_the_command_examines_this_machine_and_prints_how_to_mend_it(run: Any, store: Path, tmp_path: Path) -> None:
    rows = run("doctor", store, "--state", tmp_path / "state", "--json").rows

    said = run("doctor", store, "--state", tmp_path / "state")

    assert [row["name"] for row in rows] == [
        *("libraries", "display", "drawing", "fonts", "media", "sound", "clock", "disk", "store")
    ]
    assert said.code == (1 if any(row["state"] == "bad" for row in rows) else 0)
    assert said.out.count("to mend: ") == sum(row["state"] != "good" for row in rows)

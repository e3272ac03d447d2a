"""The program as the shell sees it: exit codes, one line for each error, no traceback, a quick start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from signage import cli

HEAVY = ("PySide6", "av", "PIL", "pydantic", "yaml", "rich", "typer", "requests", "astral", "chinese_calendar")


def start(*arguments: object, **options: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "signage.cli", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload,no-any-return]


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_help_and_bad_arguments_load_nothing_heavy() -> None:
    script = (
        "import sys\nfrom signage.cli import main\n"
        "try:\n    main(['play', '--for', 'never'])\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["prevew"], "error: there is no command 'prevew'; did you mean 'preview'?; see: signage --help\n"),
        ([], "error: the following arguments are required: COMMAND; see: signage --help\n"),
        (["play", "--renderer", "sofware"], "did you mean 'software'?; see: signage play --help\n"),
        (["check", "--jsn"], "error: unrecognized arguments: --jsn; see: signage --help\n"),
    ],
    ids=["command", "nothing", "choice", "option"],
)
def test_what_is_not_understood_is_one_line_and_ends_with_2(arguments: list[str], said: str) -> None:
    code, out, err = finish(start(*arguments))

    assert (code, out) == (2, "")
    assert err.endswith(said)
    assert err.count("\n") == 1


def test_a_file_that_is_still_being_checked_does_not_hold_up_the_end_of_play(store: Path, tmp_path: Path) -> None:
    script = (
        "import threading, signage.content.library as library\n"
        "library.probe = lambda *_: threading.Event().wait()\n"
        "from signage.cli import main\n"
        f"main(['play', {str(store)!r}, '--screen', 'gate', '--window', '--for', '3', '--state', {str(tmp_path)!r}])"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr


def test_a_store_that_is_away_is_waited_for_where_it_has_played_before(store: Path, tmp_path: Path) -> None:
    state, away = tmp_path / "state", tmp_path / "away"
    command = ("play", "--screen", "hall", "--for", "4", "--state", state)
    never_played = finish(start(*command, away))
    played = finish(start(*command, store))
    store.rename(away)

    again = finish(start(*command, store))

    rows = finish(start("asrun", "--state", state, "--json"))[1]
    assert (never_played[0], played[0], again[0]) == (2, 0, 0)
    assert "there is no such folder" in never_played[1] + never_played[2]
    assert "is not there; the waiting picture shows" in again[2]
    assert json.loads(rows)[-1]["item"] == "slate"


def test_a_reader_that_leaves_early_is_no_error(store: Path) -> None:
    process = start("preview", store, "--screen", "gate", "--for", "30d", "--json")
    assert process.stdout is not None
    assert process.stderr is not None

    process.stdout.readline()
    process.stdout.close()

    assert process.wait(timeout=60) == cli.READER_GONE
    assert process.stderr.read() == ""
    process.stderr.close()


def test_ctrl_c_ends_with_130_and_no_traceback(store: Path) -> None:
    process = start("preview", store, "--screen", "gate", "--for", "3000d", "--json")
    assert process.stdout is not None

    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    code, _, err = finish(process)

    assert code == 130
    assert err.strip() == ""


def test_a_fault_of_signage_itself_is_one_line_and_its_traceback_is_kept(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setitem(cli.COMMANDS, "check", lambda options: 1 // 0)

    code = cli.main(["check", str(store)])

    err = capsys.readouterr().err
    assert code == 70
    assert err.startswith("error: signage itself failed: ZeroDivisionError")
    assert err.count("\n") == 1
    assert "Traceback" in (tmp_path / "signage/fault.txt").read_text("utf-8")


def test_output_is_utf_8_without_a_locale(store: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}

    code, out, _ = finish(start("preview", store, "--screen", "gate", "--for", "60", env=environment | {"LC_ALL": "C"}))

    assert code == 0
    assert "您让一步，路宽一分" in out


def test_the_version_is_told() -> None:
    assert finish(start("--version")) == (0, "signage 0.1.0\n", "")

"""The set-up files hold together: pins are complete, hashed and without addresses; scripts can be read by bash."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
SCRIPTS = sorted([*REPOSITORY.glob("deploy/*.sh"), REPOSITORY / ".ci/run"])


def pins(name: str) -> dict[str, list[str]]:
    """Give the hashes of each pinned package, by its normal name."""
    text = (REPOSITORY / name).read_text("utf-8")
    found = re.findall(
        r"^([A-Za-z0-9._-]+)==[^ \n]+.*?((?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+)", text, re.MULTILINE
    )
    return {normal(package): hashes.split() for package, hashes in found}


def normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~\[; ]", package)[0]).lower()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_pins_have_hashes_and_no_addresses(name: str) -> None:
    text = (REPOSITORY / name).read_text("utf-8")

    assert not re.search(r"://|--index|--find-links|@ ", text)
    assert text.count("==") >= len(pins(name)) >= 30
    assert all(pins(name).values())


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("requirements.txt", PROJECT["dependencies"]),
        ("requirements-test.txt", PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]),
    ],
)
def test_everything_that_the_project_asks_for_is_pinned(name: str, wanted: list[str]) -> None:
    assert {normal(package) for package in wanted} - set(pins(name)) == set()


def test_the_tests_run_with_the_versions_that_screens_run_with() -> None:
    def lines(name: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", (REPOSITORY / name).read_text("utf-8"), re.MULTILINE))

    assert lines("requirements.txt") <= lines("requirements-test.txt")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_can_be_read_by_bash(script: Path) -> None:
    done = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_set_up_without_root_or_sudo_says_what_root_has_to_install(tmp_path: Path) -> None:
    fakes = {
        "id": "echo 1000",
        "dpkg-query": "exit 1",
        "apt-get": "exit 1",
        "apt-cache": '[ "$3" = libasound2 ] || echo Filename: pool/$3.deb',
    }
    for name, body in fakes.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n", "utf-8")
        (tmp_path / name).chmod(0o755)
    for name in ("mkdir", "awk", "grep", "tail", "env"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    script = f'. "{REPOSITORY}/deploy/setup.sh"; cd "{tmp_path}"; PATH="{tmp_path}"; set_up run'

    done = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 3, done.stderr
    assert "have root run: apt-get install --no-install-recommends ca-certificates python3" in done.stderr
    assert " libasound2t64 " in done.stderr
    assert done.stderr.count("\n") == 1

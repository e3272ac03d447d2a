"""What the services start is there, understands what they say to it, and is described where they point to."""

from __future__ import annotations

import configparser
import re
import shlex
from pathlib import Path

import pytest

from signage.cliwords import build_parser

REPOSITORY = Path(__file__).parents[2]
UNITS = sorted((REPOSITORY / "deploy" / "units").glob("*.service"))
PLACE = "/opt/signage/current/"


def read(unit: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment]  # systemd's names have capitals
    parser.read(unit, "utf-8")
    return parser


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_what_a_service_names_in_the_repository_is_there(unit: Path) -> None:
    named = set(re.findall(rf"{PLACE}(\S+)", unit.read_text("utf-8"))) - {".venv/bin/signage"}

    assert [name for name in named if not (REPOSITORY / name).is_file()] == []


@pytest.mark.parametrize("name", ["signage-screen", "signage-office"])
def test_a_service_speaks_the_language_of_the_command(name: str) -> None:
    service = read(REPOSITORY / "deploy" / "units" / f"{name}.service")["Service"]
    words = shlex.split(service["ExecStart"].replace("$SIGNAGE_PLAY", "--office http://office:8080"))
    words = [word.replace("${SIGNAGE_STORE}", "/srv/signage/store") for word in words if word != "$SIGNAGE_OFFICE"]

    options = build_parser(["play", "office"]).parse_args(words[1:])

    assert words[0] == f"{PLACE}.venv/bin/signage"
    assert options.command == name.removeprefix("signage-").replace("screen", "play")


@pytest.mark.parametrize("name", ["signage-screen", "signage-office"])
def test_a_service_is_started_again_for_ever_and_watched(name: str) -> None:
    unit = read(REPOSITORY / "deploy" / "units" / f"{name}.service")

    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert unit["Service"]["Restart"] == "always"
    assert unit["Service"]["Type"] == "notify"
    assert int(unit["Service"]["WatchdogSec"]) >= 60

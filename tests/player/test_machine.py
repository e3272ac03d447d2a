"""A screen tells how its computer fares as far as the system says it, and its last faults without secrets."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from signage.player.machine import HealthReader, describe_machine
from signage.player.recent import RecentFaults, without_secrets
from signage.wire import Health
from tests.conftest import ExpectLog

TOKEN = "k3" + "Ab-_" * 10 + "z"


def put(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def test_health_is_read_from_the_system(tmp_path: Path) -> None:
    put(tmp_path, "sys/class/thermal/thermal_zone0/temp", "27800\n")
    put(tmp_path, "sys/class/hwmon/hwmon2/temp1_input", "71250\n")
    put(tmp_path, "proc/meminfo", "MemTotal:  4000 kB\nMemAvailable:  1000 kB\nHugePages_Total: 0\n")
    put(tmp_path, "proc/self/statm", "900 100 50 1 0 400 0\n")
    put(tmp_path, "proc/loadavg", "0.42 0.30 0.20 1/300 4000\n")

    health = HealthReader(tmp_path, tmp_path).read()

    assert (health.temperature_c, health.load) == (71.2, 0.42)
    assert (health.memory_total_bytes, health.memory_available_bytes) == (4_096_000, 1_024_000)
    assert health.own_memory_bytes == 409_600
    assert health.disk_total_bytes
    assert health.disk_free_bytes


@pytest.mark.parametrize("said", ["-273000", "0", "255000", "broken", ""])
def test_a_sensor_that_says_nonsense_is_unknown(said: str, tmp_path: Path) -> None:
    put(tmp_path, "sys/class/thermal/thermal_zone0/temp", said)

    assert HealthReader(tmp_path, tmp_path).read().temperature_c is None


def test_a_system_that_says_nothing_is_unknown(tmp_path: Path) -> None:
    assert HealthReader(tmp_path / "gone", tmp_path / "gone").read() == Health()


def test_a_machine_is_described() -> None:
    machine = describe_machine((1920, 1080), "software")

    assert machine.output_px == (1920, 1080)
    assert machine.hostname
    assert machine.system


def test_the_last_different_faults_are_kept_and_counted(expect_log: ExpectLog) -> None:
    expect_log("fault")
    recent = RecentFaults(most=3)
    log = logging.getLogger("signage.test")
    log.addHandler(recent)
    for number in (1, 2, 3, 4, 2, 2):
        log.warning("fault %d", number)
    log.info("no fault")
    log.removeHandler(recent)

    assert [line.split(" ", 2)[2] for line in recent.lines()] == [
        "WARNING fault 3",
        "WARNING fault 4",
        "WARNING fault 2 (3 times)",
    ]


@pytest.mark.parametrize(
    "said",
    [
        f"asked with {TOKEN}",
        f"Authorization: Bearer {TOKEN[:20]}",
        "token=abc123",
        "password: geheim",
        "http://anna:geheim@office/x",
    ],
)
def test_no_secret_leaves_the_screen(said: str) -> None:
    told = without_secrets(said)

    assert "***" in told
    assert not any(secret in told for secret in (TOKEN[:20], "abc123", "geheim"))


def test_names_and_hashes_are_no_secrets() -> None:
    said = f"media/unity/{'a1' * 32}: cannot be shown; http://office:8080/blobs/ab/{'0f' * 32}"

    assert without_secrets(said) == said

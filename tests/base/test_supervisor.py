"""A service manager is told what it has to know, by its own protocol, and nobody waits for it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from signage.base.supervisor import Supervisor


@pytest.mark.parametrize("is_abstract", [False, True], ids=["file", "abstract"])
def test_the_manager_hears_ready_alive_and_ending(tmp_path: Path, is_abstract: bool) -> None:
    name = f"@signage-test-{tmp_path.name}" if is_abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name[1:]}" if is_abstract else name)
        manager.settimeout(5.0)
        supervisor = Supervisor({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "20000000"})

        supervisor.ready()
        supervisor.alive("gate: views/gulls.jpg\nuntil 18:03:20")
        supervisor.ending()

        assert supervisor.is_there
        assert [manager.recv(1000).decode() for _ in range(3)] == [
            "READY=1",
            "WATCHDOG=1\nSTATUS=gate: views/gulls.jpg until 18:03:20",
            "STOPPING=1",
        ]


def test_a_sign_of_life_comes_several_times_while_the_manager_waits() -> None:
    assert Supervisor({"WATCHDOG_USEC": "20000000"}).interval_s == 5.0
    assert Supervisor({"WATCHDOG_USEC": "600000000"}).interval_s == 15.0
    assert Supervisor({"WATCHDOG_USEC": "soon"}).interval_s == 15.0
    assert Supervisor({}).interval_s == 15.0


def test_where_nobody_watches_nothing_is_said() -> None:
    supervisor = Supervisor({})
    supervisor.ready()
    supervisor.alive()
    assert not supervisor.is_there


def test_a_manager_that_is_gone_harms_nothing_and_is_named_once(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("service manager cannot be told")
    supervisor = Supervisor({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    supervisor.ready()
    supervisor.alive()

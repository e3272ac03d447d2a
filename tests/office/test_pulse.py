"""Whoever watches over the office hears that it lives, and nothing once its threads hang."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from signage.base.supervisor import Supervisor
from signage.office.pulse import keep_telling


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        yield manager


def _supervisor(tmp_path: Path) -> Supervisor:
    return Supervisor({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "40000"})


def test_the_office_says_how_it_is_until_it_ends(tmp_path: Path, manager: socket.socket) -> None:
    async def story() -> list[str]:
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(keep_telling(_supervisor(tmp_path), lambda: "well"))
        said = [(await loop.sock_recv(manager, 1000)).decode() for _ in range(4)]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        while (last := (await loop.sock_recv(manager, 1000)).decode()) != "STOPPING=1":
            assert last == "WATCHDOG=1\nSTATUS=well"
        return said

    assert asyncio.run(story()) == ["READY=1", *["WATCHDOG=1\nSTATUS=well"] * 3]


def test_an_office_whose_look_hangs_gives_no_sign_of_life(tmp_path: Path, manager: socket.socket) -> None:
    hangs, looks = threading.Event(), []

    def look() -> str:
        looks.append(1)
        if len(looks) > 1:
            hangs.wait(30)
        return ""

    async def story() -> list[str]:
        task = asyncio.create_task(keep_telling(_supervisor(tmp_path), look))
        while len(looks) < 2:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)  # ten intervals
        said = [manager.recv(1000).decode() for _ in range(2)]
        with pytest.raises(BlockingIOError):
            manager.recv(1000)
        hangs.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return said

    assert asyncio.run(story()) == ["READY=1", "WATCHDOG=1"]

"""A wish of the office reaches every stream that is open, beside the news of releases."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from signage.office.hints import MOST_TOLD, Hints
from signage.player.wirejson import read_wish
from signage.wire import WISH_EVENT


class Listener:
    """One open stream."""

    def __init__(self, hints: Hints) -> None:
        self.heard: list[bytes] = []
        self._gone = asyncio.Event()
        self.task = asyncio.create_task(hints({"method": "GET"}, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if body := message.get("body"):
            self.heard.append(body)

    @property
    def events(self) -> list[str]:
        lines = b"".join(self.heard).decode().splitlines()
        return [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]

    async def leave(self) -> None:
        self._gone.set()
        await self.task


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_every_open_stream_hears_a_wish_once_and_later_ones_do_not(tmp_path: Path) -> None:
    async def story() -> tuple[list[str], list[str]]:
        hints = Hints(tmp_path)
        watch = asyncio.create_task(hints.watch())
        await settled()
        early = Listener(hints)
        await settled()
        for name in ("gate", "hall"):
            await asyncio.to_thread(hints.tell, WISH_EVENT, json.dumps({"screens": [name]}))
        await settled()
        late = Listener(hints)
        await settled()
        await early.leave()
        await late.leave()
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        return early.events, late.events

    early, late = asyncio.run(story())

    wishes = [event for event in early if event]
    assert [read_wish(event) for event in wishes] == [{"gate"}, {"hall"}]
    assert [event for event in late if event] == []


def test_wishes_without_listeners_take_no_memory(tmp_path: Path) -> None:
    async def story() -> int:
        hints = Hints(tmp_path)
        watch = asyncio.create_task(hints.watch())
        await settled()
        for _ in range(10 * MOST_TOLD):
            hints.tell(WISH_EVENT, "{}")
        await settled()
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        return len(hints._told)

    assert asyncio.run(story()) == MOST_TOLD


def test_an_office_that_does_not_run_tells_nobody(tmp_path: Path) -> None:
    Hints(tmp_path).tell(WISH_EVENT, "{}")

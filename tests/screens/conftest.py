"""Screens of an office, real but for the network: they ask, are let in, and report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.office.desk import Desk
from signage.office.screens.api import ScreensApi
from signage.office.screens.roll import digest_of as digest_of
from signage.office.server import make_office_app
from signage.wire import Heartbeat, Machine, OnAir, PairingWish, Shown
from tests.console.conftest import browser, clock, desk, server

__all__ = ["browser", "clock", "desk", "server"]

MACHINE = Machine("gate-pc", (1920, 1080), "Debian 12", "0.1.0", "software")


class AScreen:
    """A screen's side of the API."""

    def __init__(self, client: TestClient, name: str = "gate") -> None:
        self.client = TestClient(client.app)  # a screen is no browser: it says no Origin
        self.token = f"token-of-{name}-0123456789"
        self.headers = {"authorization": f"Bearer {self.token}"}

    def ask(self) -> str:
        wish = asdict(PairingWish(digest_of(self.token), MACHINE))
        answer = self.client.post("/api/screens/pairings", json=wish)
        assert answer.status_code == 201, answer.text
        code: str = answer.json()["code"]
        return code

    def look(self, code: str) -> Any:
        return self.client.get(f"/api/screens/pairings/{code}", headers=self.headers)

    def beat(self, **said: Any) -> Any:
        on_air = (OnAir("main", "views/gulls.jpg", "views"),)
        heartbeat = Heartbeat(**{"sent_ms": 1_790_000_000_000, "boot": 1, "on_air": on_air} | said)
        return self.client.post("/api/screens/heartbeat", json=asdict(heartbeat), headers=self.headers)

    def report(self, *rows: Shown) -> Any:
        body = {"rows": [asdict(row) for row in rows]}
        return self.client.post("/api/screens/asrun", json=body, headers=self.headers)

    def send_picture(self, data: bytes) -> Any:
        headers = self.headers | {"x-taken-ms": "1790000000000", "content-type": "image/jpeg"}
        return self.client.put("/api/screens/picture", content=data, headers=headers)


def shown(key: int, started_ms: int = 1_790_000_000_000, **said: Any) -> Shown:
    """Give a row of an as-run log: a picture on screen for ten seconds."""
    usual = {
        "zone": "main",
        "item": "views/gulls.jpg",
        "kind": "picture",
        "sha256": "0" * 64,
        "playlist": "views",
        "planned_start_ms": started_ms,
        "planned_end_ms": started_ms + 10_000,
        "started_ms": started_ms,
        "ended_ms": started_ms + 10_000,
        "outcome": "shown",
    }
    return Shown(key=key, **usual | said)


def jpeg(size: tuple[int, int] = (320, 180), colour: str = "#9d2323") -> bytes:
    stream = BytesIO()
    Image.new("RGB", size, colour).save(stream, "JPEG")
    return stream.getvalue()


@pytest.fixture
def api(desk: Desk) -> Iterator[ScreensApi]:
    """The screens' part of the office, without a server."""
    made = ScreensApi(desk)
    yield made
    made.close()


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    """A way to the running office for those who are not signed in."""
    with TestClient(make_office_app(desk)) as client:
        yield client


@pytest.fixture
def enrolled(client: TestClient, api: ScreensApi) -> Callable[[str], AScreen]:
    """Give a screen that has been let in: `enrolled("gate")`."""

    def enrol(name: str) -> AScreen:
        screen = AScreen(client, name)
        assert api.pairings.let_in(screen.ask(), name, "王芳")
        return screen

    return enrol


def wait_past(clock: ManualClock, seconds: float) -> None:
    clock.advance(int(seconds * 1000))

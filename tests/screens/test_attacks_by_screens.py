"""What somebody does who has a screen's token, or shows a code: false reports, too many, and markup for other pages."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from dataclasses import asdict

import pytest
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.testclient import TestClient
from starlette.types import Message

from signage.base.clock import ManualClock
from signage.office.console.roles import Role
from signage.office.screens.api import ScreensApi
from signage.wire import Machine, PairingWish
from tests.screens.conftest import AScreen, digest_of, shown

Browser = Callable[..., TestClient]
LetIn = Callable[[str], AScreen]
MARKUP = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"


@pytest.fixture
def let_in(browser: Browser, api: ScreensApi) -> Callable[[str], AScreen]:
    """Give a screen that has been let in beside the staff's browsers."""

    def let_in(name: str) -> AScreen:
        screen = AScreen(browser(), name)
        assert api.pairings.let_in(screen.ask(), name, "王芳")
        return screen

    return let_in


def test_nothing_that_a_screen_says_is_markup_on_a_page_or_a_formula_in_a_table(
    browser: Browser, let_in: LetIn
) -> None:
    screen, staff = let_in("gate"), browser(*Role)
    machine = Machine(MARKUP[:80], (1, 1), MARKUP[:80], MARKUP[:80], MARKUP[:80])
    wish = asdict(PairingWish(digest_of("another-token-0123456789"), machine))
    code = screen.client.post("/api/screens/pairings", json=wish).json()["code"]
    now_ms = 1_795_395_600_000
    row = shown(1, now_ms, item=MARKUP, playlist=MARKUP, reason=MARKUP, kind="x", outcome="failed")
    formula = shown(2, now_ms, item="=cmd|'/c calc'!A1", playlist="＝1+1")
    assert screen.report(row, formula).status_code == 200
    assert screen.beat(errors=[MARKUP], machine=asdict(machine)).status_code == 200

    days = "first=2026-11-01&last=2026-12-31"
    pages = ["/", "/screens/gate", f"/pair?code={code}", "/pair", f"/reports?{days}", f"/reports?{days}&by=playlist"]
    texts = {page: staff.get(page).text for page in pages}
    table = staff.get(f"/reports/shown.csv?{days}").text + staff.get(f"/reports/shown.csv?{days}&by=playlist").text

    assert [
        page for page, text in texts.items() if "<script>alert" in text or "<img src=x" in text or ">49" in text
    ] == []
    assert [line for line in table.splitlines() if line.startswith(("=", "＝"))] == []
    assert "'=cmd" in table


def test_a_screen_can_report_nothing_for_another(let_in: LetIn) -> None:
    gate, hall = let_in("gate"), let_in("hall")

    first, second = gate.report(shown(7, item="a")).json(), hall.report(shown(7, item="b")).json()

    assert (first["new"], second["new"]) == (1, 1)


def test_a_token_that_was_shut_out_reports_nothing_any_more(browser: Browser, let_in: LetIn) -> None:
    screen, staff = let_in("gate"), browser(Role.ADMINISTRATOR)

    staff.post("/screens/gate/revoke")

    assert [screen.beat().status_code, screen.report(shown(1)).status_code] == [401, 401]


def test_a_stolen_token_does_not_fill_the_disk_in_a_night(
    let_in: LetIn, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signage.office.screens.room.MOST_BYTES", 3000)
    screen = let_in("gate")

    answers = [screen.report(shown(key, reason="x" * 500)).status_code for key in range(6)]
    clock.advance(24 * 3600 * 1000)
    next_day = screen.report(shown(9)).status_code

    assert (answers, next_day) == ([200, 200, 200, 200, 503, 503], 200)


def test_the_last_free_space_of_the_disk_is_the_offices_own(let_in: LetIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signage.office.screens.room.LEAST_FREE_BYTES", 1 << 60)
    screen = let_in("gate")

    assert [screen.report(shown(1)).status_code, screen.beat().status_code] == [503, 200]


@pytest.mark.parametrize(("method", "kind"), [("POST", "heartbeat"), ("POST", "asrun"), ("PUT", "picture")])
def test_of_a_report_of_a_stranger_not_one_byte_is_read(api: ScreensApi, method: str, kind: str) -> None:
    said: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("the body was asked for")

    async def send(message: Message) -> None:
        said.append(message)

    headers = [(b"authorization", b"Bearer nobody-knows-this-token"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": method, "path": f"/{kind}", "root_path": "", "query_string": b""}
    asyncio.run(api.asgi(scope | {"headers": headers}, receive, send))

    assert said[0]["status"] == 401


@pytest.mark.parametrize(("kind", "name"), [("asrun", "rows"), ("heartbeat", "orders"), ("heartbeat", "errors")])
def test_of_a_list_that_is_far_too_long_not_every_fault_is_written_down(let_in: LetIn, kind: str, name: str) -> None:
    screen = let_in("gate")
    body = {"sent_ms": 1, "boot": 1, name: [1] * 50_000}

    answer = screen.client.post(f"/api/screens/{kind}", json=body, headers=screen.headers)

    assert answer.status_code == 422
    assert [fault["msg"] for fault in answer.json()["detail"]] == ["Value error, a list has more than 500 parts"]


def test_what_was_refused_is_let_go_of_at_once(let_in: LetIn) -> None:
    screen = let_in("gate")
    gc.collect()
    gc.disable()
    try:
        before = _exceptions()
        for body in (b"[" * 50_000, b'{"rows": [1]}', b"{"):
            kept = screen.headers | {"content-type": "application/json"}
            assert screen.client.post("/api/screens/asrun", content=body, headers=kept).status_code in (400, 422)
        after = _exceptions()
    finally:
        gc.enable()

    assert after == before


def _exceptions() -> int:
    return sum(isinstance(one, StarletteHTTPException | RequestValidationError) for one in gc.get_objects())


def test_a_page_of_another_site_cannot_ask_to_be_let_in(let_in: LetIn) -> None:
    screen = let_in("gate")
    wish = asdict(PairingWish(digest_of("another-token-0123456789")))

    answers = [
        screen.client.post("/api/screens/pairings", json=wish, headers={"origin": origin}).status_code
        for origin in ("http://evil.example", "http://testserver", "null")
    ]

    assert answers == [403, 403, 403]

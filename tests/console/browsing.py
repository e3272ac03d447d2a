"""A real browser before a really served office: pages are opened, clicked and measured; every complaint is kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright
from starlette.types import ASGIApp

from tests.console.conftest import PASSWORD

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)

# A shared machine stalls for seconds; a page that never shows what it should fails all the same.
_PATIENCE_MS = 20_000
expect.set_options(timeout=_PATIENCE_MS)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve on a free port, give the address, and end with the block."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="served")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            thread.join(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)


@dataclass
class Visit:
    """A browser's window: its page, and what went wrong in it."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)
        self.page.wait_for_load_state("load")

    def overhang_px(self, width: int) -> int:
        """Give by how much the page is wider than the window."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth")
        return found - width


@contextmanager
def visit(browser: Browser, address: str, name: str, *, width: int = 1440, language: str = "zh") -> Iterator[Visit]:
    """Give a signed-in window of that width. At its end it must have nothing to complain about."""
    is_phone = width < 500
    context = browser.new_context(
        viewport={"width": width, "height": 844 if is_phone else 900}, is_mobile=is_phone, has_touch=is_phone
    )
    context.add_cookies([{"name": "signage_lang", "value": language, "url": address}])
    page = context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    seen = Visit(page, address)
    page.on("console", lambda said: seen.faults.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: seen.faults.append(str(error)))
    page.on("request", lambda asked: _note_outside(seen, asked.url))
    try:
        seen.go("/login")
        page.fill("[name=name]", name)
        page.fill("[name=password]", PASSWORD)
        page.click("main button.main")
        page.wait_for_load_state("load")
        yield seen
        assert seen.faults == []
    finally:
        context.close()


def _note_outside(seen: Visit, url: str) -> None:
    if not url.startswith((seen.address, "data:", "blob:")):
        seen.faults.append(f"asks outside: {url}")


def has_chromium() -> bool:
    return Path(CHROMIUM).exists()

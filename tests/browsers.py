"""A running office in, real browsers before it out: pages are opened, clicked and measured; every complaint is kept."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright
from starlette.applications import Starlette

from signage.office.connections import StreamServer, listening
from tests.office.desk import PASSWORD

CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
LIMIT_S = 60.0

needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium: apt-get install chromium")

# A shared machine stalls for seconds; a page that never shows what it should fails all the same.
_PATIENCE_MS = 30_000
expect.set_options(timeout=_PATIENCE_MS)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser; a module shares one, for the start costs more than most stories."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """Serve an office's application within this process, on a free port; give its address."""
    with listening("127.0.0.1", 0) as door:
        # A browser on a machine that stalls takes a while to close what it has open; mostly it is done at once.
        config = uvicorn.Config(
            app, log_config=None, log_level="warning", access_log=False, timeout_graceful_shutdown=30
        )
        server = StreamServer(config, app.state.hints)
        thread = threading.Thread(target=server.run, args=([door],), name="office")
        thread.start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(LIMIT_S)


class Visitor:
    """A window of a browser. `faults` has what no page may do: errors and warnings, requests elsewhere, an overhang."""

    def __init__(
        self, browser: Browser, url: str, width_px: int = 1440, language: str = "zh", shots: Path | None = None
    ) -> None:
        """With `shots`, a folder, `look` keeps pictures there."""
        self.url, self.width_px, self._shots = url, width_px, shots
        self.faults: list[str] = []
        is_phone = width_px < 500
        self._context = browser.new_context(
            viewport={"width": width_px, "height": 844 if is_phone else 900}, is_mobile=is_phone, has_touch=is_phone
        )
        self._context.add_cookies([{"name": "signage_lang", "value": language, "url": url}])
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(_PATIENCE_MS)
        self.page.on(
            "console", lambda said: self.faults.append(said.text) if said.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url))

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def sign_in(self, name: str) -> None:
        """Sign in with PASSWORD, as everybody in tests."""
        self.go("/login")
        self.page.fill("[name=name]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main button.main")
        self.page.wait_for_url(re.compile(r"^(?!.*/login)"))

    @property
    def overhang_px(self) -> int:
        """By how much the page is wider than its window."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth")
        return max(0, found - self.width_px)

    def look(self, name: str) -> None:
        """See that the page fits its window; keep a picture where somebody wants to look at them."""
        if self.overhang_px:
            self.faults.append(f"{name}: {self.overhang_px} px wider than the window")
        if self._shots is not None:
            (self._shots / f"{name}.png").write_bytes(self.page.screenshot(full_page=True))

    def close(self) -> None:
        self._context.close()

    def _note(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:")):
            self.faults.append(f"asks elsewhere: {url}")


@contextmanager
def visit(browser: Browser, url: str, name: str, width_px: int = 1440, language: str = "zh") -> Iterator[Visitor]:
    """Give a signed-in window; at its end it must have nothing to complain about."""
    visitor = Visitor(browser, url, width_px, language)
    try:
        visitor.sign_in(name)
        yield visitor
        assert visitor.faults == []
    finally:
        visitor.close()

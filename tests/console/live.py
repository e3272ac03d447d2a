"""An office that real browsers ask, within this process; and what no page may do, noted while they do."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page

from signage.office.desk import Desk
from signage.office.server import listening, make_office_app

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
LIMIT_S = 60.0


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the one browser of a module."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*ARGUMENTS, "--no-first-run"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """Serve the office on a free port of this machine; give its address."""
    with listening("127.0.0.1", 0) as door:
        config = uvicorn.Config(make_office_app(desk), log_config=None, log_level="warning", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([door],), name="office")
        thread.start()
        try:
            end_s = time.monotonic() + LIMIT_S
            while not server.started and time.monotonic() < end_s:
                threading.Event().wait(0.01)
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(LIMIT_S)


class Visitor:
    """One browser window. `faults` has errors of the console and requests to anywhere else."""

    def __init__(
        self, browser: Browser, url: str, width_px: int, language: str = "zh", shots: Path | None = None
    ) -> None:
        self.url, self._shots = url, shots
        self.faults: list[str] = []
        self._context = browser.new_context(viewport={"width": width_px, "height": 900})
        self._context.add_cookies([{"name": "signage_lang", "value": language, "url": url}])
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url))

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def sign_in(self, name: str, password: str) -> None:
        self.go("/login")
        self.page.fill("[name=name]", name)
        self.page.fill("[name=password]", password)
        self.page.click("main button.main")
        self.page.wait_for_url(re.compile(r"^(?!.*/login)"))

    def look(self, name: str) -> None:
        """See that the page fits its width; keep a picture where somebody wants to look at them."""
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            self.faults.append(f"{name}: {wide} px wider than the window")
        if self._shots is not None:
            (self._shots / f"{name}.png").write_bytes(self.page.screenshot(full_page=True))

    def close(self) -> None:
        self._context.close()

    def _note(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:")):
            self.faults.append(f"asked elsewhere: {url}")

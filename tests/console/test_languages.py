"""No page mixes its languages: in English no Chinese but what staff wrote themselves, in Chinese no English left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from signage.office.console.roles import Role
from signage.office.desk import Desk
from signage.office.urgenttexts import USUAL_TEXTS

PAGES = (
    *("/", "/media", "/playlists", "/playlists/new", "/schedule", "/review", "/urgent", "/reports", "/pair"),
    *("/settings", "/settings/people", "/settings/keys", "/settings/audit", "/account", "/media/trash"),
    *("/public?lang={}", "/public/manage", "/review/changes", "/playlist-parts/window", "/playlist-parts/choose"),
    "/playlist-parts/entry?template=unity-poster&template=table&folder=&file=x.jpg",
)
SHOWN_ATTRIBUTES = ("alt", "aria-label", "placeholder", "title")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
ENGLISH = re.compile(r"[A-Za-z]{3,}")
OF_BOTH = """
English 中文 CSV Excel JSON PDF PPT Webhook https: metrics DingTalk WeCom .pub keys signage keys new
link: http://testserver/public testclient x.jpg
"""
"""Names that a Chinese office knows by no other word."""


class _Shown(HTMLParser):
    """Collects what a page shows and what it says to those who listen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [value for name, value in attrs if name in SHOWN_ATTRIBUTES and value]
        if tag in ("script", "style", "code"):
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if not self._within and data.strip():
            self.texts.append(data.strip())


# A path of the test's own machine is no word.
PATHS = re.compile(r"(https?:/)?(/[\w.-]+){2,}|/public")


def shown(client: TestClient, path: str, language: str) -> Iterator[str]:
    client.cookies.set("signage_lang", language)
    answer = client.get(path.format(language))
    assert answer.status_code == 200, path
    parser = _Shown()
    parser.feed(answer.text)
    yield from parser.texts


def written(desk: Desk) -> str:
    """Give all that staff wrote: it is shown as they wrote it."""
    files = [path.read_text("utf-8") for path in sorted((desk.store / "playlists").rglob("*.yaml"))]
    names = [str(path) for path in sorted((desk.store / "media").rglob("*"))]
    return "\n".join([*files, *names, str(desk.store), str(desk.folder), desk.settings.read().community, *USUAL_TEXTS])


@pytest.mark.parametrize(("language", "strange"), [("en", CHINESE), ("zh", ENGLISH)])
def test_no_page_mixes_its_languages(
    desk: Desk, browser: Callable[..., TestClient], language: str, strange: re.Pattern[str]
) -> None:
    desk.settings.change(public_page=True)
    someone, known = browser(*Role, name="li"), written(desk) + OF_BOTH

    left = {
        f"{path}: {text[:80]}"
        for path in PAGES
        for text in shown(someone, path, language)
        for word in strange.findall(PATHS.sub("", text))
        if word not in known
    }

    assert not left, "\n".join(sorted(left))

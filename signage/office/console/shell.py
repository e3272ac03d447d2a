"""Pages' values in, HTML out: the frame around every page, its words in one language, and what endpoints share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from signage.base.errors import SignageError
from signage.base.moments import to_datetime
from signage.base.unseen import show_unseen
from signage.content.templates import PATTERN_WORDS
from signage.office.asrunwords import item_name, item_words, outcome_words, reason_words
from signage.office.console.alarmwords import english_of
from signage.office.console.roles import Role
from signage.office.console.sessions import Person
from signage.office.desk import Desk
from signage.office.problemwords import fault_words, mended_at, place_words, problem_words
from signage.office.releasing import said_of

LANGUAGE_COOKIE = "signage_lang"
ZONE = ZoneInfo("Asia/Shanghai")
_IN_ADDRESS = ":/%#?=@[]!$&'()*+,;"  # as in Starlette's own redirects
_MOST_FIELDS = 2000
_MOST_PART_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation. Empty `roles`: everybody who is signed in."""

    path: str
    zh: str
    en: str
    roles: frozenset[Role] = frozenset()

    def is_here(self, path: str) -> bool:
        return path == self.path if self.path == "/" else path.startswith(self.path)


PLACES = (
    Place("/", "屏幕总览", "Screens"),
    Place("/media", "素材库", "Media"),
    Place("/playlists", "播放列表", "Playlists"),
    Place("/schedule", "排期", "Schedule"),
    Place("/review", "审核发布", "Review"),
    Place("/urgent", "紧急", "Urgent", frozenset({Role.DUTY, Role.ADMINISTRATOR})),
    Place("/reports", "播出报告", "Reports"),
    Place("/settings", "设置", "Settings", frozenset({Role.ADMINISTRATOR})),
)

Words = Callable[[str, str], str]
"""Gives the Chinese or the English: `t("屏幕", "Screen")`."""


class Shell:
    """Renders templates within the console's frame. `alarms` gives what the head of every page warns of."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._signed_out: list[Callable[[str], None]] = []
        self._templates = Environment(
            loader=PackageLoader("signage.office.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {"moment": moment_text, "day": day_text, "size": size_text, "item": item_name}
        self._templates.filters |= {"length_words": length_words, "seen": show_unseen}
        self._templates.filters |= {
            "item_words": item_words,
            "reason_words": reason_words,
            "outcome_words": outcome_words,
        }
        self._templates.filters |= {
            "problem_words": problem_words,
            "fault_words": fault_words,
            "problem_place": place_words,
            "mended_at": mended_at,
        }
        self._templates.tests["iso_date"] = is_iso_date
        self._templates.globals["pattern_words"] = PATTERN_WORDS

    def render(self, request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Give the page of a template. It may use t, lang, person, places, path and is_htmx besides `values`."""
        language = self.language(request)
        person = person_of(request)
        common = {
            "t": words(language),
            "lang": language,
            "person": person,
            "Role": Role,
            "path": request.url.path,
            "places": [place for place in PLACES if person and (not place.roles or person.has(*place.roles))],
            "is_htmx": "hx-request" in request.headers,
            "community": self.desk.settings.read().community,
            "english_of": english_of,
            "alarms": self.desk.alarms.unseen() if person else (),
            "now_ms": self.desk.clock.now_ms(),
        }
        return HTMLResponse(self._templates.get_template(template).render(common | values), status)

    def on_sign_out(self, listener: Callable[[str], None]) -> None:
        """Have it called with the digest of every session that a person ends."""
        self._signed_out.append(listener)

    def tell_signed_out(self, session_sha256: str) -> None:
        for listener in self._signed_out:
            listener(session_sha256)

    def language(self, request: Request) -> str:
        """Give 'zh' or 'en': what this browser chose, else what the office has set."""
        chosen = request.cookies.get(LANGUAGE_COOKIE, "") or self.desk.settings.read().language
        return "en" if chosen == "en" else "zh"

    def words(self, request: Request) -> Words:
        """Give what chooses between Chinese and English for this request."""
        return words(self.language(request))

    def in_page_words(self, request: Request, error: SignageError, path: Path | None = None) -> str:
        """Give what went wrong in the language of the page, without the paths of the office's files and of `path`."""
        said = self.words(request)(*said_of(error))
        # Where the office keeps its files is nobody's business.
        for place in (path, self.desk.folder, self.desk.store):
            said = said.replace(f"{place}: ", "").replace(f"{place}/", "") if place else said
        return said


def words(language: str) -> Words:
    """Give what chooses between Chinese and English: `t(zh, en)`."""
    return (lambda _zh, en: en) if language == "en" else (lambda zh, _en: zh)


def person_of(request: Request) -> Person | None:
    """Give who is signed in, or None."""
    person: Person | None = getattr(request.state, "person", None)
    return person


Handler = Callable[[Request, FormData], Response]
Endpoint = Callable[[Request], Any]


def page(handler: Callable[[Request], Response], *roles: Role) -> Endpoint:
    """Give an endpoint for a GET for people with one of these roles; for anybody signed in if none is named."""

    async def endpoint(request: Request) -> Response:
        refusal = _refusal(request, roles)
        return refusal if refusal else await run_in_threadpool(handler, request)

    return endpoint


def action(handler: Handler, *roles: Role) -> Endpoint:
    """Give an endpoint for a POST: the form is read within limits, then `handler` runs on a worker thread."""

    async def endpoint(request: Request) -> Response:
        refusal = _refusal(request, roles)
        if refusal:
            return refusal
        try:
            async with request.form(max_files=50, max_fields=_MOST_FIELDS, max_part_size=_MOST_PART_BYTES) as form:
                return await run_in_threadpool(handler, request, form)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it

    return endpoint


def open_page(handler: Callable[[Request], Response]) -> Endpoint:
    """Give an endpoint that needs nobody to be signed in."""

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(handler, request)

    return endpoint


def open_action(handler: Handler) -> Endpoint:
    """Give an endpoint for a POST of somebody who is not signed in."""

    async def endpoint(request: Request) -> Response:
        try:
            async with request.form(max_files=0, max_fields=100, max_part_size=100_000) as form:
                return await run_in_threadpool(handler, request, form)
        except ClientDisconnect:
            return Response(status_code=400)

    return endpoint


def text_of(form: FormData, name: str) -> str:
    """Give a field's text, trimmed; empty where it is not there."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def raw_of(form: FormData, name: str) -> str:
    """Give a field's text exactly as typed, for passwords; empty where it is not there."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def number_of(text: str, otherwise: int = 0) -> int:
    """Give the number that a person or an address says; `otherwise` where it says none, or one that is far too long."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else otherwise


def go_to(path: str, request: Request | None = None) -> Response:
    """Send the browser to another page, whether htmx or the browser itself asked."""
    if request is not None and "hx-request" in request.headers:
        return Response(status_code=204, headers={"hx-redirect": quote(path, safe=_IN_ADDRESS)})
    return RedirectResponse(path, 303)


def _refusal(request: Request, roles: Sequence[Role]) -> Response | None:
    person = person_of(request)
    if person is None:
        return go_to(f"/login?next={quote(request.url.path)}", request)
    if person.must_change and request.url.path != "/password":
        return go_to("/password", request)
    if roles and not person.has(*roles):
        raise HTTPException(403)
    return None


def moment_text(at_ms: int | None) -> str:
    """Give an instant as local wall time: `2026-11-26 18:03:20`; a dash for None."""
    return f"{to_datetime(at_ms, ZONE):%Y-%m-%d %H:%M:%S}" if at_ms is not None else "—"


def day_text(at_ms: int | None) -> str:
    """Give an instant as date and minute."""
    return f"{to_datetime(at_ms, ZONE):%m-%d %H:%M}" if at_ms is not None else "—"


def is_iso_date(text: str) -> bool:
    """Tell whether a browser's field for dates takes this; one that does not would stand empty, and be saved so."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def size_text(count: int | None) -> str:
    """Give bytes as people read them."""
    if count is None:
        return "—"
    size = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return ""


def length_words(length_ms: int, language: str) -> str:
    """Give a length as people say it: `1 分 30 秒`, `1 min 30 s`."""
    minutes, seconds = divmod(max(1, round(length_ms / 1000)), 60)
    hours, minutes = divmod(minutes, 60)
    units = ("h", "min", "s") if language == "en" else ("小时", "分", "秒")
    parts = zip((hours, minutes, seconds if not hours else 0), units, strict=True)
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def local_now(desk: Desk) -> datetime:
    """Give the time on the wall of the community now."""
    return to_datetime(desk.clock.now_ms(), ZONE)


def htmx_file() -> Path:
    """Give the htmx script that the package django-htmx carries; Django itself is not used, nor installed."""
    found = find_spec("django_htmx")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0], "static", "django_htmx", "htmx-2.min.js")


SORTABLE_FILE = Path("/usr/share/javascript/sortable/Sortable.min.js")
"""From Debian's libjs-sortable. Where it is not there, order is changed by the arrows beside each row."""

"""公开: the notices of the last months, for residents: no sign-in, no scripts, nothing of the office's own affairs."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from signage.base.errors import SignageError
from signage.content.values import Fit, Item, Kind, MediaFile
from signage.office.console.roles import Role
from signage.office.console.shell import Shell, action, go_to, open_page, page, person_of, text_of, words
from signage.office.console.throttle import Throttle
from signage.office.publicnotices import TOLD, PublicNotices
from signage.release.layout import blob_path, is_sha256

_MANAGERS = (Role.PUBLISHER, Role.ADMINISTRATOR)
_MOST_REQUESTS = 120
_WINDOW_S = 60.0
_MOST_PAGES = 200
_PHOTO_PX = 720
_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'"


def routes(shell: Shell) -> list[BaseRoute]:
    """Give the routes of this area."""
    public = PublicPages(shell)
    return [
        Route("/public", open_page(public.front), methods=["GET"]),
        Route("/public/manage", page(public.manage, *_MANAGERS), methods=["GET"]),
        Route("/public/hide", action(public.hide, Role.PUBLISHER), methods=["POST"]),
        Route("/public/photos/{digest}", open_page(public.photo), methods=["GET"]),
        Route("/public/{key}", open_page(public.notice), methods=["GET"]),
    ]


class PublicPages:
    """The pages' handlers; each runs on a worker thread."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._desk = shell.desk
        self._notices = PublicNotices(shell.desk)
        self._asked = Throttle(shell.desk.clock, most=_MOST_REQUESTS, window_s=_WINDOW_S)
        self._pages: OrderedDict[tuple[str, ...], bytes] = OrderedDict()

    def front(self, request: Request) -> Response:
        """Give the list, of one kind if `kind` says so."""
        kind = request.query_params.get("kind", "")
        if refusal := self._refusal(request):
            return refusal
        if kind and kind not in TOLD:
            raise HTTPException(404)
        notices = [one for one in self._notices.all() if kind in ("", one.template)]
        months = [(month, list(group)) for month, group in groupby(notices, key=lambda one: f"{one.day:%Y-%m}")]
        return self._page(request, "public/front.html", kind, months=months, kind=kind, kinds=TOLD)

    def notice(self, request: Request) -> Response:
        key = request.path_params["key"]
        if refusal := self._refusal(request):
            return refusal
        found = self._notices.find(key)
        if found is None:
            raise HTTPException(404)
        return self._page(request, "public/notice.html", key, one=found)

    def photo(self, request: Request) -> Response:
        """Give a picture of a notice that may be told now, at the size of a phone."""
        digest = request.path_params["digest"]
        if refusal := self._refusal(request):
            return refusal
        media = self._notices.photo(digest) if is_sha256(digest) else None
        if media is None:
            raise HTTPException(404)
        width, height = media.size_px
        zone = (_PHOTO_PX, max(1, round(_PHOTO_PX * height / max(1, width))))
        item = Item(media.path, Kind.PICTURE, digest, 10_000, Fit.COVER, media=media)
        try:
            drawn = self._desk.studio.draw_item(item, zone, self._locate, width_px=_PHOTO_PX)
        except SignageError as error:
            raise HTTPException(404) from error
        return Response(drawn.webp, media_type="image/webp", headers={"cache-control": "public, max-age=86400"})

    def manage(self, request: Request) -> Response:
        """Give the list for those who may withdraw a notice."""
        return self._shell.render(
            request,
            "public/manage.html",
            notices=self._notices.every(),
            is_open=self._desk.settings.read().public_page,
            address=f"{request.url.scheme}://{request.headers.get('host', '')}/public",
        )

    def hide(self, request: Request, form: FormData) -> Response:
        person = person_of(request)
        assert person is not None
        if not self._notices.hide(text_of(form, "key"), person.name, is_hidden=text_of(form, "is_hidden") == "1"):
            raise HTTPException(404)
        return go_to("/public/manage", request)

    def _locate(self, media: MediaFile) -> Path:
        return self._desk.published / blob_path(media.sha256)

    def _refusal(self, request: Request) -> Response | None:
        if not self._desk.settings.read().public_page:
            person = person_of(request)
            if person is not None and person.has(*_MANAGERS):
                return go_to("/public/manage", request)  # where it says that the page is off, and how to change that
            raise HTTPException(404)
        address = request.client.host if request.client else ""
        if not self._asked.may(address):
            return PlainTextResponse("请稍后再看\nplease try again in a minute\n", 429, {"retry-after": "60"})
        self._asked.note(address)
        return None

    def _page(self, request: Request, template: str, name: str, **values: Any) -> Response:
        """Give a page, made once for each state of what is told and each language."""
        settings = self._desk.settings.read()
        chosen = request.query_params.get("lang") or settings.language
        lang = "en" if chosen == "en" else "zh"
        key = (template, name, lang, settings.community, self._notices.mark)
        body = self._pages.get(key)
        if body is None:
            made = self._shell.render(request, template, t=words(lang), lang=lang, person=None, **values)
            body = bytes(made.body)
            self._pages[key] = body
            while len(self._pages) > _MOST_PAGES:
                self._pages.popitem(last=False)
        tag = f'"{sha256(body).hexdigest()[:32]}"'
        headers = {"cache-control": "public, max-age=60", "etag": tag, "content-security-policy": _POLICY}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return HTMLResponse(body, headers=headers)

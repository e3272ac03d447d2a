"""What a playlist's page asks for while somebody works on it: a card as typed, new entries, media to choose from."""

from __future__ import annotations

import base64
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from signage.content.templates import STAFF_TEMPLATES, TEMPLATES
from signage.content.values import Kind
from signage.office.console.pages.files import zone_px
from signage.office.console.playlistform import entry_of, entry_view
from signage.office.console.roles import Role
from signage.office.console.shell import Shell, action, number_of, page, text_of
from signage.office.edit.checking import Fault
from signage.office.edit.entryitems import item_of, length_of, read_entry
from signage.office.medialist import MediaList, MediaState
from signage.office.problemwords import problem_words
from signage.office.said import NOTHING, Said
from signage.office.studio import DrawingError, Urgency

_PREVIEW_PX = 640
_MOST_CHOICES = 60
_SAMPLES: dict[str, dict[str, Any]] = {
    "work-update": {"headline": "口袋公园建成开放", "date": "2026-11-08", "body": "凉亭、步道都好了，欢迎来坐坐。"},
    "civility": {"text": "您让一步，路宽一分", "by": "社区居委会"},
    "unity-poster": {"headline": "民族团结一家亲", "english": "One family", "pattern": "pomegranate"},
    "notice": {"title": "停水通知", "body": "明天 9:00 到 12:00 检修水管，请提前储水。\n", "office": "社区居委会"},
    "alert": {"title": "暴雨预警", "body": "今晚有大到暴雨，请不要外出。", "office": "社区居委会"},
    "event": {"title": "迎春联欢会", "when": "1 月 30 日 19:00", "where": "社区文化活动中心", "date": "2027-01-30"},
    "honours": {"title": "最美家庭", "people": [{"name": "张三家", "reason": "邻里互助"}, {"name": "李四家"}]},
    "table": {
        "title": "财务公开",
        "columns": ["项目", "金额"],
        "rows": [["结余", "38,462.50"], ["支出", "776.00"]],
    },
}


def routes(shell: Shell, listing: MediaList) -> list[BaseRoute]:
    """Give the routes of this area."""
    parts = _Parts(shell, listing)
    return [
        Route("/playlist-parts/preview", action(parts.preview), methods=["POST"]),
        Route("/playlist-parts/entry", page(parts.entry, Role.EDITOR), methods=["GET"]),
        Route("/playlist-parts/window", page(parts.window, Role.EDITOR), methods=["GET"]),
        Route("/playlist-parts/choose", page(parts.choose), methods=["GET"]),
        Route("/playlist-parts/sample/{template}", page(parts.sample), methods=["GET"]),
    ]


class _Parts:
    def __init__(self, shell: Shell, listing: MediaList) -> None:
        self._list = listing
        self._shell = shell
        self._desk = shell.desk

    def preview(self, request: Request, form: FormData) -> Response:
        """Draw one entry as its fields say now, at the shape of the chosen screen."""
        number, view = text_of(form, "number"), self._desk.keeper.view()
        try:
            value = entry_of(form, number, view.folders)
        except (ValueError, KeyError) as error:
            raise HTTPException(422) from error
        zone = text_of(form, "zone") or "main"
        draft, faults = read_entry(value, zone)
        t, language = self._shell.words(request), self._shell.language(request)
        said = [{"field": _field_of(one), "text": problem_words(one.problem).within(language)} for one in faults]
        item = item_of(self._desk.keeper, draft) if draft else None
        if item is None or item.kind is Kind.TICKER:
            return JSONResponse({"faults": said, "picture": "", "pages": 0})
        page_text = text_of(form, "page")
        try:
            picture = self._desk.studio.draw_item(
                item,
                zone_px(view.store.screens.get(text_of(form, "screen")), zone),
                self._desk.keeper.path_of,
                width_px=_PREVIEW_PX,
                page=number_of(page_text, 1),
                urgency=Urgency.LIVE,
            )
        except DrawingError as error:
            said.append({"field": "", "text": t(f"画不出来：{error}", f"cannot be drawn: {error}")})
            return JSONResponse({"faults": said, "picture": "", "pages": 0})
        source = "data:image/webp;base64," + base64.b64encode(picture.webp).decode()
        seconds = round(item.duration_ms / 1000, 1)
        return JSONResponse({"faults": said, "picture": source, "pages": picture.pages, "seconds": seconds})

    def entry(self, request: Request) -> Response:
        """Give the form of new entries: of files, a folder, or an empty card."""
        query = request.query_params
        made: list[Any] = [{"file": path} for path in query.getlist("file")]
        if "folder" in query:
            made.append({"folder": query["folder"]})
        if query.get("template") in STAFF_TEMPLATES:
            made.append({"template": query["template"]})
        if "text" in query:
            made.append({"text": ""})
        first = query.get("first", "0")
        start = number_of(first)
        folders = self._desk.keeper.view().folders
        entries = [
            entry_view(one, f"n{start + at}", folders, length=self._length_of(one)) for at, one in enumerate(made)
        ]
        return self._shell.render(request, "playlists/new-entries.html", entries=entries)

    def _length_of(self, entry: Any) -> Said:
        draft, _ = read_entry(entry)
        return length_of(self._desk.keeper, draft) if draft else NOTHING

    def window(self, request: Request) -> Response:
        first = request.query_params.get("first", "0")
        number = f"n{number_of(first)}"
        return self._shell.render(request, "playlists/new-window.html", number=number)

    def choose(self, request: Request) -> Response:
        query = request.query_params
        words, only = query.get("q", "").casefold().split(), query.get("only", "")
        found = [
            one
            for one in self._list.entries()
            if one.state is not MediaState.REFUSED
            and all(word in one.path.casefold() for word in words)
            and (only != "picture" or one.kind in (None, Kind.PICTURE, Kind.ANIMATION))
        ]
        found.sort(key=lambda one: -one.key[2])
        return self._shell.render(
            request, "playlists/choices.html", entries=found[:_MOST_CHOICES], total=len(found), only=only
        )

    def sample(self, request: Request) -> Response:
        template = request.path_params["template"]
        if template not in _SAMPLES:
            raise HTTPException(404)
        try:
            picture = self._desk.studio.draw_card(
                template, _SAMPLES[template], (1280, 720), width_px=320, urgency=Urgency.PAGE
            )
        except DrawingError as error:
            raise HTTPException(404) from error
        return Response(picture.webp, media_type="image/webp", headers={"cache-control": "private, max-age=3600"})


def _field_of(fault: Fault) -> str:
    """Give the name of the form's field that a fault of an entry is about."""
    name = str(fault.place[0]) if fault.place else ""
    is_card_field = any(
        field.name == name or name in field.other_names for template in TEMPLATES.values() for field in template.fields
    )
    return f"f.{name}" if is_card_field and name not in ("file", "folder") else name

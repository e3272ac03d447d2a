"""Addresses of pictures in, the pictures out: what a file, an entry of a playlist or a moment of a screen looks like.

They wait for the studio on a few threads of their own, so that a page full of new pictures never holds up a person.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from signage.base.errors import SignageError
from signage.content.layouts import zone_rects
from signage.content.notices import NoticeText
from signage.content.values import Fit, Item, Kind, MediaFile, Screen
from signage.office.console.shell import Shell, person_of
from signage.office.desk import Desk
from signage.office.edit.book import PlaylistBook
from signage.office.edit.entryitems import item_of, notice_of, read_entry
from signage.office.studio import FULL_HD, DrawingError, Picture, Size

WIDTHS = (160, 320, 480, 640, 960, 1280)
_AT_ONCE = 6
_DAY_S = 86_400
_LAST_MS = 7_000_000_000_000  # in the year 2191


def routes(shell: Shell, book: PlaylistBook) -> list[BaseRoute]:
    """Give the routes of this area."""
    pictures = _Pictures(shell.desk, book)
    return [
        Route("/files/media/{path:path}", pictures.endpoint(pictures.media), methods=["GET"]),
        Route("/files/entry/{number:int}/{name:path}", pictures.endpoint(pictures.entry), methods=["GET"]),
        Route("/files/moment/{screen}/{at_ms:int}", pictures.endpoint(pictures.moment), methods=["GET"]),
    ]


def zone_px(screen: Screen | None, zone: str) -> Size:
    """Give the size of a screen's zone; full HD where no screen is given."""
    if screen is None:
        return FULL_HD
    rects = zone_rects(screen.layout, screen.size_px or FULL_HD)
    return rects.get(zone, rects["main"]).size


def plain_item(media: MediaFile) -> Item:
    """Give the item that shows a file by itself, whole."""
    return Item(media.path, media.kind, media.sha256, media.duration_ms or 10_000, Fit.CONTAIN, media=media)


class _Pictures:
    def __init__(self, desk: Desk, book: PlaylistBook) -> None:
        self._desk = desk
        self._book = book
        self._limiter: CapacityLimiter | None = None

    def endpoint(self, draw: Callable[[Request], Picture | Response]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            person = person_of(request)
            if person is None or person.must_change:
                raise HTTPException(403)
            if self._limiter is None:
                self._limiter = CapacityLimiter(_AT_ONCE)
            return await to_thread.run_sync(self._answer, draw, request, limiter=self._limiter)

        return answer

    def _answer(self, draw: Callable[[Request], Picture | Response], request: Request) -> Response:
        try:
            picture = draw(request)
        except DrawingError as error:
            return Response(str(error), 404, media_type="text/plain")
        except SignageError as error:
            raise HTTPException(503, str(error)) from error
        if isinstance(picture, Response):
            return picture
        tag = f'"{picture.digest[:32]}"'
        is_fixed = bool(request.query_params.get("v"))
        headers = {"etag": tag, "cache-control": f"private, max-age={_DAY_S if is_fixed else 0}"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(picture.webp, media_type="image/webp", headers=headers)

    def media(self, request: Request) -> Picture | Response:
        media = self._desk.keeper.finding(request.path_params["path"])
        if isinstance(media, NoticeText):
            notice = notice_of(self._desk.keeper, media)
            return self._desk.studio.draw_item(notice, FULL_HD, self._desk.keeper.path_of, width_px=_width_of(request))
        if not isinstance(media, MediaFile) or media.kind not in _SEEN:
            return Response(status_code=404)
        width, height = media.size_px
        shape = (1280, 720) if width * 9 >= height * 12 else (720, 960)
        return self._desk.studio.draw_item(
            plain_item(media), shape, self._desk.keeper.path_of, width_px=_width_of(request)
        )

    def entry(self, request: Request) -> Picture | Response:
        store = self._desk.keeper.store
        page = self._book.page(request.path_params["name"])
        said = page.value if page and isinstance(page.value, dict) else {}
        entries, number = said.get("play"), request.path_params["number"]
        entries = entries if isinstance(entries, list) else [entries]
        zone = str(said.get("zone") or "main")
        draft = read_entry(entries[number], zone)[0] if number < len(entries) else None
        item = item_of(self._desk.keeper, draft) if draft else None
        if item is None or item.kind not in _SEEN:
            return Response(status_code=404)
        screen = store.screens.get(request.query_params.get("screen", ""))
        return self._desk.studio.draw_item(
            item, zone_px(screen, zone), self._desk.keeper.path_of, width_px=_width_of(request)
        )

    def moment(self, request: Request) -> Picture | Response:
        store = self._desk.keeper.store
        screen = store.screens.get(request.path_params["screen"])
        at_ms = request.path_params["at_ms"]
        if screen is None or at_ms > _LAST_MS:
            return Response(status_code=404)
        return self._desk.studio.draw_moment(store, screen, at_ms, width_px=_width_of(request, 960))


_SEEN = (Kind.PICTURE, Kind.ANIMATION, Kind.VIDEO, Kind.PAGE, Kind.CARD)


def _width_of(request: Request, usual: int = 320) -> int:
    wanted = request.query_params.get("w", "")
    return int(wanted) if wanted.isdigit() and int(wanted) in WIDTHS else usual

"""审核发布: the pictures of what would change, small and large, and its films; each by the key that a page named."""

from __future__ import annotations

from html import escape

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from signage.base.errors import SignageError
from signage.office.console.changes import LARGE_PX, SMALL_PX, Gallery, is_film
from signage.office.console.shell import Shell, page
from signage.office.itemwords import card_text

PLAYED = frozenset({"video/mp4", "video/webm"})


def routes(shell: Shell, gallery: Gallery) -> list[BaseRoute]:
    """Give the routes of this area."""
    pictures = ReviewPictures(shell, gallery)
    return [
        Route("/review/pictures/{key}", page(pictures.picture), methods=["GET"]),
        Route("/review/items/{key}", page(pictures.item), methods=["GET"]),
        Route("/review/films/{key}", page(pictures.film), methods=["GET"]),
    ]


class ReviewPictures:
    """The handlers; each runs on a worker thread."""

    def __init__(self, shell: Shell, gallery: Gallery) -> None:
        self._shell = shell
        self._gallery = gallery

    def picture(self, request: Request) -> Response:
        """Give a picture of an item by the key that a page named; of a card with several pages, any of them."""
        pictured = self._gallery.find(request.path_params["key"])
        page_number = request.query_params.get("page", "1")
        if pictured is None or not page_number.isdecimal() or len(page_number) > 3:
            raise HTTPException(404)
        width_px = LARGE_PX if "large" in request.query_params else SMALL_PX
        try:
            drawn = self._gallery.draw(pictured, max(1, int(page_number)), width_px)
        except SignageError as error:
            return Response(_in_words(self._shell.in_page_words(request, error)), media_type="image/svg+xml")
        return Response(drawn.webp, media_type="image/webp", headers={"cache-control": "private, max-age=86400"})

    def item(self, request: Request) -> Response:
        """Give an item large: every page of a card, and a film to be watched."""
        pictured = self._gallery.find(request.path_params["key"])
        if pictured is None:
            raise HTTPException(404)
        fault, pages = "", 1
        try:
            pages = self._gallery.draw(pictured, 1, LARGE_PX).pages
        except SignageError as error:
            fault = self._shell.in_page_words(request, error)
        is_played = is_film(pictured) and pictured.item.media is not None and pictured.item.media.mime in PLAYED
        return self._shell.render(
            request,
            "review/item.html",
            pictured=pictured,
            key=request.path_params["key"],
            pages=pages,
            fault=fault,
            is_played=is_played,
            words=card_text(pictured.item).within(self._shell.language(request)),
        )

    def film(self, request: Request) -> Response:
        """Give a film's own bytes, as nothing but a film."""
        pictured = self._gallery.find(request.path_params["key"])
        media = pictured.item.media if pictured else None
        if pictured is None or media is None or media.mime not in PLAYED:
            raise HTTPException(404)
        try:
            path = pictured.locate(media)
        except SignageError as error:
            raise HTTPException(404) from error
        return FileResponse(path, media_type=media.mime, headers={"content-security-policy": "sandbox"})


def _in_words(said: str) -> str:
    """Give a picture that says why there is none."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 270"><rect width="480" height="270" fill="#efebe3"/>'
        f'<text x="240" y="140" font-size="18" text-anchor="middle" fill="#6b665f">{escape(said[:60])}</text></svg>'
    )

"""紧急: taking screens over, blacking them out and letting them go on; and who has confirmed it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from signage.base.errors import SignageError
from signage.content.drafts import Show
from signage.content.items import shared_item
from signage.content.values import Item
from signage.office.console.changes import LARGE_PX, Gallery, canvas_of
from signage.office.console.pages.urgentsent import SentFiles, has_file, said_to
from signage.office.console.roles import Role
from signage.office.console.sessions import Person
from signage.office.console.shell import Shell, action, go_to, page, person_of, text_of
from signage.office.dutykeys import DutyKeys
from signage.office.emergency import situation
from signage.office.services import Services
from signage.office.studio import FULL_HD
from signage.office.urgent import Given, envelope_of, file_item, give_order, text_item
from signage.office.urgentfiles import UrgentFile
from signage.office.urgenttexts import read_texts, texts_of, title_of
from signage.release.errors import ReleaseError
from signage.release.orders import FILE_ENDING, OrderKind

LENGTHS_S = (0, 600, 1800, 3600, 7200, 14400, 43200)
"""How long a takeover may last; 0: until somebody ends it."""
_MOST_PREVIEWS = 3
_LEAST_FREE_BYTES = 20_000_000
_WHAT = ("takeover", "file", "blackout", "resume")


def routes(shell: Shell, gallery: Gallery, services: Services) -> list[BaseRoute]:
    """Give the routes of this area; files that are sent along are converted until the server ends."""
    sent = SentFiles(shell, services)
    urgent = UrgentPages(shell, gallery, sent)
    duty, both = (Role.DUTY,), (Role.DUTY, Role.ADMINISTRATOR)
    return [
        Route("/urgent", page(urgent.front, *both), methods=["GET"]),
        Route("/urgent/situation", page(urgent.situation, *both), methods=["GET"]),
        Route("/urgent/texts", page(urgent.texts, *both), methods=["GET"]),
        Route("/urgent/texts", action(urgent.keep_texts, *both), methods=["POST"]),
        Route("/urgent/card", page(urgent.card, *both), methods=["GET"]),
        Route("/urgent/unlock", action(urgent.unlock, *duty), methods=["POST"]),
        Route("/urgent/lock", action(urgent.lock, *duty), methods=["POST"]),
        Route("/urgent/order", action(urgent.order, *duty), methods=["POST"]),
        *sent.routes(),
        Route("/urgent/orders/{id}" + FILE_ENDING, page(urgent.download, *duty), methods=["GET"]),
        Route("/urgent/{what:str}", page(urgent.ask, *duty), methods=["GET"]),
    ]


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a takeover shows: its item, the file that it is of, and that as it was sent along."""

    item: Item | None = None
    source: Path | None = None
    sent: UrgentFile | None = None


class UrgentPages:
    """The pages' handlers; each runs on a worker thread."""

    def __init__(self, shell: Shell, gallery: Gallery, sent: SentFiles) -> None:
        self._shell = shell
        self._desk = shell.desk
        self._gallery = gallery
        self._duty = DutyKeys(shell.desk)
        self._sent = sent
        shell.on_sign_out(self._duty.lock)

    def front(self, request: Request) -> Response:
        return self._front(request)

    def _front(self, request: Request, fault: str = "", status: int = 200) -> Response:
        texts = texts_of(self._desk.settings.read().urgent_texts)
        return self._shell.render(
            request,
            "urgent/front.html",
            status,
            fault=fault,
            now=situation(self._desk),
            texts=[title_of(text) for text in texts],
            **self._keys(request),
        )

    def situation(self, request: Request) -> Response:
        """Give the part of the page that is asked for again and again."""
        return self._shell.render(request, "urgent/situation.html", now=situation(self._desk))

    def _keys(self, request: Request) -> dict[str, object]:
        unlocked = self._duty.unlocked(_person(request).session_sha256)
        names = self._duty.names()
        return {
            "locked": [name for name in names if name not in unlocked],
            "unlocked_until_ms": min(unlocked.values()) if unlocked else None,
            "lacking": max(0, self._duty.needed() - len(unlocked)),
            "has_keys": len(names) >= self._duty.needed(),
        }

    def ask(self, request: Request) -> Response:
        """Give the second page: what will be sent, to which screens, to be confirmed with one click."""
        what = request.path_params["what"]
        if what not in _WHAT:
            raise HTTPException(404)
        texts = texts_of(self._desk.settings.read().urgent_texts)
        chosen = request.query_params.get("use", "")
        text = texts[int(chosen)] if chosen.isdecimal() and len(chosen) < 4 and int(chosen) < len(texts) else ""
        return self._ask(request, what, text)

    def _ask(
        self,
        request: Request,
        what: str,
        text: str = "",
        fault: str = "",
        status: int = 200,
        sent: UrgentFile | None = None,
    ) -> Response:
        now = situation(self._desk)
        canvases: dict[tuple[int, int], str] = {}
        for screen in now.places.values():
            canvases.setdefault(canvas_of(screen), screen.title or screen.name)
        library = self._desk.keeper.view().store.media if what == "file" else {}
        return self._shell.render(
            request,
            "urgent/ask.html",
            status,
            what=what,
            fault=fault,
            text=text,
            now=now,
            tags=sorted({tag for screen in now.places.values() for tag in screen.tags}),
            canvases=list(canvases.items())[:_MOST_PREVIEWS] or [(FULL_HD, "")],
            lengths=LENGTHS_S,
            library=sorted(library),
            sent=sent,
            **self._keys(request),
        )

    def card(self, request: Request) -> Response:
        """Give the card of a text as screens of that size will show it."""
        sizes = request.query_params.get("size", "").split("x")
        if len(sizes) != 2 or not all(one.isdecimal() and len(one) < 6 and int(one) for one in sizes):
            raise HTTPException(404)
        try:
            item = text_item(request.query_params.get("text", "") or "……")
            picture = self._desk.studio.draw_item(
                item, (int(sizes[0]), int(sizes[1])), lambda media: Path(media.path), width_px=LARGE_PX
            )
        except SignageError as error:
            raise HTTPException(404) from error
        return Response(picture.webp, media_type="image/webp", headers={"cache-control": "no-store"})

    def unlock(self, request: Request, form: FormData) -> Response:
        person = _person(request)
        try:
            self._duty.unlock(person.session_sha256, person.name, text_of(form, "key"), _secret(form, "passphrase"))
        except SignageError as error:
            return self._front(request, self._say(request, error), 409)
        return go_to("/urgent", request)

    def lock(self, request: Request, _form: FormData) -> Response:
        person = _person(request)
        self._duty.lock(person.session_sha256)
        self._desk.audit.note(person.name, "urgent.locked")
        return go_to("/urgent", request)

    def order(self, request: Request, form: FormData) -> Response:
        """Sign the order and send it; the page that follows counts who has confirmed."""
        person, what = _person(request), text_of(form, "what")
        if what not in _WHAT:
            raise HTTPException(404)
        kind = OrderKind.TAKEOVER if what == "file" else OrderKind(what)
        sent = self._sent.of(request, form)
        try:
            given, names = self._give(request, kind, what, form)
        except SignageError as error:
            if sent is not None and sent.error is not None:
                sent = None
            return self._ask(request, what, text_of(form, "text"), self._say(request, error), 409, sent)
        order = given.order
        detail = {
            "screens": sorted(order.screens) or "all",
            "keys": names,
            "says": order.item.name if order.item else "",
            "until_ms": order.until_ms,
        }
        self._desk.audit.note(person.name, f"urgent.{kind}", order.id, detail)
        return go_to("/urgent", request)

    def _give(self, request: Request, kind: OrderKind, what: str, form: FormData) -> tuple[Given, list[str]]:
        person, screens, lasts_s = _person(request), self._screens(form), text_of(form, "lasts")
        office, names = self._duty.office_with(person.session_sha256, person.name, self._passphrases(form))
        needed = self._duty.needed()
        if len(names) < needed:
            raise ReleaseError(f"{needed} keys must sign (还需要 {needed - len(names)} 人的值班口令)")
        shown = self._shown(request, what, form)

        def send() -> Given:
            return give_order(
                office,
                kind,
                screens=screens,
                lasts_ms=(int(lasts_s) * 1000 or None) if lasts_s.isdecimal() and len(lasts_s) < 8 else None,
                item=shown.item,
                source=shown.source,
                people=names[:needed],
            )

        try:
            given = send()
        except SignageError:
            if not (_is_full(self._desk.folder) and self._desk.studio.kept.make_room()):
                raise
            given = send()  # in the room of pictures that can be drawn again
        if shown.sent is not None:
            self._sent.drop(shown.sent)
        return given, names[:needed]

    def _screens(self, form: FormData) -> list[str]:
        if text_of(form, "scope") != "some":
            return []
        chosen = [name for name in form.getlist("screen") if isinstance(name, str) and name]
        if not chosen:
            raise ReleaseError("no screen is chosen (请选择屏幕)")
        return chosen

    def _shown(self, request: Request, what: str, form: FormData) -> _Shown:
        """Give what is to be shown. A file that is being converted is waited for, also one that only comes now."""
        if what == "takeover":
            return _Shown(text_item(text_of(form, "text").replace("\r", "")))
        if what != "file":
            return _Shown()
        sent, library = self._sent.of(request, form), text_of(form, "library")
        if sent is None and library and not has_file(form):
            store = self._desk.keeper.view().store
            media = store.media.get(library)
            if media is None:
                raise ReleaseError("choose a file (请选择文件)")
            return _Shown(shared_item(library, media, 1, Show(), {}), store.path_of(media))
        sent = sent or self._sent.taken(request, form)
        ready = sent.wait()
        return _Shown(file_item(ready, sent.name), ready.file, sent)

    def _passphrases(self, form: FormData) -> dict[str, str]:
        """Give the passphrases that were typed, by key: of several keys each has its own field."""
        names = [name for name in form.getlist("key") if isinstance(name, str)]
        said = [value for value in form.getlist("passphrase") if isinstance(value, str)]
        return {name: secret for name, secret in zip(names, said, strict=False) if name and secret}

    def download(self, request: Request) -> Response:
        """Give a signed order as the file that a USB stick carries to a screen without a network."""
        envelope = envelope_of(self._desk.office(), request.path_params["id"])
        if envelope is None:
            raise HTTPException(404)
        name = f"{request.path_params['id']}{FILE_ENDING}"
        self._desk.audit.note(_person(request).name, "urgent.copied", request.path_params["id"])
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(envelope, media_type="application/json", headers=headers)

    def texts(self, request: Request) -> Response:
        texts = texts_of(self._desk.settings.read().urgent_texts)
        return self._shell.render(request, "urgent/texts.html", written="\n\n".join(texts))

    def keep_texts(self, request: Request, form: FormData) -> Response:
        texts = read_texts(text_of(form, "texts"))
        self._desk.settings.change(urgent_texts=texts)
        detail = {"titles": [title_of(text) for text in texts]}
        self._desk.audit.note(_person(request).name, "urgent.texts-changed", "", detail)
        return go_to("/urgent", request)

    def _say(self, request: Request, error: SignageError) -> str:
        return said_to(self._shell, request, error)


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _LEAST_FREE_BYTES
    except OSError:
        return False


def _secret(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _person(request: Request) -> Person:
    person = person_of(request)
    assert person is not None
    return person

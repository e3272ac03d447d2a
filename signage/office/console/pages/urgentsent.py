"""Files that people on duty choose for a takeover: sent at once, converted while they go on, seen before they show."""

from __future__ import annotations

import unicodedata

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from signage.base.errors import SignageError
from signage.content.values import MediaFile
from signage.office.console.roles import Role
from signage.office.console.shell import Shell, action, page, person_of, text_of
from signage.office.releasing import said_of
from signage.office.services import Services
from signage.office.urgent import recipe_of
from signage.office.urgentfiles import UrgentFile, UrgentFiles
from signage.release.errors import ReleaseError

_MOST_FILE_BYTES = 1_000_000_000


class SentFiles:
    """What of such files pages ask for; each handler runs on a worker thread. A file is of one session alone."""

    def __init__(self, shell: Shell, services: Services) -> None:
        self._shell = shell
        desk = shell.desk
        self._files = UrgentFiles(desk.folder / "uploads", desk.clock, lambda: recipe_of(desk.office()))
        shell.on_sign_out(self._files.drop_those_of)
        services.add(self._files.close)

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/urgent/files", action(self.send, Role.DUTY), methods=["POST"]),
            Route("/urgent/files/{id}", page(self.state, Role.DUTY), methods=["GET"]),
            Route("/urgent/files/{id}/picture", page(self.picture, Role.DUTY), methods=["GET"]),
        ]

    def send(self, request: Request, form: FormData) -> Response:
        """Take a file and begin to convert it; the page asks `state` how far it is."""
        try:
            return JSONResponse(self._said(request, self.taken(request, form)))
        except SignageError as error:
            return JSONResponse({"fault": said_to(self._shell, request, error)}, 422)

    def state(self, request: Request) -> Response:
        return JSONResponse(self._said(request, self._found(request)))

    def picture(self, request: Request) -> Response:
        """Give a small picture of a file that is ready."""
        ready = self._found(request).ready
        if ready is None or ready.thumbnail is None:
            raise HTTPException(404)
        return FileResponse(ready.thumbnail, media_type="image/webp", headers={"cache-control": "no-store"})

    def of(self, request: Request, form: FormData) -> UrgentFile | None:
        """Give the file that was sent before the form; None where there is none, or none any more."""
        return self._files.find(_session(request), text_of(form, "sent"))

    def taken(self, request: Request, form: FormData) -> UrgentFile:
        """Take the file that comes with the form.

        Raises:
            SignageError: there is none, it is too long, or the disk does not take it.
        """
        upload = form.get("upload")
        if not has_file(form) or not isinstance(upload, UploadFile):
            raise ReleaseError("choose a file (请选择文件)")
        if upload.size is None or upload.size > _MOST_FILE_BYTES:
            raise ReleaseError("the file is too long (文件太大，最大 1 GB)")
        return self._files.take(_session(request), _plain_name(upload.filename or ""), upload.file)

    def drop(self, file: UrgentFile) -> None:
        self._files.drop(file)

    def _found(self, request: Request) -> UrgentFile:
        file = self._files.find(_session(request), request.path_params["id"])
        if file is None:
            raise HTTPException(404)
        return file

    def _said(self, request: Request, file: UrgentFile) -> dict[str, object]:
        said: dict[str, object] = {"id": file.id, "name": file.name, "percent": round(file.percent)}
        if not file.is_over:
            return said
        if file.ready is None:
            assert file.error is not None
            return said | {"fault": said_to(self._shell, request, file.error)}
        finding = file.ready.finding
        pages = finding.pages if isinstance(finding, MediaFile) else 1
        return said | {"is_ready": True, "pages": pages, "has_picture": file.ready.thumbnail is not None}


def has_file(form: FormData) -> bool:
    """Tell whether a file came with the form."""
    upload = form.get("upload")
    return isinstance(upload, UploadFile) and bool(upload.filename)


def said_to(shell: Shell, request: Request, error: SignageError) -> str:
    """Give an error in the person's language, without the office's folders."""
    said = shell.words(request)(*said_of(error))
    for folder in (shell.desk.folder, shell.desk.store):
        said = said.replace(f"{folder}/", "")
    return said


def _plain_name(said: str) -> str:
    """Give a file's name as every system can have it."""
    name = unicodedata.normalize("NFC", said.replace("\\", "/").rpartition("/")[2])[-80:]
    return "".join("_" if sign in ':*?"<>|' or not sign.isprintable() else sign for sign in name).strip(". ") or "file"


def _session(request: Request) -> str:
    person = person_of(request)
    assert person is not None
    return person.session_sha256

"""素材库: everything in the shared folder with state, use and dates; uploads, new names, the trash."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from signage.base.errors import SignageError
from signage.content.mediapath import natural_key
from signage.office.console.roles import Role
from signage.office.console.shell import Shell, action, go_to, local_now, number_of, page, person_of, text_of
from signage.office.edit.book import NotSaved, PlaylistBook, Saved
from signage.office.mediafolder import MediaFolder, MediaFolderError, NameTakenError
from signage.office.medialist import MediaEntry, MediaList, MediaState
from signage.office.problemwords import file_of

PAGE_SIZE = 60
_FILTERS = (
    ("", "全部", "All"),
    ("ready", "可以播放", "Ready"),
    ("busy", "处理中", "In progress"),
    ("refused", "未采用", "Refused"),
    ("unused", "没有用到", "Not in use"),
    ("over", "已过期", "Expired"),
)


def routes(shell: Shell, book: PlaylistBook, listing: MediaList) -> list[BaseRoute]:
    """Give the routes of this area."""
    media = _Media(shell, book, listing)
    return [
        Route("/media", page(media.library), methods=["GET"]),
        Route("/media/trash", page(media.trash), methods=["GET"]),
        Route("/media/restore", action(media.restore, Role.EDITOR), methods=["POST"]),
        Route("/media/taken", page(media.taken, Role.EDITOR), methods=["GET"]),
        Route("/media/upload", media.upload, methods=["POST"]),
        Route("/media/file/{path:path}", page(media.file), methods=["GET"]),
        Route("/media/card/{path:path}", page(media.card), methods=["GET"]),
        Route("/media/move", action(media.move, Role.EDITOR), methods=["POST"]),
        Route("/media/delete", action(media.delete, Role.EDITOR), methods=["POST"]),
    ]


@dataclass(frozen=True, slots=True)
class _Wanted:
    topic: str
    words: str
    only: str
    at: int


class _Media:
    def __init__(self, shell: Shell, book: PlaylistBook, listing: MediaList) -> None:
        self._list = listing
        self._shell = shell
        self._desk = shell.desk
        self._book = book
        self._folder = MediaFolder(shell.desk.store / "media", shell.desk.folder, shell.desk.clock)

    def library(self, request: Request) -> Response:
        view = self._desk.keeper.view()
        entries = self._list.entries()
        query = request.query_params
        at = query.get("at", "")
        wanted = _Wanted(query.get("topic", "*"), query.get("q", "").strip(), query.get("only", ""), number_of(at))
        today = local_now(self._desk).date()
        inside = [one for one in entries if wanted.topic == "*" or _is_below(one.topic, wanted.topic)]
        counts = Counter(kind for one in inside for kind, _, _ in _FILTERS if _fits(one, kind, today))
        found = [one for one in inside if _fits(one, wanted.only, today) and _has(one, wanted.words)]
        if query.get("order") == "new":
            found.sort(key=lambda one: -one.key[2])
        template = "media/more.html" if wanted.at and "hx-request" in request.headers else "media/library.html"
        return self._shell.render(
            request,
            template,
            entries=found[wanted.at : wanted.at + PAGE_SIZE],
            total=len(found),
            next_at=wanted.at + PAGE_SIZE if wanted.at + PAGE_SIZE < len(found) else 0,
            wanted=wanted,
            order=query.get("order", ""),
            topics=_topics(view.folders, entries),
            filters=_FILTERS,
            counts=counts,
            today=today,
            fault=view.fault,
            done=query.get("done", ""),
            folder=str(self._desk.store / "media"),
        )

    def file(self, request: Request) -> Response:
        return self._file(request, request.path_params["path"])

    def card(self, request: Request) -> Response:
        """Give one file's card anew, for a page that waits for it to be taken in."""
        entry = self._list.entry(request.path_params["path"])
        if entry is None:
            return Response("")
        return self._shell.render(request, "media/card.html", entry=entry, today=local_now(self._desk).date())

    def _file(self, request: Request, path: str, fault: str = "", status: int = 200) -> Response:
        view = self._desk.keeper.view()
        entry = self._list.entry(path)
        if entry is None:
            raise HTTPException(404)
        return self._shell.render(
            request,
            "media/file.html",
            status,
            entry=entry,
            problems=[one for one in view.problems if file_of(one) == path and one.message != entry.reason],
            topics=view.folders,
            today=local_now(self._desk).date(),
            playlists=[one for one in view.store.playlists if one.zone == "main"],
            fault=fault,
            done=request.query_params.get("done", ""),
        )

    def taken(self, request: Request) -> Response:
        t = self._shell.words(request)
        try:
            path = self._folder.place(request.query_params.get("topic", ""), request.query_params.get("name", ""))
        except MediaFolderError as error:
            return JSONResponse({"fault": t(error.zh, str(error))}, 422)
        is_taken = self._folder.is_taken(path)
        free = self._folder.free_name(path) if is_taken else path
        uses = [use.title for use in self._uses(path)] if is_taken else []
        return JSONResponse({"path": path, "is_taken": is_taken, "free": free, "uses": uses})

    async def upload(self, request: Request) -> Response:
        """Take one file as the body of the request, in parts, so that gigabytes never lie in memory."""
        person = person_of(request)
        if person is None or person.must_change or not person.has(Role.EDITOR):
            raise HTTPException(403)
        t = self._shell.words(request)
        query, length = request.query_params, request.headers.get("content-length", "")
        if number_of(length, -1) < 0:
            raise HTTPException(411)
        mode = query.get("mode", "")
        try:
            path = await run_in_threadpool(self._folder.place, query.get("topic", ""), query.get("name", ""))
            if mode == "both":
                path = await run_in_threadpool(self._folder.free_name, path)
            elif mode != "replace" and self._folder.is_taken(path):
                raise NameTakenError(path, self._folder.free_name(path))
            path = await self._receive(request, path, int(length), is_replacing=mode == "replace")
        except NameTakenError as error:
            return JSONResponse({"fault": t(error.zh, str(error)), "free": error.free}, 409)
        except MediaFolderError as error:
            return JSONResponse({"fault": t(error.zh, str(error))}, 422)
        except SignageError as error:
            said = self._shell.in_page_words(request, error)
            return JSONResponse({"fault": t(f"没有存下来：{said}", said)}, 422)
        except ClientDisconnect:
            return Response(status_code=400)
        await run_in_threadpool(self._note, person.name, "media.uploaded", path, {"mode": mode, "bytes": int(length)})
        await run_in_threadpool(self._desk.keeper.refresh)
        return JSONResponse({"path": path})

    async def _receive(self, request: Request, path: str, length_bytes: int, *, is_replacing: bool) -> str:
        """Write the request's body into the folder; give the path that the file has then."""
        received = 0
        with await run_in_threadpool(self._folder.begin, path, length_bytes, is_replacing=is_replacing) as upload:
            async for part in request.stream():
                received += len(part)
                await run_in_threadpool(upload.write, part)
            if received != length_bytes:
                raise MediaFolderError("没有传完，请重新上传", "it did not arrive whole; send it again")
            if is_replacing:
                await run_in_threadpool(self._folder.keep_old, path)
            return await run_in_threadpool(upload.finish)

    def move(self, request: Request, form: FormData) -> Response:
        person, path = person_of(request), text_of(form, "path")
        assert person is not None
        t = self._shell.words(request)
        uses = self._uses(path)
        try:
            new = self._folder.move(path, text_of(form, "topic"), text_of(form, "name"))
        except MediaFolderError as error:
            return self._file(request, path, t(error.zh, str(error)), 422)
        self._note(person.name, "media.moved", path, {"to": new})
        self._desk.keeper.refresh()
        left = [] if new == path else self._follow(path, new, [use.name for use in uses], person.name)
        if left:
            names = "、".join(left)
            fault = f"文件已改名；这些播放列表里的旧名字请手工改：{names}"
            return self._file(request, new, t(fault, f"renamed; change the old name by hand in: {names}"))
        return go_to(f"/media/file/{new}?done=moved", request)

    def delete(self, request: Request, form: FormData) -> Response:
        person, path = person_of(request), text_of(form, "path")
        assert person is not None
        t = self._shell.words(request)
        uses = self._uses(path)
        if uses and text_of(form, "sure") != "yes":
            names = "、".join(use.title for use in uses)
            zh = f"这些播放列表正在用它：{names}。请先勾选“仍要删除”"
            fault = t(zh, f"in use by: {names}; tick the box to go on")
            return self._file(request, path, fault, 422)
        try:
            self._folder.throw_away(path)
        except MediaFolderError as error:
            return self._file(request, path, t(error.zh, str(error)), 422)
        self._note(person.name, "media.deleted", path, {"uses": [use.name for use in uses]})
        self._desk.keeper.refresh()
        return go_to("/media?done=deleted", request)

    def trash(self, request: Request) -> Response:
        return self._shell.render(
            request,
            "media/trash.html",
            files=self._folder.thrown_away(),
            playlists=self._book.thrown_away(),
            kept_days=self._desk.settings.read().kept_days,
        )

    def restore(self, request: Request, form: FormData) -> Response:
        person = person_of(request)
        assert person is not None
        try:
            if text_of(form, "what") == "playlist":
                name = self._book.restore(text_of(form, "mark"))
                onward = f"/playlists/{name}"
            else:
                name = self._folder.restore(text_of(form, "mark"))
                onward = f"/media/file/{name}"
        except SignageError as error:
            raise HTTPException(409, self._shell.in_page_words(request, error)) from error
        self._note(person.name, "trash.restored", name, {})
        self._desk.keeper.refresh()
        return go_to(onward, request)

    def _uses(self, path: str) -> Sequence[Any]:
        entry = self._list.entry(path)
        return entry.uses if entry else ()

    def _follow(self, old: str, new: str, names: Sequence[str], person: str) -> list[str]:
        """Write the new path where playlists name the old one; give those where it could not be done."""
        left = []
        for name in names:
            found = self._book.page(name)
            if found is None or not isinstance(found.value, dict):
                continue
            target = _renamed(copy.deepcopy(found.value), old, new)
            try:
                outcome = self._book.save(name, found.version, target, person)
            except SignageError:
                left.append(name)
                continue
            if isinstance(outcome, NotSaved) or not isinstance(outcome, Saved):
                left.append(name)
        return left

    def _note(self, person: str, word: str, subject: str, detail: dict[str, Any]) -> None:
        self._desk.audit.note(person, word, subject, detail)


def _renamed(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(part, old, new) for key, part in value.items()}
    if isinstance(value, list):
        return [_renamed(part, old, new) for part in value]
    if not isinstance(value, str):
        return value
    plain = value.strip().replace("\\", "/").removeprefix("./").removeprefix("media/")
    path, mark, page_text = plain.partition("#page=")
    return f"{new}{mark}{page_text}" if path == old else value


def _is_below(topic: str, wanted: str) -> bool:
    return topic == wanted or (wanted != "" and topic.startswith(wanted + "/"))


def _has(entry: MediaEntry, words: str) -> bool:
    return all(word.casefold() in entry.path.casefold() for word in words.split())


def _fits(entry: MediaEntry, only: str, today: Any) -> bool:
    match only:
        case "ready":
            return entry.state in (MediaState.ACCEPTED, MediaState.CONVERTED)
        case "busy":
            return entry.state in (MediaState.WAITING, MediaState.CONVERTING)
        case "refused":
            return entry.state is MediaState.REFUSED
        case "unused":
            return not entry.uses
        case "over":
            return entry.is_over(today)
    return True


def _topics(folders: Sequence[str], entries: Sequence[MediaEntry]) -> list[tuple[str, int]]:
    """Give the topics (folders right below `media/`) with how many files each holds."""
    counts = Counter(one.topic.partition("/")[0] for one in entries)
    names = sorted({folder.partition("/")[0] for folder in folders if folder}, key=natural_key)
    return [(name, counts[name]) for name in names] + ([("", counts[""])] if counts[""] else [])

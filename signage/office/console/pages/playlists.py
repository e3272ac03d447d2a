"""播放列表: the list of them, and each one's page, whose form is written back into its YAML file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from signage.base.errors import SignageError
from signage.content.drafts import EntryDraft, FolderDraft
from signage.content.templates import STAFF_TEMPLATES, TEMPLATES
from signage.content.values import Store
from signage.office.console.editwords import changes_of
from signage.office.console.playlistform import listed, place_words, plain_value, value_of, value_words, view_of
from signage.office.console.roles import Role
from signage.office.console.shell import Shell, action, go_to, page, person_of, text_of
from signage.office.edit.book import Clash, NotSaved, Outcome, Page, PlaylistBook, Saved
from signage.office.edit.checking import Fault
from signage.office.edit.entryitems import folder_length, length_of, read_entry
from signage.office.edit.errors import RewriteError
from signage.office.edit.forms import listed_words
from signage.office.onair import OnAir, Standing, standings
from signage.office.said import NOTHING, Said
from signage.office.whenwords import when_text

_MOST_PROBLEMS = 5
_EMPTY: Mapping[str, Any] = {"title": "", "play": []}
_ORDER = tuple(Standing)


def routes(shell: Shell, book: PlaylistBook) -> list[BaseRoute]:
    """Give the routes of this area."""
    playlists = _Playlists(shell, book)
    return [
        Route("/playlists", page(playlists.all), methods=["GET"]),
        Route("/playlists", action(playlists.act_on_all, Role.EDITOR), methods=["POST"]),
        Route("/playlists/{name:path}", page(playlists.one), methods=["GET"]),
        Route("/playlists/{name:path}", action(playlists.act, Role.EDITOR), methods=["POST"]),
    ]


class _Playlists:
    def __init__(self, shell: Shell, book: PlaylistBook) -> None:
        self._shell = shell
        self._desk = shell.desk
        self._book = book

    def all(self, request: Request) -> Response:
        view = self._desk.keeper.view()
        known = {playlist.name: playlist for playlist in view.store.playlists}
        where = standings(view.store, self._desk.clock.now_ms())
        language = self._shell.language(request)
        rows: list[dict[str, Any]] = []
        for name in self._book.names():
            playlist = known.get(name)
            problems = [one for one in view.problems if one.file.rpartition(".")[0] == f"playlists/{name}"]
            rows.append(
                {
                    "name": name,
                    "playlist": playlist,
                    "on_air": where.get(name),
                    "when": when_text(playlist, language) if playlist else "",
                    "count": sum(len(entry.items) for entry in playlist.entries) if playlist else 0,
                    "problems": problems,
                    "is_broken": any(one.severity == "error" for one in problems),
                }
            )
        words = request.query_params.get("q", "").casefold().split()
        rows = [row for row in rows if all(word in _searchable(row) for word in words)]
        rows.sort(key=lambda row: _rank(row["on_air"]))
        return self._shell.render(
            request,
            "playlists/all.html",
            rows=rows,
            most_problems=_MOST_PROBLEMS,
            words=request.query_params.get("q", ""),
            screens=view.store.screens,
            fault=view.fault,
            done=request.query_params.get("done", ""),
        )

    def act_on_all(self, request: Request, form: FormData) -> Response:
        if text_of(form, "do") != "add-file":
            raise HTTPException(422)
        try:
            return self._add_file(request, text_of(form, "playlist"), text_of(form, "file"))
        except SignageError as error:
            raise HTTPException(409, self._shell.in_page_words(request, error)) from error

    def one(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name == "new":
            file = request.query_params.get("file", "")
            return self._form(request, None, {**_EMPTY, "play": [{"file": file}]} if file else _EMPTY)
        found = self._book.page(name)
        if found is None:
            raise HTTPException(404)
        if request.query_params.get("as") == "text" or not isinstance(found.value, dict):
            return self._text(request, found, found.text, found.faults)
        return self._form(request, found, found.value, found.faults)

    def act(self, request: Request, form: FormData) -> Response:
        name = request.path_params["name"]
        t = self._shell.words(request)
        try:
            match text_of(form, "do"):
                case "save" if name == "new":
                    return self._create(request, form)
                case "save":
                    target = value_of(form, self._desk.keeper.view().folders)
                    return self._save(request, name, text_of(form, "version"), target)
                case "decided":
                    return self._save(request, name, text_of(form, "version"), _mapping(text_of(form, "target")))
                case "text":
                    return self._save_text(request, name, form)
                case "undo":
                    return self._undo(request, name)
                case "rename":
                    new = self._book.rename(name, text_of(form, "name"))
                    self._note(request, "playlist.renamed", name, {"to": new})
                    return go_to(f"/playlists/{new}", request)
                case "delete":
                    self._book.throw_away(name)
                    self._note(request, "playlist.deleted", name, {})
                    return go_to("/playlists?done=deleted", request)
        except RewriteError as error:
            found = self._book.page(name)
            assert found is not None
            return self._text(request, found, found.text, found.faults, t(error.zh, str(error)))
        except (ValueError, KeyError) as error:
            raise HTTPException(
                422, t("表单不完整，请刷新页面再试", "the form is incomplete; reload the page")
            ) from error
        except SignageError as error:
            raise HTTPException(409, self._shell.in_page_words(request, error)) from error
        raise HTTPException(422)

    def _create(self, request: Request, form: FormData) -> Response:
        person, t = person_of(request), self._shell.words(request)
        assert person is not None
        target = value_of(form, self._desk.keeper.view().folders)
        title = str(target.get("title") or "")
        if not title or not target.get("play"):
            said = t("请先写标题，并至少放一条内容", "give it a title, and at least one entry")
            return self._form(request, None, target, fault=said, status=422)
        name, outcome = self._book.add(title, target, person.name)
        if isinstance(outcome, NotSaved):
            return self._form(request, None, target, outcome.faults, status=422)
        self._note(request, "playlist.made", name, {"title": title})
        return go_to(f"/playlists/{name}?done=made", request)

    def _add_file(self, request: Request, name: str, file: str) -> Response:
        found = self._book.page(name)
        if found is None or not isinstance(found.value, dict):
            raise HTTPException(404)
        old = found.value.get("play")
        entries = old if isinstance(old, list) else [old] if old is not None else []
        return self._save(request, name, found.version, {**found.value, "play": [*entries, {"file": file}]})

    def _save(self, request: Request, name: str, version: str, target: dict[str, Any]) -> Response:
        person = person_of(request)
        assert person is not None
        outcome = self._book.save(name, version, target, person.name)
        if isinstance(outcome, NotSaved):
            found = self._existing(name)
            return self._form(request, found, target, outcome.faults, version=version, status=422)
        return self._answer(request, name, outcome, target)

    def _save_text(self, request: Request, name: str, form: FormData) -> Response:
        person = person_of(request)
        assert person is not None
        text = str(form.get("text", ""))
        outcome = self._book.save_text(name, text_of(form, "version"), text, person.name)
        if isinstance(outcome, NotSaved):
            return self._text(request, self._existing(name), text, outcome.faults, status=422)
        return self._answer(request, name, outcome, None)

    def _undo(self, request: Request, name: str) -> Response:
        person, t = person_of(request), self._shell.words(request)
        assert person is not None
        outcome = self._book.undo(name, person.name)
        if outcome is None:
            said = t("文件后来又改过，不能再撤销", "the file was changed since; it cannot be undone")
            raise HTTPException(409, said)
        return self._answer(request, name, outcome, None, "undone")

    def _answer(
        self, request: Request, name: str, outcome: Outcome, target: dict[str, Any] | None, done: str = "saved"
    ) -> Response:
        if isinstance(outcome, Clash):
            return self._clash(request, name, outcome, target)
        assert isinstance(outcome, Saved)
        if outcome.changed_lines:
            detail = {
                "changes": changes_of(outcome.before, outcome.after),
                "title": str(outcome.after.get("title") or "") if isinstance(outcome.after, dict) else "",
                "lines": list(outcome.changed_lines[:40]),
                "version": outcome.version,
            }
            self._note(request, "playlist.edited", name, detail)
        else:
            done = "same"
        counts = [sum(line.startswith(mark) for line in outcome.changed_lines) for mark in "+-"]
        return go_to(f"/playlists/{name}?done={done}&lines={max(counts)}", request)

    def _clash(self, request: Request, name: str, clash: Clash, target: dict[str, Any] | None) -> Response:
        t = self._shell.words(request)

        def said(found: Sequence[Any]) -> list[tuple[str, str, str]]:
            return [(place_words(one.place, t), value_words(one.old, t), value_words(one.new, t)) for one in found]

        return self._shell.render(
            request,
            "playlists/clash.html",
            409,
            name=name,
            clash=clash,
            theirs=said(clash.theirs),
            mine=said(clash.mine),
            target=json.dumps(target, ensure_ascii=False) if target else "",
            merged=json.dumps(clash.merged, ensure_ascii=False) if clash.is_known and not clash.places else "",
        )

    def _form(
        self,
        request: Request,
        found: Page | None,
        value: Mapping[str, Any],
        faults: Sequence[Fault] = (),
        *,
        fault: str = "",
        version: str = "",
        status: int = 200,
    ) -> Response:
        view, t = self._desk.keeper.view(), self._shell.words(request)
        is_as_saved = found is not None and value is found.value
        picture = f"/files/entry/{{}}/{found.name}?v={found.version[:16]}" if found and is_as_saved else ""
        lengths = self._lengths(found, value)
        shown = view_of(value, view.store.screens.values(), view.folders, faults, picture, lengths)
        others = [one for one in faults if not one.place or one.place[0] != "play"]
        where = standings(view.store, self._desk.clock.now_ms())
        return self._shell.render(
            request,
            "playlists/one.html",
            status,
            found=found,
            name=found.name if found else "new",
            version=version or (found.version if found else ""),
            shown=shown,
            play_raw=json.dumps(value.get("play"), ensure_ascii=False),
            when_raw=json.dumps(value.get("when"), ensure_ascii=False),
            faults=[(place_words(one.place, t), one.problem) for one in others],
            fault=fault,
            is_refused=status == 422,
            on_air=where.get(found.name) if found else None,
            undoable=self._book.undoable(found.name, found.version) if found else None,
            screens=view.store.screens,
            best_screen=_best_screen(value, view.store),
            templates=[TEMPLATES[one] for one in STAFF_TEMPLATES],
            folders=[one for one in view.folders if one],
            done=request.query_params.get("done", ""),
            lines=request.query_params.get("lines", ""),
        )

    def _lengths(self, found: Page | None, value: Mapping[str, Any]) -> list[Said]:
        """Give how long each entry plays."""
        play, keeper = listed(value.get("play")), self._desk.keeper
        drafts: Sequence[EntryDraft | None] = found.draft.entries if found and value is found.value else ()
        if len(drafts) != len(play):
            drafts = [read_entry(entry, str(value.get("zone") or "main"))[0] for entry in play]
        lengths = [length_of(keeper, draft) if draft else NOTHING for draft in drafts]
        kept = keeper.view().store.playlists if found and value is found.value else ()
        entries = next((one.entries for one in kept if found and one.name == found.name), ())
        if len(entries) != len(drafts):
            return lengths
        return [
            folder_length(entry) if isinstance(draft, FolderDraft) else length
            for draft, length, entry in zip(drafts, lengths, entries, strict=True)
        ]

    def _text(
        self,
        request: Request,
        found: Page,
        text: str,
        faults: Sequence[Fault],
        fault: str = "",
        status: int = 200,
    ) -> Response:
        return self._shell.render(
            request,
            "playlists/text.html",
            status,
            found=found,
            name=found.name,
            text=text,
            fault=fault,
            problems=[one.problem for one in faults],
            is_refused=status == 422,
            is_form_possible=isinstance(found.value, dict),
        )

    def _existing(self, name: str) -> Page:
        found = self._book.page(name)
        if found is None:
            raise HTTPException(404)
        return found

    def _note(self, request: Request, word: str, subject: str, detail: dict[str, Any]) -> None:
        person = person_of(request)
        assert person is not None
        self._desk.audit.note(person.name, word, subject, detail)
        self._desk.keeper.refresh()


def _best_screen(value: Mapping[str, Any], store: Store) -> str:
    """Give the first screen that the playlist is for."""
    words = set(listed_words(value.get("where")))
    meant = (one.name for one in store.screens.values() if not words or words & {one.name, *one.tags})
    return next(meant, "")


def _mapping(text: str) -> dict[str, Any]:
    value = plain_value(text)
    if not isinstance(value, dict):
        raise ValueError("must be a mapping")
    return value


def _rank(on_air: OnAir | None) -> int:
    return -1 if on_air is None else _ORDER.index(on_air.standing)


def _searchable(row: Mapping[str, Any]) -> str:
    playlist = row["playlist"]
    return f"{row['name']} {playlist.title if playlist else ''}".casefold()

"""审核发布: what would change, submitting it, approving and returning drafts, what was released, going back."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from signage.base.errors import SignageError
from signage.office.console.changes import ChangesView, Gallery
from signage.office.console.pages import reviewpictures
from signage.office.console.roles import Role
from signage.office.console.sessions import Person
from signage.office.console.shell import Shell, action, go_to, page, person_of, text_of
from signage.office.drafts import Draft, DraftState, draft_path
from signage.office.history import History, Passage
from signage.office.proposal import Proposal, Proposals
from signage.office.publish import content_digest, number_on_air, on_air
from signage.office.releasing import Level, Releasing
from signage.office.runs import Runs
from signage.release.manifest import MOST_BYTES

MAKERS = (Role.EDITOR, Role.PUBLISHER)
READERS = (Role.REVIEWER, Role.PUBLISHER)
_MOST_SHOWN = 200
_MOST_NOTE = 500


def routes(shell: Shell, proposals: Proposals, releasing: Releasing, runs: Runs, gallery: Gallery) -> list[BaseRoute]:
    """Give the routes of this area. The caller closes `proposals` and `runs` at the end."""
    review = ReviewPages(shell, proposals, releasing, runs, gallery)
    return [
        *reviewpictures.routes(shell, gallery),
        Route("/review", page(review.front), methods=["GET"]),
        Route("/review/changes", page(review.changes), methods=["GET"]),
        Route("/review/submit", action(review.submit, *MAKERS), methods=["POST"]),
        Route("/review/runs/{run:int}", page(review.run), methods=["GET"]),
        Route("/review/take", action(review.take, *READERS), methods=["POST"]),
        Route("/review/{number:int}", page(review.release), methods=["GET"]),
        Route("/review/{number:int}/approve", action(review.approve, Role.REVIEWER), methods=["POST"]),
        Route("/review/{number:int}/return", action(review.send_back, Role.REVIEWER, *MAKERS), methods=["POST"]),
        Route("/review/{number:int}/draft", page(review.download, *READERS), methods=["GET"]),
        Route("/review/{number:int}/back", page(review.ask_back, Role.PUBLISHER), methods=["GET"]),
        Route("/review/{number:int}/back", action(review.roll_back, Role.PUBLISHER), methods=["POST"]),
    ]


class ReviewPages:
    """The pages' handlers; each runs on a worker thread."""

    def __init__(self, shell: Shell, proposals: Proposals, releasing: Releasing, runs: Runs, gallery: Gallery) -> None:
        self._shell = shell
        self._desk = shell.desk
        self._proposals = proposals
        self._runs = runs
        self._gallery = gallery
        self._releasing = releasing
        self._history = History(shell.desk)

    def front(self, request: Request) -> Response:
        return self._front(request)

    def _front(self, request: Request, fault: str = "", note: str = "", status: int = 200) -> Response:
        passages = self._history.all()
        return self._shell.render(
            request,
            "review/front.html",
            status,
            fault=fault,
            note=note,
            waiting=[one for one in passages if one.state is DraftState.SUBMITTED],
            past=[one for one in passages if one.state is not DraftState.SUBMITTED],
            **self._changes(request),
        )

    def changes(self, request: Request) -> Response:
        """Give the part of the front page that waits for the store to be read."""
        return self._shell.render(request, "review/changes.html", fault="", note="", **self._changes(request))

    def _changes(self, request: Request) -> dict[str, Any]:
        person = _person(request)
        said: dict[str, Any] = {"proposal": None, "view": None, "lost": "", "levels": self._releasing.levels()}
        try:
            proposal = self._proposals.look()
        except SignageError as error:
            return said | {"lost": self._say(request, error), "may_submit": False, "is_waiting": False}
        levels = said["levels"]
        return said | {
            "proposal": proposal,
            "view": self._view(proposal, request) if proposal else None,
            "may_submit": person.has(*(MAKERS if levels else (Role.PUBLISHER,))),
            "is_waiting": proposal is not None and self._is_submitted(proposal),
            "is_unsettled": proposal is not None and self._proposals.has_unsettled,
        }

    def _view(self, proposal: Proposal, request: Request) -> ChangesView:
        most = None if request.query_params.get("all") else _MOST_SHOWN
        original = proposal.store.path_of
        return self._gallery.view(proposal.differences, proposal.before, proposal.manifests, most, original)

    def _is_submitted(self, proposal: Proposal) -> bool:
        """Tell whether a draft that waits says just this."""
        return any(
            one.state is DraftState.SUBMITTED
            and content_digest(self._history.draft(one.number).manifests) == proposal.digest
            for one in self._history.all()
        )

    def submit(self, request: Request, form: FormData) -> Response:
        person, seen, note = _person(request), text_of(form, "seen"), text_of(form, "note")[:_MOST_NOTE]
        if not self._releasing.levels() and not person.has(Role.PUBLISHER):
            raise HTTPException(403)
        try:
            office = self._releasing.check_release_key(person.name, _passphrase(form))
            run = self._runs.begin(
                person.name, lambda progress: self._releasing.submit(office, person.name, seen, note, progress)
            )
        except SignageError as error:
            return self._front(request, self._say(request, error), note, 409)
        return go_to(f"/review/runs/{run.number}", request)

    def run(self, request: Request) -> Response:
        """Give how far the work is; when it is over and went well, go on to what came of it."""
        run = self._runs.find(request.path_params["run"])
        if run is None:
            raise HTTPException(404)
        is_over = run.is_over  # asked once: it may end while this page is made
        if is_over and run.published is not None:
            return go_to(f"/review/{run.published.number}", request)
        fault = self._say(request, run.error) if is_over and run.error else ""
        return self._shell.render(request, "review/run.html", run=run, is_over=is_over, fault=fault)

    def release(self, request: Request) -> Response:
        return self._release(request)

    def _release(self, request: Request, fault: str = "", status: int = 200) -> Response:
        number = request.path_params["number"]
        passage, person = self._passage(number), _person(request)
        said: dict[str, Any] = {"view": None, "lost": "", "draft": None, "seen": "", "barred": "", "stale": ""}
        try:
            change = self._history.change_of(number)
            most = None if request.query_params.get("all") else _MOST_SHOWN
            said["view"] = self._gallery.view(change.differences, change.before, change.after, most)
        except SignageError as error:
            said["lost"] = self._say(request, error)
        if passage.state is DraftState.SUBMITTED:
            draft = self._history.draft(number)
            said |= {
                "draft": draft,
                "seen": draft.digest(),
                "barred": self._releasing.barred(person.name, draft),
                "stale": self._stale(draft),
            }
        levels = self._releasing.levels()
        return self._shell.render(
            request,
            "review/release.html",
            status,
            fault=fault,
            passage=passage,
            levels=levels,
            keys=_keys_that_may_sign(levels, passage),
            on_air=number_on_air(self._desk.office()),
            may_return=self._may_return(person, passage),
            **said,
        )

    def _stale(self, draft: Draft) -> str:
        """Give what has moved on since the draft was made, in a word: `store`, `on-air`; empty if nothing has."""
        try:
            proposal = self._proposals.look(0.05)
        except SignageError:
            proposal = None
        if proposal is not None and proposal.digest != content_digest(draft.manifests):
            return "store"
        return "on-air" if dict(draft.before) != on_air(self._desk.office()) else ""

    def approve(self, request: Request, form: FormData) -> Response:
        number, person = request.path_params["number"], _person(request)
        self._passage(number)
        try:
            self._releasing.approve(person.name, number, text_of(form, "key"), _passphrase(form), text_of(form, "seen"))
        except SignageError as error:
            return self._release(request, self._say(request, error), 409)
        return go_to(f"/review/{number}", request)

    def send_back(self, request: Request, form: FormData) -> Response:
        number, person = request.path_params["number"], _person(request)
        if not self._may_return(person, self._passage(number)):
            raise HTTPException(403)
        try:
            self._releasing.send_back(person.name, number, text_of(form, "why")[:_MOST_NOTE])
        except SignageError as error:
            return self._release(request, self._say(request, error), 409)
        return go_to(f"/review/{number}", request)

    def download(self, request: Request) -> Response:
        number = request.path_params["number"]
        path = draft_path(self._desk.folder / "drafts", number)
        if self._passage(number).state is not DraftState.SUBMITTED or not path.is_file():
            raise HTTPException(404)
        self._desk.audit.note(_person(request).name, "release.copied", str(number))
        return FileResponse(path, media_type="application/octet-stream", filename=f"signage-{number}.draft")

    def take(self, request: Request, form: FormData) -> Response:
        upload, person = form.get("file"), _person(request)
        if not isinstance(upload, UploadFile) or not upload.size or upload.size > 4 * MOST_BYTES:
            t = self._shell.words(request)
            return self._front(request, t("请选择签好的草稿文件", "Choose the signed draft's file"), status=400)
        with tempfile.TemporaryDirectory(prefix="signage-") as folder:
            path = Path(folder, "signed.draft")
            with path.open("wb") as copy:
                shutil.copyfileobj(upload.file, copy)
            try:
                published = self._releasing.take(person.name, path)
            except SignageError as error:
                return self._front(request, self._say(request, error, path), status=409)
        return go_to(f"/review/{published.number}", request)

    def ask_back(self, request: Request) -> Response:
        return self._ask_back(request)

    def _ask_back(self, request: Request, fault: str = "", status: int = 200) -> Response:
        number = request.path_params["number"]
        passage = self._passage(number)
        if not passage.is_kept or passage.is_on_air:
            raise HTTPException(404)
        change = self._history.change_back(number)
        return self._shell.render(
            request,
            "review/back.html",
            status,
            fault=fault,
            passage=passage,
            levels=self._releasing.levels(),
            on_air=number_on_air(self._desk.office()),
            view=self._gallery.view(change.differences, change.before, change.after, _MOST_SHOWN),
        )

    def roll_back(self, request: Request, form: FormData) -> Response:
        number, person = request.path_params["number"], _person(request)
        self._passage(number)
        seen = text_of(form, "on_air")
        try:
            office = self._releasing.check_release_key(person.name, _passphrase(form))
            why = text_of(form, "why")[:_MOST_NOTE]
            on_air_then = int(seen) if seen.isdecimal() and len(seen) < 16 else -1
            published = self._releasing.roll_back(office, person.name, number, why, on_air_then)
        except SignageError as error:
            return self._ask_back(request, self._say(request, error), 409)
        return go_to(f"/review/{published.number}", request)

    def _may_return(self, person: Person, passage: Passage) -> bool:
        return passage.state is DraftState.SUBMITTED and (person.has(Role.REVIEWER) or passage.by == person.name)

    def _passage(self, number: int) -> Passage:
        passage = self._history.one(number)
        if passage is None:
            raise HTTPException(404)
        return passage

    def _say(self, request: Request, error: SignageError, path: Path | None = None) -> str:
        return self._shell.in_page_words(request, error, path)


def _keys_that_may_sign(levels: list[Level], passage: Passage) -> list[tuple[str, list[str]]]:
    """Give, for each level that lacks a signature, the keys on this machine that could give it."""
    signed = {one.key for one in passage.approvals}
    lacking = passage.missing or {}
    found = [(level.role, [name for name in level.here if name not in signed]) for level in levels]
    return [(role, names) for role, names in found if role in lacking and names]


def _passphrase(form: FormData) -> str:
    value = form.get("passphrase", "")
    return value if isinstance(value, str) else ""


def _person(request: Request) -> Person:
    person = person_of(request)
    assert person is not None
    return person

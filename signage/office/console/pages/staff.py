"""设置 · 人员: who may sign in, with which roles; temporary passwords, sessions, shutting people out."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from signage.base.errors import SignageError
from signage.office.console.passwords import temporary_password
from signage.office.console.roles import Role
from signage.office.console.roster import Roster
from signage.office.console.sessions import Person, Sessions
from signage.office.console.shell import Shell, action, go_to, page, person_of, text_of
from signage.office.database.tables import PersonRow
from signage.office.keyroom import KeyRoom
from signage.office.releasing import said_of

DOES = {
    Role.EDITOR: ("放照片、写通知、排播放列表、提交", "photos, notices, playlists, submits"),
    Role.REVIEWER: ("看过以后同意或退回（还要有审核密钥）", "approves or returns (needs a reviewer's key, too)"),
    Role.PUBLISHER: ("让内容上屏、回退", "puts content on screens, rolls back"),
    Role.DUTY: ("紧急插播、一键黑屏", "takeover and blackout"),
    Role.ADMINISTRATOR: ("人员、屏幕、设置", "people, screens, settings"),
}
_MOST_IN_URL = 2**31


def routes(shell: Shell, sessions: Sessions, roster: Roster, keys: KeyRoom) -> list[BaseRoute]:
    """Give the routes of this area."""
    staff = _Staff(shell, sessions, roster, keys)
    one = "/settings/people/{id:int}"
    return [
        Route("/settings/people", page(staff.list, Role.ADMINISTRATOR), methods=["GET"]),
        Route("/settings/people", action(staff.add, Role.ADMINISTRATOR), methods=["POST"]),
        Route(one, page(staff.show, Role.ADMINISTRATOR), methods=["GET"]),
        Route(f"{one}/{{what}}", page(staff.back, Role.ADMINISTRATOR), methods=["GET"]),
        Route(f"{one}/{{what}}", action(staff.change, Role.ADMINISTRATOR), methods=["POST"]),
    ]


class _Staff:
    def __init__(self, shell: Shell, sessions: Sessions, roster: Roster, keys: KeyRoom) -> None:
        self._shell = shell
        self._sessions = sessions
        self._roster = roster
        self._keys = keys
        self._changes = {
            "roles": self._set_roles,
            "password": self._new_password,
            "shut-out": self._shut_out,
            "let-in": self._let_in,
            "end-sessions": self._end_sessions,
        }

    def list(self, request: Request) -> Response:
        return self._list(request)

    def _list(self, request: Request, fault: str = "", form: FormData | None = None, status: int = 200) -> Response:
        people = self._roster.all()
        seen = {one.id: max((row.seen_ms for row in self._sessions.of(one.id)), default=None) for one in people}
        return self._shell.render(
            request,
            "settings/people.html",
            status,
            people=people,
            seen=seen,
            fault=fault,
            name=text_of(form, "name") if form else "",
            chosen=_roles(form) if form else {Role.EDITOR},
            does=DOES,
            path="/settings/people",
        )

    def add(self, request: Request, form: FormData) -> Response:
        password, t = temporary_password(), self._shell.words(request)
        if not _roles(form):
            return self._list(request, t("请至少选一项", "Choose one role at least"), form, 409)
        try:
            row = self._roster.add(_person(request).name, text_of(form, "name"), _roles(form), password)
        except SignageError as error:
            return self._list(request, t(*said_of(error)), form, 409)
        return self._one(request, row, password=password)

    def show(self, request: Request) -> Response:
        return self._one(request, self._found(request))

    def back(self, request: Request) -> Response:
        return go_to(f"/settings/people/{self._found(request).id}")

    def change(self, request: Request, form: FormData) -> Response:
        row, change = self._found(request), self._changes.get(request.path_params["what"])
        if change is None:
            raise HTTPException(404)
        try:
            return change(request, row, form)
        except SignageError as error:
            return self._one(request, row, fault=self._shell.words(request)(*said_of(error)), status=409)

    def _set_roles(self, request: Request, row: PersonRow, form: FormData) -> Response:
        row = self._roster.change_roles(_person(request).name, row.id, _roles(form))
        return self._done(request, row, "权限已改，立即生效", "Roles are changed, from now on")

    def _new_password(self, request: Request, row: PersonRow, _form: FormData) -> Response:
        password = temporary_password()
        row = self._roster.set_password(_person(request).name, row.id, password, must_change=True)
        return self._one(request, row, password=password)

    def _shut_out(self, request: Request, row: PersonRow, _form: FormData) -> Response:
        row = self._roster.set_active(_person(request).name, row.id, False)
        return self._done(request, row, "已停用，不能再登录", "This person cannot sign in any more")

    def _let_in(self, request: Request, row: PersonRow, _form: FormData) -> Response:
        row = self._roster.set_active(_person(request).name, row.id, True)
        return self._done(request, row, "已恢复，可以登录", "This person can sign in again")

    def _end_sessions(self, request: Request, row: PersonRow, _form: FormData) -> Response:
        me = _person(request)
        count = self._roster.end_sessions(me.name, row.id, but_session=me.session_sha256)
        return self._done(request, row, f"已退出 {count} 处登录", f"{count} sessions are ended")

    def _done(self, request: Request, row: PersonRow, zh: str, en: str) -> Response:
        me = person_of(request)
        if me is not None and me.id == row.id and (not row.is_active or Role.ADMINISTRATOR not in row.roles):
            return go_to("/")  # somebody else is the administrator now
        return self._one(request, row, done=self._shell.words(request)(zh, en))

    def _one(self, request: Request, row: PersonRow, status: int = 200, **more: Any) -> Response:
        found = self._roster.find(row.id) or row
        values: dict[str, Any] = {"fault": "", "done": "", "password": ""} | more
        return self._shell.render(
            request,
            "settings/person.html",
            status,
            row=found,
            sessions=self._sessions.of(found.id),
            mine=_person(request).session_sha256,
            signs=[one.role for one in self._keys.roles() if found.name in one.people] if self._keys.exists else [],
            does=DOES,
            path=f"/settings/people/{found.id}",
            **values,
        )

    def _found(self, request: Request) -> PersonRow:
        number = request.path_params["id"]
        row = self._roster.find(number) if number < _MOST_IN_URL else None
        if row is None:
            raise HTTPException(404)
        return row


def _roles(form: FormData) -> set[Role]:
    return {role for role in Role if form.get(f"role-{role}")}


def _person(request: Request) -> Person:
    person = person_of(request)
    assert person is not None
    return person

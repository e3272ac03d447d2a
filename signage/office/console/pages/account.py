"""我的账号: everybody's own sessions and password; a temporary password is changed here before anything else."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from signage.office.console.auth import is_password
from signage.office.console.passwords import fault_of
from signage.office.console.roster import Roster
from signage.office.console.sessions import Person, Sessions
from signage.office.console.shell import Shell, action, go_to, page, person_of, raw_of, text_of
from signage.office.console.throttle import Throttle

_MOST_TRIES, _WINDOW_S = 5, 300.0


def routes(shell: Shell, sessions: Sessions, roster: Roster) -> list[BaseRoute]:
    """Give the routes of this area."""
    account = _Account(shell, sessions, roster)
    return [
        Route("/account", page(account.show), methods=["GET"]),
        Route("/account/end", action(account.end), methods=["POST"]),
        Route("/password", page(account.ask), methods=["GET"]),
        Route("/password", action(account.change), methods=["POST"]),
    ]


class _Account:
    def __init__(self, shell: Shell, sessions: Sessions, roster: Roster) -> None:
        self._shell = shell
        self._sessions = sessions
        self._roster = roster
        self._tries = Throttle(shell.desk.clock, most=_MOST_TRIES, window_s=_WINDOW_S)

    def show(self, request: Request) -> Response:
        me, done = _person(request), request.query_params.get("done", "")
        rows = self._sessions.of(me.id)
        return self._shell.render(request, "account/account.html", sessions=rows, mine=me.session_sha256, done=done)

    def end(self, request: Request, form: FormData) -> Response:
        me, wanted = _person(request), text_of(form, "session")
        if wanted == me.session_sha256:
            return go_to("/account")
        self._roster.end_sessions(me.name, me.id, only=wanted, but_session=me.session_sha256)
        return go_to("/account?done=ended")

    def ask(self, request: Request) -> Response:
        return self._page(request)

    def change(self, request: Request, form: FormData) -> Response:
        me, t = _person(request), self._shell.words(request)
        row = self._roster.find(me.id)
        assert row is not None
        if not self._tries.take(str(me.id)):
            return self._page(request, t("试的次数太多了，请五分钟后再试", "Too many tries; wait five minutes"), 429)
        if not is_password(raw_of(form, "old"), row.password_hash):
            self._shell.desk.audit.note(me.name, "password.refused")
            return self._page(request, t("现在的密码不对", "That is not your present password"), 403)
        self._tries.give_back(str(me.id))
        new = raw_of(form, "password")
        fault = fault_of(new, me.name, self._shell.desk.settings.read().community)
        if fault:
            return self._page(request, t(f"新密码：{fault[0]}", f"New password: {fault[1]}"), 409)
        if new != raw_of(form, "again"):
            return self._page(request, t("两次输入的新密码不一样", "The two new passwords differ"), 409)
        if new == raw_of(form, "old"):
            return self._page(request, t("新密码要和现在的不同", "The new password must be another one"), 409)
        self._tries.forget(str(me.id))
        self._roster.set_password(me.name, me.id, new, must_change=False, but_session=me.session_sha256)
        return go_to("/account?done=password")

    def _page(self, request: Request, fault: str = "", status: int = 200) -> Response:
        must_change = _person(request).must_change
        return self._shell.render(request, "account/password.html", status, fault=fault, must_change=must_change)


def _person(request: Request) -> Person:
    person = person_of(request)
    assert person is not None
    return person

"""Signing in and out, and the language of the console."""

from __future__ import annotations

from sqlalchemy import select
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from signage.office.console.auth import is_password
from signage.office.console.roster import Roster
from signage.office.console.sessions import COOKIE, Sessions, keep_in_cookie
from signage.office.console.shell import (
    LANGUAGE_COOKIE,
    Shell,
    go_to,
    open_action,
    open_page,
    person_of,
    text_of,
)
from signage.office.console.throttle import Throttle
from signage.office.database.tables import PersonRow

_MOST_TRIES, _MOST_OF_ADDRESS, _MOST_OF_NAME = 5, 20, 50
_WINDOW_S = 300.0
_LONGEST_NAME = 60
_LANGUAGE_S = 365 * 24 * 3600


def routes(shell: Shell, sessions: Sessions) -> list[BaseRoute]:
    """Give the routes of this area."""
    signin = _SignIn(shell, sessions)
    return [
        Route("/login", open_page(signin.ask), methods=["GET"]),
        Route("/login", open_action(signin.sign_in), methods=["POST"]),
        Route("/logout", open_action(signin.sign_out), methods=["POST"]),
        Route("/language", open_action(signin.choose_language), methods=["POST"]),
    ]


class _SignIn:
    def __init__(self, shell: Shell, sessions: Sessions) -> None:
        self._shell = shell
        self._sessions = sessions
        self._desk = shell.desk
        # A name alone allows many: else anybody on the network could keep the person on duty out.
        self._tries = Throttle(self._desk.clock, most=_MOST_TRIES, window_s=_WINDOW_S)
        self._of_address = Throttle(self._desk.clock, most=_MOST_OF_ADDRESS, window_s=_WINDOW_S)
        self._of_name = Throttle(self._desk.clock, most=_MOST_OF_NAME, window_s=_WINDOW_S)

    def ask(self, request: Request) -> Response:
        if not self._desk.settings.read().is_set_up and not Roster(self._desk).has_administrator():
            return go_to("/setup")
        return self._page(request, _safe_next(request.query_params.get("next", "/")))

    def sign_in(self, request: Request, form: FormData) -> Response:
        t = self._shell.words(request)
        name, onward = text_of(form, "name")[:_LONGEST_NAME], _safe_next(text_of(form, "next"))
        password = form.get("password", "")
        address = request.client.host if request.client else ""
        both = f"{address} {name}"
        if not self._take(both, address, name):
            fault = t("试的次数太多了，请五分钟后再试", "Too many tries; wait five minutes")
            return self._page(request, onward, name, fault, 429)
        with self._desk.database.reading() as session:
            known = select(PersonRow).where(PersonRow.name == name)
            person = session.scalars(known).first() if name.isprintable() else None
        is_right = is_password(str(password), person.password_hash if person and person.is_active else "")
        if person is None or not is_right:
            self._desk.audit.note(name if name and name.isprintable() else "?", "signin.refused", address)
            return self._page(request, onward, name, t("用户名或密码不对", "Wrong name or password"), 403)
        self._tries.forget(both)
        self._of_address.give_back(address)
        self._of_name.give_back(name)
        token = self._sessions.begin(person.id, address, request.headers.get("user-agent", ""))
        self._desk.audit.note(person.name, "signin.done", address)
        answer = RedirectResponse(onward, 303)
        keep_in_cookie(answer, token, is_https=request.url.scheme == "https")
        return answer

    def _take(self, both: str, address: str, name: str) -> bool:
        """Count this try for the name, the address and the two together, before the password is looked at."""
        may = self._of_address.may(address) and self._of_name.may(name)
        return may and self._tries.take(both) and self._of_address.take(address) and self._of_name.take(name)

    def sign_out(self, request: Request, _form: FormData) -> Response:
        person = person_of(request)
        if person is not None:
            self._sessions.end(person.session_sha256)
            self._shell.tell_signed_out(person.session_sha256)
            self._desk.audit.note(person.name, "signin.ended")
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE)
        return answer

    def choose_language(self, _request: Request, form: FormData) -> Response:
        answer = RedirectResponse(_safe_next(text_of(form, "next")), 303)
        language = "en" if text_of(form, "lang") == "en" else "zh"
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_LANGUAGE_S, samesite="lax", httponly=True)
        return answer

    def _page(self, request: Request, onward: str, name: str = "", fault: str = "", status: int = 200) -> Response:
        return self._shell.render(request, "login.html", status, onward=onward, name=name, fault=fault)


def _safe_next(path: str) -> str:
    """Give the path within this console; anything else would send people elsewhere after they have signed in."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_own else "/"

"""首次设置: the first-run wizard. Open only until the office is set up; every step is worked out from what there is."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from signage.base.errors import SignageError
from signage.office.console.auth import is_password
from signage.office.console.firstrun import MOST_LEVELS, Door, FirstRun, Step
from signage.office.console.passwords import fault_of, temporary_password
from signage.office.console.roles import Role
from signage.office.console.roster import Roster
from signage.office.console.sessions import Person, Sessions, keep_in_cookie
from signage.office.console.shell import Shell, go_to, open_action, open_page, page, person_of, raw_of, text_of
from signage.office.desk import Desk
from signage.office.keyroom import KeyRoom
from signage.office.releasing import said_of
from signage.office.welcome import lan_addresses
from signage.release.layout import review_role

PROVED_COOKIE = "signage_setup"
MOST_COMMUNITY = 40
_PROVED_S = 3600
_PROBE_S = 0.5
_OPEN = ("/setup", "/login", "/logout", "/language", "/static", "/password")


class BeforeSetUp:
    """Leads every page to the wizard until the office is set up: before that there is nothing they could show."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk
        self._is_set_up = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._is_set_up and scope["type"] == "http":
            self._is_set_up = await run_in_threadpool(lambda: self._desk.settings.read().is_set_up)
            path = scope["path"]
            if not self._is_set_up and not any(path == one or path.startswith(f"{one}/") for one in _OPEN):
                await RedirectResponse("/setup", 303)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def routes(shell: Shell, sessions: Sessions, roster: Roster, keys: KeyRoom) -> list[BaseRoute]:
    """Give the routes of this area."""
    wizard = _Wizard(shell, sessions, roster, keys)
    return [
        Route("/setup", open_page(wizard.show), methods=["GET"]),
        Route("/setup/done", page(wizard.done, Role.ADMINISTRATOR), methods=["GET"]),
        Route("/setup/{step}", open_page(wizard.back), methods=["GET"]),
        Route("/setup/{step}", open_action(wizard.take), methods=["POST"]),
    ]


class _Wizard:
    def __init__(self, shell: Shell, sessions: Sessions, roster: Roster, keys: KeyRoom) -> None:
        self._shell = shell
        self._desk = shell.desk
        self._sessions = sessions
        self._roster = roster
        self._keys = keys
        self._run = FirstRun(shell.desk, roster, keys)
        self._door = Door(shell.desk)
        self._takers = {
            Step.COMMUNITY: self._take_community,
            Step.ADMINISTRATOR: self._take_administrator,
            Step.FOLDER: self._take_folder,
            Step.LEVELS: self._take_levels,
            Step.PASSPHRASE: self._take_passphrase,
            Step.REVIEWERS: self._take_reviewers,
        }

    def show(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal:
            return refusal
        wanted = request.query_params.get("step", "")
        return self._page(request, Step(wanted) if self._run.may_go_to(wanted) else self._run.step())

    def back(self, _request: Request) -> Response:
        return go_to("/setup")

    def take(self, request: Request, form: FormData) -> Response:
        said = request.path_params["step"]
        if said == "code":
            return self._take_code(request, form)
        refusal = self._refusal(request)
        if refusal:
            return refusal
        if said == "finish" and self._run.step() is Step.SCREEN:
            return self._finish(request)
        if said == "later" and self._run.step() is Step.REVIEWERS:
            self._run.note_reviewers_later()
            return self._finish(request)
        if said not in self._takers or (said != self._run.step() and not self._run.may_go_to(said)):
            return go_to("/setup")  # sent twice, or from a page that is no longer so
        try:
            return self._takers[Step(said)](request, form)
        except SignageError as error:
            return self._page(request, Step(said), form, self._say(request, error), 409)

    def done(self, request: Request) -> Response:
        address, is_reached = office_address(request)
        return self._shell.render(
            request,
            "setup/done.html",
            steps=self._steps(Step.SCREEN),
            address=address,
            keys_folder=self._desk.folder / "keys",
            is_reached=is_reached,
            empty_levels=self._run.empty_levels(),
            had_keys=self._run.had_keys,
            levels=self._run.levels,
        )

    def _refusal(self, request: Request) -> Response | None:
        """Give what keeps this browser out of the wizard."""
        if self._desk.settings.read().is_set_up:
            return go_to("/")
        if self._roster.has_administrator():
            person = person_of(request)
            if person is None:
                return go_to("/login?next=/setup")
            if not person.has(Role.ADMINISTRATOR):
                raise HTTPException(403)
            return None
        if _is_this_machine(request) or self._door.has_proved(request.cookies.get(PROVED_COOKIE, "")):
            return None
        return self._code_page(request)

    def _take_code(self, request: Request, form: FormData) -> Response:
        if self._desk.settings.read().is_set_up or self._roster.has_administrator():
            return go_to("/setup")
        address, t = _address(request), self._shell.words(request)
        if not self._door.may_try(address):
            return self._code_page(
                request, t("试的次数太多了，请五分钟后再试", "Too many tries; wait five minutes"), 429
            )
        token = self._door.prove(address, text_of(form, "code"))
        if not token:
            return self._code_page(request, t("设置码不对，请看办公室电脑上的黑窗口", "That is not the code"), 403)
        answer = go_to("/setup")
        answer.set_cookie(PROVED_COOKIE, token, max_age=_PROVED_S, httponly=True, samesite="strict", path="/setup")
        return answer

    def _take_community(self, request: Request, form: FormData) -> Response:
        name = text_of(form, "community")
        if not name or len(name) > MOST_COMMUNITY or not name.isprintable():
            raise SignageError(f"1 to {MOST_COMMUNITY} characters (请填社区名称，最多 {MOST_COMMUNITY} 个字)")
        self._desk.settings.change(community=name)
        self._desk.audit.note("?", "setup.community", name, {"address": _address(request)})
        return go_to("/setup")

    def _take_administrator(self, request: Request, form: FormData) -> Response:
        name, password = text_of(form, "name"), raw_of(form, "password")
        roles = {role for role in Role if form.get(f"role-{role}")} | {Role.ADMINISTRATOR}
        fault = fault_of(password, name, self._desk.settings.read().community)
        if fault:
            raise SignageError(f"password: {fault[1]} (密码：{fault[0]})")
        if password != raw_of(form, "again"):
            raise SignageError("the two passwords differ (两次输入的密码不一样)")
        row = self._roster.add(name, name, roles, password, must_change=False, is_first=True)
        token = self._sessions.begin(row.id, _address(request), request.headers.get("user-agent", ""))
        self._desk.audit.note(name, "signin.done", _address(request))
        answer = go_to("/setup")
        keep_in_cookie(answer, token, is_https=request.url.scheme == "https")
        answer.delete_cookie(PROVED_COOKIE, path="/setup")
        return answer

    def _take_folder(self, _request: Request, _form: FormData) -> Response:
        media = self._desk.store / "media"
        try:
            media.mkdir(parents=True, exist_ok=True)
            (self._desk.store / "playlists").mkdir(exist_ok=True)
        except OSError as error:
            raise SignageError(f"{media}: cannot be made (文件夹建不了：{error.strerror})") from error
        self._run.note_folder()
        return go_to("/setup")

    def _take_levels(self, _request: Request, form: FormData) -> Response:
        said = text_of(form, "levels")
        if said not in [str(number) for number in range(MOST_LEVELS + 1)]:
            raise SignageError("choose one (请选一项)")
        self._run.note_levels(int(said))
        return go_to("/setup")

    def _take_passphrase(self, request: Request, form: FormData) -> Response:
        person, passphrase = _person(request), raw_of(form, "passphrase")
        fault = fault_of(passphrase, person.name, self._desk.settings.read().community)
        if fault:
            raise SignageError(f"passphrase: {fault[1]} (口令：{fault[0]})")
        if passphrase != raw_of(form, "again"):
            raise SignageError("the two passphrases differ (两次输入的口令不一样)")
        row = self._roster.find(person.id)
        if row is not None and is_password(passphrase, row.password_hash):
            raise SignageError("not the password with which you sign in (口令不要和登录密码相同)")
        self._keys.create(person.name, self._run.levels, passphrase)
        return self._finish(request) if self._run.step() is Step.SCREEN else go_to("/setup")

    def _take_reviewers(self, request: Request, form: FormData) -> Response:
        by, made = _person(request).name, []
        empty = self._run.empty_levels()
        named = [level for level in empty if text_of(form, f"name-{level}")]
        if not named:
            raise SignageError("name somebody, or go on (请至少填一位审核员，或者点“以后再加”)")
        for level in named:
            name, own = text_of(form, f"name-{level}"), raw_of(form, f"own-{level}")
            self._roster.require_possible(name)
            if fault := fault_of(own, name, self._desk.settings.read().community):
                raise SignageError(f"{name}: {fault[1]} ({name}的口令：{fault[0]})")
            if own != raw_of(form, f"again-{level}"):
                raise SignageError(f"{name}: the two passphrases differ ({name}两次输入的口令不一样)")
        for level in named:
            name = text_of(form, f"name-{level}")
            self._keys.add(
                by, review_role(level), name, raw_of(form, "passphrase"), own_passphrase=raw_of(form, f"own-{level}")
            )
            made.append((level, name, let_reviewer_in(self._roster, by, name)))
        return self._page(request, self._run.step(), made=made)

    def _finish(self, request: Request) -> Response:
        self._desk.settings.change(is_set_up=True)
        self._desk.audit.note(_person(request).name, "setup.done", "", {"levels": self._run.levels})
        return go_to("/setup/done")

    def _page(
        self,
        request: Request,
        step: Step,
        form: FormData | None = None,
        fault: str = "",
        status: int = 200,
        **more: Any,
    ) -> Response:
        """Give a step's page; what was typed stands there again, but never a password or passphrase."""
        settings = self._desk.settings.read()
        kept = {key: value for key, value in (form or {}).items() if isinstance(value, str) and not _is_secret(key)}
        values: dict[str, Any] = {"made": [], "said": kept, "has_form": form is not None, "fault": fault}
        if step is Step.COMMUNITY:
            values["said"] = {"community": settings.community} | kept
        if step is Step.FOLDER:
            values |= {"store": self._desk.store, "media": self._desk.store / "media"}
            values |= {"machine": socket.gethostname(), "addresses": lan_addresses()}
        if step is Step.LEVELS:
            values["said"] = {"levels": self._run.chosen_levels} | kept
        if step is Step.REVIEWERS:
            values |= {"empty": self._run.empty_levels(), "had_keys": self._run.had_keys}
        steps, back = self._steps(step), [one for one in Step if self._run.may_go_to(one)]
        values |= {
            "step": step,
            "steps": steps,
            "back": back,
            "levels": self._run.levels,
            "path": "/setup",
            "places": (),
        }
        return self._shell.render(request, f"setup/{step}.html", status, **values | more)

    def _steps(self, here: Step) -> list[tuple[Step, str]]:
        """Give the steps with how they stand, `past`, `here` or `next`."""
        has_reviewers = self._run.step() not in (Step.COMMUNITY, Step.ADMINISTRATOR) and self._run.levels
        steps = [one for one in Step if one is not Step.REVIEWERS or has_reviewers or here is Step.REVIEWERS]
        at = steps.index(here)
        return [(one, "past" if n < at else "here" if n == at else "next") for n, one in enumerate(steps)]

    def _code_page(self, request: Request, fault: str = "", status: int = 200) -> Response:
        return self._shell.render(request, "setup/code.html", status, fault=fault, path="/setup")

    def _say(self, request: Request, error: SignageError) -> str:
        return self._shell.words(request)(*said_of(error))


def let_reviewer_in(roster: Roster, by: str, name: str) -> str:
    """See that the owner of a reviewer's key may sign in as a reviewer; give the password to tell if they are new.

    Raises:
        RosterError: the name cannot sign in.
    """
    known = roster.named(name)
    if known is None:
        password = temporary_password()
        roster.add(by, name, {Role.REVIEWER}, password)
        return password
    roster.change_roles(by, known.id, {*(Role(role) for role in known.roles), Role.REVIEWER})
    return ""


def office_address(request: Request) -> tuple[str, bool]:
    """Give the address to type on a screen's computer, and whether other machines can reach the office there."""
    host, port = request.url.hostname or "localhost", request.url.port or (443 if request.url.scheme == "https" else 80)
    if not _is_loopback(host):
        return f"{request.url.scheme}://{f'[{host}]' if ':' in host else host}:{port}", True
    for address in lan_addresses():
        with suppress(OSError), socket.create_connection((address, port), _PROBE_S):
            return f"http://{address}:{port}", True
    return f"http://{next(iter(lan_addresses()), host)}:{port}", False


def _is_this_machine(request: Request) -> bool:
    """Tell whether a person at this very computer asks: not through a proxy, which would be here for everybody."""
    is_passed_on = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via"))
    return not is_passed_on and _is_loopback(_address(request)) and _is_loopback(request.url.hostname or "")


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _is_secret(field: str) -> bool:
    return field.startswith(("pass", "again", "own", "code"))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _person(request: Request) -> Person:
    person = person_of(request)
    if person is None:
        raise HTTPException(403)
    return person

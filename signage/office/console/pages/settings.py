"""设置 · 常规: what the office is called, how long things are kept, the public page, alarms, backups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from signage.base.errors import SignageError
from signage.office.backup import list_backups, make_backup
from signage.office.console.passwords import Said
from signage.office.console.roles import Role
from signage.office.console.settingsform import NUMBERS, SECRETS, changes_of, read_settings
from signage.office.console.shell import Shell, action, go_to, page, person_of
from signage.office.console.throttle import Throttle
from signage.office.releasing import said_of
from signage.office.webhooks import Shape, masked, send

_MOST_TESTS, _WINDOW_S = 5, 60.0
_SHOWN_BACKUPS = 5
DONE = {
    "saved": ("已保存", "Saved"),
    "nothing": ("没有改动", "Nothing was changed"),
    "told": ("测试消息已发出，请到群里看看", "The test message is sent: look at the group"),
    "backup": ("备份做好了，并已核对", "The backup is made, and was read back"),
}


def routes(shell: Shell) -> list[BaseRoute]:
    """Give the routes of this area."""
    pages = _SettingsPages(shell)
    return [
        Route("/settings", page(pages.show, Role.ADMINISTRATOR), methods=["GET"]),
        Route("/settings", action(pages.save, Role.ADMINISTRATOR), methods=["POST"]),
        Route("/settings/alarm-test", action(pages.try_alarm, Role.ADMINISTRATOR), methods=["POST"]),
        Route("/settings/backup", action(pages.back_up, Role.ADMINISTRATOR), methods=["POST"]),
    ]


class _SettingsPages:
    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._desk = shell.desk
        self._tests = Throttle(self._desk.clock, most=_MOST_TESTS, window_s=_WINDOW_S)

    def show(self, request: Request) -> Response:
        return self._page(request)

    def save(self, request: Request, form: FormData) -> Response:
        before = self._desk.settings.read()
        said, faults = read_settings(form, before, request.url.hostname or "")
        if faults:
            return self._page(request, said, faults, status=409)
        changed = changes_of(before, said)
        if not changed:
            return go_to("/settings?done=nothing", request)
        self._desk.settings.change(**{name: said[name] for name in changed})
        self._desk.audit.note(_name(request), "settings.changed", "", _plain(changed))
        return go_to("/settings?done=saved", request)

    def try_alarm(self, request: Request, _form: FormData) -> Response:
        t, name = self._shell.words(request), _name(request)
        if not self._tests.may(name):
            return self._page(request, fault=t("发得太密了，请一分钟后再试", "Too many; wait a minute"), status=429)
        self._tests.note(name)
        try:
            send(self._desk.settings.read(), [], self._desk.clock.now_ms())
        except SignageError as error:
            return self._page(request, fault=t("没有发出去：", "It was not taken: ") + t(*said_of(error)), status=409)
        self._desk.audit.note(name, "settings.alarm-tested")
        return go_to("/settings?done=told", request)

    def back_up(self, request: Request, _form: FormData) -> Response:
        try:
            made = make_backup(self._desk)
        except SignageError as error:
            fault = self._shell.in_page_words(request, error)
            return self._page(request, fault=self._shell.words(request)("备份没有成功：", "") + fault, status=409)
        self._desk.audit.note(_name(request), "backup.made", made.path.name)
        return go_to("/settings?done=backup", request)

    def _page(
        self,
        request: Request,
        said: Mapping[str, Any] | None = None,
        faults: Mapping[str, Said] | None = None,
        fault: str = "",
        status: int = 200,
    ) -> Response:
        """Give the page; of the alarm's address and secret never more than that they are there, and whose."""
        settings, t = self._desk.settings.read(), self._shell.words(request)
        values = {name: getattr(settings, name) for name in settings.__dataclass_fields__} | dict(said or {})
        for name in SECRETS:
            del values[name]
        done = DONE.get(request.query_params.get("done", "")) if not fault and not faults else None
        return self._shell.render(
            request,
            "settings/general.html",
            status,
            said=values,
            faults={name: t(*words) for name, words in (faults or {}).items()},
            fault=fault,
            done=t(*done) if done else "",
            shapes=list(Shape),
            numbers=NUMBERS,
            webhook=masked(settings.alarm_webhook),
            has_secret=bool(settings.alarm_secret),
            backups=list_backups(self._desk.folder)[:_SHOWN_BACKUPS],
            store=self._desk.store,
            folder=self._desk.folder,
            path="/settings",
        )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _name(request: Request) -> str:
    person = person_of(request)
    assert person is not None
    return person.name

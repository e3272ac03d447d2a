"""直接发布: a part of 审核发布 for offices without review: turned on and off by a publisher."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from signage.base.errors import SignageError
from signage.office.console.roles import Role
from signage.office.console.shell import Shell, action, go_to, page, person_of, text_of
from signage.office.direct import DirectPublishing
from signage.office.releasing import Releasing, said_of


def routes(shell: Shell, direct: DirectPublishing, releasing: Releasing) -> list[BaseRoute]:
    """Give the routes of this area; the caller starts and closes `direct`."""
    pages = _DirectPages(shell, direct, releasing)
    return [
        Route("/review/direct", page(pages.show), methods=["GET"]),
        Route("/review/direct", action(pages.turn, Role.PUBLISHER), methods=["POST"]),
    ]


class _DirectPages:
    def __init__(self, shell: Shell, direct: DirectPublishing, releasing: Releasing) -> None:
        self._shell = shell
        self._direct = direct
        self._releasing = releasing

    def show(self, request: Request) -> Response:
        return self._show(request)

    def _show(self, request: Request, fault: str = "", status: int = 200) -> Response:
        if self._releasing.levels():
            return Response("")
        return self._shell.render(request, "review/direct.html", status, state=self._direct.state, fault=fault)

    def turn(self, request: Request, form: FormData) -> Response:
        person = person_of(request)
        assert person is not None
        if text_of(form, "turn") == "off":
            self._direct.turn_off(person.name)
            return go_to("/review", request)
        passphrase = form.get("passphrase", "")
        try:
            self._direct.turn_on(person.name, passphrase if isinstance(passphrase, str) else "")
        except SignageError as error:
            return self._show(request, self._shell.words(request)(*said_of(error)))
        return go_to("/review", request)

"""设置 · 密钥: who signs what and until when it is good; reviewers added and revoked, thresholds, renewing.

Passphrases are used for the one request: never kept, logged or shown again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from signage.base.errors import SignageError
from signage.base.moments import to_ms
from signage.office.console.pages.setup import let_reviewer_in
from signage.office.console.passwords import fault_of
from signage.office.console.roles import Role
from signage.office.console.roster import Roster
from signage.office.console.sessions import Person
from signage.office.console.shell import Shell, action, go_to, page, person_of, raw_of, text_of
from signage.office.keyroom import MOST_PUBLIC_BYTES, KeyRoom
from signage.office.people import RoleState
from signage.office.releasing import said_of
from signage.release.errors import ReleaseError
from signage.release.layout import MOST_LEVELS, URGENT_ROLE, review_role

_DAY_MS = 86_400_000
_OWN_NAMES = ("root", "targets", "snapshot", "timestamp", "release", "urgent")


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody, or the office itself, whose key signs for a role."""

    name: str
    is_office: bool
    is_here: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A role as the page shows it. `tone`: good, warn, bad, or empty where nothing is signed yet."""

    role: str
    zh: str
    en: str
    does: tuple[str, str]
    holders: tuple[Holder, ...]
    threshold: int
    expires_ms: int | None
    days_left: int
    tone: str
    is_peoples: bool


_WORDS = {
    "root": ("信任根", "Root", ("屏幕登记时认下的总密钥；只在换密钥和续签时用", "what screens are enrolled with")),
    "targets": (
        "授权",
        "Authority",
        ("决定谁可以审核、谁可以发紧急指令", "says who reviews and who may order"),
    ),
    "snapshot": ("目录签名", "Snapshot", ("自动续签，不用管", "renewed by itself")),
    "timestamp": ("每日签名", "Timestamp", ("自动续签，不用管", "renewed by itself")),
    "urgent": ("紧急", "Urgent", ("紧急插播和一键黑屏", "takeover and blackout")),
}


def routes(shell: Shell, roster: Roster, keys: KeyRoom) -> list[BaseRoute]:
    """Give the routes of this area."""
    pages = _KeyPages(shell, roster, keys)
    return [
        Route("/settings/keys", page(pages.show, Role.ADMINISTRATOR), methods=["GET"]),
        Route("/settings/keys/{what}", page(pages.back, Role.ADMINISTRATOR), methods=["GET"]),
        Route("/settings/keys/{what}", action(pages.change, Role.ADMINISTRATOR), methods=["POST"]),
    ]


class _KeyPages:
    def __init__(self, shell: Shell, roster: Roster, keys: KeyRoom) -> None:
        self._shell = shell
        self._desk = shell.desk
        self._roster = roster
        self._keys = keys
        self._changes = {
            "add": self._add,
            "revoke": self._revoke,
            "renew": self._renew,
            "threshold": self._set_threshold,
        }

    def show(self, request: Request) -> Response:
        return self._page(request)

    def back(self, _request: Request) -> Response:
        return go_to("/settings/keys")

    def change(self, request: Request, form: FormData) -> Response:
        change = self._changes.get(request.path_params["what"])
        if change is None:
            raise HTTPException(404)
        try:
            return change(request, form)
        except SignageError as error:
            kept = {name: text_of(form, name) for name in ("role", "name", "made")}
            fault = self._shell.words(request)(*said_of(error)).replace(f"{self._desk.folder}/", "")
            return self._page(request, fault=fault, said=kept, open=request.path_params["what"], status=409)

    def _add(self, request: Request, form: FormData) -> Response:
        by, name, role = _person(request).name, text_of(form, "name"), text_of(form, "role")
        if role not in self._open_roles():
            raise ReleaseError("choose what the key is for (请选这把密钥用来做什么)")
        public, own = None, raw_of(form, "own")
        if text_of(form, "made") == "elsewhere":
            upload = form.get("public")
            if not isinstance(upload, UploadFile) or not upload.size or upload.size > MOST_PUBLIC_BYTES:
                raise ReleaseError("choose the .pub file (请选择 .pub 公钥文件)")
            public = upload.file.read(MOST_PUBLIC_BYTES)
        elif fault := fault_of(own, name, self._desk.settings.read().community):
            raise ReleaseError(f"{name}: {fault[1]} (本人口令：{fault[0]})")
        elif own != raw_of(form, "again"):
            raise ReleaseError("the two passphrases differ (两次输入的本人口令不一样)")
        elif own == raw_of(form, "passphrase"):
            raise ReleaseError("not the office's passphrase (本人口令不能和办公室口令相同)")
        if role != URGENT_ROLE:
            self._roster.require_possible(name)
        self._keys.add(by, role, name, raw_of(form, "passphrase"), own_passphrase=own, public=public)
        password = let_reviewer_in(self._roster, by, name) if role != URGENT_ROLE else ""
        t = self._shell.words(request)
        return self._page(request, done=t(f"{name} 的密钥已登记", f"The key of {name} is known now"), password=password)

    def _revoke(self, request: Request, form: FormData) -> Response:
        name, t = text_of(form, "name"), self._shell.words(request)
        unsigned = self._keys.revoke(_person(request).name, name, raw_of(form, "passphrase"))
        done = t(f"{name} 的密钥已撤销。", f"The key of {name} is revoked.")
        return self._page(request, done=done + self._after(request, unsigned))

    def _renew(self, request: Request, form: FormData) -> Response:
        self._keys.renew(_person(request).name, raw_of(form, "passphrase"))
        return self._page(request, done=self._shell.words(request)("已续签", "Signed anew"))

    def _set_threshold(self, request: Request, form: FormData) -> Response:
        role, typed, t = text_of(form, "role"), text_of(form, "threshold"), self._shell.words(request)
        if not (typed.isascii() and typed.isdecimal() and len(typed) < 3):
            raise ReleaseError("a number of people (请填人数)")
        is_good = self._keys.set_threshold(_person(request).name, role, int(typed), raw_of(form, "passphrase"))
        done = t("签字人数已改。", "The number is changed.")
        return self._page(request, done=done + self._after(request, [] if is_good else [role]))

    def _after(self, request: Request, unsigned: list[str]) -> str:
        """Say what has to be done because signatures do not count any more."""
        t, said = self._shell.words(request), ""
        if URGENT_ROLE in unsigned:
            said += t(" 原来的紧急指令失效了，还需要的请重发。", " Urgent orders end with this: give them anew.")
        if any(role != URGENT_ROLE for role in unsigned):
            said += t(" 请重新发布一次；屏幕在这之前照常播原来的内容。", " Publish once more; screens play on.")
        return said

    def _open_roles(self) -> list[str]:
        """Give the roles that people can be added to; the last review level is one that does not exist yet."""
        count = len(self._keys.levels())
        return [*(review_role(level) for level in range(1, min(count + 1, MOST_LEVELS) + 1)), URGENT_ROLE]

    def _page(self, request: Request, status: int = 200, **more: Any) -> Response:
        said = {"role": "", "name": "", "made": ""}
        values: dict[str, Any] = {"fault": "", "done": "", "password": "", "said": said, "open": ""} | more
        rows = self._rows() if self._keys.exists else []
        return self._shell.render(
            request,
            "settings/keys.html",
            status,
            rows=rows,
            levels=len(self._keys.levels()) if rows else 0,
            open_roles=self._open_roles() if rows else [],
            names=[one.name for one in self._roster.all() if one.is_active],
            warned=[row for row in rows if row.tone in ("warn", "bad")],
            folder=self._desk.folder,
            path="/settings/keys",
            **values,
        )

    def _rows(self) -> list[Row]:
        here, now_ms = self._keys.keys_here(), self._desk.clock.now_ms()
        return [_row(state, here, now_ms) for state in self._keys.roles()]


def _row(state: RoleState, here: frozenset[str], now_ms: int) -> Row:
    holders = tuple(Holder(name, is_own_name(name), name in here) for name in state.people)
    is_peoples = state.role.startswith("review") or state.role == URGENT_ROLE
    if state.role.startswith("review"):
        number = state.role.removeprefix("review")
        if holders and all(one.is_office for one in holders):
            words = ("发布", "Release", ("不审核：办公室自己签发", "no review: the office itself signs"))
        else:
            words = (
                f"第 {number} 级审核",
                f"Review level {number}",
                ("签过字的内容才能上屏", "what screens show"),
            )
    else:
        words = _WORDS[state.role]
    expires_ms = to_ms(state.expires) if state.expires else None
    days_left = (expires_ms - now_ms) // _DAY_MS if expires_ms is not None else 0
    tone = "" if expires_ms is None else "bad" if state.is_expired else "warn" if state.is_expiring else "good"
    if state.role.startswith("review") and len(holders) < state.threshold:
        tone = "bad"
    return Row(state.role, *words, holders, state.threshold, expires_ms, days_left, tone, is_peoples)


def is_own_name(name: str) -> bool:
    """Tell whether a key of this name is the office's own, not a person's: `release`, `targets-2`."""
    return name.rstrip("0123456789").removesuffix("-") in _OWN_NAMES


def _person(request: Request) -> Person:
    person = person_of(request)
    assert person is not None
    return person

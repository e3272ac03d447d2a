"""设置 · 密钥: who signs what and until when it is good; reviewers added and revoked, thresholds,
fewer levels, renewing and new keys.

Passphrases are used for the one request: never kept, logged or shown again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from signage.base.errors import SignageError
from signage.base.moments import to_ms
from signage.office.console.keywords import WORDS, review_words
from signage.office.console.pages.setup import let_reviewer_in
from signage.office.console.passwords import fault_of
from signage.office.console.roles import Role
from signage.office.console.roster import Roster
from signage.office.console.sessions import Person
from signage.office.console.shell import Shell, action, go_to, page, person_of, raw_of, text_of
from signage.office.keyroom import MOST_PUBLIC_BYTES, KeyRoom
from signage.office.people import RoleState
from signage.office.releasing import said_of
from signage.office.said import Said, joined
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
    title: Said
    does: Said
    holders: tuple[Holder, ...]
    threshold: int
    expires_ms: int | None
    days_left: int
    tone: str
    is_peoples: bool
    turns: str
    """What to name in a wish for a new key; empty where people hold it."""


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
            "rotate": self._rotate,
            "rotate-all": self._rotate_all,
            "levels": self._lower,
            "mend": self._mend,
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
        if role not in _open_roles(len(self._keys.levels())):
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

    def _rotate(self, request: Request, form: FormData) -> Response:
        role, t = text_of(form, "role"), self._shell.words(request)
        self._keys.rotate(_person(request).name, role, raw_of(form, "passphrase"))
        words = WORDS[role]
        done = t(f"“{words.title.zh}”已换成新密钥。", f"'{words.title.en}' has a new key. ")
        return self._page(request, done=done + t(words.after.zh, words.after.en))

    def _rotate_all(self, request: Request, form: FormData) -> Response:
        t, new = self._shell.words(request), raw_of(form, "new")
        person = _person(request)
        if fault := fault_of(new, person.name, self._desk.settings.read().community):
            raise ReleaseError(f"new passphrase: {fault[1]} (新口令：{fault[0]})")
        if new != raw_of(form, "again"):
            raise ReleaseError("the two passphrases differ (两次输入的新口令不一样)")
        if new == raw_of(form, "passphrase"):
            raise ReleaseError("the new passphrase is the old one (新口令和原来的一样)")
        roles = self._keys.own_roles()
        self._keys.rotate_all(person.name, raw_of(form, "passphrase"), new)
        done = t("办公室的密钥和口令都换好了。", "The office's keys and passphrase are new. ")
        after = [WORDS[role].after for role in ("root", "release", "urgent") if role in roles]
        return self._page(request, done=done + joined(after, "", " ").within(self._shell.language(request)))

    def _mend(self, request: Request, form: FormData) -> Response:
        self._keys.mend(_person(request).name, raw_of(form, "passphrase"))
        done = self._shell.words(request)(
            "好了，屏幕会重新认得这间办公室。请重新发布一次，再点一次“恢复正常播出”；再把 keys 文件夹复制一份到 U 盘。",
            "Done: screens know this office again. Publish once, give 'resume' once, and copy the keys folder again.",
        )
        return self._page(request, done=done)

    def _lower(self, request: Request, form: FormData) -> Response:
        typed, t = text_of(form, "levels"), self._shell.words(request)
        if not (typed.isascii() and typed.isdecimal() and len(typed) == 1):
            raise ReleaseError("choose how many levels (请选几级审核)")
        if text_of(form, "sure") != "yes":
            raise ReleaseError("tick that you know what is given up (请先勾选“我知道”)")
        done = self._keys.lower(_person(request).name, int(typed), raw_of(form, "passphrase"))
        said = t(f"现在是 {done.after} 级审核。", f"There are {done.after} review levels now. ")
        if not done.after:
            said = t("现在不用审核：发布员点“发布”就上屏。", "Nothing is reviewed now: a publisher publishes. ")
        if done.returned:
            numbers = "、".join(map(str, done.returned))
            said += t(f"还在等审核的第 {numbers} 号已退回，请重新提交。", f"What waited ({numbers}) is returned. ")
        if done.is_unsigned:
            said += t("请重新发布一次；屏幕在这之前照常播原来的内容。", "Publish once more; screens play on.")
        return self._page(request, done=said)

    def _after(self, request: Request, unsigned: list[str]) -> str:
        """Say what has to be done because signatures do not count any more."""
        t, said = self._shell.words(request), ""
        if URGENT_ROLE in unsigned:
            said += t(" 原来的紧急指令失效了，还需要的请重发。", " Urgent orders end with this: give them anew.")
        if any(role != URGENT_ROLE for role in unsigned):
            said += t(" 请重新发布一次；屏幕在这之前照常播原来的内容。", " Publish once more; screens play on.")
        return said

    def _page(self, request: Request, status: int = 200, **more: Any) -> Response:
        said = {"role": "", "name": "", "made": ""}
        values: dict[str, Any] = {"fault": "", "done": "", "password": "", "said": said, "open": ""} | more
        rows = self._rows() if self._keys.exists else []
        levels = [list(one.people) for one in self._keys.levels()] if rows else []
        return self._shell.render(
            request,
            "settings/keys.html",
            status,
            rows=rows,
            levels=len(levels),
            open_roles=_open_roles(len(levels)) if rows else [],
            names=[one.name for one in self._roster.all() if one.is_active],
            gone={number: list(chain(*levels[number:])) for number in range(len(levels))},
            needs_mending=bool(rows) and self._keys.needs_mending,
            own_roles=self._keys.own_roles() if rows else [],
            words=WORDS,
            warned=[row for row in rows if row.tone in ("warn", "bad")],
            folder=self._desk.folder,
            path="/settings/keys",
            **values,
        )

    def _rows(self) -> list[Row]:
        here, now_ms = self._keys.keys_here(), self._desk.clock.now_ms()
        states = sorted(self._keys.roles(), key=lambda one: one.role == URGENT_ROLE)  # after the levels
        return [_row(state, here, now_ms) for state in states]


def _open_roles(levels: int) -> list[str]:
    """Give the roles that people can be added to; the last review level is one that does not exist yet."""
    return [*(review_role(level) for level in range(1, min(levels + 1, MOST_LEVELS) + 1)), URGENT_ROLE]


def _row(state: RoleState, here: frozenset[str], now_ms: int) -> Row:
    holders = tuple(Holder(name, is_own_name(name), name in here) for name in state.people)
    is_peoples = state.role.startswith("review") or state.role == URGENT_ROLE
    is_own = bool(holders) and all(one.is_office for one in holders)
    turns = "" if is_peoples and not is_own else "release" if state.role.startswith("review") else state.role
    if state.role.startswith("review"):
        title, does = review_words(state.role.removeprefix("review"), is_own)
    else:
        title, does = WORDS[state.role].title, WORDS[state.role].does
    expires_ms = to_ms(state.expires) if state.expires else None
    days_left = (expires_ms - now_ms) // _DAY_MS if expires_ms is not None else 0
    tone = "" if expires_ms is None else "bad" if state.is_expired else "warn" if state.is_expiring else "good"
    if state.role.startswith("review") and len(holders) < state.threshold:
        tone = "bad"
    return Row(state.role, title, does, holders, state.threshold, expires_ms, days_left, tone, is_peoples, turns)


def is_own_name(name: str) -> bool:
    """Tell whether a key of this name is the office's own, not a person's: `release`, `targets-2`."""
    return name.rstrip("0123456789").removesuffix("-") in _OWN_NAMES


def _person(request: Request) -> Person:
    person = person_of(request)
    assert person is not None
    return person

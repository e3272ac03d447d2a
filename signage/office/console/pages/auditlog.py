"""设置 · 操作记录: who did what and when, found and paged; the proof that nothing was taken out; exports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from signage.office.auditpages import PAGE_ROWS, AuditPages, Wanted
from signage.office.console.auditwords import AREAS, UNSAID, name_of, subject_of, value_of, words_of
from signage.office.console.editwords import sentence_of
from signage.office.console.roles import Role
from signage.office.console.shell import ZONE, Shell, local_now, page, person_of

_FIELDS = ("person", "area", "q", "since", "until")
_MOST_TEXT = 100


def routes(shell: Shell) -> list[BaseRoute]:
    """Give the routes of this area."""
    pages = _AuditPages(shell)
    return [
        Route("/settings/audit", page(pages.show, Role.ADMINISTRATOR), methods=["GET"]),
        Route("/settings/audit/audit.csv", page(pages.csv, Role.ADMINISTRATOR), methods=["GET"]),
        Route("/settings/audit/audit.jsonl", page(pages.lines, Role.ADMINISTRATOR), methods=["GET"]),
    ]


class _AuditPages:
    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._desk = shell.desk
        self._log = AuditPages(shell.desk.database, ZONE)

    def show(self, request: Request) -> Response:
        before, query = request.query_params.get("before", ""), _query(request)
        is_number = before.isascii() and before.isdecimal() and len(before) < 16
        rows = self._log.page(_wanted(request), int(before) if is_number else None)
        is_proved = bool(request.query_params.get("proof"))
        older = urlencode([*query, ("before", rows[PAGE_ROWS - 1].number)]) if len(rows) > PAGE_ROWS else ""
        return self._shell.render(
            request,
            "settings/audit.html",
            rows=rows[:PAGE_ROWS],
            words_of=words_of,
            name_of=name_of,
            value_of=value_of,
            sentence_of=sentence_of,
            subject_of=subject_of,
            unsaid=UNSAID,
            areas=AREAS,
            people=self._log.people(),
            said={name: request.query_params.get(name, "") for name in _FIELDS},
            query=urlencode(query),
            older=older,
            is_first=not is_number,
            is_proved=is_proved,
            fault=self._desk.audit.first_fault() if is_proved else None,
            newest=rows[0] if rows and not is_number and not query else None,
            path="/settings/audit",
        )

    def csv(self, request: Request) -> Response:
        t = self._shell.words(request)
        zh, en = ("编号", "时间", "谁", "做了什么", "对象", "细节", "代码", "链"), (
            "number", "time", "person", "did", "what", "detail", "action", "hash",
        )  # fmt: skip
        head = [t(*words) for words in zip(zh, en, strict=True)]
        body = self._log.as_csv(_wanted(request), head, lambda action: t(*words_of(action)))
        return self._export(request, body, "csv", "text/csv; charset=utf-8")

    def lines(self, request: Request) -> Response:
        return self._export(request, self._log.as_lines(_wanted(request)), "jsonl", "application/x-ndjson")

    def _export(self, request: Request, body: Iterator[bytes], ending: str, kind: str) -> Response:
        person = person_of(request)
        assert person is not None
        self._desk.audit.note(person.name, "audit.exported", ending, dict(_query(request)))
        name = f"audit-{local_now(self._desk):%Y%m%d-%H%M}.{ending}"
        headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
        return StreamingResponse(body, media_type=kind, headers=headers)


def _wanted(request: Request) -> Wanted:
    said = request.query_params
    return Wanted(
        said.get("person", ""),
        said.get("area", "") if said.get("area", "") in AREAS else "",
        said.get("q", "").strip()[:_MOST_TEXT],
        _day(said.get("since", "")),
        _day(said.get("until", "")),
    )


def _day(said: str) -> date | None:
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return None
    return day if date(1970, 1, 2) <= day <= date.max - timedelta(days=2) else None


def _query(request: Request) -> list[tuple[str, str]]:
    return [(name, request.query_params[name][:_MOST_TEXT]) for name in _FIELDS if request.query_params.get(name)]

"""播出报告: proof of play by item, playlist and screen over a period; as a page, for paper, and as tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from signage.office.console.shell import Shell, local_now, page
from signage.office.screens.fleet import Fleet, FleetView
from signage.office.screens.proof import MOST_DAYS, Report, compare, make_report, read_mishaps
from signage.office.screens.sheets import Reader, as_csv, as_xlsx
from signage.office.screens.totals import Grouping, Query, Sum

_ROWS_ON_PAGE = 300
_BARS = 12
_EARLIEST, _LATEST = date(2020, 1, 1), date(2199, 12, 31)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def routes(shell: Shell, fleet: Fleet) -> list[BaseRoute]:
    """Give the routes of this area."""
    pages = _Reports(shell, fleet)
    return [
        Route("/reports", page(pages.show), methods=["GET"]),
        Route("/reports/coverage", page(pages.coverage), methods=["GET"]),
        Route("/reports/shown.csv", page(pages.csv), methods=["GET"]),
        Route("/reports/shown.xlsx", page(pages.xlsx), methods=["GET"]),
    ]


class _Reports:
    def __init__(self, shell: Shell, fleet: Fleet) -> None:
        self._shell = shell
        self._fleet = fleet

    def show(self, request: Request) -> Response:
        today = local_now(self._shell.desk).date()
        view = self._fleet.view()
        query, chosen = read_query(request.query_params, today, view)
        lists = self._playlists()
        # What is worked out while somebody waits comes after the page.
        is_later = query.first <= today <= query.last or query.is_by_month
        screens = _screens_of(query, view)
        report = make_report(self._shell.desk, query, screens, _ROWS_ON_PAGE, compares=not is_later)
        return self._shell.render(
            request,
            "reports/report.html",
            report=report,
            is_later=is_later,
            query=query,
            chosen=chosen,
            playlists=sorted(lists),
            lists=lists,
            screens=[(one.name, one.title) for one in sorted(view.screens, key=lambda one: one.name)],
            tags=sorted({tag for one in view.screens for tag in one.screen.tags}),
            titles={one.name: one.title for one in view.screens},
            presets=presets(today, chosen),
            bars=bars(report),
            export=urlencode(chosen | {"first": query.first.isoformat(), "last": query.last.isoformat()}),
        )

    def _playlists(self) -> dict[str, str]:
        """Give the titles of those to choose from: what is on air; an older one can be asked for by the address."""
        manifests = self._fleet.on_air.now().manifests.values()
        found = (playlist for manifest in manifests for playlist in manifest.store.playlists)
        return {playlist.name: playlist.title or playlist.name for playlist in found}

    def coverage(self, request: Request) -> Response:
        """Give what the page did not wait for: planned against shown, and slow reasons."""
        view = self._fleet.view()
        query, _ = read_query(request.query_params, local_now(self._shell.desk).date(), view)
        found, is_left_out = compare(self._shell.desk, query, _screens_of(query, view))
        mishaps = read_mishaps(self._shell.desk, query) if query.has_slow_reasons else ()
        report = Report(query, Sum(""), (), (), mishaps, tuple(found), is_left_out)
        titles = {one.name: one.title for one in view.screens}
        return self._shell.render(request, "reports/later.html", report=report, titles=titles)

    def csv(self, request: Request) -> Response:
        report, reader = self._whole(request)
        return _download(as_csv(report, reader), "text/csv; charset=utf-8", _name(report, reader, "csv"))

    def xlsx(self, request: Request) -> Response:
        report, reader = self._whole(request)
        return _download(as_xlsx(report, reader), _XLSX, _name(report, reader, "xlsx"))

    def _whole(self, request: Request) -> tuple[Report, Reader]:
        view = self._fleet.view()
        query, _ = read_query(request.query_params, local_now(self._shell.desk).date(), view)
        titles = {one.name: one.title for one in view.screens}
        reader = Reader(self._shell.language(request), titles, self._playlists())
        return make_report(self._shell.desk, query, _screens_of(query, view)), reader


def read_query(params: Mapping[str, str], today: date, view: FleetView) -> tuple[Query, dict[str, str]]:
    """Give what is asked for, and as the form shows it; what makes no sense is passed over."""
    chosen = {name: params.get(name, "") for name in ("first", "last", "screen", "playlist", "item", "by")}
    first, last = _date(chosen["first"]) or today, _date(chosen["last"]) or today
    first, last = min(first, last), max(first, last)
    first = max(first, last - timedelta(days=MOST_DAYS - 1))
    screen = chosen["screen"]
    screens: tuple[str, ...] = (screen,) if screen else ()
    if screen.startswith("tag:"):
        tag = screen.removeprefix("tag:")
        screens = tuple(one.name for one in view.screens if tag in one.screen.tags) or ("",)
    by = Grouping(chosen["by"]) if chosen["by"] in set(Grouping) else Grouping.ITEM
    return Query(first, last, screens, chosen["playlist"], chosen["item"].strip()[:100], by), chosen


def presets(today: date, chosen: Mapping[str, str]) -> list[tuple[str, str, str, bool]]:
    """Give the usual periods: in Chinese, in English, the address, and whether it is the one shown."""
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    periods = [
        ("今天", "Today", today, today),
        ("昨天", "Yesterday", today - timedelta(days=1), today - timedelta(days=1)),
        ("本周", "This week", today - timedelta(days=today.weekday()), today),
        ("本月", "This month", month, today),
        ("上月", "Last month", before.replace(day=1), before),
    ]
    rest = {name: chosen[name] for name in ("screen", "playlist", "item", "by") if chosen[name]}
    now = (_date(chosen["first"]) or today, _date(chosen["last"]) or today)
    return [
        (
            zh,
            en,
            f"/reports?{urlencode({'first': first.isoformat(), 'last': last.isoformat()} | rest)}",
            now == (first, last),
        )
        for zh, en, first, last in periods
    ]


def bars(report: Report) -> list[Sum]:
    """Give what the chart draws: every day of a longer period, else the rows with most time."""
    if report.query.days > 1 and len(report.by_day) > 1:
        return list(report.by_day)
    return list(report.rows[:_BARS])


def _screens_of(query: Query, view: FleetView) -> list[str]:
    return list(query.screens) or [one.name for one in view.screens if one.known.enrolled_ms is not None]


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if _EARLIEST <= found <= _LATEST else None


def _name(report: Report, reader: Reader, ending: str) -> str:
    query, title = report.query, reader.t("播出报告", "Proof of play")
    return f"{title}-{query.first:%Y%m%d}-{query.last:%Y%m%d}.{ending}"


def _download(data: bytes, kind: str, name: str) -> Response:
    headers: dict[str, Any] = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "cache-control": "no-store",
    }
    return Response(data, media_type=kind, headers=headers)

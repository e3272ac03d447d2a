"""Requests and the office's tables in, Prometheus' text out: for who watches many offices. No names, no secrets."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signage.base.errors import SignageError
from signage.office.database.tables import AlarmRow, MediaRow, ScreenRow, ScreenStateRow
from signage.office.desk import Desk
from signage.office.publish import number_on_air

_AREAS = frozenset(
    {"metadata", "targets", "blobs", "events", "api", "static", "files", "public", "healthz", "metrics"}
    | {"login", "logout", "setup", "media", "playlists", "schedule", "review", "urgent", "reports", "settings"}
    | {"account", "password", "screens", "pair"}
)
_BUCKETS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


class Metrics:
    """Counts in a registry of its own, so that two offices in one process (tests) do not meet."""

    def __init__(self, desk: Desk) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter("signage_requests", "Requests answered", ["area", "status"], registry=self._registry)
        self.seconds = Histogram(
            "signage_request_seconds", "Time to answer", ["area"], buckets=_BUCKETS, registry=self._registry
        )
        self.reports = Counter("signage_reports", "What screens reported", ["kind", "outcome"], registry=self._registry)
        self._registry.register(_Tables(desk))

    def text(self) -> bytes:
        """Give all of it in Prometheus' text format."""
        return generate_latest(self._registry)


class Counted:
    """ASGI: passes everything on and counts it. A stream that never ends is counted when it does."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began_s = 500, time.perf_counter()

        async def send_counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_counted)
        finally:
            area = area_of(scope["path"])
            self._metrics.requests.labels(area, f"{status // 100}xx").inc()
            if area != "events":
                self._metrics.seconds.labels(area).observe(time.perf_counter() - began_s)
            if scope["path"].startswith("/api/screens/"):
                kind = scope["path"].rpartition("/")[2]
                if kind in ("heartbeat", "asrun", "picture"):
                    self._metrics.reports.labels(kind, "taken" if status < 300 else "refused").inc()


def area_of(path: str) -> str:
    """Give the part of the office that a path belongs to; a foreign path makes no new name."""
    first = path.split("/")[1] if "/" in path else ""
    return first if first in _AREAS else "home" if not first else "other"


def may_read(address: str, allowed: Sequence[str]) -> bool:
    """Tell whether this client may read the metrics: this machine, or an address or network that was allowed."""
    try:
        client = ipaddress.ip_address(address)
    except ValueError:
        return False
    if client.is_loopback:
        return True
    for one in allowed:
        with suppress(ValueError):
            if client in ipaddress.ip_network(one, strict=False):
                return True
    return False


class _Tables(Collector):
    """What the tables say at the moment of asking."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        screens = GaugeMetricFamily("signage_screens", "Screens let in, by their state", labels=["state"])
        media = GaugeMetricFamily("signage_media_files", "Files of the shared folder, by state", labels=["state"])
        with self._desk.database.reading() as session:
            let_in = select(ScreenRow.name).where(ScreenRow.revoked_ms.is_(None))
            states = select(ScreenStateRow.state, func.count()).where(
                ScreenStateRow.ended_ms.is_(None), ScreenStateRow.screen.in_(let_in)
            )
            known = 0
            for state, count in session.execute(states.group_by(ScreenStateRow.state)):
                screens.add_metric([state], count)
                known += count
            total = session.scalar(select(func.count()).select_from(let_in.subquery())) or 0
            heard_ms = session.scalar(select(func.min(ScreenRow.heard_ms)).where(ScreenRow.revoked_ms.is_(None)))
            for state, count in session.execute(select(MediaRow.state, func.count()).group_by(MediaRow.state)):
                media.add_metric([state], count)
            alarms = session.scalar(select(func.count(AlarmRow.id)).where(AlarmRow.ended_ms.is_(None))) or 0
        if total > known:
            screens.add_metric(["unknown"], total - known)
        yield screens
        yield media
        yield _gauge("signage_alarms_open", "Alarms that are open", alarms)
        if heard_ms is not None:
            silence_s = max(0, self._desk.clock.now_ms() - heard_ms) / 1000
            yield _gauge("signage_longest_silence_seconds", "Since the quietest screen was heard", silence_s)
        if self._desk.ingest is not None:
            waiting = self._desk.ingest.progress
            yield _gauge("signage_ingest_waiting", "Files that wait to be taken in", waiting.total - waiting.done)
        with suppress(SignageError):
            yield _gauge("signage_release_number", "Number of the release on air", number_on_air(self._desk.office()))


def _gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, value=value)

"""A desk in, what the office does for itself out: health and metrics by HTTP, alarms sent on."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from signage.office.chores import Chores
from signage.office.console.guard import is_own_host
from signage.office.desk import Desk
from signage.office.health import Health
from signage.office.metrics import Metrics, may_read
from signage.office.services import Services
from signage.office.webhooks import AlarmSender

HEALTH_S = 60.0


class Upkeep:
    """Everything of this kind; `services` starts and closes it with the server."""

    def __init__(self, desk: Desk, services: Services) -> None:
        self._desk = desk
        self.metrics = Metrics(desk)
        self.health = Health(desk)
        self.sender = AlarmSender(desk)
        chores = Chores(desk.clock)
        chores.every(HEALTH_S, self.health.tell, "looking after the office")
        services.add(self.sender.close, self.sender.start)
        services.add(chores.close, chores.start)

    @property
    def routes(self) -> list[BaseRoute]:
        """Give /healthz, for everybody but without details, and /metrics, for who may read it."""
        return [
            Route("/healthz", self._tell_health, methods=["GET"]),
            Route("/metrics", self._tell_metrics, methods=["GET"]),
        ]

    def status_line(self) -> str:
        """Give a line on how the office is, for whoever looks after this machine."""
        wrong = [check.name for check in self.health.look() if check.is_wrong]
        return f"wrong: {', '.join(wrong)} (see the console)" if wrong else "well"

    async def _tell_health(self, _request: Request) -> Response:
        checks = await run_in_threadpool(self.health.look)
        is_fine = not any(check.is_wrong for check in checks)
        words = {check.name: "wrong" if check.is_wrong else "warning" if check.zh else "ok" for check in checks}
        said = {"status": "ok" if is_fine else "wrong", "checks": words}
        return JSONResponse(said, 200 if is_fine else 503, {"cache-control": "no-store"})

    async def _tell_metrics(self, request: Request) -> Response:
        settings = await run_in_threadpool(self._desk.settings.read)
        address = request.client.host if request.client else ""
        # A page of another site that has its own name point here would be on this machine too.
        is_here = is_own_host(request.headers.get("host", ""), settings.hosts)
        if not is_here or not may_read(address, settings.metrics_from):
            return PlainTextResponse("only from this machine, or an address that the settings name\n", 403)
        return Response(await run_in_threadpool(self.metrics.text), media_type="text/plain; version=0.0.4")

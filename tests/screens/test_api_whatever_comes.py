"""Whatever a screen or a stranger sends, the API answers as its OpenAPI says."""

from __future__ import annotations

from collections.abc import Callable

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.schemas import APIOperation
from starlette.testclient import TestClient

from signage.office.desk import Desk
from signage.office.screens.api import ScreensApi
from signage.office.server import make_office_app
from tests.screens.conftest import AScreen


def test_every_answer_is_one_that_is_described(
    desk: Desk, client: TestClient, api: ScreensApi, enrolled: Callable[[str], AScreen]
) -> None:
    screen = enrolled("gate")
    schema = schemathesis.openapi.from_dict(client.get("/api/openapi.json").json())
    seen: set[tuple[str, int]] = set()

    def try_out(operation: APIOperation) -> None:
        @given(operation.as_strategy())
        @settings(
            max_examples=25,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Case) -> None:
            said = case.as_transport_kwargs(base_url="http://testserver/api/screens", headers=screen.headers)
            body = {name: said[name] for name in ("json", "params") if said.get(name) is not None}
            if isinstance(said.get("data"), bytes | str):
                body["content"] = said["data"]
            answer = client.request(said["method"], said["url"], headers=dict(said["headers"]), **body)
            described = operation.definition.raw["responses"]
            assert str(answer.status_code) in described, (case.path, answer.status_code, answer.text)
            assert answer.status_code < 500
            seen.add((operation.label, answer.status_code))

        ask()

    for result in schema.get_all_operations():
        try_out(result.ok())

    assert {("POST /heartbeat", 200), ("POST /asrun", 200), ("POST /pairings", 201)} <= seen


def test_the_description_names_every_path(desk: Desk) -> None:
    with TestClient(make_office_app(desk)) as client:
        described = client.get("/api/openapi.json").json()

    assert set(described["paths"]) == {"/pairings", "/pairings/{code}", "/heartbeat", "/asrun", "/picture"}
    assert described["servers"] == [{"url": "/api/screens"}]

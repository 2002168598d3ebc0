from __future__ import annotations

import pytest
from services.ui.tests.company import Company
from services.ui.tests.site_under_test import visitor_of

from portus_shared.config import InvalidSettings
from portus_ui.app import Ui
from portus_ui.config import read


def test_ping_answers_anybody(ui: Ui) -> None:
    answer = visitor_of(ui).visit("/api/v1/_ping")
    assert (answer.status_code, answer.json) == (200, {"pong": True})


def test_health_tells_of_every_service(ui: Ui, company: Company) -> None:
    answer = visitor_of(ui).visit("/api/v1/health")
    ready = {"msg": "ready", "success": True}
    assert (answer.status_code, answer.json) == (
        200,
        {"auth": ready, "catalog": ready, "sync": ready, "ui": ready},
    )
    company.away |= {"sync", "auth"}
    answer = visitor_of(ui).visit("/api/v1/health")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["sync"] == {"msg": "registry: does not answer", "success": False}
    assert answer.json["auth"]["success"] is False


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Portus-Auth": "ines.moreau:token"}, 200),
        ({"Portus-Auth": "nobody:token"}, 401),
    ],
)
def test_the_version_is_for_callers_who_are_known(
    ui: Ui, headers: dict[str, str], status: int
) -> None:
    answer = visitor_of(ui).visit("/api/version", **headers)
    assert answer.status_code == status
    if status == 200:
        assert answer.json is not None
        assert answer.json["api-versions"] == ["v1"]


def test_auth_is_told_where_a_credential_was_shown(ui: Ui, company: Company) -> None:
    visitor_of(ui).visit("/api/version", **{"Portus-Auth": "nobody:token"})
    assert company.shown_from == ["127.0.0.1"]


def test_clients_of_the_original_are_led_to_the_document(ui: Ui) -> None:
    answer = visitor_of(ui).visit("/api/openapi-spec")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/api/openapi.json")


def test_operators_see_whether_it_is_ready(ui: Ui) -> None:
    assert visitor_of(ui).visit("/ready").json == {"status": "ok", "parts": {"database": "ok"}}
    assert visitor_of(ui).visit("/live").status_code == 200


def test_all_faults_of_the_settings_are_told_at_once() -> None:
    with pytest.raises(InvalidSettings) as raised:
        read({"PORTUS_PUBLIC_URL": "portus.example", "PORTUS_UI_THREADS": "two"})
    told = str(raised.value)
    for name in ("DATABASE_URL", "BUS_URL", "PUBLIC_URL", "UI_THREADS", "SERVICE_SECRET"):
        assert f"PORTUS_{name}" in told


def test_one_document_describes_all_services(ui: Ui, company: Company) -> None:
    document = visitor_of(ui).visit("/api/openapi.json").json
    assert document is not None
    paths = document["paths"]
    assert {"/api/v1/_ping", "/api/v1/fake-auth", "/api/v1/fake-sync"} <= set(paths)
    assert not [path for path in paths if path.startswith("/internal/")]
    schemas = document["components"]["schemas"]
    answer = paths["/api/v1/fake-auth"]["get"]["responses"]["200"]
    name = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert schemas[name]["title"] == "fake-auth"
    company.away.add("auth")
    assert visitor_of(ui).visit("/api/openapi.json").status_code == 503

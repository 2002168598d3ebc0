from collections.abc import Iterable
from typing import Any

import pytest
from werkzeug.test import Client

from portus_standalone.origin import NOBODY, REGISTRY, Origin, service_for

OWNERS = {
    "auth": """
        /v2/token //v2//token /api//v1/users
        /.well-known/jwks.json /.well-known/portus-ca.pem
        /api/v1/users /api/v1/users/1/application_tokens
        /api/v1/users/bootstrap /api/v1/teams/1/members /api/v1/namespaces /api/v1/namespaces/7
        /api/v1/namespaces/7/teams /api/v1/registries /api/v1/sessions /api/v1/application_tokens/3
        /api/v1/robots /api/v1/access /api/v1/decisions""",
    "catalog": """
        /api/v1/repositories /api/v1/repositories/1/tags /api/v1/tags/4 /api/v1/manifests
        /api/v1/activities /api/v1/search /api/v1/namespaces/7/repositories
        /api/v1/namespaces/7/repositories/""",
    "sync": """
        /v2/webhooks/events /api/v1/scans /api/v1/drift /api/v1/deletions /api/v1/quarantine
        /api/v1/events""",
    "ui": """
        / /api/v1/_ping /api/v1/health /api/version /api/openapi.json /documentation /setup
        /sign-in /repositories/1 /static/app.css /api/v1/usersandmore /v2token /internally""",
    REGISTRY: "/v2 /v2/ /v2/_catalog /v2/team/app/manifests/1 /v2/tokens /v2/webhooks",
    NOBODY: """
        /internal /internal/v1/principal /internal/ /metrics /metrics/ /ready /live /live/x
        //metrics ///internal//v1/principal //ready/ /internal//v1""",
}


@pytest.mark.parametrize(
    ("service", "path"),
    [(service, path) for service, paths in OWNERS.items() for path in paths.split()],
)
def test_each_public_path_has_one_owner(service: str, path: str) -> None:
    assert service_for(path) == service


@pytest.fixture
def client() -> Client:
    def named(name: str) -> Any:
        def application(environ: Any, start_response: Any) -> Iterable[bytes]:
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [f"{name} {environ['SCRIPT_NAME']}|{environ['PATH_INFO']}".encode()]

        return application

    return Client(Origin({name: named(name) for name in ("auth", "ui")}, "127.0.0.1:5080"))


def test_a_service_sees_the_whole_path(client: Client) -> None:
    assert client.get("/api/v1/users/1").text == "auth |/api/v1/users/1"
    assert client.get("/anything").text == "ui |/anything"


def test_what_belongs_to_nobody_is_not_found(client: Client) -> None:
    for path in ("/internal/v1/principal", "/metrics", "/ready", "/live"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.mimetype == "application/problem+json"


def test_the_registry_is_said_to_be_elsewhere(client: Client) -> None:
    answer = client.get("/v2/_catalog")
    assert answer.status_code == 404
    assert answer.get_json()["message"] == "The registry answers at 127.0.0.1:5080"

"""What the one public address answers, and what it does not."""

import pytest
import requests
from tests.e2e.product import Product


def status(product: Product, path: str) -> int:
    # requests would tidy the path up
    with requests.Session() as session:
        request = session.prepare_request(requests.Request("GET", product.url))
        request.url = product.url + path
        return session.send(request, timeout=10, allow_redirects=False).status_code


@pytest.mark.parametrize(
    "path",
    ["/internal/v1/about", "/metrics", "/ready", "/live", "//metrics", "//internal/v1/about"],
)
def test_what_is_between_services_is_not_public(product: Product, path: str) -> None:
    assert status(product, path) == 404


@pytest.mark.parametrize(
    "path",
    ["/users", "/teams", "/namespaces", "/repositories", "/tags", "/activities", "/scans"],
)
def test_each_service_wants_to_know_who_asks(product: Product, path: str) -> None:
    assert status(product, f"/api/v1{path}") == 401
    assert product.api("GET", path).status_code == 200


def test_health_covers_all_services(product: Product) -> None:
    health = requests.get(f"{product.url}/api/v1/health", timeout=10)
    assert health.status_code == 200
    parts = health.json()
    assert {"auth", "sync", "catalog", "ui"} <= set(parts)
    assert all(part["success"] for part in parts.values())


def test_an_anonymous_caller_gets_no_right_by_odd_scopes(product: Product) -> None:
    scopes = ["repository:private/x:*,pull,push", "registry:catalog:x,*"]
    answer = requests.get(
        f"{product.url}/v2/token", params={"service": product.host, "scope": scopes}, timeout=10
    )
    assert answer.status_code == 200
    bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
    for path in ("/v2/private/x/tags/list", "/v2/_catalog"):
        refused = requests.get(f"http://{product.host}{path}", headers=bearer, timeout=10)
        assert refused.status_code == 401


def test_a_notification_without_the_secret_is_refused(product: Product) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = requests.post(
            f"{product.url}/v2/webhooks/events", json={"events": []}, headers=headers, timeout=10
        )
        assert answer.status_code in {401, 403}

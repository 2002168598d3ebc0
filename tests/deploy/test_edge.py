"""nginx and Ingress send each path where the route table says."""

import re
import ssl
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Final

import pytest
import requests
import yaml
from hypothesis import given, strategies as st
from tests.deploy import nginx
from tests.deploy.kubectl import OVERLAYS, ROOT, of_kind, overlay
from tests.deploy.nginx import CONFIG, NAMES

from portus_standalone.origin import NOBODY, REGISTRY, ROUTES, service_for

LOCATIONS: Final = [
    (re.compile(pattern), NOBODY if answer.startswith("return 404") else answer.split("$")[1])
    for pattern, answer in re.findall(
        r"location ~ (\S+) \{\s+(return 404|proxy_pass \$\w+)", CONFIG
    )
]
PATHS: Final = [route.prefix.replace("*", "7") or "/other" for route in ROUTES] + [
    "/v2/tokens",
    "/v2/team/token",
    "/api/v1/namespaces/7/repositories/x",
    "/api/v1/namespaces/7",
    "/livestock",
    "/api/v1/_ping",
]
SEGMENTS: Final = sorted({word for path in PATHS for word in path.split("/") if word} | {"7"})


def nginx_says(path: str) -> str:
    return next((service for found, service in LOCATIONS if found.search(path)), "ui")


@given(st.lists(st.sampled_from(SEGMENTS), max_size=6), st.booleans())
def test_nginx_agrees_with_the_route_table(segments: list[str], ends_in_slash: bool) -> None:
    path = "/" + "/".join(segments) + ("/" if ends_in_slash and segments else "")
    assert nginx_says(path) == service_for(path)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("ending", ["", "/", "/below", "x"])
def test_nginx_agrees_about_every_route(path: str, ending: str) -> None:
    assert nginx_says(path + ending) == service_for(path + ending)


def test_ingress_leads_auth_alone_to_what_is_auths() -> None:
    (ingress,) = of_kind(overlay("auth-only"), "Ingress")
    prefixes = {each["path"] for each in ingress["spec"]["rules"][0]["http"]["paths"]}
    assert prefixes == {route.prefix for route in ROUTES if route.service == "auth"}


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with nginx.edge(tmp_path_factory.mktemp("edge")) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("path", [*PATHS, "//metrics", "/x/%2e%2e/metrics", "/internal%2Fv1/about"])
def test_the_real_nginx_asks_whom_the_table_names(edge: str, path: str) -> None:
    request = requests.Request("GET", edge).prepare()
    request.url = f"{edge}{path}"
    with requests.Session() as session:
        answer = session.send(request, timeout=10)
    decoded = path.replace("/x/%2e%2e", "").replace("%2F", "/") or "/"
    service = service_for(decoded)
    assert answer.headers.get("Service", NOBODY) == service
    assert answer.status_code == (404 if service == NOBODY else 200)
    assert REGISTRY in NAMES


def addresses_heard(connection: HTTPConnection, claimed: str) -> list[str]:
    """Return X-Forwarded-For as auth gets it from a client that makes up one of its own."""
    connection.request("GET", "/v2/token", headers={"X-Forwarded-For": claimed})
    heard = connection.getresponse().headers["Heard"]
    connection.close()
    return [address.strip() for address in heard.split(",")]


def test_behind_the_edge_one_proxy_is_to_be_trusted(edge: str) -> None:
    """The last address is the edge's word: whatever a client says stands before it."""
    connection = HTTPConnection(edge.partition("//")[2], source_address=("127.0.0.2", 0))
    assert addresses_heard(connection, "203.0.113.9, 127.0.0.1")[-1] == "127.0.0.2"


def test_behind_the_proxy_of_the_docs_two_are(edge: str, tmp_path: Path) -> None:
    with nginx.proxy_of_the_docs(tmp_path, behind=int(edge.rpartition(":")[2])) as port:
        anybody = ssl.create_default_context()
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        connection = HTTPSConnection(
            "127.0.0.1", port, context=anybody, source_address=("127.0.0.3", 0)
        )
        assert addresses_heard(connection, "203.0.113.9")[-2:] == ["127.0.0.3", "127.0.0.1"]


def test_as_many_proxies_are_trusted_as_there_are() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    for service in ("auth", "catalog", "sync", "ui"):
        setting = compose[service]["environment"][f"PORTUS_{service.upper()}_TRUSTED_PROXIES"]
        assert setting == "${PORTUS_PROXIES:-1}"
    # An Ingress, and the edge where there is one.
    assert {name: trusted_proxies(name) for name in OVERLAYS} == {
        "auth-only": {"auth": "1"},
        "dev": dict.fromkeys(("auth", "catalog", "sync", "ui"), "2"),
        "production": dict.fromkeys(("auth", "catalog", "sync", "ui"), "2"),
    }


def trusted_proxies(name: str) -> dict[str, str]:
    return {
        key.split("_")[1].lower(): value
        for each in of_kind(overlay(name), "ConfigMap")
        for key, value in each["data"].items()
        if key.endswith("_TRUSTED_PROXIES")
    }

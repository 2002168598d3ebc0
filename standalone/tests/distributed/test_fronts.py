"""Both fronts before real servers: who is asked, what is passed on, and how answers come back."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from standalone.tests.distributed.named_servers import NamedServer, start_front

from portus_shared.testing.waiting import free_port, wait_until
from portus_standalone.distributed.front import DISPATCHER, NGINX
from portus_standalone.distributed.ports import SERVERS
from portus_standalone.origin import NOBODY, REGISTRY, ROUTES, service_for

PATHS = [
    *(route.prefix.replace("*", "7") or "/other" for route in ROUTES),
    *(route.prefix.replace("*", "7") + "/below" for route in ROUTES),
    "/v2/tokens",
    "/v2/team/token",
    "/api/v1/namespaces/7",
    "/livestock",
    "//metrics",
    "/internal%2Fv1/about",
    "/api/v1/repositories%2F7",
]


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, NamedServer]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(NamedServer(name)) for name in SERVERS}


@pytest.fixture(scope="module", params=[NGINX, DISPATCHER])
def front(
    request: pytest.FixtureRequest,
    servers: dict[str, NamedServer],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The address of a front before all servers."""
    if request.param == NGINX:
        request.getfixturevalue("nginx_program")
    ports = {name: server.port for name, server in servers.items()}
    with ExitStack() as stack:
        yield start_front(request.param, ports, tmp_path_factory.mktemp("front"), stack)


def get(front: str, path: str, **options: Any) -> requests.Response:
    """Ask for `path` as it is written: requests would tidy it up."""
    with requests.Session() as session:
        request = session.prepare_request(requests.Request("GET", front, **options))
        request.url = f"{front}{path}"
        return session.send(request, timeout=10, allow_redirects=False)


@pytest.mark.parametrize("path", PATHS)
def test_the_front_asks_whom_the_table_names(front: str, path: str) -> None:
    answer = get(front, path)
    service = service_for(path.replace("%2F", "/"))
    if service in {NOBODY, REGISTRY}:
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        wanted = "Not found" if service == NOBODY else "The registry answers at 127.0.0.1:5080"
        assert answer.json()["message"] == wanted
    else:
        assert answer.headers["Service"] == service


def test_what_is_between_services_cannot_be_reached_around_a_corner(front: str) -> None:
    for path in ("/x/../metrics", "/x/%2e%2e/internal/v1/about", "/metrics/%2e%2e/metrics"):
        answer = get(front, path)
        assert answer.status_code == 404 or answer.json()["path"].startswith("/x/")


def test_a_request_is_passed_on_whole_with_who_asks(front: str) -> None:
    scopes = "&".join(f"scope=repository:team/name{number}:pull" for number in range(150))
    headers = {"Portus-Auth": "ada:secret", "X-Forwarded-For": "10.0.0.9", "Connection": "close"}
    answer = requests.post(
        f"{front}/api/v1/teams?{scopes}&empty=", json={"name": "ü"}, headers=headers, timeout=10
    )
    heard = answer.json()
    assert heard["path"] == f"/api/v1/teams?{scopes}&empty="
    assert heard["body"] == '{"name": "\\u00fc"}'
    assert heard["headers"]["portus-auth"] == "ada:secret"
    assert heard["headers"]["x-forwarded-for"] == "10.0.0.9, 127.0.0.1"
    assert heard["headers"]["x-forwarded-proto"] == "http"
    assert heard["headers"]["host"] == heard["headers"]["x-forwarded-host"] == front[7:]
    assert heard["headers"]["content-type"] == "application/json"


def test_answers_keep_their_status_and_all_cookies(front: str) -> None:
    answer = get(front, "/two-cookies")
    assert answer.status_code == 418
    assert answer.raw.headers.getlist("Set-Cookie") == ["a=1", "b=2"]


def test_a_head_request_has_no_body(front: str) -> None:
    answer = requests.head(f"{front}/page", timeout=10)
    assert answer.headers["Service"] == "ui"
    assert answer.content == b""


def test_a_body_too_large_is_refused(front: str) -> None:
    answer = requests.post(f"{front}/api/v1/teams", data=b"x" * (2 << 20), timeout=10)
    assert answer.status_code == 413


def test_a_live_stream_comes_as_it_is_written_and_its_end_is_noticed(
    front: str, servers: dict[str, NamedServer]
) -> None:
    servers["ui"].go_on.clear()
    servers["ui"].was_left.clear()
    with requests.get(f"{front}/stream", stream=True, timeout=10) as answer:
        pieces = answer.iter_content(chunk_size=None)
        assert next(pieces) == b"data: 1\n\n"
        servers["ui"].go_on.set()  # it writes the second only now
        assert next(pieces) == b"data: 2\n\n"
    wait_until(servers["ui"].was_left.is_set, 20, what="the server notices that the reader left")


@pytest.mark.parametrize("kind", [NGINX, DISPATCHER])
def test_a_service_that_is_away_is_said_in_the_form_that_callers_read(
    request: pytest.FixtureRequest, kind: str, tmp_path: Path
) -> None:
    if kind == NGINX:
        request.getfixturevalue("nginx_program")
    ports = {name: free_port() for name in SERVERS}
    with ExitStack() as stack:
        front = start_front(kind, ports, tmp_path, stack)
        answers = {path: get(front, path) for path in ("/v2/token", "/api/v1/users", "/explore")}
    assert {answer.status_code for answer in answers.values()} == {503}
    assert {answer.headers["Retry-After"] for answer in answers.values()} == {"2"}
    assert answers["/v2/token"].json()["errors"][0]["code"] == "UNAVAILABLE"
    assert answers["/api/v1/users"].json()["status"] == 503
    assert answers["/explore"].headers["Content-Type"].startswith("text/html")
    assert "One moment" in answers["/explore"].text

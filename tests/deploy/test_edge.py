"""nginx and Ingress send each path where the route table says."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

import pytest
import requests
from hypothesis import given, strategies as st
from tests.deploy.kubectl import K8S, of_kind, overlay

from portus_shared.testing.missing import find_program
from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import free_port, is_listening, wait_until
from portus_standalone.origin import NOBODY, REGISTRY, ROUTES, service_for

CONFIG: Final = (K8S / "edge" / "nginx.conf").read_text()
NAMES: Final = ("auth", "sync", "catalog", "ui", "registry")
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
    """The real nginx with the real configuration, before servers that say their names."""
    directory: Path = tmp_path_factory.mktemp("edge")
    port = free_port()
    with ExitStack() as stack:
        names = (K8S / "edge" / "names.conf").read_text()
        for name in NAMES:
            server = stack.enter_context(_named_server(name))
            address = f"127.0.0.1:{server.server_port}"
            names = re.sub(rf"server {name}:\d+", f"server {address}", names)
        (directory / "names.conf").write_text(names)
        config = CONFIG.replace("/tmp/", f"{directory}/").replace("listen 8080", f"listen {port}")
        config = config.replace("/etc/nginx/names.conf", str(directory / "names.conf"))
        (directory / "nginx.conf").write_text(config)
        command = [str(_nginx()), "-c", str(directory / "nginx.conf"), "-g", "daemon off;"]
        process = Process(command, log=directory / "log")
        stack.callback(process.stop)
        wait_until(lambda: is_listening(port), what="nginx listens")
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


def _nginx() -> Path:
    try:
        return find_program(["nginx"], component="nginx", install="nginx-light")
    except RuntimeError:
        pytest.skip("not run: install nginx-light")


class _Named(ThreadingHTTPServer):
    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


def _named_server(name: str) -> _Named:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Service", name)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Named(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return server

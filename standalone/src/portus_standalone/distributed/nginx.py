"""nginx as the front: its configuration, made from the table of routes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from portus_standalone.addresses import Address
from portus_standalone.distributed.away import ANSWERS, RETRY_AFTER_S, away
from portus_standalone.distributed.ports import Ports, local_url
from portus_standalone.origin import NOBODY, REGISTRY, ROUTES, Route, not_found

_PAGES: Final = "ui"


def configuration(listen: Address, directory: Path, ports: Ports, registry_host: str) -> str:
    """Return the whole file; `directory` is for its scratch files.

    One process does it all: the worker of a killed master would go on holding the port.
    """
    lines = [
        "daemon off;",
        "master_process off;",
        f"pid {_quoted(directory / 'nginx.pid')};",
        "error_log stderr error;",
        "events { worker_connections 4096; }",
        "http {",
        "access_log off;",  # every service writes a line per request
        "server_tokens off;",
        *_scratch(directory),
        "large_client_header_buffers 4 16k;",  # long lists of scopes
        "client_max_body_size 1m;",
        "proxy_http_version 1.1;",
        "proxy_connect_timeout 5s;",
        'proxy_set_header Connection "";',
        "proxy_set_header Host $http_host;",
        "proxy_set_header X-Forwarded-Host $http_host;",
        "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
        "proxy_set_header X-Forwarded-Proto $scheme;",
        "server {",
        f"listen {listen};",
        *(line for route in ROUTES for line in _location(route, ports, registry_host)),
        *_away_locations(),
        "}",
        "}",
    ]
    return "\n".join(lines) + "\n"


def pattern(route: Route) -> str:
    """Return the regular expression of a route's paths, as nginx reads it."""
    words = [
        "[^/]+" if word == "*" else re.escape(word).replace(r"\-", "-")
        for word in route.prefix.split("/")
    ]
    return f"^{'/'.join(words)}(?:/|$)"


def _location(route: Route, ports: Ports, registry_host: str) -> Iterator[str]:
    yield f"location ~ {pattern(route)} {{"
    if route.service in {NOBODY, REGISTRY}:
        yield "default_type application/problem+json;"
        yield f"return 404 {_quoted(not_found(route.service, registry_host))};"
    else:
        yield f"proxy_pass {local_url(ports[route.service])};"
        yield f"error_page 502 504 = @{away(route.prefix, route.service).name};"
        if route.service == _PAGES:
            yield "proxy_read_timeout 1h;"  # pages that are updated live stay open
    yield "}"


def _away_locations() -> Iterator[str]:
    for answer in ANSWERS:
        yield f"location @{answer.name} {{"
        yield f"default_type {_quoted(answer.content_type)};"
        yield f"add_header Retry-After {RETRY_AFTER_S} always;"
        yield f"return 503 {_quoted(answer.body)};"
        yield "}"


def _scratch(directory: Path) -> Iterator[str]:
    yield f"client_body_temp_path {_quoted(directory / 'body')};"
    for kind in ("proxy", "fastcgi", "uwsgi", "scgi"):
        yield f"{kind}_temp_path {_quoted(directory / kind)};"


def _quoted(text: object) -> str:
    """Return `text` as one word of nginx's language."""
    return json.dumps(str(text), ensure_ascii=False)

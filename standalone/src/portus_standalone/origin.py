"""One origin, several services: which of them answers a public path.

This table is the only place that says so; proxies' configurations are tested against it. Paths
that it does not name belong to `ui`, except those that are no business of the public.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = [
    "NOBODY",
    "REGISTRY",
    "ROUTES",
    "Origin",
    "Route",
    "not_found",
    "route_for",
    "service_for",
]

NOBODY: Final = "nobody"
REGISTRY: Final = "registry"
_SLASHES: Final = re.compile("/+")


@dataclass(frozen=True, slots=True)
class Route:
    """`prefix` and everything below it belong to `service`; ``*`` stands for one segment."""

    prefix: str
    service: str

    def matches(self, path: str) -> bool:
        """Tell whether `path` is the prefix or below it."""
        wanted, given = self.prefix.split("/"), path.split("/")
        return len(given) >= len(wanted) and all(
            ours in ("*", theirs) for ours, theirs in zip(wanted, given, strict=False)
        )


ROUTES: Final = (
    # Between services and for operators, on the services' own ports only.
    Route("/internal", NOBODY),
    Route("/live", NOBODY),
    Route("/ready", NOBODY),
    Route("/metrics", NOBODY),
    # The registry's own address, but for what it asks of Portus.
    Route("/v2/token", "auth"),
    Route("/v2/webhooks/events", "sync"),
    Route("/v2", REGISTRY),
    Route("/.well-known/jwks.json", "auth"),
    Route("/.well-known/portus-ca.pem", "auth"),
    Route("/api/v1/namespaces/*/repositories", "catalog"),
    *(
        Route(f"/api/v1/{thing}", "auth")
        for thing in (
            "users",
            "teams",
            "namespaces",
            "registries",
            "sessions",
            "application_tokens",
            "robots",
            "access",
            "decisions",
        )
    ),
    *(
        Route(f"/api/v1/{thing}", "catalog")
        for thing in ("repositories", "tags", "manifests", "activities", "search")
    ),
    *(
        Route(f"/api/v1/{thing}", "sync")
        for thing in ("scans", "drift", "deletions", "quarantine", "events")
    ),
    Route("", "ui"),
)
"""The first match answers."""


def service_for(path: str) -> str:
    """Return the service that answers `path`, `REGISTRY`, or `NOBODY`."""
    return route_for(path).service


def route_for(path: str) -> Route:
    """Return the route of `path`.

    Repeated slashes count as one, as they do for the services' own routing: ``//metrics`` is no
    way around the table.
    """
    plain = _SLASHES.sub("/", path)
    return next(route for route in ROUTES if route.matches(plain))


def not_found(service: str, registry_host: str) -> str:
    """Return the body for a path that no service answers."""
    sentence = "Not found"
    if service == REGISTRY:
        sentence = f"The registry answers at {registry_host}"
    problem = {"type": "about:blank", "title": "Not Found", "status": 404, "message": sentence}
    return json.dumps(problem)


class Origin:
    """Hand each request to the service whose path it is."""

    def __init__(self, services: Mapping[str, WSGIApplication], registry_host: str) -> None:
        self._services = services
        self._registry_host = registry_host

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        service = service_for(environ.get("PATH_INFO", ""))
        if service in self._services:
            return self._services[service](environ, start_response)
        return _not_found(not_found(service, self._registry_host), start_response)


def _not_found(problem: str, start_response: StartResponse) -> Iterable[bytes]:
    body = problem.encode()
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response("404 Not Found", headers)
    return [body]

"""The front where nginx is not installed: hands each request on to the service whose path it is.

Answers are passed on as they come, so that live streams stay live. It serves one machine; whoever
has many readers installs nginx.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Final
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from portus_shared.serving import serve
from portus_standalone.distributed.away import RETRY_AFTER_S, away
from portus_standalone.distributed.ports import HOST, SERVERS, read_ports
from portus_standalone.options import THREADS, Options
from portus_standalone.origin import Origin, route_for
from portus_standalone.state import State

_LARGEST_BODY_BYTES: Final = 1024 * 1024
_PIECE_BYTES: Final = 64 * 1024
# A silent live stream says that it is there every 20 seconds.
_TIMEOUT_S: Final = 60
_FOR_THE_NEXT_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


class Forward:
    """A WSGI application that is somewhere else: on `port` of this machine."""

    def __init__(self, service: str, port: int) -> None:
        self._service = service
        self._port = port

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        body = environ["wsgi.input"].read(_LARGEST_BODY_BYTES + 1)
        if len(body) > _LARGEST_BODY_BYTES:
            start_response("413 Content Too Large", [("Content-Length", "0")])
            return []
        connection = HTTPConnection(HOST, self._port, timeout=_TIMEOUT_S)
        try:
            connection.request(
                environ["REQUEST_METHOD"], _target(environ), body or None, _headers(environ)
            )
            answer = connection.getresponse()
        except (OSError, HTTPException):
            connection.close()
            return self._away(environ, start_response)
        start_response(f"{answer.status} {answer.reason}", _passed_on(answer))
        return _Body(connection, answer)

    def _away(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = away(route_for(environ.get("PATH_INFO", "")).prefix, self._service)
        body = answer.body.encode()
        headers = [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(body))),
            ("Retry-After", str(RETRY_AFTER_S)),
        ]
        start_response("503 Service Unavailable", headers)
        return [body]


def build() -> WSGIApplication:
    """Make the front of the data directory that the runner holds."""
    options = Options.from_environ(os.environ)
    ports = read_ports(State(options.data).ports)
    services = {name: Forward(name, ports[name]) for name in SERVERS}
    return Origin(services, options.registry_host)


def main() -> None:
    """Serve until SIGTERM; whatever is still open then is cut."""
    listen = str(Options.from_environ(os.environ).listen)
    serve(build, listen=listen, threads=THREADS, graceful_timeout=1)


def _target(environ: WSGIEnvironment) -> str:
    """Return the path that was routed by, so that the service reads the same one."""
    path = quote(environ.get("PATH_INFO", "").encode("latin-1"), safe="/:@!$&'()*+,;=~")
    query = environ.get("QUERY_STRING", "")
    return f"{path or '/'}?{query}" if query else path or "/"


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    """Return the request's headers, with who asks and how."""
    given = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    caller = environ.get("REMOTE_ADDR", "")
    via = given.get("x-forwarded-for")
    ours = {
        "x-forwarded-for": f"{via}, {caller}" if via else caller,
        "x-forwarded-proto": environ["wsgi.url_scheme"],
        "x-forwarded-host": given.get("host", ""),
    }
    if content_type := environ.get("CONTENT_TYPE"):
        ours["content-type"] = content_type
    kept = {name: value for name, value in given.items() if name not in _FOR_THE_NEXT_HOP}
    return {**kept, **ours}


def _passed_on(answer: HTTPResponse) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in answer.getheaders()
        if name.lower() not in _FOR_THE_NEXT_HOP
    ]


class _Body:
    """An answer's body as it comes; closing it, also early, lets the service know."""

    def __init__(self, connection: HTTPConnection, answer: HTTPResponse) -> None:
        self._connection = connection
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        """Yield what has come, without waiting for more, until the answer ends."""
        while piece := self._answer.read1(_PIECE_BYTES):
            yield piece

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


if __name__ == "__main__":
    main()

"""HTTP between services: bounded time, one retry for reads, a clear error when nobody answers.

In standalone the services live in one process: `WsgiAdapter` then carries the same requests to
the other service's WSGI callable without a socket.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from wsgiref.types import WSGIApplication, WSGIEnvironment

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.models import PreparedRequest, Response
from requests.structures import CaseInsensitiveDict
from urllib3.util.retry import Retry

from portus_shared import logs
from portus_shared.errors import Unavailable

Timeout = tuple[float, float]
_DEFAULT_TIMEOUT: Final[Timeout] = (0.5, 3.0)


class Client:
    """Call one service at `base_url`; `transport` replaces sockets (standalone, tests)."""

    def __init__(
        self,
        base_url: str,
        *,
        timeout: Timeout = _DEFAULT_TIMEOUT,
        transport: BaseAdapter | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._transport = transport
        self._local = threading.local()

    def get(self, path: str, **options: Any) -> Response:
        """GET; see `request`."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Response:
        """POST; see `request`."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Response:
        """PUT; see `request`."""
        return self.request("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> Response:
        """DELETE; see `request`."""
        return self.request("DELETE", path, **options)

    def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> Response:
        """Send one request and return whatever status comes; redirects are not followed.

        Raises `Unavailable` when the service cannot be reached or does not answer in time.
        """
        sent = dict(headers or {})
        if request_id := logs.current_request_id():
            sent.setdefault("X-Request-ID", request_id)
        try:
            return self._session().request(
                method,
                self._base_url + path,
                headers=sent,
                timeout=options.pop("timeout", self._timeout),
                allow_redirects=False,
                **options,
            )
        except requests.RequestException as error:
            host = urlsplit(self._base_url).hostname or self._base_url
            message = f"{host} does not answer"
            raise Unavailable(message, missing=host) from error

    def _session(self) -> requests.Session:
        """Return this thread's session: requests does not promise to share one safely."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            retry = Retry(total=1, connect=1, read=1, allowed_methods=["GET", "HEAD"])
            adapter = self._transport or HTTPAdapter(max_retries=retry)
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            self._local.session = session
        return session


class WsgiAdapter(BaseAdapter):
    """Carry requests to a WSGI callable in this process."""

    def __init__(self, application: WSGIApplication) -> None:
        super().__init__()
        self._application = application

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        """Call the application and return its whole answer."""
        head: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            head[:] = [status, headers]
            return lambda _data: None

        chunks = self._application(_environ(request), start_response)
        try:
            body = b"".join(chunks)
        finally:
            if close := getattr(chunks, "close", None):
                close()
        return _response(request, head[0], head[1], body)

    def close(self) -> None:
        """Hold nothing, close nothing."""


def _environ(request: PreparedRequest) -> WSGIEnvironment:
    parts = urlsplit(request.url or "")
    raw = request.body or b""
    body = raw.encode() if isinstance(raw, str) else bytes(raw)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": request.method or "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(parts.path).encode().decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(body)),
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ[key] = value
        elif key != "CONTENT_LENGTH":
            environ[f"HTTP_{key}"] = value
    environ.setdefault("HTTP_HOST", parts.netloc)
    return environ


def _response(
    request: PreparedRequest, status: str, headers: list[tuple[str, str]], body: bytes
) -> Response:
    response = Response()
    code, _, reason = status.partition(" ")
    response.status_code = int(code)
    response.reason = reason
    response.headers = CaseInsensitiveDict(headers)
    response.raw = io.BytesIO(body)
    response._content = body  # noqa: SLF001 (what requests' own adapters fill through `raw`)
    response.url = request.url or ""
    response.request = request
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    return response

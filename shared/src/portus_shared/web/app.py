"""The Flask application each service starts from: request ids, errors, health, metrics, logs."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from http.client import NOT_FOUND
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, g, json, request
from prometheus_client import CONTENT_TYPE_LATEST, Histogram, generate_latest
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from portus_shared import logs
from portus_shared.db import is_unavailable
from portus_shared.errors import NotFound, PortusError, Unavailable
from portus_shared.web.problems import problem, problem_of

MAX_BODY_BYTES: Final = 1024 * 1024
Readiness = Callable[[], Mapping[str, str | None]]
"""Return each dependency with what is wrong with it, or None when it is fine."""

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_seconds = Histogram(
    "portus_http_request_seconds", "Time to answer", ["service", "method", "route", "status"]
)
_log = logs.logger("portus.access")


def create_app(
    service: str, *, ready: Readiness, trusted_proxies: int = 0, **flask_options: Any
) -> Flask:
    """Make the application of one service with ``/live``, ``/ready`` and ``/metrics``.

    Every response carries ``X-Request-ID``; every failure is a problem body, also Flask's own.
    So many `trusted_proxies` before it say in X-Forwarded-For where a request came from.
    """
    app = Flask(f"portus_{service}", **flask_options)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]
    inner = ProxyFix(app.wsgi_app, x_for=trusted_proxies, x_proto=0, x_host=0)
    app.wsgi_app = _in_context(inner, service)  # type: ignore[method-assign, assignment]
    _answer_errors(app)
    _add_health(app, ready)
    _log_requests(app, service)
    return app


def request_id_of(environ: WSGIEnvironment) -> str:
    """Return the caller's request id if it is a harmless word, else a fresh one."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _in_context(inner: WSGIApplication, service: str) -> WSGIApplication:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with logs.context(request_id=request_id_of(environ), service=service):
            return inner(environ, start_response)

    return application


def _answer_errors(app: Flask) -> None:
    def known(error: PortusError) -> Response:
        return problem_of(error)

    def http(error: HTTPException) -> Response:
        code = (error.name or "error").lower().replace(" ", "-")
        said = NotFound.default_message if error.code == NOT_FOUND else error.description
        response = problem(error.code or 500, code, said or error.name)
        for name, value in error.get_headers():
            if name.lower() not in {"content-type", "content-length"}:
                response.headers.add(name, value)
        return response

    def unexpected(error: Exception) -> Response:
        if is_unavailable(error):
            _log.warning("the database is away", extra={"reason": str(error)})
            return problem_of(Unavailable("The database does not answer", missing="database"))
        _log.exception("a request failed", extra={"path": request.path})
        sentence = "Something went wrong here; the log has it under this request id"
        return problem(500, "internal", sentence)

    app.register_error_handler(PortusError, known)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, unexpected)


def _add_health(app: Flask, ready: Readiness) -> None:
    @app.get("/live")
    def live() -> Response:
        return _json({"status": "ok"}, 200)

    @app.get("/ready")
    def is_ready() -> Response:
        faults = ready()
        missing = {name: fault for name, fault in faults.items() if fault is not None}
        parts = {name: fault or "ok" for name, fault in faults.items()}
        status = "missing" if missing else "ok"
        return _json({"status": status, "parts": parts}, 503 if missing else 200)

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _json(body: Any, status: int) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


def _log_requests(app: Flask, service: str) -> None:
    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        route = request.url_rule.rule if request.url_rule else "unmatched"
        # Each label is a time series for ever, and whoever calls may invent methods.
        method = request.method if request.method in _METHODS else "other"
        _seconds.labels(service, method, route, response.status_code).observe(seconds)
        response.headers["X-Request-ID"] = logs.current_request_id() or ""
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if route not in {"/live", "/ready", "/metrics"}:
            fields = {
                "method": request.method,
                "path": request.path,
                "status": response.status_code,
                "duration_ms": round(seconds * 1000, 1),
                "address": request.remote_addr,
            }
            _log.info("request", extra=fields)
        return response

"""Addresses for programs: ping, health and version of the whole."""

from __future__ import annotations

from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from flask import Blueprint, Response, json, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from portus_shared.errors import Unauthenticated
from portus_shared.web.openapi import Operation, described
from portus_ui.schemas import HealthSchema, PingSchema, VersionSchema
from portus_ui.views.deps import Deps

VERSION = version("portus-ui")


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/api/v1/_ping``, ``/api/v1/health``, ``/api/version`` and the OpenAPI document."""
    routes = Blueprint("meta", __name__)

    @routes.get("/api/v1/_ping")
    @described(Operation(summary="Say that Portus lives", gives=PingSchema(), public=True))
    def ping() -> Response:
        return _json({"pong": True})

    @routes.get("/api/v1/health")
    @described(Operation(summary="Tell of each service", gives=HealthSchema(), public=True))
    def health() -> Response:
        conditions = deps.health.conditions()
        body = {
            name: {"msg": condition.sentence, "success": condition.ready}
            for name, condition in conditions.items()
        }
        well = all(condition.ready for condition in conditions.values())
        return _json(body, 200 if well else 503)

    @routes.get("/api/version")
    @described(Operation(summary="Tell the versions", gives=VersionSchema()))
    def versions() -> Response:
        _require_caller(deps)
        return _json({"api-versions": ["v1"], "version": VERSION})

    @routes.get("/api/openapi.json")
    def openapi() -> Response:
        return _json(deps.documents().merged())

    @routes.get("/api/openapi-spec")
    def former_openapi() -> BaseResponse:
        """Lead clients of the original to today's document."""
        return redirect("/api/openapi.json", HTTPStatus.PERMANENT_REDIRECT)

    return routes


def _require_caller(deps: Deps) -> None:
    """Let any known caller pass: API credentials, or a signed-in browser."""
    where = {"address": request.remote_addr or ""}
    if portus := request.headers.get("Portus-Auth"):
        deps.auth.principal({"portus_auth": portus, **where})
    elif request.authorization and request.authorization.type == "basic":
        deps.auth.principal({"authorization": request.headers["Authorization"], **where})
    elif deps.visitors.viewer().name is None:
        raise Unauthenticated


def _json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body) + "\n", status, content_type="application/json")

"""What the fake services share: problems, paging, who asks."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, request


def problem(status: int, message: Any, **headers: str) -> Response:
    response = jsonify({"status": status, "message": message, "detail": str(message)})
    response.status_code = status
    response.headers.update(headers)
    return response


def asker() -> str | None:
    """Return the user of the token, "" for the anonymous one, None without a token."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.removeprefix("token-of-") if kind == "Bearer" and token else None


def paged(found: list[dict[str, Any]]) -> Response:
    total = len(found)
    if request.args.get("all") != "true":
        size = int(request.args.get("per_page", 15))
        start = (int(request.args.get("page", 1)) - 1) * size
        found = found[start : start + size]
    response = jsonify(found)
    response.headers["X-Total"] = str(total)
    return response


def describe(app: Flask) -> None:
    """Serve a small OpenAPI document, with a schema name that every service uses."""
    schema = {"$ref": "#/components/schemas/Problem"}
    answer = {"description": "x", "content": {"application/json": {"schema": schema}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": app.name, "version": "1"},
        "paths": {
            f"/api/v1/{app.name}": {"get": {"responses": {"200": answer}}},
            "/internal/v1/x": {"get": {"responses": {}}},
        },
        "components": {"schemas": {"Problem": {"type": "object", "title": app.name}}},
    }

    @app.get("/openapi.json")
    def openapi() -> Response:
        return jsonify(document)

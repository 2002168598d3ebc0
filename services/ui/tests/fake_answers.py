"""What the fake services share: problems, paging, who asks."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request


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

"""One error shape: RFC 9457 problem details, plus the original API's ``message``.

``message`` is a sentence, or for 422 a map of field to sentences, so that clients of the original
and new ones both read it.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Response, json

from portus_shared import errors, logs

_STATUS: Final[dict[type[errors.PortusError], int]] = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.Denied: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Rejected: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}


def status_of(error: errors.PortusError) -> int:
    """Return the status that an error's kind maps to."""
    return next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)


def problem(status: int, code: str, message: Any, **members: Any) -> Response:
    """Build a problem response; `message` is a sentence or a map of field to sentences."""
    body = {
        "type": f"urn:portus:problem:{code}",
        "title": code.replace("-", " ").capitalize(),
        "status": status,
        "detail": message if isinstance(message, str) else "Some values are not acceptable",
        "message": message,
        "request_id": logs.current_request_id(),
        **members,
    }
    text = json.dumps(body, separators=(",", ":"))
    return Response(text + "\n", status, content_type="application/problem+json")


def problem_of(error: errors.PortusError) -> Response:
    """Build the response that a domain or use case error stands for."""
    message: Any = error.message
    members: dict[str, Any] = {}
    if isinstance(error, errors.Rejected) and error.fields:
        message = members["errors"] = error.fields
    if isinstance(error, errors.Malformed) and error.field:
        members["field"] = error.field
    if isinstance(error, errors.Unavailable) and error.missing:
        members["missing"] = error.missing
    response = problem(status_of(error), error.code, message, **members)
    if isinstance(error, errors.TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, errors.Unauthenticated):
        response.headers["WWW-Authenticate"] = 'Basic realm="Portus", charset="UTF-8"'
    return response

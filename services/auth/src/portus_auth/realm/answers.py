"""What the realm answers, in the registry's own JSON whatever happens.

The docker client shows `message` of the first error and nothing else, retries for 50 seconds when
it does not know the code, and prints any other kind of body raw. Hence one error, one of four
codes, JSON always (Distribution specification, "Errors").
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Literal

from portus_shared.errors import (
    Malformed,
    PortusError,
    TooMany,
    Unauthenticated,
    Unavailable,
)

Code = Literal["UNAUTHORIZED", "DENIED", "UNSUPPORTED", "TOOMANYREQUESTS"]
Header = tuple[str, str]

_ALWAYS: Final = (
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
)
_CHALLENGE: Final = ("WWW-Authenticate", 'Basic realm="Portus", charset="UTF-8"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One response."""

    status: HTTPStatus
    body: bytes
    headers: tuple[Header, ...]


def granted(body: Mapping[str, Any]) -> Answer:
    """Answer with a token."""
    return _answer(HTTPStatus.OK, body)


def refused(error: PortusError) -> Answer:
    """Answer with an error of the kinds that the realm's steps raise."""
    match error:
        case Unauthenticated():
            return _error(HTTPStatus.UNAUTHORIZED, "UNAUTHORIZED", error.message, _CHALLENGE)
        case Malformed():
            return _error(HTTPStatus.BAD_REQUEST, "UNSUPPORTED", error.message)
        case TooMany():
            later = ("Retry-After", str(error.retry_after_s))
            return _error(HTTPStatus.TOO_MANY_REQUESTS, "TOOMANYREQUESTS", error.message, later)
        case Unavailable():
            later = ("Retry-After", "2")
            return _error(HTTPStatus.SERVICE_UNAVAILABLE, "DENIED", error.message, later)
        case _:
            return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "DENIED", error.message)


def wrong_method() -> Answer:
    """Answer everything but GET, HEAD and POST."""
    message = "Ask for tokens with GET or POST"
    allowed = ("Allow", "GET, HEAD, POST")
    return _error(HTTPStatus.METHOD_NOT_ALLOWED, "UNSUPPORTED", message, allowed)


def _error(status: HTTPStatus, code: Code, message: str, *headers: Header) -> Answer:
    return _answer(status, {"errors": [{"code": code, "message": message}]}, *headers)


def _answer(status: HTTPStatus, body: Mapping[str, Any], *headers: Header) -> Answer:
    content = json.dumps(body, separators=(",", ":")).encode()
    length = ("Content-Length", str(len(content)))
    return Answer(status=status, body=content, headers=(*_ALWAYS, length, *headers))

"""`POST /v2/webhooks/events`: where registries send their notifications.

A registry repeats an event for ever until it is answered with 2xx, and holds all later ones back
meanwhile. So whatever comes with the right secret is stored and answered 202, readable or not,
large or small; 5xx means that it could not be stored.
"""

import base64
import binascii
import hmac
import zlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO

from flask import Blueprint, Request, Response, request

from portus_shared.config import Secret
from portus_shared.errors import Unauthenticated
from portus_sync.domain.notifications import Outcome, Unreadable, read_envelope
from portus_sync.domain.text import storable
from portus_sync.routes.intake import Intake

OWN_ACTOR = "_sync"
MAX_BODY_BYTES = 8 * 1024 * 1024
_MAX_DISCARDED_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_EXCERPT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDeps:
    """What the endpoint needs."""

    intake: Intake
    secret: Secret


def blueprint(deps: WebhookDeps) -> Blueprint:
    """Make the endpoint."""
    routes = Blueprint("webhook", __name__)

    @routes.post("/v2/webhooks/events")
    def receive_events() -> Response:
        _authenticate(request, deps.secret)
        # The application's limit would answer 413, which the registry repeats for ever.
        request.max_content_length = _MAX_DISCARDED_BYTES
        outcomes = _outcomes(_body(request.stream), request.headers.get("Content-Encoding", ""))
        deps.intake.store(outcomes)
        return Response(status=HTTPStatus.ACCEPTED)

    return routes


def _authenticate(request: Request, secret: Secret) -> None:
    """Accept the secret as a Bearer token or as the password of Basic; compare in constant time."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        given = _password(given)
    elif scheme.lower() != "bearer":
        given = ""
    expected = secret.reveal().encode()
    if not hmac.compare_digest(given.strip().encode("utf-8", "surrogatepass"), expected):
        raise Unauthenticated("The notification endpoint needs the shared secret")


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded).decode("utf-8", "replace").partition(":")[2]
    except (ValueError, binascii.Error):
        return ""


def _body(stream: IO[bytes]) -> bytes:
    """Return at most one byte more than allowed; the rest is read and dropped.

    Answering before a sender has finished would break its connection, and it would try again.
    """
    body = stream.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        while stream.read(_CHUNK_BYTES):
            pass
    return body


def _outcomes(body: bytes, encoding: str) -> list[Outcome]:
    try:
        plain = _decompressed(body) if encoding.lower() in {"gzip", "deflate"} else body
    except zlib.error:
        return [_unreadable("cannot be decompressed", body)]
    if max(len(body), len(plain)) > MAX_BODY_BYTES:
        return [_unreadable("larger than 8 MiB", plain)]
    return read_envelope(plain, own_actor=OWN_ACTOR)


def _decompressed(body: bytes) -> bytes:
    """Return at most one byte more than allowed of the content."""
    any_header = 32 + zlib.MAX_WBITS
    return zlib.decompressobj(any_header).decompress(body, MAX_BODY_BYTES + 1)


def _unreadable(reason: str, body: bytes) -> Unreadable:
    excerpt = body[:_EXCERPT_BYTES].decode("utf-8", "backslashreplace")
    return Unreadable(reason=reason, raw=storable(excerpt, _EXCERPT_BYTES))

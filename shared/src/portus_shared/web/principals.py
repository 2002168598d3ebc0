"""Who calls the REST API: a verified API token, or credentials exchanged for one at auth.

Only auth knows passwords and application tokens; every other service trades what it is given for
a token of at most 60 seconds (`POST /internal/v1/principal`) and remembers it that long under a
keyed hash, so that neither credentials nor tokens lie around.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from flask import Request

from portus_shared.config import Secret
from portus_shared.errors import TooMany, Unauthenticated, Unavailable
from portus_shared.http import Client
from portus_shared.scopes import Scope, parse

API_AUDIENCE: Final = "portus-api"
_CACHE_S: Final = 50
_CACHE_MAX: Final = 10_000
_PATIENCE_S: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A verified caller. kind: user, robot, service or anonymous.

    `scopes` is what the credential is limited to, None for nothing. Nobody is an admin with them.
    """

    kind: str
    name: str
    admin: bool
    scopes: tuple[Scope, ...] | None = None
    user_id: int | None = None


ANONYMOUS: Final = Principal(kind="anonymous", name="", admin=False)


class TokenVerifier(Protocol):
    """Check a token's chain, signature, audience and times; raise on any fault."""

    def verify(self, token: str, *, audience: str) -> Mapping[str, Any]:
        """Return the claims; raises `Unauthenticated`."""


def principal_of(claims: Mapping[str, Any]) -> Principal:
    """Read an API token's claims; raises `Unauthenticated` for limits that cannot be read."""
    scopes = scopes_in(claims)
    return Principal(
        kind=str(claims.get("kind", "user")),
        name=str(claims.get("sub", "")),
        admin=claims.get("admin") is True and scopes is None,
        scopes=scopes,
        user_id=claims.get("user_id"),
    )


def scopes_in(claims: Mapping[str, Any]) -> tuple[Scope, ...] | None:
    """Read what an API token is limited to; raises `Unauthenticated` when that cannot be read."""
    given = claims.get("scopes")
    if given is None:
        return None
    try:
        return tuple(parse(text) for text in given)
    except ValueError as error:
        raise Unauthenticated from error


class Exchange:
    """Trade credentials for an API token at auth, as the named service."""

    def __init__(self, auth: Client, service: str, secret: Secret) -> None:
        self._auth = auth
        self._service = service
        self._secret = secret
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._cache: OrderedDict[bytes, tuple[float, str]] = OrderedDict()

    def token(self, *, address: str = "", **credential: Any) -> str:
        """Return an API token for one of portus_auth, authorization, sign_in or anonymous.

        `address` is where it was shown: auth counts wrong ones by it, and nothing else.
        Raises `Unauthenticated` for bad credentials, `Unavailable` while auth is away.
        """
        digest = self._digest(credential)
        with self._lock:
            expires_at, token = self._cache.get(digest, (0.0, ""))
        if expires_at > time.monotonic():
            return token
        return self._fetch(credential | ({"address": address} if address else {}), digest)

    def forget(self) -> None:
        """Drop all remembered tokens: something changed about who may what."""
        with self._lock:
            self._cache.clear()

    def headers(self) -> dict[str, str]:
        """Return the headers by which this service proves itself to auth."""
        return {
            "Authorization": f"Bearer {self._secret.reveal()}",
            "Portus-Service": self._service,
        }

    def _fetch(self, credential: Mapping[str, Any], digest: bytes) -> str:
        answer = self._auth.post(
            "/internal/v1/principal", json=dict(credential), headers=self.headers()
        )
        if answer.status_code == 401:  # noqa: PLR2004
            raise Unauthenticated
        if answer.status_code == 429:  # noqa: PLR2004
            wait = answer.headers.get("Retry-After", "")
            raise TooMany(retry_after_s=int(wait) if wait.isdigit() else _PATIENCE_S)
        if answer.status_code != 200:  # noqa: PLR2004
            message = "auth does not answer, so nobody can be recognised"
            raise Unavailable(message, missing="auth")
        body = answer.json()
        token = str(body["token"])
        lasts_s = min(_CACHE_S, int(body["expires_in"]) - 5)
        with self._lock:
            self._cache[digest] = (time.monotonic() + lasts_s, token)
            while len(self._cache) > _CACHE_MAX:
                self._cache.popitem(last=False)
        return token

    def _digest(self, credential: Mapping[str, Any]) -> bytes:
        text = repr(sorted(credential.items())).encode()
        return hmac.new(self._key, text, hashlib.sha256).digest()


class PrincipalResolver:
    """Find out who sent a request."""

    def __init__(self, verifier: TokenVerifier, exchange: Exchange | None) -> None:
        self._verifier = verifier
        self._exchange = exchange

    def required(self, request: Request) -> Principal:
        """Return the caller; raises `Unauthenticated` when there are no (valid) credentials."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._verified(token.strip())
        if self._exchange is None:
            raise Unauthenticated
        address = request.remote_addr or ""
        if given := request.headers.get("Portus-Auth", ""):
            return self._verified(self._exchange.token(address=address, portus_auth=given))
        if scheme.lower() == "basic":
            header = request.headers["Authorization"]
            return self._verified(self._exchange.token(address=address, authorization=header))
        raise Unauthenticated

    def _verified(self, token: str) -> Principal:
        return principal_of(self._verifier.verify(token, audience=API_AUDIENCE))

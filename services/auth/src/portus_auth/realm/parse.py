"""Step one: what the request says, before anybody believes it."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl
from wsgiref.types import WSGIEnvironment

from portus_auth.domain.scopes import Scopes, parse as parse_scopes
from portus_shared.errors import Malformed, Unauthenticated

MAX_QUERY: Final = 64 * 1024
_MAX_AUTHORIZATION: Final = 8 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Basic:
    """A name and the password, or application token, that came with it."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """What a client asks for; without `basic` it is anonymous."""

    service: str
    accounts: tuple[str, ...]
    scopes: Scopes
    basic: Basic | None


def parse(environ: WSGIEnvironment) -> TokenRequest:
    """Read query and credentials.

    Raise `Malformed` when the query is beyond reading, `Unauthenticated` when the credentials are.
    Parameters that nothing depends on (``client_id``, ``offline_token``) are left alone.
    """
    query = environ.get("QUERY_STRING", "")
    if len(query) > MAX_QUERY:
        raise Malformed(f"The query is longer than {MAX_QUERY // 1024} KiB")
    parameters: dict[str, list[str]] = {}
    for name, value in parse_qsl(_as_utf8(query)):
        parameters.setdefault(name, []).append(value)
    return TokenRequest(
        service=parameters.get("service", [""])[0].strip(),
        accounts=tuple(parameters.get("account", ())),
        scopes=parse_scopes(parameters.get("scope", ())),
        basic=_basic(environ.get("HTTP_AUTHORIZATION", "")),
    )


def _basic(header: str) -> Basic | None:
    if not header:
        return None
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() != "basic" or len(encoded) > _MAX_AUTHORIZATION:
        raise Unauthenticated("Sign in with a user name and a password or application token")
    try:
        name, colon, password = (
            base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        )
    except (binascii.Error, ValueError) as error:
        raise Unauthenticated("The credentials cannot be read") from error
    if not colon:
        raise Unauthenticated("The credentials cannot be read")
    return Basic(name=name, password=password)


def _as_utf8(query: str) -> str:
    """Undo WSGI's reading of raw bytes as Latin-1; clients should percent-encode, some do not."""
    return (
        query if query.isascii() else query.encode("latin-1", "replace").decode("utf-8", "replace")
    )

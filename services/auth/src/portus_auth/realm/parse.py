"""Step one: what the request says, before anybody believes it.

GET carries it in the query and the Basic header, POST in a form (OAuth 2, as containerd and
holders of refresh tokens ask). Parameters that nothing depends on are left alone.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl
from wsgiref.types import WSGIEnvironment

from portus_auth.domain.scopes import Scopes, parse as parse_scopes
from portus_shared.errors import Malformed, Unauthenticated

MAX_TEXT: Final = 64 * 1024
"""How many bytes of query or form are read."""

_MAX_AUTHORIZATION: Final = 8 * 1024
_MAX_FIELDS: Final = 2000
Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Password:
    """A name and the password, or application token, that came with it."""

    name: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """The secret that an earlier sign-in was answered with."""

    secret: str = field(repr=False)


Credential = Password | RefreshToken


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """What a client asks for; without `credential` it is anonymous.

    `wants_refresh_token`: it asks to stay signed in, as ``docker login`` does. `client` is what
    it calls itself.
    """

    service: str
    accounts: tuple[str, ...]
    scopes: Scopes
    credential: Credential | None
    wants_refresh_token: bool
    client: str
    address: str


def parse(environ: WSGIEnvironment) -> TokenRequest:
    """Read the request.

    Raise `Malformed` when it is beyond reading, `Unauthenticated` when the credentials are.
    """
    return _posted(environ) if environ["REQUEST_METHOD"] == "POST" else _queried(environ)


def _queried(environ: WSGIEnvironment) -> TokenRequest:
    query = environ.get("QUERY_STRING", "")
    if len(query) > MAX_TEXT:
        raise Malformed(f"The query is longer than {MAX_TEXT // 1024} KiB")
    given = _parameters(_as_utf8(query))
    return _request(
        environ,
        given,
        credential=_basic(environ.get("HTTP_AUTHORIZATION", "")),
        wants_refresh_token=_first(given, "offline_token") == "true",
    )


def _posted(environ: WSGIEnvironment) -> TokenRequest:
    given = _parameters(_form(environ))
    return _request(
        environ,
        given,
        credential=_granted(given),
        wants_refresh_token=_first(given, "access_type") == "offline",
    )


def _request(
    environ: WSGIEnvironment,
    given: Parameters,
    *,
    credential: Credential | None,
    wants_refresh_token: bool,
) -> TokenRequest:
    return TokenRequest(
        service=_first(given, "service").strip(),
        accounts=tuple(given.get("account", ())),
        scopes=parse_scopes(given.get("scope", ())),
        credential=credential,
        wants_refresh_token=wants_refresh_token,
        client=_first(given, "client_id"),
        address=environ.get("REMOTE_ADDR", ""),
    )


def _granted(form: Parameters) -> Credential:
    """Return the credential of one of the two grant types (RFC 6749, 4.3 and 6)."""
    match _first(form, "grant_type"):
        case "password":
            name, secret = _first(form, "username"), _first(form, "password")
            if not name:
                raise Malformed("The password grant needs a username")
            return Password(name=name, secret=secret)
        case "refresh_token":
            return RefreshToken(secret=_first(form, "refresh_token"))
    raise Malformed("The grant_type must be password or refresh_token")


def _form(environ: WSGIEnvironment) -> str:
    """Read the body; skopeo sends it in chunks, without telling how much there is."""
    length = environ.get("CONTENT_LENGTH", "").strip()
    if length.isascii() and length.isdigit():
        announced = int(length[:10])
    else:
        announced = MAX_TEXT + 1 if environ.get("wsgi.input_terminated") else 0
    body = environ["wsgi.input"].read(min(announced, MAX_TEXT + 1))
    if max(len(body), announced if length else 0) > MAX_TEXT:
        raise Malformed(f"The form is longer than {MAX_TEXT // 1024} KiB")
    return bytes(body).decode("utf-8", "replace")


def _parameters(text: str) -> Parameters:
    try:
        pairs = parse_qsl(text, max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise Malformed(f"There are more than {_MAX_FIELDS} parameters") from error
    parameters: dict[str, list[str]] = {}
    for name, value in pairs:
        parameters.setdefault(name, []).append(value)
    return parameters


def _first(parameters: Parameters, name: str) -> str:
    return parameters.get(name, ("",))[0]


def _basic(header: str) -> Password | None:
    if not header:
        return None
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() != "basic" or len(encoded) > _MAX_AUTHORIZATION:
        raise Unauthenticated("Sign in with a user name and a password or application token")
    try:
        name, colon, secret = (
            base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        )
    except (binascii.Error, ValueError) as error:
        raise Unauthenticated("The credentials cannot be read") from error
    if not colon:
        raise Unauthenticated("The credentials cannot be read")
    return Password(name=name, secret=secret)


def _as_utf8(query: str) -> str:
    """Undo WSGI's reading of raw bytes as Latin-1; clients should percent-encode, some do not."""
    return (
        query if query.isascii() else query.encode("latin-1", "replace").decode("utf-8", "replace")
    )

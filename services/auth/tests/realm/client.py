"""Ask the realm as registries' clients do: real WSGI calls, checked by wsgiref's validator."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from wsgiref.types import WSGIApplication
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from portus_shared.keys import Verifier


@dataclass
class Reply:
    """One answer; `claims` are those of the token in it, after it was checked."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    claims: dict[str, Any] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def access(self) -> dict[str, set[str]]:
        return {entry["name"]: set(entry["actions"]) for entry in self.claims["access"]}

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def password_of(name: str) -> str:
    """Return a password with everything that Basic has trouble with."""
    return f"pässword: of/{name}"


def basic_header(name: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


class RealmClient:
    def __init__(
        self, application: WSGIApplication, verifier: Verifier, service: str, issuer: str
    ) -> None:
        self._application = validator(application)
        self._verifier = verifier
        self._service = service
        self._issuer = issuer
        self._address = "203.0.113.7"

    def use_service(self, service: str) -> None:
        """Ask for tokens of another registry from now on."""
        self._service = service

    def basic_of(self, name: str) -> str:
        return basic_header(name, password_of(name))

    def ask(self, *scopes: str, basic: tuple[str, str] | None = None, **parameters: str) -> Reply:
        """GET a token for `scopes`; `service=""` leaves the service out."""
        given = {"service": self._service} | parameters
        pairs = [("scope", scope) for scope in scopes]
        pairs += [(name, value) for name, value in given.items() if value]
        return self.request(urlencode(pairs), authorization=basic and basic_header(*basic))

    def ask_as(self, name: str, *scopes: str) -> Reply:
        """GET a token as one of the people, or as "anonymous"."""
        return self.ask(*scopes, basic=None if name == "anonymous" else (name, password_of(name)))

    def come_from(self, address: str) -> None:
        """Ask from another address from now on."""
        self._address = address

    def post(self, *scopes: str, **form: str) -> Reply:
        """POST a form for a token; `service=""` leaves the service out."""
        given = {"service": self._service, "scope": " ".join(scopes)} | form
        body = urlencode({name: value for name, value in given.items() if value})
        return self.request("", method="POST", body=body.encode())

    def log_in(self, name: str, secret: str | None = None) -> str:
        """Sign in as `docker login` does and return the refresh token."""
        basic = (name, secret or password_of(name))
        reply = self.ask(basic=basic, account=name, client_id="docker", offline_token="true")
        token: str = reply.json["refresh_token"]
        return token

    def use(self, token: str, *scopes: str, **form: str) -> Reply:
        """POST a refresh token as docker does."""
        grant = {"grant_type": "refresh_token", "client_id": "docker", "refresh_token": token}
        return self.post(*scopes, **grant | form)

    def request(
        self,
        query: str,
        *,
        method: str = "GET",
        authorization: str | None = None,
        body: bytes = b"",
        more: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request; `more` goes into the WSGI environment as it is."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": "/v2/token",
            "REMOTE_ADDR": self._address,
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }
        if authorization:
            environ["HTTP_AUTHORIZATION"] = authorization
        environ |= more or {}
        setup_testing_defaults(environ)
        reply = _call(self._application, environ)
        if reply.status == 200 and reply.body:
            token = reply.json["token"]
            reply.claims = self._verifier.verify(token, audience=self._service, issuer=self._issuer)
        return reply


def _call(application: WSGIApplication, environ: dict[str, Any]) -> Reply:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[..., object]:
        started.append((status, headers))
        return lambda _: None

    chunks = application(environ, start)
    try:
        body = b"".join(chunks)
    finally:
        chunks.close()  # type: ignore[attr-defined]
    status, headers = started[0]
    return Reply(status=int(status.split()[0]), headers=headers, body=body)

"""What the routes work with, and the three things each of them does with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from flask import Request
from sqlalchemy.orm import Session

from portus_auth.domain.actors import ANONYMOUS, Actor
from portus_auth.storage import users
from portus_auth.storage.facts import Facts
from portus_auth.usecases.credentials import (
    Secrets,
    actor_of,
    is_active,
    parse_basic,
    parse_portus_auth,
    verify_application_token,
    verify_secret,
)
from portus_shared.config import Secret
from portus_shared.db import Database
from portus_shared.errors import Unauthenticated
from portus_shared.keys import Signer, Verifier
from portus_shared.web.principals import API_AUDIENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """The parts of auth that routes use.

    `services` are the secrets of the other services, `after_bootstrap` is called once the first
    admin exists.
    """

    database: Database
    facts: Facts
    secrets: Secrets
    signer: Signer
    verifier: Verifier
    issuer: str
    open_bootstrap: bool
    services: Mapping[str, Secret]
    after_bootstrap: Callable[[], None]

    def read(self) -> AbstractContextManager[Session]:
        """Open a transaction that only reads."""
        return self.database.read()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a transaction that commits; the next token already rests on it."""
        with self.database.write() as session:
            yield session
        self.facts.changed()

    def caller(self, request: Request) -> Actor:
        """Return who sent a request; raises `Unauthenticated` without valid credentials.

        Read from the database each time: a disabled or demoted account is so at once. Cookies
        are not looked at.
        """
        scheme = request.headers.get("Authorization", "").partition(" ")[0].lower()
        address = request.remote_addr or ""
        with self.read() as session:
            if scheme == "bearer":
                return self._bearer(session, request.headers["Authorization"], address)
            if given := request.headers.get("Portus-Auth"):
                login, token = parse_portus_auth(given)
                user = verify_application_token(session, self.secrets, login, token)
                return actor_of(user, address)
            if scheme == "basic":
                login, secret = parse_basic(request.headers["Authorization"])
                return actor_of(verify_secret(session, self.secrets, login, secret), address)
        raise Unauthenticated

    def _bearer(self, session: Session, header: str, address: str) -> Actor:
        token = header.partition(" ")[2].strip()
        claims = self.verifier.verify(token, audience=API_AUDIENCE, issuer=self.issuer)
        if claims.get("kind") == "anonymous":
            return ANONYMOUS
        user = users.by_id(session, int(claims.get("user_id") or 0))
        if user is None or not is_active(user):
            raise Unauthenticated
        return actor_of(user, address)

"""What the routes work with, and the three things each of them does with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from flask import Request
from sqlalchemy.orm import Session

from portus_auth.domain.accounts import fold
from portus_auth.domain.actors import ANONYMOUS, Actor
from portus_auth.domain.decisions import Decision
from portus_auth.domain.secrets import is_application_token
from portus_auth.routes.answers import is_set
from portus_auth.storage import users
from portus_auth.storage.facts import Facts
from portus_auth.usecases.audit import Author, audited, author_of
from portus_auth.usecases.credentials import (
    WRONG,
    Claim,
    Origin,
    Secrets,
    WrongToken,
    actor_of,
    actor_with,
    claimed_by,
    demand_person,
    demand_unlimited,
    is_active,
    parse_basic,
    parse_portus_auth,
    prove,
    verify_application_token,
    verify_sign_in,
)
from portus_auth.usecases.decisions import failed_proof
from portus_auth.usecases.deletions import Terms
from portus_auth.usecases.failures import NOBODY, Failures
from portus_auth.usecases.pace import Pace
from portus_shared.config import Secret
from portus_shared.db import Database
from portus_shared.errors import TooMany, Unauthenticated, Unavailable
from portus_shared.keys import Signer, Verifier
from portus_shared.web.principals import API_AUDIENCE, scopes_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What people may do before they are signed in, and how often from one address."""

    open_bootstrap: bool
    sign_up: bool
    mail: bool
    sign_ups: Pace
    letters: Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """The parts of auth that routes use.

    `services` are the secrets of the other services, `after_bootstrap` is called once the first
    admin exists. `refresh_token_life` is how long an unused refresh token lasts, `tokens_last`
    how long the registry may take a token after it was given.
    """

    database: Database
    facts: Facts
    secrets: Secrets
    failures: Failures
    note_token_use: Callable[[int, str], None]
    note_decision: Callable[[Decision], None]
    signer: Signer
    verifier: Verifier
    ca_pem: bytes
    refresh_token_life: timedelta
    tokens_last: timedelta
    issuer: str
    door: Door
    services: Mapping[str, Secret]
    robots_per_namespace: int
    after_bootstrap: Callable[[], None]

    def read(self) -> AbstractContextManager[Session]:
        """Open a transaction that only reads; raises `Unavailable` while the database is away."""
        self._demand_database()
        return self.database.read()

    @contextmanager
    def write(self, author: Author) -> Iterator[Session]:
        """Open a transaction that commits, and is recorded; the next token already rests on it."""
        self._demand_database()
        with self.database.write() as session, audited(session, author):
            yield session
        self.facts.changed()

    def caller(self, request: Request) -> Actor:
        """Return who sent a request, with a credential that is not limited by scopes.

        Raises `Unauthenticated` without valid credentials, `LimitedCredential` with scopes.
        """
        return demand_unlimited(self.limited_caller(request))

    def limited_caller(self, request: Request) -> Actor:
        """Return which person sent a request, for routes that heed the caller's scopes themselves.

        Read from the database each time: a disabled or demoted account is so at once. Cookies
        are not looked at. Raises `Unauthenticated` without valid credentials, and
        `LimitedCredential` for robots, which have the registry and the catalogue.
        """
        return demand_person(self._shown(request))

    def _shown(self, request: Request) -> Actor:
        origin = origin_of(request)
        header = request.headers.get("Authorization", "")
        scheme = header.partition(" ")[0].lower()
        if scheme == "bearer":
            return self._of_bearer(header.partition(" ")[2].strip())
        if given := request.headers.get("Portus-Auth"):
            return self.of_token(*parse_portus_auth(given), origin)
        if scheme == "basic":
            return self.of_basic(header, origin)
        raise Unauthenticated

    def of_token(self, login: str, token: str, origin: Origin) -> Actor:
        """Return whose application token this is.

        Wrong ones count, and are recorded, by address; raises `TooMany` after many.
        """
        with self._told(login, origin):
            try:
                with self.read() as session:
                    found = verify_application_token(session, self.secrets, login, token)
                    actor = actor_with(found)
            except WrongToken:
                self.failures.demand_patience(NOBODY, origin.address)
                self.failures.note(NOBODY, origin.address, token)
                raise
        self.note_token_use(found.id, origin.address)
        return actor

    def of_basic(self, header: str, origin: Origin) -> Actor:
        """Return who is meant by Basic credentials; the secret's form tells token from password."""
        login, secret = parse_basic(header)
        if is_application_token(secret):
            return self.of_token(login, secret, origin)
        return self.of_password(login, secret, origin)[0]

    def of_password(self, login: str, password: str, origin: Origin) -> tuple[Actor, Claim]:
        """Return whose password this is; no transaction is open while it is checked.

        Failures count, and are recorded, by account and address; raises `TooMany` after many.
        """
        with self.read() as session:
            claim = claimed_by(session, login)
        who = claim.actor.name if claim.actor else fold(login)
        with self._told(login, origin):
            self.failures.demand_patience(who, origin.address)
            try:
                return prove(self.secrets.passwords, claim, password), claim
            except Unauthenticated:
                self.failures.note(who, origin.address, password)
                raise

    def of_sign_in(self, handle: str) -> Actor:
        """Return who signed in with this handle."""
        with self.read() as session:
            return actor_of(verify_sign_in(session, self.secrets, handle))

    @contextmanager
    def _told(self, login: str, origin: Origin) -> Iterator[None]:
        """Let whose account it is know that a proof failed; names that nobody has are not told."""
        try:
            yield
        except (Unauthenticated, TooMany) as error:
            account = self.facts.current().account(login)
            if account is not None:
                unspecific = error.message == Unauthenticated.default_message
                reason = WRONG if unspecific else error.message
                self.note_decision(failed_proof(account, origin, reason))
            raise

    def _demand_database(self) -> None:
        """Raise rather than wait for a database that is away: the realm needs the threads."""
        if self.facts.is_away():
            raise Unavailable("The database does not answer", missing="database")

    def _of_bearer(self, token: str) -> Actor:
        claims = self.verifier.verify(token, audience=API_AUDIENCE, issuer=self.issuer)
        if claims.get("kind") == "anonymous":
            return ANONYMOUS
        with self.read() as session:
            user = users.account_by_id(session, int(claims.get("user_id") or 0))
            if user is None or not is_active(user):
                raise Unauthenticated
            return replace(actor_of(user), scopes=scopes_in(claims))


def origin_of(request: Request) -> Origin:
    """Return where a request came from."""
    client = request.headers.get("User-Agent", "")
    return Origin(address=request.remote_addr or "", client=client)


def terms_of(request: Request, deps: Deps) -> Terms:
    """Return what a deletion leaves behind, as its query says."""
    return Terms(keep_images=is_set(request, "keep_images"), tokens_last=deps.tokens_last)


def author(actor: Actor, request: Request) -> Author:
    """Return who changes something by a request."""
    return author_of(actor, request.remote_addr)

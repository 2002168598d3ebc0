"""Who a credential belongs to: passwords, application tokens, and sign-ins.

Whatever is wrong, the caller learns only that it does not fit. Disabled and deleted accounts keep
nothing: not their password, not their tokens, not their sign-ins.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.orm import Session

from portus_auth.domain.accounts import fold
from portus_auth.domain.actors import Actor
from portus_auth.domain.secrets import KeyedHash
from portus_auth.storage import sign_ins, tokens, users
from portus_auth.storage.tables import ApplicationToken, User
from portus_auth.usecases.passwords import Passwords
from portus_shared.errors import Denied, Unauthenticated
from portus_shared.scopes import written

WRONG: Final = "The user name or password is wrong"
"""What whoever may know it is told of a failed proof: not whether the name exists."""


class WrongToken(Unauthenticated):
    """Say that an application token is unknown, or somebody else's."""


class LimitedCredential(Denied):
    """Say that a token with scopes is for repositories, not for managing anything."""

    code = "limited-credential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What credentials are checked with."""

    passwords: Passwords
    hashes: KeyedHash


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a credential was shown from, and by what, as that calls itself."""

    address: str
    client: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An account that somebody says is theirs; both are None where a password cannot help."""

    actor: Actor | None
    password_hash: str | None


def claimed_by(session: Session, login: str) -> Claim:
    """Return what a password given with this user name or address must match.

    The check is `prove`'s, after the transaction: it is slow and would hold a connection.
    """
    user = users.by_login(session, login)
    if user is None or not user.enabled or user.bot:
        return Claim(actor=None, password_hash=None)
    return Claim(actor=actor_of(user), password_hash=user.password_hash)


def prove(passwords: Passwords, claim: Claim, password: str) -> Actor:
    """Return whose password it is; takes as long for an unknown name.

    Raises `Unauthenticated` or `TooMany`.
    """
    if not passwords.matches(claim.password_hash, password) or claim.actor is None:
        raise Unauthenticated
    return claim.actor


def verify_application_token(
    session: Session, secrets: Secrets, login: str, token: str
) -> ApplicationToken:
    """Return the row of this application token, with its owner, if `login` names the same one."""
    found = tokens.by_hash(session, secrets.hashes.of(token))
    if found is None or fold(login) not in {found.user.username_key, found.user.email_key}:
        raise WrongToken
    if not is_active(found.user):
        raise Unauthenticated
    if found.expired:
        raise Unauthenticated("This application token has expired, create a new one")
    return found


def verify_sign_in(session: Session, secrets: Secrets, handle: str) -> User:
    """Return the person who signed in with this handle."""
    found = sign_ins.by_handle_hash(session, secrets.hashes.of(handle))
    if found is None or not is_active(found.user):
        raise Unauthenticated
    return found.user


def is_active(user: User) -> bool:
    """Tell whether an account may be used at all."""
    return user.enabled and user.deleted_at is None


def actor_of(user: User) -> Actor:
    """Return the user as somebody who asks."""
    return Actor(
        kind="robot" if user.robot else "user",
        name=user.username,
        user_id=user.id,
        admin=user.admin,
    )


def actor_with(token: ApplicationToken) -> Actor:
    """Return the owner of an application token, limited as the token is."""
    until_s = token.expires_at.timestamp() if token.expires_at else None
    return replace(actor_of(token.user), scopes=token.scopes, until_s=until_s)


def demand_person(actor: Actor) -> Actor:
    """Return anybody but a robot; raises `LimitedCredential` for those."""
    if actor.kind == "robot":
        raise LimitedCredential("Robots use the registry and the catalogue, and manage nothing")
    return actor


def demand_unlimited(actor: Actor) -> Actor:
    """Return an actor whose credential has no scopes; raises `LimitedCredential` otherwise."""
    if actor.scopes is not None:
        scopes = " ".join(written(scope) for scope in actor.scopes)
        raise LimitedCredential(f"This token is limited to {scopes}; use one without scopes")
    return actor


def parse_basic(header: str) -> tuple[str, str]:
    """Split an `Authorization: Basic` header into name and secret (RFC 7617)."""
    scheme, _, encoded = header.partition(" ")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise Unauthenticated("The Authorization header cannot be read") from error
    if scheme.lower() != "basic":
        raise Unauthenticated("The Authorization header cannot be read")
    return _split(text)


def parse_portus_auth(header: str) -> tuple[str, str]:
    """Split a `Portus-Auth: username:application_token` header."""
    return _split(header.strip())


def _split(text: str) -> tuple[str, str]:
    """Split at the first colon; a NUL, which PostgreSQL refuses, is in nobody's name."""
    name, colon, secret = text.partition(":")
    if not (name and colon and secret) or "\x00" in text:
        raise Unauthenticated("Credentials are written name:secret")
    return name, secret

"""Application tokens: what programs use instead of a password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from portus_auth.domain import permissions
from portus_auth.domain.actors import Actor
from portus_auth.domain.secrets import KeyedHash, new_application_token, shown_prefix
from portus_auth.domain.titles import faults_of_title
from portus_auth.storage import users
from portus_auth.storage.tables import ApplicationToken, User
from portus_shared.clock import next_revision
from portus_shared.errors import Conflict, NotFound, Rejected

MAX_TOKENS: Final = 20


class TooManyTokens(Conflict):
    """Say that a user has as many application tokens as one may have."""

    code = "too-many-tokens"
    default_message = f"A user cannot have more than {MAX_TOKENS} application tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenToken:
    """A new application token with the secret, which is shown this once."""

    id: int
    application: str
    plain_token: str


def list_tokens(session: Session, actor: Actor, user_id: int) -> Sequence[ApplicationToken]:
    """List an account's tokens, without secrets."""
    return users.tokens_of(session, _owner(session, actor, user_id).id)


def create_token(
    session: Session, actor: Actor, hashes: KeyedHash, user_id: int, application: str
) -> GivenToken:
    """Give an account a token for one application."""
    next_revision(session)  # Its lock makes the checks below hold until the commit.
    user = _owner(session, actor, user_id)
    application = application.strip()
    faults = faults_of_title(application)
    existing = users.tokens_of(session, user.id)
    if any(token.application == application for token in existing):
        faults.append("has already been taken")
    if faults:
        raise Rejected(fields={"application": faults})
    if len(existing) >= MAX_TOKENS:
        raise TooManyTokens
    return add_token(session, hashes, user, application)


def add_token(session: Session, hashes: KeyedHash, user: User, application: str) -> GivenToken:
    """Add a token without asking who wants it: the caller has decided."""
    revision = next_revision(session)
    secret = new_application_token()
    token = ApplicationToken(
        user_id=user.id,
        application=application,
        token_hash=hashes.of(secret),
        prefix=shown_prefix(secret),
    )
    token.touch(revision)
    user.touch(revision)
    session.add(token)
    session.flush()
    return GivenToken(id=token.id, application=application, plain_token=secret)


def delete_token(session: Session, actor: Actor, token_id: int) -> None:
    """Make a token void; 404 for somebody else's."""
    revision = next_revision(session)
    token = users.token_by_id(session, token_id)
    if token is None or not permissions.may_manage_tokens(actor, owner_id=token.user_id):
        raise NotFound
    token.remove(revision)
    token.user.touch(revision)


def _owner(session: Session, actor: Actor, user_id: int) -> User:
    """Return the account if the actor may manage its tokens; others' look as if they were none."""
    if not permissions.may_manage_tokens(actor, owner_id=user_id):
        raise NotFound
    user = users.by_id(session, user_id)
    if user is None:
        raise NotFound
    return user

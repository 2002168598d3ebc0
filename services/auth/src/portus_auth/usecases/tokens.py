"""Application tokens: what programs use instead of a password.

A token may be limited to some repositories and actions (`portus_shared.scopes`), and may end at a
time. One that has expired opens nothing and is listed as such, until a new one of its name or a
month takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from portus_auth.domain import permissions
from portus_auth.domain.actors import Actor
from portus_auth.domain.faults import reject
from portus_auth.domain.secrets import KeyedHash, new_application_token, shown_prefix
from portus_auth.domain.titles import faults_of_title
from portus_auth.storage import tokens, users
from portus_auth.storage.tables import ApplicationToken, User
from portus_shared.clock import next_revision, now
from portus_shared.errors import Conflict, NotFound
from portus_shared.scopes import Scope

MAX_TOKENS: Final = 50
"""How many an account may have that can be used."""

_SHOWN_EXPIRED: Final = timedelta(days=30)
_PAST: Final = "must be in the future"


class TooManyTokens(Conflict):
    """Say that an account has as many application tokens as one may have."""

    code = "too-many-tokens"
    default_message = f"A user cannot have more than {MAX_TOKENS} application tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token to be made; without `scopes` it has all rights of its owner."""

    application: str
    scopes: Sequence[Scope] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenToken:
    """A new application token with the secret, which is shown this once."""

    id: int
    application: str
    plain_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """When and from where a token was used last."""

    token_id: int
    at: datetime
    address: str


def list_tokens(session: Session, actor: Actor, user_id: int) -> Sequence[ApplicationToken]:
    """List an account's tokens, without secrets."""
    return tokens.of_user(session, _owner(session, actor, user_id).id)


def create_token(
    session: Session, actor: Actor, hashes: KeyedHash, user_id: int, new: NewToken
) -> GivenToken:
    """Give an account a token for one application."""
    next_revision(session)  # Its lock makes the checks hold until the commit.
    user = _owner(session, actor, user_id)
    demand_no_longer(actor, new)
    make_room(session, user, new, most=TooManyTokens, limit=MAX_TOKENS)
    return add_token(session, hashes, user, new)


def demand_no_longer(actor: Actor, new: NewToken) -> None:
    """Refuse a token that would outlive the one by which it is asked for.

    Else a token that leaked for a day would be good for ever.
    """
    reject({"expires_at": _faults_of_outliving(actor, new.expires_at)})


def faults_of_end(actor: Actor, end: datetime | None) -> list[str]:
    """Say what is wrong with a new end of a token, None for no end."""
    if end is not None and end <= now():
        return [_PAST]
    return _faults_of_outliving(actor, end)


def _faults_of_outliving(actor: Actor, end: datetime | None) -> list[str]:
    if actor.until_s is not None and (end is None or end.timestamp() > actor.until_s):
        return ["cannot be later than the end of the token you use"]
    return []


def make_room(
    session: Session, user: User, new: NewToken, *, most: type[Conflict], limit: int
) -> None:
    """Check a new token and take away expired ones that it replaces, or that are long over.

    Raises `Rejected`, and `most` where an account has as many as the limit says.
    """
    existing = tokens.of_user(session, user.id)
    named = [token for token in existing if token.application == new.application.strip()]
    faults = {"application": faults_of_title(new.application.strip())}
    if any(not token.expired for token in named):
        faults["application"].append("has already been taken")
    if new.expires_at is not None and new.expires_at <= now():
        faults["expires_at"] = [_PAST]
    reject(faults)
    revision, long_ago = next_revision(session), now() - _SHOWN_EXPIRED
    for token in existing:
        if token in named or (token.expires_at is not None and token.expires_at < long_ago):
            token.remove(revision)
    if sum(not token.expired for token in existing) >= limit:
        raise most


def add_token(session: Session, hashes: KeyedHash, user: User, new: NewToken) -> GivenToken:
    """Add a token without asking who wants it: the caller has decided."""
    revision = next_revision(session)
    secret, application = new_application_token(), new.application.strip()
    session.flush()  # An expired one of this name goes first: the database allows one.
    token = ApplicationToken(
        user_id=user.id,
        application=application,
        token_hash=hashes.of(secret),
        prefix=shown_prefix(secret),
        scopes=None if new.scopes is None else tuple(new.scopes),
        expires_at=new.expires_at,
    )
    token.touch(revision)
    user.touch(revision)
    session.add(token)
    session.flush()
    return GivenToken(id=token.id, application=application, plain_token=secret)


def delete_token(session: Session, actor: Actor, token_id: int) -> None:
    """Make a token void; 404 for somebody else's."""
    revision = next_revision(session)
    token = managed_token(session, actor, token_id)
    token.remove(revision)
    token.user.touch(revision)


def managed_token(session: Session, actor: Actor, token_id: int) -> ApplicationToken:
    """Return a token that the actor may manage; 404 for somebody else's."""
    token = tokens.by_id(session, token_id)
    if token is None or not permissions.may_manage_tokens(actor, owner_id=token.user_id):
        raise NotFound
    return token


def record_uses(session: Session, uses: Iterable[Use]) -> None:
    """Note when tokens were used last, unless a later use is known."""
    for use in uses:
        tokens.note_use(session, use.token_id, use.at, use.address)


def _owner(session: Session, actor: Actor, user_id: int) -> User:
    """Return the account if the actor may manage its tokens; others' look as if they were none."""
    if not permissions.may_manage_tokens(actor, owner_id=user_id):
        raise NotFound
    user = users.by_id(session, user_id)
    if user is None:
        raise NotFound
    return user

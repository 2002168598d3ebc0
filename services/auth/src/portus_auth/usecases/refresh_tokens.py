"""Refresh tokens: a docker client that signed in once stays signed in, until somebody ends it.

A token lives with the credential it was given for. A changed password, a deleted application
token and a lost account end it without anybody having to look for it, because whoever checks it
checks these too (`realm.authenticate` in memory, `_lives` here). It also ends when nobody has
used it for the time that the settings say. It does not rotate: docker never stores a second one.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from portus_auth.domain import permissions
from portus_auth.domain.actors import Actor
from portus_auth.domain.secrets import KeyedHash, mark_of_password, new_refresh_token
from portus_auth.storage import refresh_tokens, tokens, users
from portus_auth.storage.tables import RefreshToken, User
from portus_auth.usecases.credentials import is_active
from portus_shared.clock import next_revision, now
from portus_shared.errors import NotFound, Unauthenticated

MAX_LOGINS: Final = 100
"""How many an account may have; the one unused for longest makes room for another."""

_TEXT_MAX: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLogin:
    """Somebody who has just proven who they are and wants to stay signed in to a registry.

    They proved it with the password whose stored form this is, or with the application token
    that has this hash.
    """

    user_id: int
    registry_id: int
    password_hash: str | None
    application_token_hash: str | None
    client: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerLogin:
    """A refresh token as its owner sees it."""

    id: int
    client: str
    address: str
    registry: str
    application: str | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


def begin_login(session: Session, hashes: KeyedHash, new: NewLogin, lifetime: timedelta) -> str:
    """Return a new refresh token's secret.

    Raises `Unauthenticated` when the credential has ceased to be right since it was checked.
    """
    revision = next_revision(session)  # Its lock makes the check below hold until the commit.
    user = users.account_by_id(session, new.user_id)
    if user is None or not is_active(user):
        raise Unauthenticated
    application_token_id, mark = _hung_on(session, hashes, new, user)
    secret, moment = new_refresh_token(), now()
    row = RefreshToken(
        user_id=user.id,
        registry_id=new.registry_id,
        application_token_id=application_token_id,
        token_hash=hashes.of(secret),
        password_mark=mark,
        client=_storable(new.client),
        address=_storable(new.address),
        used_at=moment,
        created_at=moment,
    )
    row.touch(revision)
    session.add(row)
    session.flush()
    _make_room(session, hashes, user.id, revision, lifetime)
    return secret


def record_use(session: Session, ids: Collection[int]) -> None:
    """Note that these refresh tokens are being used, which lengthens their lives."""
    revision = next_revision(session)
    for token in refresh_tokens.by_ids(session, ids):
        token.used_at = now()
        token.touch(revision)


def list_logins(
    session: Session, actor: Actor, hashes: KeyedHash, user_id: int, lifetime: timedelta
) -> Sequence[DockerLogin]:
    """List an account's docker logins, the most recently used first."""
    _demand_owner(session, actor, user_id)
    return [
        DockerLogin(
            id=token.id,
            client=token.client,
            address=token.address,
            registry=token.its_registry.external_host,
            application=token.application_token.application if token.application_token else None,
            created_at=token.created_at,
            last_used_at=token.used_at,
            expires_at=token.used_at + lifetime,
        )
        for token in refresh_tokens.of_user(session, user_id)
        if _lives(token, hashes, lifetime)
    ]


def end_login(session: Session, actor: Actor, user_id: int, login_id: int) -> None:
    """Make one refresh token of an account void; 404 where there is no such one."""
    revision = next_revision(session)
    _demand_owner(session, actor, user_id)
    for token in refresh_tokens.by_ids(session, [login_id]):
        if token.user_id == user_id:
            token.remove(revision)
            return
    raise NotFound


def end_all_of(session: Session, user_id: int, revision: int) -> None:
    """Make every refresh token of an account void for good, as when it is disabled."""
    for token in refresh_tokens.of_user(session, user_id):
        token.remove(revision)


def _hung_on(
    session: Session, hashes: KeyedHash, new: NewLogin, user: User
) -> tuple[int | None, str]:
    """Return the id of the application token, or the mark of the password, that proved it."""
    if new.application_token_hash:
        parent = tokens.by_hash(session, new.application_token_hash)
        if parent is None or parent.expired or parent.user_id != user.id:
            raise Unauthenticated
        return parent.id, ""
    if new.password_hash is None or user.password_hash != new.password_hash:
        raise Unauthenticated
    return None, mark_of_password(hashes, new.password_hash)


def _make_room(
    session: Session, hashes: KeyedHash, user_id: int, revision: int, lifetime: timedelta
) -> None:
    kept = 0
    for token in refresh_tokens.of_user(session, user_id):
        if kept < MAX_LOGINS and _lives(token, hashes, lifetime):
            kept += 1
        else:
            token.remove(revision)


def _lives(token: RefreshToken, hashes: KeyedHash, lifetime: timedelta) -> bool:
    if token.used_at + lifetime <= now():
        return False
    if token.application_token is not None:
        return token.application_token.deleted_at is None and not token.application_token.expired
    mark = mark_of_password(hashes, token.user.password_hash or "")
    return hmac.compare_digest(mark, token.password_mark)


def _demand_owner(session: Session, actor: Actor, user_id: int) -> None:
    """Raise `NotFound` unless the actor may manage the account's credentials."""
    if not permissions.may_manage_tokens(actor, owner_id=user_id):
        raise NotFound
    if users.by_id(session, user_id) is None:
        raise NotFound


def _storable(text: str) -> str:
    """Return a client's words as any database takes them: no NUL, not endless."""
    return text.replace("\x00", "")[:_TEXT_MAX]

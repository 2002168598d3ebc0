"""Sign-ins: a browser session of ui is a handle here, which can be revoked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from portus_auth.domain import permissions
from portus_auth.domain.actors import Actor
from portus_auth.domain.secrets import KeyedHash, new_handle
from portus_auth.storage import sign_ins, users
from portus_auth.storage.tables import SignIn, User
from portus_auth.usecases.credentials import Claim, is_active
from portus_shared.clock import now
from portus_shared.errors import NotFound, Unauthenticated

LIFETIME: Final = timedelta(hours=12)
REMEMBERED: Final = timedelta(days=30)
_TEXT_MAX: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Where somebody signs in from, for the list of their sign-ins."""

    address: str
    user_agent: str
    remember: bool


def create_sign_in(
    session: Session, hashes: KeyedHash, claim: Claim, browser: Browser
) -> tuple[str, SignIn]:
    """Open a sign-in for somebody whose password was just right; return its handle with it.

    Raises `Unauthenticated` when the account or its password has changed since.
    """
    user_id = claim.actor.user_id if claim.actor else None
    user = users.locked_by_id(session, user_id or 0)
    if user is None or not is_active(user) or user.password_hash != claim.password_hash:
        raise Unauthenticated
    moment, handle = now(), new_handle()
    row = SignIn(
        handle_hash=hashes.of(handle),
        user=user,
        address=browser.address[:_TEXT_MAX],
        user_agent=browser.user_agent[:_TEXT_MAX],
        created_at=moment,
        expires_at=moment + (REMEMBERED if browser.remember else LIFETIME),
    )
    session.add(row)
    user.last_sign_in_at = user.current_sign_in_at or moment
    user.current_sign_in_at = moment
    session.flush()
    return handle, row


def revoke_sign_in(session: Session, hashes: KeyedHash, handle: str) -> None:
    """End a sign-in; one that is over already stays over."""
    found = sign_ins.by_handle_hash(session, hashes.of(handle))
    if found is not None:
        found.revoked_at = now()


def list_sign_ins(session: Session, actor: Actor, username: str | None) -> Sequence[SignIn]:
    """List where somebody is signed in, the newest first: oneself, or for admins anybody."""
    return sign_ins.open_of(session, _whose(session, actor, username).id)


def end_sign_in(session: Session, actor: Actor, sign_in_id: int) -> None:
    """End one sign-in; 404 for somebody else's."""
    found = sign_ins.open_by_id(session, sign_in_id)
    if found is None or not permissions.may_manage_tokens(actor, owner_id=found.user_id):
        raise NotFound
    found.revoked_at = now()


def end_sign_ins(session: Session, actor: Actor, username: str | None) -> None:
    """End all sign-ins of oneself, or for admins of anybody."""
    for each in sign_ins.open_of(session, _whose(session, actor, username).id):
        each.revoked_at = now()


def _whose(session: Session, actor: Actor, username: str | None) -> User:
    """Return the account that is meant if the actor may know its sign-ins."""
    if username is None:
        user = users.by_id(session, actor.user_id or 0)
    else:
        user = users.by_username(session, username)
    if user is None or not permissions.may_manage_tokens(actor, owner_id=user.id):
        raise NotFound
    return user

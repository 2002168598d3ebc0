"""What people change about their own account, and admins about the passwords of others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from portus_auth.domain import permissions
from portus_auth.domain.actors import Actor
from portus_auth.domain.secrets import KeyedHash, mark_of_password, reset_token, split_reset_token
from portus_auth.storage import users
from portus_auth.storage.tables import User
from portus_auth.usecases import audit
from portus_auth.usecases.accounts import UserChange, apply_change, demand_admin
from portus_auth.usecases.credentials import Claim, is_active
from portus_shared.clock import next_revision, now
from portus_shared.errors import Conflict, Denied, NotFound, Rejected

RESET_LIFETIME: Final = timedelta(hours=24)


class NoPassword(Conflict):
    """Say that an account cannot have a password."""

    code = "no-password"
    default_message = "Bots have application tokens only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """What lets somebody set their password once, without the former one."""

    token: str
    expires_at: datetime


def demand_may_edit(actor: Actor, user_id: int) -> bool:
    """Tell whether it is the actor's own account; raise `Denied` unless it may be edited."""
    own = actor.user_id == user_id
    if not own and not permissions.may_manage_users(actor):
        raise Denied
    return own


def edit_account(
    session: Session, actor: Actor, user_id: int, change: UserChange, claim: Claim | None
) -> User:
    """Change one's own account, or as an admin another: password, address, whether it is enabled.

    `claim` is whose password was just shown; one's own account needs it. A new password ends
    all sign-ins, and being disabled everything.
    """
    own = demand_may_edit(actor, user_id)
    revision = next_revision(session)
    user = users.by_id(session, user_id)
    if user is None:
        raise NotFound
    if own and (claim is None or claim.password_hash != user.password_hash):
        raise wrong_password()
    if change.enabled is None:
        _demand_person(user)
    apply_change(session, user, change, revision)
    return user


def issue_reset(
    session: Session,
    actor: Actor,
    hashes: KeyedHash,
    user_id: int,
    lifetime: timedelta = RESET_LIFETIME,
) -> Reset:
    """Return what an admin hands to somebody who has forgotten their password."""
    demand_admin(actor)
    user = users.by_id(session, user_id)
    if user is None:
        raise NotFound
    _demand_person(user)
    audit.note(session, "user.issue_reset", f"user {user.username}")
    return new_reset(hashes, user, lifetime)


def new_reset(hashes: KeyedHash, user: User, lifetime: timedelta) -> Reset:
    """Make what lets this account's password be set once; whoever is given it decides."""
    seconds = int((now() + lifetime).timestamp())
    token = reset_token(user.id, seconds, _mark(hashes, user, seconds))
    return Reset(token=token, expires_at=datetime.fromtimestamp(seconds, UTC))


def check_reset(session: Session, hashes: KeyedHash, token: str) -> User:
    """Return whose password a token may set: once, as it hangs on the former password.

    Raises `Rejected` for one that is wrong, over, or used.
    """
    user_id, seconds, shown = split_reset_token(token)
    user = users.by_id(session, user_id)
    expected = _mark(hashes, user, seconds) if user else ""
    in_time = seconds > now().timestamp()
    if user is None or not in_time or not hashes.equal(shown, expected) or not is_active(user):
        raise Rejected(fields={"token": ["is wrong, used, or too old"]})
    return user


def reset_password(session: Session, hashes: KeyedHash, token: str, password_hash: str) -> User:
    """Set the password of whom the token was given for, and end all sign-ins."""
    revision = next_revision(session)
    user = check_reset(session, hashes, token)
    apply_change(session, user, UserChange(password_hash=password_hash), revision)
    return user


def set_password(session: Session, username: str, password_hash: str) -> None:
    """Set a person's password for an operator, and end all sign-ins."""
    revision = next_revision(session)
    user = users.by_username(session, username)
    if user is None:
        raise NotFound(f"There is no user '{username}'")
    _demand_person(user)
    apply_change(session, user, UserChange(password_hash=password_hash), revision)


def wrong_password() -> Rejected:
    """Say that the present password was not shown."""
    return Rejected(fields={"current_password": ["is not right"]})


def _mark(hashes: KeyedHash, user: User, seconds: int) -> str:
    password = mark_of_password(hashes, user.password_hash or "")
    return hashes.of(f"reset {user.id} {seconds} {password}")


def _demand_person(user: User) -> None:
    if user.bot:
        raise NoPassword

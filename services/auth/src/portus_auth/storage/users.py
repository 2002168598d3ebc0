"""Queries for accounts of people and bots; those of robots are `storage.robots`' matter."""

from __future__ import annotations

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from portus_auth.domain.accounts import fold
from portus_auth.domain.listing import Slice
from portus_auth.storage.paging import Listing, sliced
from portus_auth.storage.tables import User

SORTABLE = {
    "id": User.id,
    "username": User.username,
    "email": User.email,
    "display_name": User.display_name,
    "admin": User.admin,
    "enabled": User.enabled,
    "bot": User.bot,
    "namespace_id": User.namespace_id,
    "current_sign_in_at": User.current_sign_in_at,
    "last_sign_in_at": User.last_sign_in_at,
    "created_at": User.created_at,
    "updated_at": User.updated_at,
}


_ALIVE = User.deleted_at.is_(None)
_PEOPLE = User.robot.is_(False)


def by_id(session: Session, user_id: int) -> User | None:
    """Find a user who is not deleted."""
    return session.scalar(select(User).where(_PEOPLE, User.id == user_id, _ALIVE))


def account_by_id(session: Session, user_id: int) -> User | None:
    """Find the account of a user or robot who is not deleted."""
    return session.scalar(select(User).where(User.id == user_id, _ALIVE))


def locked_by_id(session: Session, user_id: int) -> User | None:
    """Find a user who cannot be changed by anybody else until the transaction ends."""
    found = select(User).where(_PEOPLE, User.id == user_id, _ALIVE)
    return session.scalar(found.with_for_update(of=User))


def deleted_by_id(session: Session, user_id: int) -> User | None:
    """Find a user who is deleted."""
    gone = User.deleted_at.is_not(None)
    return session.scalar(select(User).where(_PEOPLE, User.id == user_id, gone))


def by_username(session: Session, username: str) -> User | None:
    """Find a user by name, whatever the case."""
    named = User.username_key == fold(username)
    return session.scalar(select(User).where(_PEOPLE, named, _ALIVE))


def by_login(session: Session, login: str) -> User | None:
    """Find a user by name or e-mail address; no name contains the `@` of an address."""
    key = fold(login)
    named = or_(User.username_key == key, User.email_key == key)
    return session.scalar(select(User).where(_PEOPLE, named, _ALIVE))


def username_is_taken(session: Session, username: str) -> bool:
    """Tell whether somebody has, or once had, this name."""
    return bool(session.scalar(select(exists().where(User.username_key == fold(username)))))


def email_is_taken(session: Session, email: str, *, besides: int | None = None) -> bool:
    """Tell whether somebody other than `besides` has this address."""
    found = session.scalar(select(User.id).where(User.email_key == fold(email)))
    return found is not None and found != besides


def anybody_exists(session: Session) -> bool:
    """Tell whether there is any account, deleted ones included."""
    return bool(session.scalar(select(exists().where(User.id > 0))))


def count_enabled_admins(session: Session) -> int:
    """Count those who can administer now."""
    able = select(func.count()).where(
        User.admin.is_(True), User.enabled.is_(True), User.deleted_at.is_(None)
    )
    return session.scalar(able) or 0


def listing(session: Session, wanted: Slice, *, deleted: bool = False) -> Listing[User]:
    """List users who are not deleted, or those who are."""
    state = User.deleted_at.is_not(None) if deleted else User.deleted_at.is_(None)
    found = sliced(session, select(User).where(_PEOPLE, state), wanted, SORTABLE)
    return Listing(items=[row[0] for row in found.items], total=found.total)

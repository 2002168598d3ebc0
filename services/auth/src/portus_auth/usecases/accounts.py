"""Create, list and change user accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from portus_auth.domain import permissions
from portus_auth.domain.accounts import (
    faults_of_email,
    faults_of_password,
    faults_of_username,
    fold,
)
from portus_auth.domain.actors import Actor
from portus_auth.domain.faults import reject
from portus_auth.domain.listing import Slice
from portus_auth.domain.titles import faults_of_title
from portus_auth.storage import sign_ins, users
from portus_auth.storage.paging import Listing
from portus_auth.storage.tables import User
from portus_auth.usecases import publish
from portus_auth.usecases.passwords import Passwords
from portus_auth.usecases.personal import create_personal_namespace
from portus_auth.usecases.refresh_tokens import end_all_of
from portus_shared.clock import next_revision
from portus_shared.errors import Conflict, Denied, NotFound

_ID_DIGITS: Final = 9
"""As many as fit any database's integers with certainty."""


class LastAdmin(Conflict):
    """Say that nobody could administer Portus afterwards."""

    code = "last-admin"
    default_message = "Cannot disable or demote the only enabled admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """An account to be made; bots have no password."""

    username: str
    email: str
    password_hash: str | None
    display_name: str | None = None
    bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChange:
    """What is to be different about an account; None leaves a value alone."""

    username: str | None = None
    email: str | None = None
    password_hash: str | None = None
    display_name: str | None = None
    admin: bool | None = None
    enabled: bool | None = None


def prepare(
    passwords: Passwords,
    *,
    username: str,
    email: str,
    password: str | None,
    display_name: str | None = None,
    bot: bool = False,
) -> NewUser:
    """Check a new account's values and hash its password, outside of any transaction.

    Raises `Rejected` with all faults at once.
    """
    username, email = username.strip(), email.strip()
    faults = {"username": faults_of_username(username), "email": faults_of_email(email)}
    if not bot or password:
        faults["password"] = faults_of_password(password or "")
    if display_name:
        faults["display_name"] = faults_of_title(display_name)
    reject(faults)
    return NewUser(
        username=username,
        email=email,
        password_hash=None if bot or not password else passwords.hash(password),
        display_name=display_name or None,
        bot=bot,
    )


def prepare_password(passwords: Passwords, password: str | None) -> str | None:
    """Check and hash a changed password, outside of any transaction; None stays None."""
    return None if password is None else hash_new(passwords, password)


def hash_new(passwords: Passwords, password: str) -> str:
    """Check and hash a new password, outside of any transaction."""
    reject({"password": faults_of_password(password)})
    return passwords.hash(password)


def create_user(session: Session, actor: Actor, new: NewUser) -> User:
    """Create an account with its personal namespace (people only); never as an admin."""
    demand_admin(actor)
    return add_user(session, new, admin=False)


def add_user(session: Session, new: NewUser, *, admin: bool) -> User:
    """Add an account without asking who wants it: the caller has decided."""
    # Taken first, the revision's lock makes the checks below hold until the commit.
    revision = next_revision(session)
    taken = ["has already been taken"]
    reject(
        {
            "username": taken if users.username_is_taken(session, new.username) else [],
            "email": taken if users.email_is_taken(session, new.email) else [],
        }
    )
    user = User(
        username=new.username,
        username_key=fold(new.username),
        email=new.email,
        email_key=fold(new.email),
        password_hash=new.password_hash,
        display_name=new.display_name,
        admin=admin,
        enabled=True,
        bot=new.bot,
    )
    user.touch(revision)
    session.add(user)
    session.flush()
    publish.user_changed(session, user)
    if not new.bot:
        create_personal_namespace(session, user, revision)
    return user


def list_users(
    session: Session, actor: Actor, wanted: Slice, *, deleted: bool = False
) -> Listing[User]:
    """List all accounts, or those that are deleted."""
    demand_admin(actor)
    return users.listing(session, wanted, deleted=deleted)


def show_user(session: Session, actor: Actor, id_or_email: str) -> User:
    """Return one account by its id, name or address; everybody may see their own."""
    if str(actor.user_id) != id_or_email:
        demand_admin(actor)
    number = id_or_email if id_or_email.isascii() and id_or_email.isdigit() else ""
    user = users.by_id(session, int(number)) if 0 < len(number) <= _ID_DIGITS else None
    # PostgreSQL cannot even be asked for a text with NUL in it.
    if user is None and "\x00" not in id_or_email:
        user = users.by_login(session, id_or_email)
    if user is None:
        raise NotFound
    return user


def update_user(session: Session, actor: Actor, user_id: int, change: UserChange) -> User:
    """Change an account; names are for ever, and one enabled admin must remain."""
    demand_admin(actor)
    revision = next_revision(session)
    user = users.by_id(session, user_id)
    if user is None:
        raise NotFound
    apply_change(session, user, change, revision)
    return user


def apply_change(session: Session, user: User, change: UserChange, revision: int) -> None:
    """Change an account without asking who wants it: the caller has decided."""
    _check(session, user, change)
    for name in ("password_hash", "admin", "enabled"):
        if (value := getattr(change, name)) is not None:
            setattr(user, name, value)
    if change.display_name is not None:
        user.display_name = change.display_name.strip() or None
    if change.email is not None:
        user.email, user.email_key = change.email.strip(), fold(change.email)
    user.touch(revision)
    session.flush()
    _close_entrances(session, user, change, revision)
    if users.count_enabled_admins(session) == 0:
        raise LastAdmin
    publish.user_changed(session, user)


def _close_entrances(session: Session, user: User, change: UserChange, revision: int) -> None:
    """End what rests on the former password or, without the account, on nothing."""
    if change.password_hash is not None or not user.enabled:
        sign_ins.revoke_all_of(session, user.id)
    if not user.enabled:
        end_all_of(session, user.id, revision)


def _check(session: Session, user: User, change: UserChange) -> None:
    faults: dict[str, list[str]] = {}
    if change.username is not None and change.username.strip() != user.username:
        faults["username"] = ["cannot be changed: images and audit records carry it"]
    if change.email is not None:
        faults["email"] = faults_of_email(change.email.strip())
        if users.email_is_taken(session, change.email, besides=user.id):
            faults["email"].append("has already been taken")
    if change.display_name:
        faults["display_name"] = faults_of_title(change.display_name)
    reject(faults)


def demand_admin(actor: Actor) -> None:
    """Raise `Denied` unless the actor may manage accounts; the edge asks before it hashes."""
    if not permissions.may_manage_users(actor):
        raise Denied

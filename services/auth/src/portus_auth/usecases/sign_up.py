"""Accounts that people make for themselves, where the operator allows it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portus_auth.storage.tables import User
from portus_auth.usecases.accounts import NewUser, add_user
from portus_auth.usecases.installation import setup_is_needed
from portus_shared.errors import NotFound


class NoSignUp(NotFound):
    """Say that only admins make accounts here."""

    code = "no-sign-up"
    default_message = "Accounts are made by admins here"


def sign_up(session: Session, new: NewUser) -> User:
    """Make an account without any rights but its own; never the first one, which is an admin's."""
    if setup_is_needed(session):
        raise NoSignUp
    return add_user(session, new, admin=False)

"""Change a token that is in use: what it is called, when it ends, and to less than it may.

A secret that is out there never becomes worth more, except that it may last longer; and by a
credential that ends nothing can be made to last longer than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from sqlalchemy.orm import Session

from portus_auth.domain.actors import Actor
from portus_auth.domain.faults import reject
from portus_auth.domain.limits import faults_of_narrowing
from portus_auth.domain.titles import faults_of_title
from portus_auth.storage import tokens
from portus_auth.storage.tables import ApplicationToken
from portus_auth.usecases.robot_tokens import token_of_robot
from portus_auth.usecases.tokens import faults_of_end, managed_token
from portus_shared.clock import next_revision
from portus_shared.errors import Conflict
from portus_shared.scopes import Scope


class Unchanged(Enum):
    """Stand for a value that is to stay: None is a value, too."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


class TokenIsOver(Conflict):
    """Say that an expired token does not come back."""

    code = "expired"
    default_message = "This application token has expired, create a new one"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenChange:
    """What is to be different; an end of None is none, scopes of None are all rights."""

    application: str | Unchanged = UNCHANGED
    scopes: Sequence[Scope] | Unchanged | None = UNCHANGED
    expires_at: datetime | Unchanged | None = UNCHANGED


def change_token(
    session: Session, actor: Actor, token_id: int, change: TokenChange
) -> ApplicationToken:
    """Change one's own token, or as an admin anybody's."""
    revision = next_revision(session)
    token = managed_token(session, actor, token_id)
    return _apply(session, actor, token, change, revision)


def change_robot_token(
    session: Session, actor: Actor, robot_id: int, token_id: int, change: TokenChange
) -> ApplicationToken:
    """Change one of the tokens of a robot that the actor manages."""
    revision = next_revision(session)
    token = token_of_robot(session, actor, robot_id, token_id)
    return _apply(session, actor, token, change, revision)


def _apply(
    session: Session, actor: Actor, token: ApplicationToken, change: TokenChange, revision: int
) -> ApplicationToken:
    if token.expired:
        raise TokenIsOver
    name, faults, others = change.application, {}, _named_alike(session, token, change)
    if name is not UNCHANGED:
        faults["application"] = faults_of_title(name.strip())
        if any(not other.expired for other in others):
            faults["application"].append("has already been taken")
    if change.scopes is not UNCHANGED:
        faults["scopes"] = faults_of_narrowing(token.scopes, change.scopes)
    if change.expires_at is not UNCHANGED:
        faults["expires_at"] = faults_of_end(actor, change.expires_at)
    reject(faults)
    for other in others:
        other.remove(revision)
    session.flush()  # An expired one of this name goes first: the database allows one.
    _set(token, change)
    token.touch(revision)
    session.flush()
    return token


def _named_alike(
    session: Session, token: ApplicationToken, change: TokenChange
) -> Sequence[ApplicationToken]:
    """Return the other tokens of the same account that have the new name."""
    if change.application is UNCHANGED:
        return ()
    name = change.application.strip()
    mine = tokens.of_user(session, token.user_id)
    return [each for each in mine if each.application == name and each is not token]


def _set(token: ApplicationToken, change: TokenChange) -> None:
    if change.application is not UNCHANGED:
        token.application = change.application.strip()
    if change.scopes is not UNCHANGED:
        token.scopes = None if change.scopes is None else tuple(change.scopes)
    if change.expires_at is not UNCHANGED:
        token.expires_at = change.expires_at

"""Queries for application tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, joinedload

from portus_auth.storage.tables import ApplicationToken

_ADDRESS_MAX = 255


def of_user(session: Session, user_id: int) -> Sequence[ApplicationToken]:
    """List an account's application tokens, oldest first."""
    alive = ApplicationToken.deleted_at.is_(None)
    mine = select(ApplicationToken).where(ApplicationToken.user_id == user_id, alive)
    return session.scalars(mine.order_by(ApplicationToken.id)).all()


def by_id(session: Session, token_id: int) -> ApplicationToken | None:
    """Find an application token with its owner."""
    alive = ApplicationToken.deleted_at.is_(None)
    return session.scalar(
        select(ApplicationToken)
        .where(ApplicationToken.id == token_id, alive)
        .options(joinedload(ApplicationToken.user))
    )


def by_hash(session: Session, token_hash: str) -> ApplicationToken | None:
    """Find an application token with its owner by its keyed hash; expired ones too."""
    alive = ApplicationToken.deleted_at.is_(None)
    return session.scalar(
        select(ApplicationToken)
        .where(ApplicationToken.token_hash == token_hash, alive)
        .options(joinedload(ApplicationToken.user))
    )


def note_use(session: Session, token_id: int, at: datetime, address: str) -> None:
    """Write a use down, without a revision: no decision rests on it. "" is no address."""
    earlier = or_(ApplicationToken.last_used_at.is_(None), ApplicationToken.last_used_at < at)
    known = {"last_used_address": address[:_ADDRESS_MAX]} if address else {}
    session.execute(
        update(ApplicationToken)
        .where(ApplicationToken.id == token_id, earlier)
        .values({"last_used_at": at} | known)
    )

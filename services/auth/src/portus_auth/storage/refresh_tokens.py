"""Queries for refresh tokens."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portus_auth.storage.tables import RefreshToken


def by_ids(session: Session, ids: Collection[int]) -> Sequence[RefreshToken]:
    """Find refresh tokens that are not revoked."""
    alive = RefreshToken.deleted_at.is_(None)
    return session.scalars(select(RefreshToken).where(RefreshToken.id.in_(ids), alive)).all()


def of_user(session: Session, user_id: int) -> Sequence[RefreshToken]:
    """List a user's refresh tokens with what they hang on, the most recently used first."""
    return session.scalars(
        select(RefreshToken)
        .where(RefreshToken.user_id == user_id, RefreshToken.deleted_at.is_(None))
        .options(
            joinedload(RefreshToken.user),
            joinedload(RefreshToken.its_registry),
            joinedload(RefreshToken.application_token),
        )
        .order_by(RefreshToken.used_at.desc(), RefreshToken.id.desc())
    ).all()

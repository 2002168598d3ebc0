"""Rows that nobody needs any more, dropped a few at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from portus_auth.storage.base import Base
from portus_auth.storage.tables import (
    ApplicationToken,
    Letter,
    RefreshToken,
    Republication,
    SignIn,
)


def kinds(
    *, over: datetime, unused: datetime, removed: datetime
) -> Mapping[type[Base], ColumnElement[bool]]:
    """Return which rows of which tables are over, in an order that references allow.

    Sign-ins end `over`; refresh tokens were last used before `unused`; what was revoked, deleted
    or answered before `removed` has been noticed by everybody.
    """
    hung_on = select(RefreshToken.id).where(
        RefreshToken.application_token_id == ApplicationToken.id
    )
    return {
        SignIn: or_(SignIn.expires_at <= over, SignIn.revoked_at < removed),
        RefreshToken: or_(RefreshToken.used_at < unused, RefreshToken.deleted_at < removed),
        ApplicationToken: (ApplicationToken.deleted_at < removed) & ~hung_on.exists(),
        Republication: Republication.answered_at < removed,
        Letter: Letter.ended_at < removed,
    }


def drop(session: Session, table: type[Base], which: ColumnElement[bool], limit: int) -> int:
    """Drop at most `limit` rows; return how many went."""
    key: Any = next(iter(table.__table__.primary_key))
    some = select(key).where(which).order_by(key).limit(limit)
    statement = delete(table).where(key.in_(some)).execution_options(synchronize_session=False)
    return len(session.execute(statement.returning(key)).all())

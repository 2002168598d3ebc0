"""Queries on browser sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from portus_ui.storage.tables import BrowserSession


def find(session: Session, cookie_hash: str) -> BrowserSession | None:
    """Return the session kept under the hash."""
    return session.get(BrowserSession, cookie_hash)


def touch(session: Session, cookie_hash: str, moment: datetime) -> None:
    """Write down that the session was used."""
    session.execute(
        update(BrowserSession)
        .where(BrowserSession.cookie_hash == cookie_hash)
        .values(seen_at=moment)
    )


def remove(session: Session, cookie_hash: str) -> None:
    """Forget one session."""
    session.execute(delete(BrowserSession).where(BrowserSession.cookie_hash == cookie_hash))


def remove_of(session: Session, username: str) -> None:
    """Forget every session of a user."""
    session.execute(delete(BrowserSession).where(BrowserSession.username == username))


def remove_expired(session: Session, moment: datetime) -> None:
    """Forget sessions whose latest end has passed."""
    session.execute(delete(BrowserSession).where(BrowserSession.expires_at <= moment))

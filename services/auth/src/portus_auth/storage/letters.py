"""Queries for letters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portus_auth.storage.tables import Letter


def count_waiting(session: Session) -> int:
    """Count the letters that were neither sent nor given up."""
    waiting = select(func.count()).select_from(Letter).where(Letter.ended_at.is_(None))
    return session.scalar(waiting) or 0


def is_due(session: Session, moment: datetime) -> bool:
    """Tell whether any letter is to be tried now."""
    return bool(session.scalar(select(_due(moment).exists())))


def take_due(session: Session, moment: datetime) -> Letter | None:
    """Take the letter that waits for longest; nobody else gets it before the transaction ends."""
    oldest = _due(moment).order_by(Letter.due_at, Letter.id).limit(1)
    return session.scalar(oldest.with_for_update(skip_locked=True))


def by_id(session: Session, letter_id: int) -> Letter | None:
    """Find a letter."""
    return session.get(Letter, letter_id)


def count_to(session: Session, user_id: int, since: datetime, *, besides: int) -> int:
    """Count the letters to somebody that were asked for since then, one left out."""
    theirs = (Letter.user_id == user_id, Letter.asked_at > since, Letter.id != besides)
    return session.scalar(select(func.count()).select_from(Letter).where(*theirs)) or 0


def _due(moment: datetime) -> Select[Letter]:
    return select(Letter).where(Letter.ended_at.is_(None), Letter.due_at <= moment)

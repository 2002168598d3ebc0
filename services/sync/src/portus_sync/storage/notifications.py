"""What registries sent: events once each, downloads to count, and what could not be read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from portus_shared.db import insert_ignore
from portus_sync.storage.tables import Notification, Pull, Quarantined


def add(session: Session, values: Mapping[str, Any]) -> bool:
    """Store one event; tell whether it is new (its registry and id were not there)."""
    return insert_ignore(session, Notification.__table__, [values]) > 0


def add_pull(session: Session, values: Mapping[str, Any]) -> None:
    """Remember one download until it is counted."""
    session.execute(insert(Pull).values(**values))


def take_pulls(session: Session, limit: int) -> Sequence[Pull]:
    """Remove the oldest uncounted downloads, at most `limit`, and return them."""
    oldest = select(Pull.id).order_by(Pull.id).limit(limit)
    taken = delete(Pull).where(Pull.id.in_(oldest)).returning(Pull)
    return session.scalars(taken.execution_options(synchronize_session=False)).all()


def quarantine(session: Session, *, fingerprint: str, reason: str, raw: str, at: datetime) -> None:
    """Keep what could not be read; the same content again only counts."""
    row = {
        "fingerprint": fingerprint,
        "reason": reason,
        "raw": raw,
        "times": 0,
        "received_at": at,
        "last_received_at": at,
    }
    insert_ignore(session, Quarantined.__table__, [row])
    known = session.scalars(
        select(Quarantined).where(Quarantined.fingerprint == fingerprint).with_for_update()
    ).one()
    known.times += 1
    known.last_received_at = at


def quarantined(session: Session, *, before_id: int | None, limit: int) -> Sequence[Quarantined]:
    """Return quarantined contents, newest first, with ids below `before_id` if given."""
    newest = select(Quarantined).order_by(Quarantined.id.desc()).limit(limit)
    if before_id is not None:
        newest = newest.where(Quarantined.id < before_id)
    return session.scalars(newest).all()


def forget_before(session: Session, moment: datetime) -> None:
    """Drop what was received before `moment`: no registry repeats it any more."""
    session.execute(delete(Notification).where(Notification.received_at < moment))
    session.execute(delete(Quarantined).where(Quarantined.last_received_at < moment))

"""What registries sent: events once each, downloads to count, and what could not be read."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from portus_shared.db import insert_ignore, insert_new
from portus_sync.domain.notifications import Unreadable
from portus_sync.storage.tables import Notification, Pull, Quarantined, table_of

_quarantined = table_of(Quarantined)
_ADD_PULL = table_of(Pull).insert()
_COUNT_UNREAD = (
    update(_quarantined)
    .where(_quarantined.c.fingerprint == bindparam("named"))
    .values(times=_quarantined.c.times + bindparam("more"), last_received_at=bindparam("moment"))
)


def add(session: Session, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Store events of one registry; return the ids of those that were not there."""
    # One order of ids: two who store the same events wait for each other, never crosswise.
    ordered = sorted(rows, key=itemgetter("event_id"))
    return set(insert_new(session, Notification.__table__, ordered, returning="event_id"))


def add_pulls(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Remember downloads until they are counted."""
    session.execute(_ADD_PULL, rows)


def take_pulls(session: Session, limit: int) -> Sequence[Pull]:
    """Remove the oldest uncounted downloads, at most `limit`, and return them."""
    oldest = select(Pull.id).order_by(Pull.id).limit(limit)
    taken = delete(Pull).where(Pull.id.in_(oldest)).returning(Pull)
    return session.scalars(taken.execution_options(synchronize_session=False)).all()


def quarantine(session: Session, found: Iterable[Unreadable], *, at: datetime) -> None:
    """Keep what could not be read; the same content again only counts."""
    times = Counter(found)
    if not times:
        return
    kept = sorted(((_fingerprint(unread), unread) for unread in times), key=itemgetter(0))
    rows = [
        {
            "fingerprint": fingerprint,
            "reason": unread.reason,
            "raw": unread.raw,
            "times": 0,
            "received_at": at,
            "last_received_at": at,
        }
        for fingerprint, unread in kept
    ]
    insert_ignore(session, Quarantined.__table__, rows)
    counts = [
        {"named": fingerprint, "more": times[unread], "moment": at} for fingerprint, unread in kept
    ]
    session.execute(_COUNT_UNREAD, counts)


def _fingerprint(found: Unreadable) -> str:
    return hashlib.sha256(f"{found.reason}\n{found.raw}".encode()).hexdigest()


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

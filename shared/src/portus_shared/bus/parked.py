"""Messages that could not be handled, in the consumer's own database: waiting, or dead.

Living in a table, they look the same on every bus, can be listed and inspected with a query, and
are as durable as what they would have changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, Index, Integer, Row, String, Table, Text, delete, select, update
from sqlalchemy.orm import Session

from portus_shared.bus.message import Message
from portus_shared.clock import now
from portus_shared.db import upsert
from portus_shared.tables import UtcDateTime, shared_metadata

MAX_ATTEMPTS: Final = 5
_FIRST_DELAY_S: Final = 1
_DELAY_FACTOR: Final = 5
_REASON_MAX: Final = 2000

parked = Table(
    "parked_message",
    shared_metadata,
    Column("message_id", String(36), primary_key=True),
    Column("key", String(100), nullable=False),
    Column("body", Text, nullable=False),
    Column("source", String(50), nullable=False),
    Column("timestamp", UtcDateTime, nullable=False),
    Column("correlation_id", String(100)),
    Column("attempts", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("failed_at", UtcDateTime, nullable=False),
    Column("next_attempt_at", UtcDateTime),
    Index("ix_parked_message_next_attempt_at", "next_attempt_at"),
)
"""`next_attempt_at` is empty for the dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedMessage:
    """One message that failed, why, and when it is tried again (never, if dead)."""

    message: Message
    attempts: int
    reason: str
    failed_at: datetime
    next_attempt_at: datetime | None


def postpone(session: Session, message: Message, *, reason: str, attempts: int) -> None:
    """Park a message until its next attempt, or bury it after the last."""
    if attempts >= MAX_ATTEMPTS:
        bury(session, message, reason=reason, attempts=attempts)
        return
    delay = timedelta(seconds=_FIRST_DELAY_S * _DELAY_FACTOR ** (attempts - 1))
    _park(session, message, reason=reason, attempts=attempts, next_attempt_at=now() + delay)


def bury(session: Session, message: Message, *, reason: str, attempts: int) -> None:
    """Keep a message for a person to look at."""
    _park(session, message, reason=reason, attempts=attempts, next_attempt_at=None)


def unpark(session: Session, message_id: str) -> None:
    """Forget a message that was handled after all."""
    session.execute(delete(parked).where(parked.c.message_id == message_id))


def take_due(session: Session, limit: int = 100) -> Sequence[ParkedMessage]:
    """Return the messages whose next attempt is due, oldest failure first."""
    due = parked.c.next_attempt_at <= now()
    rows = session.execute(select(parked).where(due).order_by(parked.c.failed_at).limit(limit))
    return [_loaded(row) for row in rows]


def dead(session: Session, limit: int = 100) -> Sequence[ParkedMessage]:
    """Return the dead messages, newest first."""
    is_dead = parked.c.next_attempt_at.is_(None)
    newest = select(parked).where(is_dead).order_by(parked.c.failed_at.desc()).limit(limit)
    return [_loaded(row) for row in session.execute(newest)]


def find_dead(session: Session, message_id: str) -> ParkedMessage | None:
    """Return one dead message, or None."""
    wanted = (parked.c.message_id == message_id) & parked.c.next_attempt_at.is_(None)
    row = session.execute(select(parked).where(wanted)).first()
    return _loaded(row) if row else None


def replay(session: Session, message_id: str) -> bool:
    """Give a dead message five new attempts, starting now; tell whether there was one."""
    raised = (
        update(parked)
        .where(parked.c.message_id == message_id, parked.c.next_attempt_at.is_(None))
        .values(next_attempt_at=now(), attempts=0)
        .returning(parked.c.message_id)
    )
    return session.execute(raised).first() is not None


def drop(session: Session, message_id: str) -> bool:
    """Throw a dead message away for good; tell whether there was one."""
    gone = (
        delete(parked)
        .where(parked.c.message_id == message_id, parked.c.next_attempt_at.is_(None))
        .returning(parked.c.message_id)
    )
    return session.execute(gone).first() is not None


def _park(
    session: Session,
    message: Message,
    *,
    reason: str,
    attempts: int,
    next_attempt_at: datetime | None,
) -> None:
    values: dict[str, Any] = {
        "message_id": message.id,
        "key": message.key,
        "body": _storable(message.body.decode(errors="backslashreplace")),
        "source": message.source,
        "timestamp": message.timestamp,
        "correlation_id": message.correlation_id,
        "attempts": attempts,
        "reason": _storable(reason[:_REASON_MAX]),
        "failed_at": now(),
        "next_attempt_at": next_attempt_at,
    }
    upsert(session, parked, values, key=["message_id"])


def _storable(text: str) -> str:
    """Write NUL as its escape: PostgreSQL's text cannot hold it."""
    return text.replace("\x00", "\\u0000")


def _loaded(row: Row[Any]) -> ParkedMessage:
    message = Message(
        id=row.message_id,
        key=row.key,
        body=row.body.encode(),
        source=row.source,
        timestamp=row.timestamp,
        correlation_id=row.correlation_id,
    )
    return ParkedMessage(
        message=message,
        attempts=row.attempts,
        reason=row.reason,
        failed_at=row.failed_at,
        next_attempt_at=row.next_attempt_at,
    )

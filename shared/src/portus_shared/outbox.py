"""The outbox: an event is a row of the business transaction, the relay sends it afterwards.

The relay picks rows that are still there, never ``id > cursor``: PostgreSQL commits out of id
order. A row leaves only after the bus has taken it, so a crash repeats a message and loses none.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from prometheus_client import Counter, Gauge
from sqlalchemy import Column, Row, String, Table, Text, delete, func, select
from sqlalchemy.orm import Session

from portus_shared import logs
from portus_shared.bus.message import Message, message_of
from portus_shared.bus.port import Bus, BusUnavailable
from portus_shared.clock import now
from portus_shared.contracts.event import Event
from portus_shared.db import OUTBOX, Database, is_unavailable
from portus_shared.tables import BigId, UtcDateTime, shared_metadata

outbox = Table(
    "outbox",
    shared_metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("message_id", String(36), nullable=False),
    Column("key", String(100), nullable=False),
    Column("body", Text, nullable=False),
    Column("source", String(50), nullable=False),
    Column("correlation_id", String(100)),
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

_INSERT: Final = outbox.insert()
_BATCH: Final = 100
_POLL_S: Final = 0.5
_BACKOFF_MAX_S: Final = 10.0
_published = Counter("portus_outbox_published", "Events handed to the bus", ["source"])
_lag = Gauge("portus_outbox_lag_seconds", "How long the oldest event has waited", ["service"])
_log = logs.logger(__name__)


def publish(session: Session, event: Event, *, correlation_id: str | None = None) -> None:
    """Queue an event in the caller's transaction; the relay is woken when it commits.

    The rows of one transaction are written together at its end, in the order of the calls.
    """
    source = event.key.partition(".")[0]
    trace = correlation_id or logs.current_request_id()
    message = message_of(event, source=source, correlation_id=trace)
    waiting: _Waiting = session.info.setdefault(OUTBOX, _Waiting())
    waiting.messages.append(message)


class _Waiting:
    """The events of one transaction until it ends."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def write(self, session: Session) -> None:
        """Write a row for each."""
        rows = [
            {
                "message_id": message.id,
                "key": message.key,
                "body": message.body.decode(),
                "source": message.source,
                "correlation_id": message.correlation_id,
                "created_at": message.timestamp,
            }
            for message in self.messages
        ]
        session.execute(_INSERT, rows)


def pending(session: Session) -> tuple[int, datetime | None]:
    """Return how many events wait and since when the oldest does."""
    count, oldest = session.execute(select(func.count(), func.min(outbox.c.created_at))).one()
    return int(count), oldest


class Relay:
    """Hand the outbox of one database to the bus, oldest first."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus

    def run(self, stop: threading.Event) -> None:
        """Drain on every ring and at least twice a second, with back-off while the bus is away."""
        pause_s = _POLL_S
        while not stop.is_set():
            try:
                self.drain()
                pause_s = _POLL_S
            except BusUnavailable as error:
                _log.warning("the bus does not take events", extra={"reason": str(error)})
                pause_s = min(pause_s * 2, _BACKOFF_MAX_S)
                stop.wait(pause_s)
                continue
            self._database.bell.wait(pause_s)

    def drain(self) -> int:
        """Send all that waits; return how many. Raises `BusUnavailable`, losing nothing."""
        sent = 0
        while count := self._send_batch():
            sent += count
        return sent

    def _send_batch(self) -> int:
        try:
            with self._claimed() as rows:
                self._tell_lag(rows)
                if rows:
                    self._bus.publish([_message(row) for row in rows])
        except Exception as error:
            if is_unavailable(error):
                raise BusUnavailable(str(error)) from error
            raise
        for row in rows:
            _published.labels(row.source).inc()
        return len(rows)

    def _tell_lag(self, rows: Sequence[Row[tuple[object, ...]]]) -> None:
        oldest = rows[0].created_at if rows else now()
        _lag.labels(self._database.schema).set((now() - oldest).total_seconds())

    @contextmanager
    def _claimed(self) -> Iterator[Sequence[Row[tuple[object, ...]]]]:
        """Yield the oldest rows and delete them when the block ends well.

        In PostgreSQL they stay locked meanwhile, so several relays share the work. SQLite has one
        lock for the whole file, which must be free while consumers write: there the rows are only
        read, and two relays would at worst send twice.
        """
        oldest = select(outbox).order_by(outbox.c.id).limit(_BATCH)
        if self._database.is_sqlite:
            with self._database.read() as session:
                rows = session.execute(oldest).all()
            yield rows
            if rows:
                with self._database.write() as session:
                    _delete(session, rows)
            return
        with self._database.write() as session:
            rows = session.execute(oldest.with_for_update(skip_locked=True)).all()
            yield rows
            _delete(session, rows)


def _delete(session: Session, rows: Sequence[Row[tuple[object, ...]]]) -> None:
    session.execute(delete(outbox).where(outbox.c.id.in_([row.id for row in rows])))


def _message(row: Row[tuple[object, ...]]) -> Message:
    return Message(
        id=row.message_id,
        key=row.key,
        body=row.body.encode(),
        source=row.source,
        timestamp=row.created_at,
        correlation_id=row.correlation_id,
    )

"""The inbox: apply each message once, park what fails, bury what keeps failing.

A batch is one transaction: inbox rows, the handlers' changes and their own outbox rows. When it
fails, the messages are tried one by one, so that a poisonous one is found and parked in the
consumer's *own* database (ADR 0004) where it waits for its next attempt; after five it is dead
and waits for a person. What cannot be decoded is dead at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any, Final

from prometheus_client import Counter
from sqlalchemy import Column, String, Table, delete
from sqlalchemy.orm import Session

from portus_shared import logs
from portus_shared.bus.message import Message
from portus_shared.bus.parked import bury, postpone, take_due, unpark
from portus_shared.bus.port import ConsumerPaused
from portus_shared.clock import now
from portus_shared.contracts import codec
from portus_shared.contracts.event import Event
from portus_shared.db import Database, insert_new, is_unavailable
from portus_shared.tables import UtcDateTime, shared_metadata

inbox = Table(
    "inbox",
    shared_metadata,
    Column("message_id", String(36), primary_key=True),
    Column("received_at", UtcDateTime, nullable=False, index=True),
)

Handler = Callable[[Session, Any, Message], None]
"""Apply one event inside the given transaction; the second argument is the event."""

BatchHandler = Callable[[Session, Sequence[tuple[Any, Message]]], None]
"""Apply events that came one after another, with what each came in, inside the transaction."""

_KEEP: Final = timedelta(days=14)
_RETRY_POLL_S: Final = 0.5
_handled = Counter("portus_messages", "Messages settled", ["service", "outcome"])
_log = logs.logger(__name__)


class Consumer:
    """Apply the messages of one service's queue to its database.

    Neighbours in a batch whose types have the same function in `batches` go to it in one call;
    all others go one by one to their `handlers`.
    """

    def __init__(
        self,
        service: str,
        database: Database,
        handlers: Mapping[type[Event], Handler],
        batches: Mapping[type[Event], BatchHandler] | None = None,
    ) -> None:
        self.service = service
        self.queue = f"{service}.events"
        self._database = database
        self._handlers = handlers
        self._batches = batches or {}
        self.keys = sorted(event.key for event in {**handlers, **self._batches})

    def deliver(self, messages: Sequence[Message]) -> None:
        """Settle every message; raise `ConsumerPaused` while the database is away."""
        readable = [pair for message in messages if (pair := self._decoded(message))]
        with logs.context(service=self.service):
            self._settle(readable)

    def retry_due(self) -> int:
        """Try again what was parked and is due; return how many were tried."""
        with self._database.read() as session:
            due = take_due(session)
        for parked in due:
            if pair := self._decoded(parked.message):
                self._attempt(pair, attempt=parked.attempts + 1)
        return len(due)

    def run_retries(self, stop: threading.Event) -> None:
        """Retry parked messages and forget old inbox rows until `stop` is set."""
        forget_at = time.monotonic()
        while not stop.wait(_RETRY_POLL_S):
            self.retry_due()
            if time.monotonic() >= forget_at:
                forget_at = time.monotonic() + 3600
                self.forget_old()

    def forget_old(self) -> None:
        """Drop inbox rows too old to be delivered again."""
        with self._database.write() as session:
            session.execute(delete(inbox).where(inbox.c.received_at < now() - _KEEP))

    def _decoded(self, message: Message) -> tuple[Message, Event] | None:
        try:
            return message, codec.decode(message.key, message.body)
        except codec.Undecodable as error:
            reason = str(error)
            fields = {"key": message.key, "event_id": message.id, "reason": reason}
            _log.error("a message could not be read", extra=fields)
            self._guarded(lambda session: bury(session, message, reason=reason, attempts=1))
            _handled.labels(self.service, "undecodable").inc()
            return None

    def _settle(self, pairs: Sequence[tuple[Message, Event]]) -> None:
        if not pairs:
            return
        if len(pairs) == 1:
            self._attempt(pairs[0], attempt=1)
            return
        try:
            with self._database.write() as session:
                self._apply(session, pairs)
        except Exception as error:
            if is_unavailable(error):
                raise ConsumerPaused(str(error)) from error
            # One of them is poison; alone each shows whether it is the one.
            for pair in pairs:
                self._attempt(pair, attempt=1)

    def _attempt(self, pair: tuple[Message, Event], *, attempt: int) -> None:
        message = pair[0]
        try:
            with self._database.write() as session:
                self._apply(session, [pair])
                unpark(session, message.id)
        except Exception as error:
            if is_unavailable(error):
                raise ConsumerPaused(str(error)) from error
            fields = {"key": message.key, "event_id": message.id, "attempt": attempt}
            _log.exception("a message could not be handled", extra=fields)
            _handled.labels(self.service, "failed").inc()
            reason = f"{type(error).__name__}: {error}"
            self._guarded(
                lambda session: postpone(session, message, reason=reason, attempts=attempt)
            )

    def _apply(self, session: Session, pairs: Sequence[tuple[Message, Event]]) -> None:
        new = self._unseen(session, pairs)
        for together, run in groupby(new, lambda pair: self._batches.get(type(pair[1]))):
            if together is not None:
                together(session, [(event, message) for message, event in run])
                continue
            for message, event in run:
                with logs.context(request_id=message.correlation_id, service=self.service):
                    self._handlers[type(event)](session, event, message)
        _handled.labels(self.service, "applied").inc(len(new))
        _handled.labels(self.service, "duplicate").inc(len(pairs) - len(new))

    def _unseen(
        self, session: Session, pairs: Sequence[tuple[Message, Event]]
    ) -> Sequence[tuple[Message, Event]]:
        """Remember all messages; return those that were not known, each once, in their order.

        One statement decides, in one order of ids: of two consumers that got the same message the
        second waits for the first, and neither waits crosswise.
        """
        received_at = now()
        ids = sorted({message.id for message, _ in pairs})
        rows = [{"message_id": id, "received_at": received_at} for id in ids]
        unseen = set(insert_new(session, inbox, rows))
        new = []
        for message, event in pairs:
            if message.id in unseen:
                unseen.remove(message.id)
                new.append((message, event))
        return new

    def _guarded(self, change: Callable[[Session], None]) -> None:
        try:
            with self._database.write() as session:
                change(session)
        except Exception as error:
            if is_unavailable(error):
                raise ConsumerPaused(str(error)) from error
            raise

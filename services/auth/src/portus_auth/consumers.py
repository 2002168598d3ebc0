"""What auth hears from others: a replica of its state that starts empty."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portus_auth.config import SCHEMA
from portus_auth.usecases.republish import answer_replica
from portus_shared.bus.inbox import Consumer
from portus_shared.bus.message import Message
from portus_shared.contracts.catalog import ReplicaStarted
from portus_shared.db import Database


def consumer(database: Database) -> Consumer:
    """Make the consumer of auth's queue."""
    return Consumer(SCHEMA, database, {ReplicaStarted: _on_replica_started})


def _on_replica_started(session: Session, event: ReplicaStarted, message: Message) -> None:
    del message
    answer_replica(session, event.replica_id)

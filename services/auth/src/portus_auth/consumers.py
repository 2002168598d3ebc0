"""What auth hears from catalog: its replica starts empty, a deleted namespace is empty."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from portus_auth.config import SCHEMA
from portus_auth.usecases.deletions import note_emptied
from portus_auth.usecases.republish import answer_replica
from portus_shared.bus.inbox import Consumer, Handler
from portus_shared.bus.message import Message
from portus_shared.contracts.catalog import NamespaceEmptied, ReplicaStarted
from portus_shared.contracts.event import Event
from portus_shared.db import Database


def consumer(database: Database) -> Consumer:
    """Make the consumer of auth's queue."""
    handlers: Mapping[type[Event], Handler] = {
        ReplicaStarted: _on_replica_started,
        NamespaceEmptied: _on_namespace_emptied,
    }
    return Consumer(SCHEMA, database, handlers)


def _on_replica_started(session: Session, event: ReplicaStarted, message: Message) -> None:
    del message
    answer_replica(session, event.replica_id)


def _on_namespace_emptied(session: Session, event: NamespaceEmptied, message: Message) -> None:
    del message
    note_emptied(session, event.namespace_id, event.revision)

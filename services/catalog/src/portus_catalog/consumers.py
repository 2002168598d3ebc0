"""Which event goes to which use case; the inbox has opened the transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from portus_catalog.usecases import replicate
from portus_catalog.usecases.record_audit import record_audit
from portus_catalog.usecases.record_deletion import record_deletion
from portus_catalog.usecases.record_description import record_description
from portus_catalog.usecases.record_observation import close_scan, record_observation
from portus_catalog.usecases.record_outcome import record_outcome
from portus_catalog.usecases.record_pulls import record_pulls
from portus_catalog.usecases.record_push import record_push
from portus_shared.bus import Message
from portus_shared.bus.inbox import Consumer, Handler
from portus_shared.contracts import auth, catalog, sync
from portus_shared.contracts.event import Event
from portus_shared.db import Database


def consumer(database: Database) -> Consumer:
    """Return the consumer of this service's queue."""
    return Consumer("catalog", database, handlers())


def handlers() -> Mapping[type[Event], Handler]:
    """Return every event the catalogue takes, with what it does about it."""
    use_cases: dict[type[Event], Callable[[Session, Any], object]] = {
        auth.RegistryChanged: replicate.keep_registry,
        auth.NamespaceChanged: replicate.keep_namespace,
        auth.NamespaceDeleted: replicate.forget_namespace,
        auth.TeamChanged: replicate.keep_team,
        auth.TeamDeleted: replicate.forget_team,
        auth.UserChanged: replicate.keep_user,
        auth.UserDeleted: replicate.forget_user,
        auth.StateRepublished: replicate.close_generation,
        sync.ManifestPushed: record_push,
        sync.ManifestDescribed: record_description,
        sync.ManifestDeleted: record_deletion,
        sync.DeletionFinished: record_outcome,
        sync.RepositoryObserved: record_observation,
        sync.ScanCompleted: close_scan,
        sync.PullsCounted: record_pulls,
    }
    table: dict[type[Event], Handler] = {
        event: _of_event(use_case) for event, use_case in use_cases.items()
    }
    for audit in (auth.AuditRecorded, sync.AuditRecorded, catalog.AuditRecorded):
        table[audit] = _keep_audit
    return table


def _of_event(use_case: Callable[[Session, Any], object]) -> Handler:
    def handle(session: Session, event: Any, message: Message) -> None:
        del message
        use_case(session, event)

    return handle


def _keep_audit(session: Session, event: Any, message: Message) -> None:
    record_audit(session, event, message.id)

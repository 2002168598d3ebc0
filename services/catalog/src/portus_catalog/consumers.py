"""Which event goes to which use case; the inbox has opened the transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from portus_catalog.usecases import replicate
from portus_catalog.usecases.record_audit import record_audit
from portus_catalog.usecases.record_deletion import record_deletion
from portus_catalog.usecases.record_description import record_descriptions
from portus_catalog.usecases.record_observation import close_scan, record_observations
from portus_catalog.usecases.record_outcome import record_outcome
from portus_catalog.usecases.record_pulls import record_pulls
from portus_catalog.usecases.record_push import record_pushes
from portus_shared.bus import Message
from portus_shared.bus.inbox import BatchHandler, Consumer, Handler
from portus_shared.contracts import auth, catalog, sync
from portus_shared.contracts.event import Event
from portus_shared.db import Database


def consumer(database: Database) -> Consumer:
    """Return the consumer of this service's queue."""
    return Consumer("catalog", database, handlers(), batches())


def handlers() -> Mapping[type[Event], Handler]:
    """Return the events that are taken one by one, with what is done about each."""
    use_cases: dict[type[Event], Callable[[Session, Any], object]] = {
        auth.RegistryChanged: replicate.keep_registry,
        auth.NamespaceChanged: replicate.keep_namespace,
        auth.NamespaceDeleted: replicate.forget_namespace,
        auth.TeamChanged: replicate.keep_team,
        auth.TeamDeleted: replicate.forget_team,
        auth.UserChanged: replicate.keep_user,
        auth.UserDeleted: replicate.forget_user,
        auth.StateRepublished: replicate.close_generation,
        sync.ManifestDeleted: record_deletion,
        sync.DeletionFinished: record_outcome,
        sync.ScanCompleted: close_scan,
        sync.PullsCounted: record_pulls,
    }
    table: dict[type[Event], Handler] = {
        event: _of_event(use_case) for event, use_case in use_cases.items()
    }
    for audit in (auth.AuditRecorded, sync.AuditRecorded, catalog.AuditRecorded):
        table[audit] = _keep_audit
    return table


def batches() -> Mapping[type[Event], BatchHandler]:
    """Return the events that come in crowds, with what takes many of them at once."""
    return {
        sync.ManifestPushed: _keep_images,
        sync.ManifestDescribed: _keep_images,
        sync.RepositoryObserved: _keep_observations,
    }


def _keep_images(session: Session, told: Sequence[tuple[Any, Message]]) -> None:
    """Take pushes before descriptions: the two say different things, so their order is free."""
    traced = [(event, message.correlation_id) for event, message in told]
    pushes = [pair for pair in traced if isinstance(pair[0], sync.ManifestPushed)]
    descriptions = [pair for pair in traced if isinstance(pair[0], sync.ManifestDescribed)]
    if pushes:
        record_pushes(session, pushes)
    if descriptions:
        record_descriptions(session, descriptions)


def _keep_observations(session: Session, told: Sequence[tuple[Any, Message]]) -> None:
    record_observations(session, [(event, message.correlation_id) for event, message in told])


def _of_event(use_case: Callable[[Session, Any], object]) -> Handler:
    def handle(session: Session, event: Any, message: Message) -> None:
        del message
        use_case(session, event)

    return handle


def _keep_audit(session: Session, event: Any, message: Message) -> None:
    record_audit(session, event, message.id)

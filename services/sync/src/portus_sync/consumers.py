"""What sync does on other services' events; each handler is one use case in one transaction."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from portus_shared.bus.inbox import Consumer, Handler
from portus_shared.bus.message import Message
from portus_shared.clock import now
from portus_shared.contracts.auth import RegistryChanged, StateRepublished
from portus_shared.contracts.catalog import (
    DeletionRequested,
    NamespaceCleared,
    Reconciled,
    ReplicaStarted,
)
from portus_shared.contracts.event import Event
from portus_shared.db import Database
from portus_sync.storage import deletions
from portus_sync.storage.deletions import Wanted
from portus_sync.storage.tables import Registry
from portus_sync.usecases import drift, registries, removals, scans


def consumer(database: Database) -> Consumer:
    """Make the consumer of sync's queue."""
    return Consumer("sync", database, HANDLERS)


def registry_changed(session: Session, event: RegistryChanged, message: Message) -> None:
    """Follow auth's word about a registry."""
    del message
    registry = Registry(
        name=event.registry,
        url=event.url,
        external_host=event.external_host,
        ca=event.ca,
        enabled=event.enabled,
        revision=event.revision,
    )
    registries.follow(session, registry, at=now())


def state_republished(session: Session, event: StateRepublished, message: Message) -> None:
    """Forget the registries that auth did not name."""
    del message
    registries.forget_unnamed(session, event.generation)


def replica_started(session: Session, event: ReplicaStarted, message: Message) -> None:
    """Tell a new catalog everything."""
    del message
    scans.serve_replica(session, event.replica_id, at=now())


def reconciled(session: Session, event: Reconciled, message: Message) -> None:
    """Keep how they differ, and take up the tags that catalog knows and the scan did not find."""
    del message
    drift.keep(session, event, at=now())
    gone = [(difference.tag, difference.known_digest) for difference in event.gone]
    if gone:
        removals.ask(
            session,
            registry=event.registry,
            repository=event.repository,
            tags=gone,
            scan_id=event.scan_id,
            at=now(),
        )


def deletion_requested(session: Session, event: DeletionRequested, message: Message) -> None:
    """Queue what somebody wants gone from the registry."""
    del message
    wanted = Wanted(
        registry=event.registry, repository=event.repository, digest=event.digest, tag=event.tag
    )
    deletions.ask(session, event.request_id, wanted, requested_by=event.requested_by, at=now())


def namespace_cleared(session: Session, event: NamespaceCleared, message: Message) -> None:
    """Look whether the registry holds anything of a deleted namespace that was never told."""
    del message
    scans.request(session, event.registry, cause="namespace", asked_by=event.namespace, at=now())


HANDLERS: Mapping[type[Event], Handler] = {
    RegistryChanged: registry_changed,
    StateRepublished: state_republished,
    ReplicaStarted: replica_started,
    Reconciled: reconciled,
    DeletionRequested: deletion_requested,
    NamespaceCleared: namespace_cleared,
}

"""The one place where the catalogue's changes become events."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from portus_catalog.storage.contents import RepositoryRow
from portus_catalog.storage.requests import DeletionRow, WipeRow
from portus_shared import outbox
from portus_shared.contracts.catalog import (
    DeletionRequested,
    NamespaceCleared,
    NamespaceEmptied,
    Reconciled,
    ReplicaStarted,
    RepositoryChanged,
    TagDifference,
)


def repository_changed(
    session: Session,
    repository: RepositoryRow,
    change: str,
    *,
    tag: str | None = None,
    digest: str | None = None,
    actor: str | None = None,
    correlation_id: str | None = None,
) -> None:
    """Tell that a repository looks different now."""
    changed = RepositoryChanged(
        registry=repository.registry_name,
        repository=repository.full_name,
        namespace=repository.namespace,
        change=change,
        tag=tag,
        digest=digest,
        actor=actor,
    )
    outbox.publish(session, changed, correlation_id=correlation_id)


def reconciled(
    session: Session,
    repository: RepositoryRow,
    scan_id: str,
    *,
    added: Iterable[TagDifference],
    moved: Iterable[TagDifference],
    gone: Iterable[TagDifference],
    known: int,
    correlation_id: str | None = None,
) -> None:
    """Answer a scan of one repository with how it differed from what was known."""
    answer = Reconciled(
        scan_id=scan_id,
        registry=repository.registry_name,
        repository=repository.full_name,
        added=tuple(added),
        moved=tuple(moved),
        gone=tuple(gone),
        known=known,
    )
    outbox.publish(session, answer, correlation_id=correlation_id)


def deletion_requested(session: Session, repository: RepositoryRow, row: DeletionRow) -> None:
    """Ask sync to delete a manifest, or one tag, from the registry."""
    wanted = DeletionRequested(
        request_id=row.request_id,
        registry=repository.registry_name,
        repository=repository.full_name,
        digest=row.digest,
        requested_by=row.requested_by,
        tag=row.tag or None,
    )
    outbox.publish(session, wanted)


def namespace_cleared(session: Session, wipe: WipeRow) -> None:
    """Ask sync to look whether anything unknown is left of a deleted namespace."""
    cleared = NamespaceCleared(
        registry=wipe.registry_name, namespace_id=wipe.namespace_id, namespace=wipe.namespace
    )
    outbox.publish(session, cleared)


def namespace_emptied(session: Session, wipe: WipeRow) -> None:
    """Tell auth that nothing is left of a deleted namespace."""
    emptied = NamespaceEmptied(
        registry=wipe.registry_name,
        namespace_id=wipe.namespace_id,
        namespace=wipe.namespace,
        revision=wipe.revision,
    )
    outbox.publish(session, emptied)


def replica_started(session: Session, replica_id: str) -> None:
    """Ask for everything: this replica is new."""
    outbox.publish(session, ReplicaStarted(replica_id=replica_id))

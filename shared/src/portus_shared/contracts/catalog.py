"""What catalog tells the others about repositories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portus_shared.contracts.event import Event, event


@dataclass(frozen=True, slots=True, kw_only=True)
class TagDifference:
    """One tag that a scan found otherwise than catalog knew it."""

    tag: str
    known_digest: str | None = None
    found_digest: str | None = None


@event("catalog.repository.changed.v1")
class RepositoryChanged(Event):
    """Hint that a repository looks different now; names only, never data.

    change: pushed, deleting (asked for), deleted, kept (a deletion failed), described, reconciled
    or access.
    """

    registry: str
    repository: str
    namespace: str
    change: str
    tag: str | None = None
    digest: str | None = None
    actor: str | None = None


@event("catalog.reconciled.v1")
class Reconciled(Event):
    """Answer an observed repository: added, moved, and known here but not found by the scan."""

    scan_id: str
    registry: str
    repository: str
    added: tuple[TagDifference, ...]
    moved: tuple[TagDifference, ...]
    gone: tuple[TagDifference, ...]
    known: int = 0


@event("catalog.deletion.requested.v1")
class DeletionRequested(Event):
    """Ask sync to delete a manifest, or only one tag of it."""

    request_id: str
    registry: str
    repository: str
    digest: str
    requested_by: str
    tag: str | None = None


@event("catalog.restore.requested.v1")
class RestoreRequested(Event):
    """Ask sync to put a manifest back under a tag."""

    request_id: str
    registry: str
    repository: str
    digest: str
    requested_by: str
    tag: str | None = None


@event("catalog.namespace.cleared.v1")
class NamespaceCleared(Event):
    """Say that of a deleted namespace nothing known is left, and ask sync to look once more."""

    registry: str
    namespace_id: int
    namespace: str


@event("catalog.namespace.emptied.v1")
class NamespaceEmptied(Event):
    """Say that a scan found nothing under a deleted namespace: its name may be given again.

    `revision` is that of the deletion it answers.
    """

    registry: str
    namespace_id: int
    namespace: str
    revision: int


@event("catalog.replica.started.v1")
class ReplicaStarted(Event):
    """Ask auth to republish its state and sync to scan: this replica is new or empty."""

    replica_id: str


@event("catalog.audit.recorded.v1")
class AuditRecorded(Event):
    """Record who did what to whom in catalog; before and after carry no secrets."""

    actor: str
    address: str | None
    action: str
    subject: str
    occurred_at: datetime
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None

"""What sync saw in the registry. `observed_at` (sync's own stamp, µs) decides the order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portus_shared.contracts.event import Event, event


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of an image, as the manifest lists it."""

    digest: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One manifest that an index lists; platform parts are absent where the index has none."""

    digest: str
    media_type: str
    size_bytes: int | None = None
    os: str | None = None
    architecture: str | None = None
    variant: str | None = None
    os_version: str | None = None
    artifact_type: str | None = None
    annotations: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One step of an image's history, oldest first."""

    created: str | None = None
    created_by: str | None = None
    comment: str | None = None
    empty_layer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageConfig:
    """What an image's config blob says; texts are cut to a bounded length."""

    digest: str
    os: str | None = None
    architecture: str | None = None
    variant: str | None = None
    created: str | None = None
    author: str | None = None
    user: str | None = None
    working_dir: str | None = None
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    exposed_ports: tuple[str, ...] = ()
    labels: Mapping[str, Any] | None = None
    history: tuple[HistoryEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedTag:
    """A tag and what it pointed to when the scan asked."""

    tag: str
    digest: str
    media_type: str


@event("sync.manifest.pushed.v1")
class ManifestPushed(Event):
    """Say that a manifest was pushed, by tag or by digest alone."""

    registry: str
    repository: str
    digest: str
    media_type: str
    actor: str | None
    occurred_at: datetime
    observed_at: int
    tag: str | None = None


@event("sync.manifest.described.v1")
class ManifestDescribed(Event):
    """Tell what a manifest holds; `raw` is its text (≤ 4 MiB, else absent).

    `size_bytes` is config plus layers, compressed; absent for an index.
    """

    registry: str
    repository: str
    digest: str
    media_type: str
    size_bytes: int | None
    observed_at: int
    artifact_type: str | None = None
    raw: str | None = None
    config: ImageConfig | None = None
    layers: tuple[Layer, ...] = ()
    children: tuple[Child, ...] = ()
    annotations: Mapping[str, Any] | None = None
    subject: str | None = None


@event("sync.manifest.deleted.v1")
class ManifestDeleted(Event):
    """Say that a manifest (digest) or a single tag (tag) was deleted."""

    registry: str
    repository: str
    actor: str | None
    occurred_at: datetime
    observed_at: int
    digest: str | None = None
    tag: str | None = None


@event("sync.pulls.counted.v1")
class PullsCounted(Event):
    """Count the pulls of one manifest within a window."""

    registry: str
    repository: str
    digest: str
    count: int
    window_start: datetime
    window_end: datetime
    tag: str | None = None


@event("sync.repository.observed.v1")
class RepositoryObserved(Event):
    """List the tags a scan found in one repository, in parts of at most 1,000."""

    scan_id: str
    registry: str
    repository: str
    observed_at: int
    part: int
    parts: int
    tags: tuple[ObservedTag, ...]


@event("sync.scan.completed.v1")
class ScanCompleted(Event):
    """Say that a scan went through the whole catalogue."""

    scan_id: str
    registry: str
    started_at: datetime
    finished_at: datetime
    repository_count: int


@event("sync.deletion.finished.v1")
class DeletionFinished(Event):
    """Say how a deletion ended: outcome is done or failed, with the reason."""

    request_id: str
    outcome: str
    reason: str | None = None


@event("sync.restore.finished.v1")
class RestoreFinished(Event):
    """Say how a restore ended: outcome is done or failed, with the reason."""

    request_id: str
    outcome: str
    reason: str | None = None


@event("sync.audit.recorded.v1")
class AuditRecorded(Event):
    """Record who did what to whom in sync; before and after carry no secrets."""

    actor: str
    address: str | None
    action: str
    subject: str
    occurred_at: datetime
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None

"""The one place where sync's facts and rows become events."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portus_shared import outbox
from portus_shared.contracts import sync as contracts
from portus_sync.domain.configs import ImageConfig
from portus_sync.domain.manifests import Description
from portus_sync.domain.notifications import DeleteSeen, PushSeen
from portus_sync.storage.tables import Deletion, Pull, Scan

TAGS_PER_PART = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Where and when sync learned something; `at` is the wall clock, `observed_at` the order."""

    registry: str
    observed_at: int
    at: datetime


def pushed(session: Session, seen: Seen, fact: PushSeen) -> None:
    """Say that a manifest was pushed."""
    event = contracts.ManifestPushed(
        registry=seen.registry,
        repository=fact.repository,
        digest=fact.digest,
        media_type=fact.media_type,
        actor=fact.origin.actor or None,
        occurred_at=fact.origin.occurred_at or seen.at,
        observed_at=seen.observed_at,
        tag=fact.tag,
    )
    outbox.publish(session, event)


def deleted(session: Session, seen: Seen, fact: DeleteSeen, actor: str) -> None:
    """Say that a tag or a manifest was deleted in the registry, at the wish of `actor`."""
    event = contracts.ManifestDeleted(
        registry=seen.registry,
        repository=fact.repository,
        actor=actor or None,
        occurred_at=fact.origin.occurred_at or seen.at,
        observed_at=seen.observed_at,
        digest=fact.digest,
        tag=fact.tag,
    )
    outbox.publish(session, event)


def erased(session: Session, seen: Seen, deletion: Deletion) -> None:
    """Say that the registry has no longer what somebody wanted gone."""
    event = contracts.ManifestDeleted(
        registry=seen.registry,
        repository=deletion.repository,
        actor=deletion.requested_by,
        occurred_at=seen.at,
        observed_at=seen.observed_at,
        digest=None if deletion.tag else deletion.digest,
        tag=deletion.tag,
    )
    outbox.publish(session, event)


def deletion_finished(
    session: Session, request_id: str, outcome: str, reason: str | None = None
) -> None:
    """Say how a deletion ended: `done` or `failed`."""
    event = contracts.DeletionFinished(request_id=request_id, outcome=outcome, reason=reason)
    outbox.publish(session, event)


def found_missing(session: Session, seen: Seen, repository: str, tag: str) -> None:
    """Say that the registry itself no longer has a tag; nobody knows who deleted it."""
    event = contracts.ManifestDeleted(
        registry=seen.registry,
        repository=repository,
        actor=None,
        occurred_at=seen.at,
        observed_at=seen.observed_at,
        tag=tag,
    )
    outbox.publish(session, event)


def described(
    session: Session,
    seen: Seen,
    *,
    repository: str,
    digest: str,
    description: Description,
    config: ImageConfig | None,
) -> None:
    """Tell what a manifest holds."""
    event = contracts.ManifestDescribed(
        registry=seen.registry,
        repository=repository,
        digest=digest,
        media_type=description.media_type,
        size_bytes=description.size_bytes,
        observed_at=seen.observed_at,
        artifact_type=description.artifact_type,
        raw=description.raw,
        config=_config(config) if config else None,
        layers=tuple(contracts.Layer(**asdict(layer)) for layer in description.layers),
        children=tuple(contracts.Child(**asdict(child)) for child in description.children),
        annotations=description.annotations,
        subject=description.subject,
    )
    outbox.publish(session, event)


def observed(
    session: Session,
    seen: Seen,
    *,
    scan_id: str,
    repository: str,
    tags: Sequence[tuple[str, str, str]],
) -> None:
    """List a repository's tags (name, digest, media type), in parts; none is one empty part."""
    parts = [tags[at : at + TAGS_PER_PART] for at in range(0, len(tags), TAGS_PER_PART)] or [()]
    for number, part in enumerate(parts, start=1):
        event = contracts.RepositoryObserved(
            scan_id=scan_id,
            registry=seen.registry,
            repository=repository,
            observed_at=seen.observed_at,
            part=number,
            parts=len(parts),
            tags=tuple(
                contracts.ObservedTag(tag=tag, digest=digest, media_type=media_type)
                for tag, digest, media_type in part
            ),
        )
        outbox.publish(session, event)


def scan_completed(session: Session, scan: Scan, *, finished_at: datetime) -> None:
    """Say that a scan went through the whole catalogue."""
    event = contracts.ScanCompleted(
        scan_id=scan.id,
        registry=scan.registry_name,
        started_at=scan.started_at or scan.requested_at,
        finished_at=finished_at,
        repository_count=scan.repositories_done,
    )
    outbox.publish(session, event)


def pulls_counted(session: Session, pulls: Sequence[Pull]) -> None:
    """Say how often a manifest was downloaded; `pulls` are all of it, under the same tag."""
    first, moments = pulls[0], [pull.pulled_at for pull in pulls]
    event = contracts.PullsCounted(
        registry=first.registry_name,
        repository=first.repository,
        digest=first.digest,
        count=len(pulls),
        window_start=min(moments),
        window_end=max(moments),
        tag=first.tag,
    )
    outbox.publish(session, event)


def _config(config: ImageConfig) -> contracts.ImageConfig:
    history = tuple(contracts.HistoryEntry(**asdict(entry)) for entry in config.history)
    plain = {name: getattr(config, name) for name in config.__slots__ if name != "history"}
    return contracts.ImageConfig(**plain, history=history)
